"""The ledger and a tracker agree: what people ticked there comes here, what is known here goes there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from secretsweep import trackers
from secretsweep.app.rotation import checklist
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.errors import TrackerError, UsageError
from secretsweep.model import Done, Entry, Event, Posted
from secretsweep.model.rotation import AUTOMATIC, CLOSED, OPEN


@dataclass(frozen=True, slots=True)
class Told:
    """What happened, a line each."""

    posted: int
    updated: int
    lines: tuple[str, ...]


def synced(
    ledger: Ledger,
    tracker: trackers.Tracker,
    name: str,
    now: datetime,
    only: Iterable[str] | None = None,
    step: Callable[[str], None] = lambda said: None,
) -> Told:
    """Every entry (or `only` these) is in the tracker, and what was ticked there is in the ledger.

    TrackerError when the service refuses; what was done until then is kept, and running it again goes on.
    """
    seen = tracker.seen()
    lines: list[str] = []
    entries = dict(ledger.entries())
    for missing in seen.keys() - entries.keys():
        entry = seen[missing].entry
        if entry is not None and only is None:
            entries[missing] = entry
            ledger.keep([entry])
            lines.append(f"{missing[:12]} taken over from {name}")
    chosen = entries.keys() if only is None else [one for one in only if one in entries]
    made = changed = 0
    for identity in chosen:
        entry = entries[identity]
        there = seen.get(identity)
        try:
            if there is None:
                if entry.state == CLOSED and only is None and not _was(entry, name):
                    continue  # over before it was ever told there
                where = tracker.post(entry)
                made += 1
                if where.url:
                    event = Event(now.isoformat(timespec="seconds"), AUTOMATIC, "posted", where.url)
                    entry = replace(entry, events=(*entry.events, event))
            else:
                entry, told = absorbed(entry, there, name, now)
                lines += told
                where = tracker.update(there, entry)
                changed += 1
        except TrackerError as error:
            done = f"{made + changed} of {len(chosen)} entries are there; running it again goes on"
            raise TrackerError(f"{error}; {done}") from None
        ledger.keep([_at(entry, where)])
        step(f"{identity[:12]} {where.url or where.where}")
    lines += tracker.close()
    return Told(made, changed, tuple(lines))


def absorbed(entry: Entry, there: trackers.Seen, name: str, now: datetime) -> tuple[Entry, list[str]]:
    """The entry with what people did in the tracker, and what is to be told about it.

    What was ticked or closed before the entry was opened again is of the time before: it must be shown anew.
    """
    when = now.isoformat(timespec="seconds")
    lines: list[str] = []
    since = _reopened(entry)
    behind = since is not None and (there.told == "risk accepted" or _until(there.told.removeprefix("closed "), since))
    for step, done in there.done.items():
        try:
            mine = entry.task(step).done
        except KeyError:
            continue
        if step == "close" or (mine is not None and (mine.evidence or not done.evidence)):
            continue
        if behind or (since is not None and _until(done.when, since)):
            continue
        taken = Done(done.when or when, done.who or name, done.evidence, done.skipped)
        said = f"{step}, ticked in {name}{f': {taken.evidence}' if taken.evidence else ''}"
        event = Event(when, taken.who, "step", said)
        entry = replace(entry.ticked(step, taken), events=(*entry.events, event))
    if there.closed and entry.state == OPEN and not behind:
        try:
            entry = checklist.closed(entry, f"closed in {name}", name, now)
        except UsageError as error:
            lines.append(f"closed in {name} without a proof, so it is open again: {error}")
    return entry, lines


def _reopened(entry: Entry) -> datetime | None:
    """Since when an entry is open again; None when it is not, or was closed since."""
    last = next((event for event in reversed(entry.events) if event.what in ("closed", "accepted", "reopened")), None)
    return datetime.fromisoformat(last.when) if last is not None and last.what == "reopened" else None


def _until(when: str, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(when) <= since
    except (ValueError, TypeError):
        return False


def _was(entry: Entry, name: str) -> bool:
    return any(posted.tracker == name for posted in entry.posted)


def _at(entry: Entry, where: Posted) -> Entry:
    others = (one for one in entry.posted if (one.tracker, one.where) != (where.tracker, where.where))
    return replace(entry, posted=(*others, where))
