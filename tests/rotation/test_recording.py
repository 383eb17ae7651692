"""What verifiers say changes entries: dead closes what is proven, live opens it again, unknown changes nothing."""

from pathlib import Path

import pytest
from entries import ID, NOW, entry

from secretsweep.app.rotation import checklist, recording
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.model import Entry, Judgement

DEAD = Judgement("dead", "db.example.org", NOW.isoformat(), "28P01")
LIVE = Judgement("live", "db.example.org", NOW.isoformat())
UNKNOWN = Judgement("unknown", "db.example.org", NOW.isoformat(), "", "no answer")


def proven(made: Entry) -> Entry:
    for step in ("misuse", "roll", "clean"):
        made = checklist.checked(made, step, "seen", "ada", NOW)
    return made


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_dead_one_closes_its_entry_and_a_live_one_opens_it_again(book: Ledger) -> None:
    book.keep([proven(entry(judgement=None))])
    assert [e.state for e in recording.recorded({ID: DEAD}, book, NOW)] == ["closed"]
    assert book.entries()[ID].state == "closed"
    assert recording.recorded({ID: DEAD}, book, NOW) == []
    assert [e.state for e in recording.recorded({ID: LIVE}, book, NOW)] == ["open"]


def test_a_dead_one_does_not_close_what_lacks_other_evidence(book: Ledger) -> None:
    book.keep([entry(judgement=None)])
    assert recording.recorded({ID: DEAD}, book, NOW) == []
    assert book.entries()[ID].missing == ("misuse", "roll")


def test_not_knowing_does_not_undo_knowing(book: Ledger) -> None:
    book.keep([proven(entry(judgement=None))])
    recording.recorded({ID: DEAD}, book, NOW)
    assert recording.recorded({ID: UNKNOWN}, book, NOW) == []
    assert book.judgements()[ID] == DEAD


def test_what_has_no_entry_is_remembered_for_audits(book: Ledger) -> None:
    assert recording.recorded({ID: UNKNOWN, "f" * 32: DEAD}, book, NOW) == []
    assert book.judgements() == {ID: UNKNOWN, "f" * 32: DEAD}
