"""Changes taken one by one: what each answer does, and that nobody is asked without a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import OpenBao
from repositories import Repo
from rewrites import planned

from secretsweep.app.remediation import choosing
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.git.repository import find

ROOT = Path(__file__).parent.parent.parent
PASSWORDS = ("Tr0ub4dor-and-3", "Summer-2024-prod", "C0rrect-horse-9")
PROGRAM = "from secretsweep.cli import main; main()"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    Repo(tmp_path / "shop").commit(
        {f"group_vars/g{n}.yml": f"user: x\ndb_password: {value}\n" for n, value in enumerate(PASSWORDS)}
    )
    return tmp_path / "shop"


def answered(shop: Path, *answers: str) -> tuple[list[str], str]:
    """Files of the changes that are taken, and all that was said."""
    prepared = planned(shop, "memory")
    given: Iterator[str] = iter(answers)
    said: list[str] = []

    def ask(question: str) -> str:
        said.append(question)
        answer = next(given, None)
        if answer is None:
            raise EOFError
        return answer

    found = choosing.taken(prepared, WorkTree(shop, find(str(shop))), ask, said.append)
    assert next(given, None) is None, "not every answer was asked for"
    text = "\n".join(said)
    assert not any(password in text for password in PASSWORDS)
    return [change.spots[0].path.rpartition("/")[2] for change in found], text


@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        ("yyy", ["g0.yml", "g1.yml", "g2.yml"]),
        ("nyn", ["g1.yml"]),
        ("nnn", []),
        ("a", ["g0.yml", "g1.yml", "g2.yml"]),
        ("na", ["g1.yml", "g2.yml"]),
        ("q", []),
        ("yq", ["g0.yml"]),
    ],
)
def test_each_answer_takes_or_leaves(shop: Path, answers: str, taken: list[str]) -> None:
    assert answered(shop, *answers)[0] == taken


def test_a_change_is_told_shown_when_asked_and_an_odd_answer_is_explained(shop: Path) -> None:
    taken, said = answered(shop, "s", "", "?", " YES ", "q")
    assert taken == ["g0.yml"]
    assert "1/3  safe\n  group_vars/g0.yml:2 db_password -> memory/iac/db_password#value\n" in said
    assert "-db_password: ********\n" in said
    assert "needs " in said
    assert said.count("a  take this one and all that follow") == 2


def test_answers_that_end_early_decide_nothing(shop: Path) -> None:
    with pytest.raises(EOFError):
        answered(shop, "y")


def run(shop: Path, answers: str, *arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """The command on a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, "remediate", *arguments]
    own = {**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})}
    process = subprocess.Popen(command, cwd=shop, env=own, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answers.encode())
    out = b""
    try:
        while part := os.read(ours, 4096):
            out += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(timeout=60), out.decode().replace("\r\n", "\n")


def test_what_is_taken_on_a_terminal_is_applied_and_nothing_else(shop: Path, bao: OpenBao) -> None:
    store = ("--store", "vault", "--path-template", "choosing/{dir}/{name}")
    code, said = run(shop, "n\ny\nq\n", "-i", "-q", "--check", *store, environ=bao.environ)
    assert "1 value moved to vault, 1 file rewritten." in said
    assert "Checks: none of the checkers that are known is for these files.\n" in said
    assert code == 1  # credentials stay
    held = [(shop / "group_vars" / f"g{n}.yml").read_text() for n in range(3)]
    assert [value in text for value, text in zip(PASSWORDS, held, strict=True)] == [True, False, True]


def test_quitting_at_once_applies_nothing(shop: Path) -> None:
    code, said = run(shop, "q\n", "--interactive", "-q", "--store", "memory")
    assert code == 1
    assert said.endswith("Nothing was applied.\n")
    code, said = run(shop, "y\n\x04", "-i", "-q", "--store", "memory")
    assert code == 2
    assert "the answers ended early; nothing was applied" in said
    assert all(value in (shop / "group_vars" / f"g{n}.yml").read_text() for n, value in enumerate(PASSWORDS))


@pytest.mark.parametrize("more", [(), ("--apply",), ("--review",), ("--plan", "x"), ("-f", "json")])
def test_without_a_terminal_or_with_a_plan_nobody_is_asked(shop: Path, more: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", PROGRAM, "remediate", "-i", "--store", "memory", *more]
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=shop, env=own, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("secretsweep: --interactive: ")
