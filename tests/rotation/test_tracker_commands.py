"""secretsweep checklist with trackers that are services: as people call it, and as it is killed."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import VALUES, served
from desks import Desk
from repositories import Repo, hcl
from serving import TOKEN, Fault

from secretsweep.app.rotation import running
from secretsweep.git.repository import find

ROOT = Path(__file__).parent.parent.parent
PASSWORD, LEAKED = VALUES
CREATED = r"^POST .*(issues|issue)$"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A password that is there, and a token that was removed."""
    repo = Repo(tmp_path / "shop")
    repo.commit({"deploy.sh": f"export GITHUB_TOKEN={LEAKED}\n"})
    repo.commit({"main.tf": hcl(PASSWORD), "deploy.sh": "echo\n"})
    monkeypatch.chdir(repo.path)
    return repo


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from secretsweep.cli import main; main()", "checklist", *arguments]


def environ(place: Desk) -> dict[str, str]:
    return {**os.environ, **place.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "*"}


def run(place: Desk, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(command(*arguments), env=environ(place), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert not [value for value in (*VALUES, TOKEN) if value in said] and "Traceback" not in said
    return said


def there(place: Desk) -> tuple[str, ...]:
    return ("--tracker", place.tracker, "--where", place.where, "--tracker-url", place.served.url)


def entries(place: Desk) -> dict[str, dict[str, object]]:
    return {str(one["id"]): one for one in json.loads(run(place, "list", "--format", "json"))["entries"]}


def posted() -> dict[str, str]:
    """The issues' numbers in the ledger, by the ids of their entries."""
    with sqlite3.connect(".git/secretsweep/ledger.sqlite") as book:
        return dict(book.execute("SELECT entry, number FROM posted").fetchall())


def test_from_leak_to_closed_issue_and_back(shop: Repo, place: Desk) -> None:
    run(place, "open", "-q", *there(place))
    run(place, "open", "-q", *there(place))
    assert len(place.issues) == 2 and set(posted().values()) == place.issues.keys()
    name = next(name for name, one in entries(place).items() if one["in_head"])
    number = posted()[name]
    assert place.numbers(name) == [number]

    place.tick(number, "misuse", "OPS-7: nothing seen")
    assert "0 posted, 2 brought up to date" in run(place, "sync", *there(place))
    steps = {step["id"]: step["evidence"] for step in entries(place)[name]["steps"] if step["done"]}  # type: ignore[attr-defined]
    assert steps == {"misuse": "OPS-7: nothing seen"}

    place.set_closed(number, True)
    assert "closed in" in run(place, "sync", *there(place)) and not place.is_closed(number)
    for step in ("roll", "delete", "clean"):
        run(place, "check", name, step, "--evidence", f"seen in OPS-{len(step)}", *there(place)[4:])
    assert "evidence: seen in OPS-4" in re.sub(r"&#45;", "-", place.texts()[number])
    run(place, "close", name, "--evidence", "all fine", *there(place)[4:])
    assert place.is_closed(number)

    shop.commit({"again.tf": hcl(PASSWORD)})
    assert f"reopened {name[:12]}" in run(place, "open", "-q", *there(place))
    assert not place.is_closed(number) and "the value is back" in place.comments(number)[-1].replace("&#58;", ":")
    for _ in range(2):  # what was shown before does not count again, however often the two are brought together
        one = entries(place)[name]
        assert one["state"] == "open" and {s["id"] for s in one["steps"] if s["done"]} == {"roll"}  # type: ignore[attr-defined]
        run(place, "sync", *there(place))
    assert len(place.issues) == 2 and not place.is_closed(number)


@pytest.mark.parametrize("kind", ["hang-after", "hang-before"])
def test_a_command_that_is_killed_while_it_posts_opens_one_issue(shop: Repo, place: Desk, kind: str) -> None:
    place.served.fails(CREATED, Fault(kind))
    process = subprocess.Popen(command("open", "-q", *there(place)), env=environ(place))
    if kind == "hang-after":
        assert place.served.stored.wait(60)
    else:
        while not place.served.sent("POST"):
            assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert posted() == {} and len(place.issues) == (kind == "hang-after")
    run(place, "open", "-q", *there(place))
    assert len(place.issues) == 2 and set(posted().values()) == place.issues.keys()


def test_a_refusal_leaves_the_ledger_and_exits_4(shop: Repo, place: Desk) -> None:
    place.served.fails(CREATED, Fault("status", 403))
    assert "running it again goes on" in run(place, "open", "-q", *there(place), code=4)
    assert len(entries(place)) == 2 and posted() == {}
    place.served.fails(r"^GET .*", Fault("status", 429, {"Retry-After": "7200"}))
    assert "try again after" in run(place, "sync", *there(place), code=4)
    run(place, "sync", *there(place))
    assert len(place.issues) == 2


def test_a_new_ledger_finds_the_issues_again(shop: Repo, place: Desk) -> None:
    run(place, "open", "-q", *there(place))
    before = posted()
    Path(".git/secretsweep/ledger.sqlite").unlink()
    run(place, "open", "-q", *there(place))
    assert posted() == before and len(place.issues) == 2


def test_a_public_repository_is_refused_by_the_command(shop: Repo, github: Desk) -> None:
    github.served.public = True  # type: ignore[attr-defined]
    assert "--public-tracker" in run(github, "open", "-q", *there(github), code=2)
    run(github, "open", "-q", "--public-tracker", *there(github))
    assert len(github.issues) == 2


def test_no_token_goes_to_the_other_trackers_address(shop: Repo, github: Desk) -> None:
    for gitlab in served("gitlab"):
        gitlab.environ |= {**github.environ, "CI_API_V4_URL": gitlab.served.url}
        gitlab.environ["GITLAB_TOKEN"] = github.environ["GH_ENTERPRISE_TOKEN"]
        for desk in (github, gitlab):
            run(gitlab, "open", "-q", *there(desk))
        name = next(iter(posted()))
        before = len(github.served.requests), len(gitlab.served.requests)
        run(gitlab, "check", name, "assess", "--tracker", "github", "--tracker-url", github.served.url)
        assert len(github.served.requests) > before[0] and len(gitlab.served.requests) > before[1]
        said = run(gitlab, "check", name, "create", "--tracker-url", github.served.url, code=4)
        assert "github" in said  # two services: the address is nobody's
        assert not [one for one in github.served.requests if "private-token" in one.headers]
        assert not [one for one in gitlab.served.requests if "authorization" in one.headers]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://ada:secret@github.com/shop/infra.git", "github.com/shop/infra"),
        ("https://github.com/shop/infra/", "github.com/shop/infra"),
        ("git@github.com:shop/infra.git", "github.com/shop/infra"),
        ("ssh://git@gitlab.acme.org:2222/shop/platform/infra.git", "gitlab.acme.org/shop/platform/infra"),
        ("GitHub.com:shop/infra", "github.com/shop/infra"),
        ("/srv/git/infra.git", ""),
        ("../infra", ""),
        ("file:///srv/git/infra", ""),
        ("https://github.com/shop/in fra", ""),
        ("", ""),
    ],
)
def test_the_remote_is_known_without_its_login(shop: Repo, url: str, origin: str) -> None:
    if url:
        shop.run("remote", "add", "origin", url)
    assert running.origin(find(".")) == origin
