"""`secretsweep verify` as a person calls it: consent, what is found beside a value, what is told, exit codes."""

import io
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from repositories import Repo, password, rendered, token
from vendors import Sent, Vendors, said

from secretsweep import reports
from secretsweep.app.verifying import records, running
from secretsweep.app.verifying.consent import Consent
from secretsweep.cli._group import cli
from secretsweep.errors import ConfigError, SecretsweepError, UsageError
from secretsweep.rules.placeholders import fill

GITHUB = token("deploy")
SLACK = fill("xoxb-${digit:12}-${digit:12}-${alnum:24}", 5)
SID, TWILIO = fill("AC${hex:32}", 6), fill("${hex:32}", 17)
FILES = {
    "ci.env": f"GITHUB_TOKEN={GITHUB}\n",
    "chat.env": f"SLACK_BOT_TOKEN={SLACK}\n",
    "sms.env": f"TWILIO_ACCOUNT_SID={SID}\nTWILIO_AUTH_TOKEN={TWILIO}\n",
    "db.env": f"DB_PASSWORD={password('db')}\n",
}
VALUES = [GITHUB, SLACK, TWILIO, password("db")]

Verify = Callable[..., tuple[int, str]]


def knows(*live: str) -> Callable[[Sent], bytes]:
    """Vendors to whom these values are live, and all others dead."""

    def answer(sent: Sent) -> bytes:
        good = any(value in sent.head for value in live)
        if sent.host == "slack.com":
            return said(200, {"ok": True} if good else {"ok": False, "error": "token_revoked"})
        if sent.host == "api.twilio.com":
            return said(200, {"sid": SID}) if good else said(401, {"code": 20003})
        return said(200, {"login": "bot"}) if good else said(401, {"message": "Bad credentials"})

    return answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four credentials, in which the command is started."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def verify(
    vendors: Vendors,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Verify:
    """Exit code and output. The network is the local one; all else is as it is shipped, and no value is ever told."""

    def net(request: running.Request, consent: Consent) -> Any:
        return replace(vendors.net(total=request.timeout), allowed=consent.allowed)

    monkeypatch.setattr(running, "_net", net)
    caplog.set_level(logging.DEBUG)

    def run(*arguments: str) -> tuple[int, str]:
        code = cli.main(("verify", *arguments), standalone_mode=False)
        out, err = capsys.readouterr()
        assert not [value for value in VALUES if value in out + err + caplog.text]
        return code, out

    return run


def states(out: str) -> dict[str, str]:
    """rule -> state of a JSON result."""
    return {entry["rule"]: entry["state"] for entry in json.loads(out)["credentials"]}


def test_without_consent_the_command_refuses_and_sends_nothing(folder: Path, verify: Verify, vendors: Vendors) -> None:
    with pytest.raises(UsageError, match="nobody is asked without your consent: name them"):
        verify()
    assert vendors.sent == [] and vendors.dialled == []


def test_only_who_was_consented_to_is_asked(folder: Path, verify: Verify, vendors: Vendors) -> None:
    vendors.answers = knows()
    code, out = verify("--provider", "github")
    assert code == 0 and {sent.host for sent in vendors.sent} == {"api.github.com"} and len(vendors.sent) == 1
    assert "dead" in out and "1 dead." in out
    assert "2 more could be asked about, with --provider slack,twilio." in out
    assert "1 more are of kinds that nobody can be asked about." in out


def test_a_live_credential_is_told_with_its_evidence_and_exit_code_1(
    folder: Path, verify: Verify, vendors: Vendors
) -> None:
    vendors.answers = knows(GITHUB)
    code, out = verify("--provider", "github,slack", "--format", "json")
    assert code == 1
    found = {entry["rule"]: entry for entry in json.loads(out)["credentials"]}
    live = found["github-pat"]
    assert (live["state"], live["asked"], live["provider"]) == ("live", True, "github")
    assert live["evidence"]["who"] == "api.github.com" and live["evidence"]["status"] == "200"
    assert live["evidence"]["when"].endswith("Z") and live["evidence"]["why"]
    assert found["slack-bot-token"]["state"] == "dead"
    assert (found["twilio-auth-token"]["state"], found["twilio-auth-token"]["evidence"]) == ("unverified", None)
    assert found["twilio-auth-token"]["why_not"] == "--provider twilio lets it be asked"
    assert found["generic-password"]["why_not"] == "nothing beside it says what it opens"


