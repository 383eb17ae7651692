"""What people do with the checklist: tick a step, close an entry, accept a risk; each is refused without a proof."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from secretsweep.errors import UsageError
from secretsweep.model import Acceptance, Done, Entry, Event, Judgement
from secretsweep.model.guide import STEPS
from secretsweep.model.rotation import ACCEPTED, AUTOMATIC, CLOSED, DEAD, LIVE, OPEN

_LONGEST = 2000  # characters of evidence or a reason


def chosen(entries: Mapping[str, Entry], beginning: str) -> Entry:
    """The entry whose id begins so. UsageError when none or several do."""
    found = [entry for name, entry in entries.items() if beginning and name.startswith(beginning)]
    if len(found) != 1:
        several = f"{len(found)} entries begin so" if found else "no entry has an id that begins so"
        raise UsageError(f"{beginning or '(empty)'}: {several}; `secretsweep checklist list --state all` names them")
    return found[0]


def checked(entry: Entry, step: str, evidence: str, who: str, now: datetime, skipped: bool = False) -> Entry:
    """A step is done, or `skipped` for the reason that `evidence` gives. UsageError for what proves nothing."""
    _step(step)
    if entry.state == CLOSED:
        raise UsageError(f"{entry.id[:12]} is closed already")
    if step == "close":
        raise UsageError(f"close: `secretsweep checklist close {entry.id[:12]}` closes an entry")
    if entry.task(step).evidenced and not evidence.strip():
        raise UsageError(f"{step}: say what shows it: --evidence TEXT (a link, a ticket, what the log said)")
    when = now.isoformat(timespec="seconds")
    done = Done(when, who, _evidence(evidence), skipped)
    said = f"{step}{', not applicable' if skipped else ''}{f': {done.evidence}' if done.evidence else ''}"
    return _with(entry.ticked(step, done), Event(when, who, "step", said))


def unchecked(entry: Entry, step: str, who: str, now: datetime) -> Entry:
    """A step is not done after all."""
    _step(step)
    tasks = tuple(replace(task, done=None) if task.id == step else task for task in entry.tasks)
    event = Event(now.isoformat(timespec="seconds"), who, "step", f"{step} is open again")
    return _with(replace(entry, tasks=tasks), event)


def closed(entry: Entry, evidence: str, who: str, now: datetime) -> Entry:
    """The end. UsageError says which evidence is missing."""
    if entry.state == CLOSED:
        raise UsageError(f"{entry.id[:12]} is closed already")
    if entry.judgement and entry.judgement.state == LIVE:
        raise UsageError(f"{entry.id[:12]} still opens something: {entry.judgement.who} said so {entry.judgement.when}")
    lacking = [*entry.missing]
    if entry.in_head and not _said(entry, "clean"):
        lacking.append("clean")
    if lacking:
        name = entry.id[:12]
        raise UsageError(
            f"{name}: evidence is missing of: {', '.join(lacking)}; `secretsweep checklist check {name} {lacking[0]} "
            "--evidence TEXT`, or --accept-risk REASON --until DAY"
        )
    when = now.isoformat(timespec="seconds")
    sign = Done(when, who, _evidence(evidence))
    left = [task.id for task in entry.tasks if not task.done and task.id != "close"]
    said = "; ".join(filter(None, (sign.evidence, f"left open: {', '.join(left)}" if left else "")))
    return _with(replace(entry.ticked("close", sign), state=CLOSED, closed=sign), Event(when, who, "closed", said))


def accepted(entry: Entry, reason: str, until: date, who: str, now: datetime) -> Entry:
    """Somebody lives with the risk until a day. UsageError for an empty reason or a day that is over."""
    if not reason.strip():
        raise UsageError("--accept-risk: wants the reason")
    if until < now.date():
        raise UsageError(f"--until {until}: that day is over")
    if entry.state == CLOSED:
        raise UsageError(f"{entry.id[:12]} is closed already")
    when = now.isoformat(timespec="seconds")
    acceptance = Acceptance(_evidence(reason), until.isoformat(), who, when)
    event = Event(when, who, "accepted", f"until {until}: {acceptance.reason}")
    return _with(replace(entry, state=ACCEPTED, acceptance=acceptance), event)


def judged(entry: Entry, judgement: Judgement, now: datetime) -> Entry:
    """What a verifier said: a dead credential is evidence for `delete`, a live one takes that away again."""
    when = now.isoformat(timespec="seconds")
    said = ", ".join(filter(None, (judgement.state, judgement.status, judgement.why)))
    entry = _with(replace(entry, judgement=judgement), Event(when, judgement.who, "verified", said))
    task = entry.task("delete")
    if judgement.state == DEAD and task.done is None:
        shown = f"refused by {judgement.who} at {judgement.when}" + (
            f" ({judgement.status})" if judgement.status else ""
        )
        entry = entry.ticked("delete", Done(when, AUTOMATIC, shown))
    if judgement.state == LIVE and (entry.state == CLOSED or (task.done and task.done.who == AUTOMATIC)):
        entry = unchecked(entry, "delete", AUTOMATIC, now)
        if entry.state == CLOSED:
            event = Event(when, AUTOMATIC, "reopened", f"it opens something again, {judgement.who} says")
            entry = _with(replace(entry, state=OPEN, closed=None, reopened=entry.reopened + 1), event)
    return entry


def ended(entry: Entry, now: datetime) -> Entry:
    """The entry, closed by itself when it is proven dead and no evidence is missing."""
    dead = entry.judgement is not None and entry.judgement.state == DEAD
    if entry.state != OPEN or not dead or entry.missing or (entry.in_head and not _said(entry, "clean")):
        return entry
    assert entry.judgement is not None
    return closed(entry, f"dead, {entry.judgement.who} says at {entry.judgement.when}", AUTOMATIC, now)


def overdue(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """Those whose deadline is over, and risks that were accepted until a day that is over."""
    found = []
    for entry in entries:
        late = entry.state == OPEN and datetime.fromisoformat(entry.deadline) < now
        if late or (entry.acceptance and entry.state == ACCEPTED and entry.acceptance.until < now.date().isoformat()):
            found.append(entry)
    return found


def _said(entry: Entry, step: str) -> bool:
    done = entry.task(step).done
    return done is not None and bool(done.evidence)


def _step(step: str) -> None:
    if step not in STEPS:
        raise UsageError(f"{step}: no such step; there are {', '.join(STEPS)}")


def _evidence(text: str) -> str:
    """On one line. UsageError for what is no sentence but a file."""
    said = " ".join(text.split())
    if len(said) > _LONGEST:
        raise UsageError(f"evidence of {len(said):,} characters: say where it is in {_LONGEST:,} or less")
    return said


def _with(entry: Entry, event: Event) -> Entry:
    return replace(entry, events=(*entry.events, event))
