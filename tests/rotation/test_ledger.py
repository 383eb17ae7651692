"""The ledger keeps what it was given, for its owner alone."""

import multiprocessing
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from entries import ID, NOW, entry

from secretsweep.app.rotation import checklist
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.errors import UsageError
from secretsweep.model import Judgement, Posted, Reference

WHEN = NOW.isoformat()


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "git" / "ledger.sqlite")


def test_an_entry_comes_back_whole(book: Ledger) -> None:
    made = checklist.checked(entry(), "misuse", "nothing in the log", "ada", NOW)
    made = replace(made, posted=(Posted("github", "shop/infra", "7", "https://github.example/7"),))
    book.keep([made])
    assert Ledger(book.file).entries() == {ID: made}


def test_only_its_owner_reads_it(book: Ledger) -> None:
    book.keep([entry()])
    assert stat.S_IMODE(book.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(book.file.parent.stat().st_mode) == 0o700


def test_the_worst_and_most_urgent_come_first(book: Ledger) -> None:
    book.keep(
        [
            entry("a" * 32, severity="low"),
            entry("b" * 32, severity="critical", deadline="2027-01-01T00:00:00+00:00"),
            entry("c" * 32, severity="critical", deadline="2026-01-01T00:00:00+00:00"),
        ]
    )
    assert [name[0] for name in book.entries()] == ["c", "b", "a"]


def test_events_are_never_taken_away(book: Ledger) -> None:
    book.keep([entry()])
    book.keep([replace(entry(), events=())])
    assert book.entries()[ID].events == entry().events


def test_a_step_that_is_open_again_is_open_again(book: Ledger) -> None:
    made = checklist.checked(entry(), "roll", "seen", "ada", NOW)
    book.keep([made])
    book.keep([checklist.unchecked(made, "roll", "ada", NOW)])
    assert book.entries()[ID].task("roll").done is None


def test_judgements_and_moves_wait_for_their_entry(book: Ledger) -> None:
    dead = Judgement("dead", "api.example.org", WHEN, "401")
    book.judge(ID, dead)
    book.move({ID: Reference("vault", "iac/x", "value", "secret", 2)}, WHEN)
    assert book.judgements() == {ID: dead}
    assert book.moved()[ID].path == "iac/x"
    book.keep([entry(judgement=None)])
    assert book.entries()[ID].judgement == dead


def test_a_newer_schema_is_refused(book: Ledger) -> None:
    sqlite3.connect(book.file).execute("PRAGMA user_version = 99")
    with pytest.raises(UsageError, match="newer secretsweep"):
        Ledger(book.file)


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_ledger_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="not a ledger"):
        Ledger(file)
    assert file.read_bytes() == content


def test_damaged_facts_are_told(book: Ledger) -> None:
    book.keep([entry()])
    sqlite3.connect(book.file, isolation_level=None).execute("UPDATE entry SET facts = '{}'")
    with pytest.raises(UsageError, match="damaged"):
        book.entries()


def _many(file: Path, start: int) -> None:
    book = Ledger(file)
    for number in range(start, start + 20):
        book.keep([entry(f"{number:032x}")])
    book.close()


def test_several_processes_write_at_once(book: Ledger) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_many, args=(book.file, start)) for start in (0, 100, 200)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(book.entries()) == 60


def test_how_far_a_rotation_has_come_is_remembered_and_forgotten(book: Ledger) -> None:
    book.keep([entry()])
    book.rotate(ID, "postgresql", {"step": "create"})
    assert Ledger(book.file).rotation(ID) == ("postgresql", {"step": "create"})
    book.rotate(ID, "postgresql", None)
    assert book.rotation(ID) is None
