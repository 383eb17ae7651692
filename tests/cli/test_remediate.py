"""secretsweep remediate, as people call it: the plan, what it says, and what it never shows."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

ROOT = Path(__file__).parent.parent.parent

PASSWORD = "Tr0ub4dor-and-3"
OTHER = "Summer-2024-prod"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repo = Repo(tmp_path / "shop")
    repo.commit(
        {
            "group_vars/all.yml": f"user: x\ndb_password: {PASSWORD}\nnext_password: {OTHER}\n",
            "notes.go": f'package a\n\nvar password = "{PASSWORD}x"\n',
        }
    )
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def run(*arguments: str, command: str = "remediate") -> "subprocess.CompletedProcess[str]":
    program = "from secretsweep.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, command, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_plan_says_where_what_and_why_not(folder: Path) -> None:
    result = run("--store", "memory", "-q")
    assert result.returncode == 1
    assert "memory/iac/shop/group_vars/db_password#value\n      group_vars/all.yml:2" in result.stdout
    assert "-db_password: ********\n" in result.stdout
    assert "+db_password: \"{{ lookup(" in result.stdout
    assert "notes.go:3" in result.stdout
    assert "nothing is known that resolves references" in result.stdout
    assert (folder / "group_vars/all.yml").read_text().count("lookup") == 0


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_no_value_is_in_the_plan(folder: Path, fmt: str) -> None:
    saved = folder.parent / "plan.json"
    result = run("--store", "memory", "-f", fmt, "--plan", str(saved))
    for text in (result.stdout, result.stderr, saved.read_text()):
        assert PASSWORD not in text
        assert OTHER not in text
    assert saved.stat().st_mode & 0o777 == 0o600
    assert json.loads(saved.read_text())["schema"] == "secretsweep.plan/1"


def test_a_part_of_a_file_can_be_chosen_by_the_id(folder: Path) -> None:
    plan = json.loads(run("--store", "memory", "-f", "json", "-q").stdout)
    [first, second] = [put["credential"] for put in plan["puts"]]
    only = json.loads(run("--store", "memory", "-f", "json", "-q", "--id", second[:8]).stdout)
    assert [put["credential"] for put in only["puts"]] == [second]
    assert first != second


def test_there_is_nothing_to_do_in_a_clean_tree(folder: Path) -> None:
    (folder / "clean").mkdir()
    (folder / "clean" / "a.yml").write_text("user: x\n")
    result = run("clean", "--store", "memory", "-q")
    assert (result.returncode, result.stdout) == (0, "Nothing to remediate.\n")


def test_the_store_in_memory_is_for_plans_only(folder: Path) -> None:
    result = run("--store", "memory", "--apply", "-q")
    assert result.returncode == 2
    assert "forgets every value" in result.stderr
    assert PASSWORD in (folder / "group_vars/all.yml").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--store"),
        (("--store", "nowhere"), "nowhere"),
        (("missing", "--store", "memory"), "no such file or folder"),
        (("--store", "memory", "--id", "ffff0000ffff"), "no credential here has an id"),
        (("--store", "memory", "--path-template", "{nope}/x"), "no field {nope}"),
        (("--store", "memory", "--path-template", "/"), "--path-template"),
        (("--resume", "--undo"), "one finishes what the other takes back"),
        (("--store", "memory", "--review"), "goes with --apply"),
        (("--store", "memory", "--check"), "goes with --apply"),
        (("--apply", "--plan", "nothing.json"), "nothing.json"),
        (("--apply", "--plan", "group_vars/all.yml"), "not a plan"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert said in result.stderr


def test_outside_of_git_the_plan_says_what_paths_count_from(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    for given in ("group_vars", "group_vars/all.yml"):
        result = run(given, "--store", "memory", "-q")
        assert "memory/iac/shop/group_vars/db_password#value\n      group_vars/all.yml:2" in result.stdout
        assert f"Note: paths count from {folder}, which is in no git repository\n" in result.stdout
        assert run(given, "--undo").stderr == (
            f"secretsweep: there is nothing to undo: no apply is on record for {folder}; "
            "outside of git, give a path inside what was remediated\n"
        )


def test_undo_without_an_apply_says_so(folder: Path) -> None:
    result = run("--undo")
    assert result.returncode == 5
    assert "nothing to undo" in result.stderr
    assert run("--resume").stdout == "nothing was left to finish\n"


def test_what_the_baseline_accepts_is_left_alone(folder: Path) -> None:
    run("create", ".", "--files", "--reason", "test", "-q", command="baseline")
    assert run("--store", "memory", "-q").stdout == "Nothing to remediate.\n"
    os.remove(folder / ".secretsweep.baseline")
    assert "group_vars/all.yml:2" in run("--store", "memory", "-q").stdout


@pytest.mark.parametrize("arguments", [("scan", "."), ("audit", "."), ("remediate", ".", "--store", "memory")])
def test_progress_is_drawn_on_a_terminal(folder: Path, arguments: tuple[str, ...]) -> None:
    """It was drawn before anything was known to be drawn, and every command ended with that."""
    ours, theirs = pty.openpty()
    result = subprocess.run(
        [sys.executable, "-c", "from secretsweep.cli import main; main()", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    drawn = os.read(ours, 1 << 16)
    os.close(ours)
    assert result.returncode == 1
    assert b"a bug" not in drawn


def test_what_was_not_read_is_told_and_is_no_success(folder: Path) -> None:
    (folder / "clean").mkdir()
    os.mkfifo(folder / "clean" / "pipe.yml")
    result = run("clean", "--store", "memory", "-q")
    assert result.returncode == 3
    assert "not read: clean/pipe.yml" in result.stderr