def test_what_is_not_known_is_exit_code_3_unless_something_is_live(
    folder: Path, verify: Verify, vendors: Vendors
) -> None:
    vendors.says(500)
    assert verify("--provider", "github")[0] == 3
    vendors.answers = lambda sent: knows(GITHUB)(sent) if sent.host == "api.github.com" else said(503)
    assert verify("--provider", "github,slack")[0] == 1


def test_a_companion_is_sent_with_the_value_that_needs_it(folder: Path, verify: Verify, vendors: Vendors) -> None:
    from base64 import b64encode

    login = b64encode(f"{SID}:{TWILIO}".encode()).decode()
    vendors.answers = knows(login)
    assert verify("--provider", "twilio")[0] == 1
    (sent,) = vendors.sent
    assert (sent.host, sent.path) == ("api.twilio.com", f"/2010-04-01/Accounts/{SID}.json")


def test_two_companions_that_are_as_near_are_none(folder: Path, verify: Verify, vendors: Vendors) -> None:
    other = fill("AC${hex:32}", 8)
    (folder / "sms.env").write_text(
        f"TWILIO_ACCOUNT_SID={SID}\nTWILIO_AUTH_TOKEN={TWILIO}\nTWILIO_SUB_ACCOUNT_SID={other}\n"
    )
    code, out = verify("--provider", "twilio")
    assert code == 3 and "several values beside it could be the account" in out and vendors.sent == []


def test_without_its_companion_a_value_is_not_sent(folder: Path, verify: Verify, vendors: Vendors) -> None:
    (folder / "sms.env").write_text(f"TWILIO_AUTH_TOKEN={TWILIO}\n")
    code, out = verify("--provider", "twilio")
    assert code == 3 and "takes the account that belongs to it" in out and vendors.sent == []


def test_the_same_value_in_many_places_is_one_question(folder: Path, verify: Verify, vendors: Vendors) -> None:
    vendors.answers = knows()
    for number in range(5):
        (folder / f"copy-{number}.env").write_text(f"export TOKEN='{GITHUB}'\n")
    code, out = verify("--provider", "github")
    assert code == 0 and len(vendors.sent) == 1 and "+5" in out


def test_one_credential_is_asked_about_by_its_id(folder: Path, verify: Verify, vendors: Vendors) -> None:
    vendors.answers = knows()
    ids = {entry["rule"]: entry["id"] for entry in json.loads(verify("--dry-run", "-f", "json")[1])["credentials"]}
    assert vendors.sent == []
    code, out = verify("--all-providers", "--id", ids["slack-bot-token"][:10])
    assert code == 0 and {sent.host for sent in vendors.sent} == {"slack.com"} and "github" not in out
    with pytest.raises(UsageError, match="no credential here has an id that begins so"):
        verify("--all-providers", "--id", "zz")
    assert verify("--all-providers", "--id", ids["generic-password"])[0] == 3


def test_a_dry_run_tells_who_would_be_asked_and_sends_nothing(folder: Path, verify: Verify, vendors: Vendors) -> None:
    code, out = verify("--dry-run", "--provider", "github")
    assert code == 0 and vendors.sent == [] and vendors.dialled == []
    lines = {line.split()[2]: line for line in out.splitlines() if line.startswith(("ask", "leave"))}
    assert lines["github-pat"].startswith("ask") and lines["github-pat"].endswith("api.github.com")
    assert lines["slack-bot-token"].startswith("leave")
    assert lines["slack-bot-token"].endswith("slack.com, with --provider slack")
    assert out.rstrip().endswith("Nothing was sent.")


def test_consent_of_the_own_configuration_counts(
    repo: Repo, verify: Verify, vendors: Vendors, monkeypatch: Any
) -> None:
    repo.commit({**FILES, ".secretsweep.toml": '[verify]\nproviders = ["slack"]\n'})
    monkeypatch.chdir(repo.path)
    vendors.answers = knows()
    assert verify()[0] == 0
    assert {sent.host for sent in vendors.sent} == {"slack.com"}


@pytest.mark.parametrize("history", [(), ("--history",)])
def test_a_foreign_repositorys_configuration_gives_no_consent(
    repo: Repo, tmp_path: Path, verify: Verify, vendors: Vendors, monkeypatch: Any, history: tuple[str, ...]
) -> None:
    table = '[verify]\nproviders = ["slack"]\naddresses = ["0.0.0.0/0"]\ninstances = ["gitlab=evil.example"]\n'
    repo.commit({**FILES, ".secretsweep.toml": table})
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    vendors.answers = knows()
    with pytest.raises(UsageError, match="without your consent"):
        verify(str(repo.path), *history)
    assert verify(str(repo.path), *history, "--provider", "github")[0] == 0
    assert {sent.host for sent in vendors.sent} == {"api.github.com"}


