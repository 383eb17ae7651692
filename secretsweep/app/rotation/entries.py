"""A credential of a report becomes an entry; one that is known already is brought up to date."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from secretsweep.app.rotation import policy
from secretsweep.app.rotation.owners import Owners
from secretsweep.checklist.tasks import guided
from secretsweep.model import Consumer, Credential, Done, Entry, Event, Exposure, Guide, Occurrence, Reference, Task
from secretsweep.model.rotation import ACCEPTED, AUTOMATIC, CLOSED, OPEN, UNDECIDED, UNKNOWN
from secretsweep.rules import guides

_ANEW = ("misuse", "delete", "clean", "close")  # what must be shown again when the value is back


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the report."""

    now: datetime
    who: str
    repository: str = ""
    public: str = "unknown"
    days: Mapping[str, int] = field(default_factory=dict)
    guide: Mapping[str, str] = field(default_factory=dict)  # rule -> guide
    owners: Owners = field(default_factory=lambda: Owners(""))
    consumers: Mapping[str, tuple[Consumer, ...]] = field(default_factory=dict)  # by the credential's id
    moved: Mapping[str, Reference] = field(default_factory=dict)
    identifiers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    purge: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # what is decided of the history, and why
    stands: Mapping[str, set[tuple[str, int]]] = field(default_factory=dict)  # where identifiers of a credential are


def guide_of(credential: Credential, by_rule: Mapping[str, str]) -> Guide:
    """How it is rotated: as its rule says, and where it stands."""
    return guides.fitting(by_rule.get(credential.rule, ""), [(o.path, o.key) for o in credential.occurrences])


def made(credential: Credential, around: Around) -> Entry:
    """The entry of a credential that has none."""
    now = around.now.isoformat(timespec="seconds")
    guide = guide_of(credential, around.guide)
    due = policy.deadline(around.now, credential.severity, around.public, guide.hours, around.days)
    exposures = tuple(sorted(map(_exposure, credential.occurrences), key=lambda e: (not e.in_head, e.path, e.line)))
    purge, why = around.purge.get(credential.id, (UNDECIDED, ""))
    entry = Entry(
        id=credential.id,
        rule=credential.rule,
        name=credential.name,
        kind=credential.kind,
        provider=credential.provider,
        severity=credential.severity,
        confidence=credential.confidence,
        preview=credential.preview,
        guide=guide.name,
        overlap=guide.overlap,
        state=OPEN,
        opened=now,
        deadline=due.isoformat(timespec="seconds"),
        public=around.public,
        repository=around.repository,
        exposures=exposures,
        owners=tuple(dict.fromkeys(owner for e in exposures for owner in around.owners.of(e.path))),
        consumers=around.consumers.get(credential.id, ()),
        reference=around.moved.get(credential.id),
        identifiers=around.identifiers.get(credential.id, {}),
        purge=purge,
        purge_reason=why,
        events=(Event(now, around.who, "opened", f"found by the rule {credential.rule}"),),
    )
    return _cleaned(replace(entry, **guided(entry)), now)


def refreshed(old: Entry, credential: Credential, around: Around, whole: bool) -> Entry:
    """`old` with what is known now; what people decided, did and wrote stays.

    Not a `whole` history: places that it does not tell of are kept. A value that is back opens its entry again.
    """
    new = made(credential, around)
    opened = datetime.fromisoformat(old.opened)
    hours = guides.named(new.guide).hours
    public = old.public if new.public == UNKNOWN else new.public
    due = policy.deadline(opened, new.severity, public, hours, around.days).isoformat(timespec="seconds")
    consumers = {(c.path, c.name): c for c in (*old.consumers, *new.consumers)}
    entry = replace(
        new,
        state=old.state,
        opened=old.opened,
        deadline=old.deadline if old.reopened else due,
        exposures=new.exposures if whole else _together(old.exposures, new.exposures),
        consumers=tuple(consumers[key] for key in sorted(consumers)),
        reference=new.reference or old.reference,
        identifiers={**old.identifiers, **new.identifiers},
        public=public,
        tasks=old.tasks,
        purge=old.purge if new.purge == UNDECIDED else new.purge,
        purge_reason=old.purge_reason if new.purge == UNDECIDED else new.purge_reason,
        judgement=old.judgement,
        acceptance=old.acceptance,
        closed=old.closed,
        reopened=old.reopened,
        events=old.events,
        posted=old.posted,
    )
    if old.state == CLOSED and (where := _back(old, new)):
        entry = reopened(entry, around, f"the value is back: {where}")
        due = policy.deadline(around.now, new.severity, public, hours, around.days).isoformat(timespec="seconds")
        entry = replace(entry, deadline=due)
    return _cleaned(replace(entry, **guided(entry)), around.now.isoformat(timespec="seconds"))


