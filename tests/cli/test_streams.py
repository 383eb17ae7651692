"""A reader that goes away, and streams that were never there, change no exit code and are no bug."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

_SWEEP = "from secretsweep.cli import main; main()"
_HOOK = "from secretsweep.cli._hook_entry import main; main()"


def _without_reader(folder: Path, *arguments: str) -> tuple[int, bytes]:
    """Exit code and standard error of a command whose standard output nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _SWEEP, *arguments], cwd=folder, stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr


def _closed(folder: Path, program: str, *arguments: str) -> tuple[int, bytes]:
    """Exit code and standard error of a command that was started without standard output and input."""
    line = '"$0" -c "$@" <&- >&-'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable, program, *arguments], cwd=folder, stderr=subprocess.PIPE, check=False
    )
    return done.returncode, done.stderr


def test_what_was_found_is_said_by_the_exit_code_when_the_reader_of_the_report_went_away(repo: Repo) -> None:
    repo.commit({"a.yml": "port: 80\n"})
    assert _without_reader(repo.path, "audit", "-q") == (0, b"")
    repo.commit({"a.yml": "password: Tr0ub4dor&3-x\n"})
    assert _without_reader(repo.path, "audit", "-q") == (1, b"")
    assert _without_reader(repo.path, "scan", "-q", "-f", "json") == (1, b"")


def test_a_list_that_nobody_reads_to_its_end_is_no_failure(tmp_path: Path) -> None:
    assert _without_reader(tmp_path, "rules", "list") == (0, b"")


@pytest.mark.parametrize("output", [(), ("--output", "report.txt")])
def test_a_closed_standard_output_changes_nothing_but_what_is_seen(repo: Repo, output: tuple[str, ...]) -> None:
    repo.commit({"a.yml": "password: Tr0ub4dor&3-x\n"})
    assert _closed(repo.path, _SWEEP, "audit", "-q", *output) == (1, b"")
    assert _closed(repo.path, _SWEEP, "scan", "-q", "-") == (0, b"")


def test_the_hook_blocks_without_standard_output_too(repo: Repo) -> None:
    repo.commit({"a.yml": "port: 80\n"})
    (repo.path / "a.yml").write_text("password: Tr0ub4dor&3-x\n")
    repo.run("add", ".")
    assert _closed(repo.path, _HOOK) == (1, b"")
