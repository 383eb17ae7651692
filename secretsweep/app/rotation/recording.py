"""What verifiers said of credentials comes to the ledger: a dead one may close its entry, a live one opens it again."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from secretsweep.app.rotation import checklist
from secretsweep.app.rotation import ledger as ledgers
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.git.repository import Repository
from secretsweep.model import Entry, Judgement
from secretsweep.model.rotation import CLOSED, UNKNOWN


def place(repository: Repository | None, file: str | None) -> Path | None:
    """The ledger that hears of it: the one that was named, else that of the repository the command is started in."""
    if file:
        return Path(file)
    return ledgers.place(repository) if repository is not None else None


def recorded(judgements: Mapping[str, Judgement], book: Ledger, now: datetime) -> list[Entry]:
    """Keep them by the ids of their credentials; the entries that closed or opened again by it.

    That nobody knows does not undo what somebody knew.
    """
    before, entries = book.judgements(), book.entries()
    turned: list[Entry] = []
    for name, judgement in judgements.items():
        if judgement.state == UNKNOWN and name in before:
            continue
        book.judge(name, judgement)
        if name not in entries:
            continue
        entry = checklist.ended(checklist.judged(entries[name], judgement, now), now)
        book.keep([entry])
        if (entry.state == CLOSED) != (entries[name].state == CLOSED):
            turned.append(entry)
    return turned