@pytest.mark.parametrize(
    ("table", "said_"),
    [
        ('providers = ["githup"]', r"\.secretsweep\.toml:1: verify\.providers githup: .*did you mean github"),
        ('addresses = ["http://x"]', "verify.addresses http://x: is no HOST"),
        ('instances = ["gitlab"]', "verify.instances gitlab"),
        ('provider = ["github"]', r':2: unknown key "provider" in \[verify\]; did you mean "providers"'),
        ("providers = true", r"\.secretsweep\.toml:2: verify\.providers: wants a list"),
    ],
)
def test_a_slip_in_the_configuration_is_told(folder: Path, verify: Verify, table: str, said_: str) -> None:
    (folder / ".secretsweep.toml").write_text(f"[verify]\n{table}\n")
    with pytest.raises(ConfigError, match=said_):
        verify("--provider", "github")


@pytest.mark.parametrize(
    ("options", "said_"),
    [
        (("--provider", "githup"), "--provider githup: .*did you mean github"),
        (("--all-providers", "--allow-address", "2852039166"), "--allow-address 2852039166: is no HOST"),
        (("--all-providers", "--instance", "gitlab=a b"), "--instance gitlab=a b"),
        (("--all-providers", "--instance", "nobody=git.acme.io"), "--instance nobody"),
        (("--all-providers", "nowhere"), "nowhere: no such file"),
    ],
)
def test_a_slip_in_an_option_is_told(folder: Path, verify: Verify, options: tuple[str, ...], said_: str) -> None:
    with pytest.raises(UsageError, match=said_):
        verify(*options)


def test_a_proxy_that_is_none_is_told(folder: Path) -> None:
    with pytest.raises(UsageError, match="--proxy or HTTPS_PROXY: the proxy wants a URL"):
        cli.main(("verify", "--all-providers", "--proxy", "socks5://x"), standalone_mode=False)


def test_history_is_read_with_what_stood_beside_a_value_then(
    repo: Repo, verify: Verify, vendors: Vendors, monkeypatch: Any
) -> None:
    from base64 import b64encode

    repo.commit(FILES)
    repo.commit({"sms.env": f"TWILIO_ACCOUNT_SID={fill('AC${hex:32}', 9)}\n", "ci.env": None})
    monkeypatch.chdir(repo.path)
    vendors.answers = knows(GITHUB, b64encode(f"{SID}:{TWILIO}".encode()).decode())
    assert states(verify("--provider", "github,twilio", "-f", "json")[1]) == {
        "generic-password": "unverified",
        "slack-bot-token": "unverified",
    }
    vendors.sent.clear()
    code, out = verify("--history", "--provider", "github,twilio", "-f", "json")
    assert code == 1
    assert {k: v for k, v in states(out).items() if v != "unverified"} == {
        "github-pat": "live",
        "twilio-auth-token": "live",
    }
    assert f"/2010-04-01/Accounts/{SID}.json" in [sent.path for sent in vendors.sent]


def test_a_saved_report_says_what_to_ask_about_and_its_values_are_found_anew(
    repo: Repo, verify: Verify, vendors: Vendors, monkeypatch: Any, tmp_path: Path, capsys: Any
) -> None:
    repo.commit(FILES)
    monkeypatch.chdir(repo.path)
    saved = tmp_path / "report.json"
    cli.main(("audit", "-f", "json", "-o", str(saved), "--fail-on", "never", "-q"), standalone_mode=False)
    repo.commit({"chat.env": None, "new.env": f"TOKEN={token('later')}\n"})
    vendors.answers = knows()
    code, out = verify("--from", str(saved), "--provider", "github,slack", "-f", "json")
    assert code == 0  # of the history: what was deleted is there
    assert {k: v for k, v in states(out).items() if v != "unverified"} == {
        "github-pat": "dead",
        "slack-bot-token": "dead",
    }
    assert len(vendors.sent) == 2


def test_what_a_saved_report_has_and_is_gone_is_told(
    folder: Path, verify: Verify, vendors: Vendors, tmp_path: Path
) -> None:
    saved = folder / "report.json"
    cli.main(("scan", ".", "-f", "json", "-o", str(saved), "--fail-on", "never", "-q"), standalone_mode=False)
    (folder / "ci.env").write_text("")
    vendors.answers = knows()
    code, out = verify("--from", str(saved), "--provider", "github,slack")
    assert code == 3 and "not found any more" in out and len(vendors.sent) == 1


