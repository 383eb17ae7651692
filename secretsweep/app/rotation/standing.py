"""What the ledger knows of a report's credentials: which are proven dead, and which are back."""

from dataclasses import replace
from pathlib import Path

from secretsweep.app.rotation import ledger as ledgers
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.git.repository import Repository
from secretsweep.model import Report
from secretsweep.model.rotation import CLOSED


def known(report: Report, repository: Repository | None, file: str | None, trusted: bool) -> Report:
    """The report with the state of each credential that the ledger knows; the same where there is no ledger.

    A ledger that lies in a foreign repository does not count: it could call everything dead.
    """
    place = Path(file) if file else ledgers.place(repository) if repository is not None and trusted else None
    if place is None or not report.credentials or not (file or place.exists()):
        return report
    book = Ledger(place)
    try:
        judgements, entries = book.judgements(), book.entries()
    finally:
        book.close()
    credentials = tuple(
        replace(c, state=judgements[c.id].state) if c.id in judgements else c for c in report.credentials
    )
    back = [c for c in credentials if c.in_head and c.id in entries and entries[c.id].state == CLOSED]
    again = [c for c in back if not entries[c.id].in_head]
    notes = tuple(
        f"{c.id[:12]} is back in {next(o.path for o in c.occurrences if o.in_head)}, though its entry was closed; "
        "`secretsweep checklist open` opens it again."
        for c in again
    )
    coverage = replace(report.coverage, notes=(*report.coverage.notes, *notes))
    return replace(report, credentials=credentials, coverage=coverage)


def states(repository: Repository, trusted: bool) -> dict[str, str]:
    """What verifiers and rotations said of credentials last, by their ids; nothing where there is no ledger."""
    place = ledgers.place(repository)
    if not trusted or not place.exists():
        return {}
    book = Ledger(place)
    try:
        return {name: judgement.state for name, judgement in book.judgements().items()}
    finally:
        book.close()
