"""A file of verifiers that is wrong is told so, by file, verifier and field."""

from pathlib import Path

import pytest
from questions import RULES

from secretsweep.cli._group import cli
from secretsweep.errors import RuleError
from secretsweep.verifiers._data import Data
from secretsweep.verifiers._reading import problems, read

GOOD = """
provider: acme
verifiers:
  - name: acme-me
    rules: [github-pat]
    docs: [https://acme.example/docs]
    url: https://api.acme.example/me
    headers: {Authorization: "Bearer {secret}"}
    answers:
      - {state: live, status: 200}
      - {state: dead, status: 401}
"""


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "verify").mkdir(exist_ok=True)
    file = tmp_path / "verify" / "acme.yaml"
    file.write_text(text)
    return file


def one(tmp_path: Path, *changes: tuple[str, str]) -> Data:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (data,) = read(written(tmp_path, text))
    return data


def told(tmp_path: Path, *changes: tuple[str, str]) -> str:
    return "\n".join(problems(one(tmp_path, *changes), frozenset(RULES)))


def test_a_right_one_has_no_problems(tmp_path: Path) -> None:
    assert told(tmp_path) == ""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[github-pat]", "[github-pet]", "rule 'github-pet' does not exist"),
        ("provider: acme", "provider: Acme Inc", "no word that can be consented to"),
        ("https://api", "http://api", "https:// only"),
        ("https://api", "ftp://api", "https:// only"),
        ("api.acme.example/me", "me:x@api.acme.example/me", "no login, port or fragment"),
        ("api.acme.example/me", "api.acme.example:8443/me", "no login, port or fragment"),
        ("api.acme.example/me", "{secret}.acme.example/me", "told to every resolver"),
        ("api.acme.example/me", "api.acme.example/me?token={secret}", "say in `in_url` why"),
        ("api.acme.example/me", "api.acme.example/{secret}", "say in `in_url` why"),
        ("api.acme.example/me", "api.acme.example/{sid}", "{sid} is neither the secret"),
        ("https://api.acme.example/me", '"https://{host}/me"', "is no vendor's host"),
        ("https://api.acme.example/me", "https://localhost/me", "is no vendor's host"),
        ("Bearer {secret}", "Bearer fixed", "the value is sent nowhere"),
        ("Authorization:", "Cookie:", "Cookie is not a verifier's to set"),
        ("Authorization:", "Host:", "Host is not a verifier's to set"),
        ("https://acme.example/docs", "acme.example/docs", "is no https:// link"),
        ("    url:", "    method: DELETE\n    url:", "method 'DELETE' is none of"),
        ("    url:", "    method: PUT\n    url:", "method 'PUT' is none of"),
        ("    url:", "    own: an Acme Server\n    url:", "own: is told of a verifier with an instance"),
        ("    url:", '    instance: "https://x.{instance}/me"\n    url:', "its host is {instance}"),
        ("    url:", "    beside: {sid: {}}\n    url:", "says no rules, keys, pattern or near"),
        ("    url:", "    beside: {sid: {near: x}}\n    url:", "no example"),
        ("    url:", "    beside: {sid: {rules: [nothing], example: x}}\n    url:", "rule 'nothing' does not exist"),
        ("state: live", "state: unknown", "none says live"),
        ("state: dead", "state: live", "none says dead, and no note says why"),
        ("status: 401", "status: 429", "429 alone does not say dead"),
        ("status: 401", "status: 302", "302 alone does not say dead"),
        ("status: 200", "status: 503", "503 alone does not say live"),
    ],
)
def test_a_problem_is_told(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert problem in told(tmp_path, (old, new))


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("    url:", "    uri:", r"verify/acme\.yaml: acme-me: unknown field 'uri'"),
        ("    docs: [https://acme.example/docs]\n", "", "field 'docs' is missing"),
        ("state: dead", "state: gone", "state 'gone' is none of live, dead, unknown"),
        ("status: 401", "status: unauthorized", "no code of an answer"),
        ("status: 401", "status: true", "no code of an answer"),
        ("status: 401", "code: 401", "answers: unknown field 'code'"),
        ("    url:", "    beside: {sid: {key: x}}\n    url:", "beside.sid: unknown field 'key'"),
        ("    url:", '    beside: {sid: {near: "("}}\n    url:', "unterminated"),
        ("verifiers:", "verifier:", "wants `provider:` and a list"),
        ("provider: acme", "provider: [", "not YAML"),
    ],
)
def test_a_slip_stops_the_reading(tmp_path: Path, old: str, new: str, error: str) -> None:
    with pytest.raises(RuleError, match=error):
        one(tmp_path, (old, new))


def test_rules_check_looks_at_verifiers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, GOOD)
    assert cli.main(("rules", "check", str(tmp_path)), standalone_mode=False) == 0
    assert "1 verifiers, 0 with problems" in capsys.readouterr().err
    file = written(tmp_path, GOOD.replace("https://api", "http://api"))
    for path in (tmp_path, file):
        assert cli.main(("rules", "check", str(path)), standalone_mode=False) == 2
        assert "verify/acme.yaml: acme-me: url 'http://api.acme.example/me': https:// only" in capsys.readouterr().out


def test_the_shipped_ones_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(("rules", "check"), standalone_mode=False) == 0
    assert " verifiers, 0 with problems" in capsys.readouterr().err