def test_a_result_gives_a_report_its_states(folder: Path, verify: Verify, vendors: Vendors, capsys: Any) -> None:
    vendors.answers = knows(GITHUB)
    out = verify("--provider", "github,slack", "-f", "json")[1]
    (folder / "verified.json").write_text(out)
    saved = folder / "report.json"
    cli.main(("scan", ".", "-f", "json", "-o", str(saved), "--fail-on", "never", "-q"), standalone_mode=False)
    from secretsweep.reports import _saved

    answers = records.read(folder / "verified.json")
    report = records.stated(_saved.read(saved), answers)
    assert {c.rule: c.state for c in report.credentials if c.rule in ("github-pat", "slack-bot-token")} == {
        "github-pat": "live",
        "slack-bot-token": "dead",
    }
    assert [c.state for c in report.credentials if c.rule == "twilio-auth-token"] == ["unverified"]
    assert '"state": "live"' in rendered(report)
    for name in reports.names():
        reports.load(name).render(report, io.StringIO())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "secretsweep.verify/1", "credentials": [{"id": 1}]}'])
def test_what_is_no_result_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UsageError, match="not a result"):
        records.read(tmp_path / "x.json")


def test_a_record_reads_back_and_a_newer_unknown_does_not_undo_what_was_known() -> None:
    from secretsweep.verifiers import dead, live, unknown

    first, then, last = live("a", 200), dead("a", 401), unknown("failed", "a", 500)
    first, then, last = (replace(a, when=f"2027-01-0{n}T00:00:00Z") for n, a in enumerate((first, then, last), 1))
    assert [records.answer(records.record(a)) for a in (first, then, last)] == [first, then, last]
    assert records.newest((last, first, then)) == then
    assert records.newest((last,)) == last and records.newest(()) is None


def test_an_error_of_the_library_never_tells_the_value(folder: Path, verify: Verify, vendors: Vendors) -> None:
    def echo(sent: Sent) -> bytes:
        return b"HTTP/1.1 " + sent.raw

    vendors.answers = echo
    assert verify("--provider", "github,slack,twilio")[0] == 3
    vendors.answers = lambda sent: said(400, {"error": sent.raw.decode()}, {"X-Echo": sent.headers["authorization"]})
    assert verify("--provider", "github,slack,twilio")[0] == 3


def test_a_bug_tells_no_value_either(folder: Path, vendors: Vendors, monkeypatch: Any, capsys: Any) -> None:
    from secretsweep.cli import _group
    from secretsweep.verifiers import _data

    def broken(self: object, url: str, names: dict[str, str], line: object) -> None:
        raise RuntimeError(names["secret"])

    monkeypatch.setattr(_data.Data, "_asked", broken)
    monkeypatch.setattr("sys.argv", ["secretsweep", "verify", "--provider", "github"])
    assert _group.run() == _group.BUG
    out, err = capsys.readouterr()
    assert "a bug: RuntimeError" in err and GITHUB not in out + err


def test_a_private_address_beside_a_value_is_named_in_the_refusal(
    folder: Path, verify: Verify, vendors: Vendors
) -> None:
    (folder / "git.env").write_text(f"GITLAB_TOKEN={fill('glpat-${alnum:20}', 3)}\n")
    vendors.names["git.acme.example"] = "10.0.0.7"
    code, out = verify("git.env", "--provider", "gitlab", "--instance", "gitlab=git.acme.example")
    assert code == 3 and "git.acme.example is 10.0.0.7, a private address" in out and "--allow-address 10.0.0.7" in out
    assert vendors.dialled == []
    vendors.says(401, {"message": "401 Unauthorized"})
    allowed = ("--instance", "gitlab=git.acme.example", "--allow-address", "10.0.0.0/8")
    code, out = verify("git.env", "--provider", "gitlab", *allowed)
    assert code == 0 and vendors.dialled == [("10.0.0.7", 443)]


def test_what_needs_no_network_is_judged_offline(folder: Path, verify: Verify, vendors: Vendors) -> None:
    from base64 import urlsafe_b64encode

    def part(value: dict[str, object]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    parts = part({"alg": "HS256", "typ": "JWT"}), part({"sub": "app", "exp": 1_600_000_000}), fill("${alnum:43}", 1)
    over = ".".join(parts)
    (folder / "jwt.env").write_text(f"TOKEN={over}\n")
    code, out = verify("jwt.env", "--provider", "offline")
    assert code == 0 and "its time is over" in out and vendors.dialled == []


def test_every_refusal_is_one_of_the_programs_own_errors() -> None:
    assert issubclass(UsageError, SecretsweepError) and issubclass(ConfigError, SecretsweepError)