def reopened(entry: Entry, around: Around, why: str) -> Entry:
    """The entry, open again; what must be shown anew is no longer done."""
    event = Event(around.now.isoformat(timespec="seconds"), around.who, "reopened", why)
    tasks: tuple[Task, ...] = tuple(replace(t, done=None) if t.id in _ANEW else t for t in entry.tasks)
    return replace(
        entry,
        state=OPEN,
        closed=None,
        acceptance=None,
        judgement=None,
        tasks=tasks,
        reopened=entry.reopened + 1,
        events=(*entry.events, event),
    )


def lapsed(entry: Entry, around: Around) -> Entry:
    """The entry, open again when the risk was accepted until a day that is over."""
    if entry.state != ACCEPTED or entry.acceptance is None or entry.acceptance.until >= around.now.date().isoformat():
        return entry
    return replace(reopened(entry, around, f"the risk was accepted until {entry.acceptance.until}"), tasks=entry.tasks)


def vanished(entry: Entry, around: Around) -> Entry:
    """The entry of a value that neither the files nor the history have any more."""
    exposures = tuple(exposure._replace(in_head=False) for exposure in entry.exposures)
    return _cleaned(replace(entry, exposures=exposures), around.now.isoformat(timespec="seconds"))


def _cleaned(entry: Entry, now: str) -> Entry:
    """The entry with the step `clean` as the files are: it is done when HEAD does not have the value."""
    done = entry.task("clean").done
    if entry.in_head and done is not None and done.who == AUTOMATIC:
        return replace(entry, tasks=tuple(replace(t, done=None) if t.id == "clean" else t for t in entry.tasks))
    if entry.in_head or done is not None:
        return entry
    said = "HEAD does not have it"
    return replace(
        entry.ticked("clean", Done(now, AUTOMATIC, said)),
        events=(*entry.events, Event(now, AUTOMATIC, "step", f"clean: {said}")),
    )


def _exposure(place: Occurrence) -> Exposure:
    came, went = place.introduced, place.removed
    return Exposure(
        path=place.path,
        line=place.line,
        key=place.key,
        format=place.format,
        in_head=place.in_head,
        commit=(came.commit or "") if came else "",
        author=came.author if came else "",
        since=came.when if came else "",
        removed=(went.commit or "") if went else "",
        until=went.when if went else "",
        reachable=place.reachable,
    )


def _together(old: tuple[Exposure, ...], new: tuple[Exposure, ...]) -> tuple[Exposure, ...]:
    """What a scan of files sees now, and what the history told before."""
    told = {(e.path, e.key): e for e in old if e.commit}
    now = [told[e.path, e.key]._replace(line=e.line, in_head=True) if (e.path, e.key) in told else e for e in new]
    seen = {(e.path, e.key) for e in new}
    return (*now, *(e._replace(in_head=False) for e in old if (e.path, e.key) not in seen and e.commit))


def _back(old: Entry, new: Entry) -> str:
    """Where a value stands that was not there when its entry was closed."""
    assert old.closed is not None
    for exposure in new.exposures:
        since = exposure.since and _instant(exposure.since) > _instant(old.closed.when)
        if since or (exposure.in_head and not any(e.in_head and _same(e, exposure) for e in old.exposures)):
            return f"{exposure.path}:{exposure.line}"
    return ""


def _same(one: Exposure, other: Exposure) -> bool:
    """Whether both tell of one place; a scan of files knows no commit."""
    return one.path == other.path and (one.commit == other.commit or not (one.commit and other.commit))


def _instant(when: str) -> datetime:
    found = datetime.fromisoformat(when)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
