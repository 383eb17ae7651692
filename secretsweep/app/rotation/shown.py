"""The checklist on a terminal, and as JSON."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from secretsweep.model import Entry
from secretsweep.model.guide import OVERLAPS
from secretsweep.model.rotation import ACCEPTED, CLOSED, OPEN
from secretsweep.reports._safe import shown

SCHEMA = "secretsweep.checklist/1"


def listed(entries: Sequence[Entry], now: datetime) -> Iterator[str]:
    """One line an entry: id, severity, state, when it is due, how far it is, what and where."""
    if not entries:
        yield "Nothing is on the checklist."
        return
    for entry in entries:
        done = sum(task.done is not None for task in entry.tasks)
        where = entry.exposures[0].path if entry.exposures else ""
        more = f" and {len(entry.exposures) - 1} more" if len(entry.exposures) > 1 else ""
        yield shown(
            f"{entry.id[:12]}  {entry.severity:<8}  {standing(entry, now):<20}  {done:>2}/{len(entry.tasks)}  "
            f"{entry.name}  {where}{more}"
        )


def standing(entry: Entry, now: datetime) -> str:
    """In two words how it stands: `due in 3 days`, `OVERDUE by 2 h`, `closed`, `accepted to 2027-01-31`."""
    if entry.state == CLOSED:
        return "closed"
    if entry.state == ACCEPTED and entry.acceptance:
        return f"accepted to {entry.acceptance.until}"
    left = datetime.fromisoformat(entry.deadline) - now
    hours = (abs(int(left.total_seconds())) + 1800) // 3600
    span = f"{hours} h" if hours < 48 else f"{hours // 24} days"
    return f"due in {span}" if left.total_seconds() >= 0 else f"OVERDUE by {span}"


def whole(entry: Entry, now: datetime) -> Iterator[str]:
    """Everything about an entry."""
    yield shown(f"{entry.id}  {entry.name} ({entry.provider or entry.kind}), {entry.severity}, {standing(entry, now)}")
    yield ""
    yield shown(f"  opened      {entry.opened}{f', reopened {entry.reopened} times' if entry.reopened else ''}")
    yield f"  deadline    {entry.deadline}"
    since = entry.since or "not known"
    public = {"yes": "; EVERYBODY can read the repository", "no": ""}.get(entry.public, "; public? not known")
    yield shown(f"  exposed     since {since}{f' by {entry.introduced_by}' if entry.introduced_by else ''}{public}")
    for place in entry.exposures:
        now_there = "still there" if place.in_head else f"removed {place.until}" if place.until else place.reachable
        commit = f"  {place.commit[:12]}" if place.commit else ""
        yield shown(f"              {place.path}:{place.line}  {place.key}{commit}  ({now_there})")
    if entry.owners:
        yield shown(f"  owner       {', '.join(entry.owners)}")
    for consumer in entry.consumers:
        yield shown(f"  consumer    {consumer.name}  {consumer.path}:{consumer.line}")
    if entry.reference:
        yield shown(f"  moved to    {entry.reference.store} {entry.reference}")
    yield shown(f"  history     {entry.purge}{f': {entry.purge_reason}' if entry.purge_reason else ''}")
    if entry.judgement:
        said = ", ".join(filter(None, (entry.judgement.status, entry.judgement.why)))
        yield shown(f"  verified    {entry.judgement.state} by {entry.judgement.who} at {entry.judgement.when} {said}")
    if entry.acceptance and entry.state == ACCEPTED:
        yield shown(
            f"  accepted    until {entry.acceptance.until} by {entry.acceptance.who}: {entry.acceptance.reason}"
        )
    if entry.closed:
        yield shown(f"  closed      {entry.closed.when} by {entry.closed.who}: {entry.closed.evidence}")
    for posted in entry.posted:
        yield shown(f"  tracked     {posted.tracker} {posted.url or posted.where}")
    yield ""
    yield f"  overlap     {entry.overlap}: {OVERLAPS.get(entry.overlap, '')}"
    if entry.about:
        yield shown(f"  mind        {entry.about}")
    yield ""
    for task in entry.tasks:
        mark = "-" if task.done and task.done.skipped else "x" if task.done else " "
        needs = "" if task.done or not task.evidenced else "  (closing needs evidence)"
        yield shown(f"  [{mark}] {task.id:<8} {task.text}{needs}")
        for command in task.commands:
            for line in command.splitlines():
                yield shown(f"               $ {line}")
        if task.done:
            said = f": {task.done.evidence}" if task.done.evidence else ""
            yield shown(f"               {task.done.who}, {task.done.when}{said}")
    for link in entry.links:
        yield shown(f"  see {link}")


def data(entry: Entry) -> dict[str, Any]:
    """An entry for scripts; `id` and `credential` are the fingerprint."""
    from secretsweep.checklist import kept

    return {
        **kept.facts(entry),
        "credential": entry.id,
        "overlap": entry.overlap,
        "about": entry.about,
        "query": entry.query,
        "links": list(entry.links),
        "in_head": entry.in_head,
        "since": entry.since,
        "introduced_by": entry.introduced_by,
        "steps": [
            {
                "id": task.id,
                "text": task.text,
                "commands": list(task.commands),
                "evidence_needed": task.evidenced,
                "done": task.done is not None,
                "when": task.done.when if task.done else None,
                "who": task.done.who if task.done else None,
                "evidence": task.done.evidence if task.done else None,
                "skipped": bool(task.done and task.done.skipped),
            }
            for task in entry.tasks
        ],
        "events": [event._asdict() for event in entry.events],
        "posted": [posted._asdict() for posted in entry.posted],
    }


def summary(entries: Sequence[Entry], late: Sequence[Entry], now: datetime) -> Iterator[str]:
    """How it stands, worst first."""
    counts = {state: sum(entry.state == state for entry in entries) for state in (OPEN, ACCEPTED, CLOSED)}
    yield f"{counts[OPEN]} open, {len(late)} overdue, {counts[ACCEPTED]} accepted, {counts[CLOSED]} closed"
    yield from listed(late, now) if late else ()
    for entry in late[:3]:
        todo = next((task.id for task in entry.tasks if task.done is None), "close")
        command = shlex.join(["secretsweep", "checklist", "show", entry.id[:12]])
        yield f"next for {entry.id[:12]}: {todo} ({command})"
