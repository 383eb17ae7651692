"""What a person works off until a leaked credential is worthless. No plaintext here, and no fast hash of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from secretsweep.model.guide import EVIDENCED
from secretsweep.model.remedy import Reference

OPEN, CLOSED, ACCEPTED = "open", "closed", "accepted"
STATES = (OPEN, CLOSED, ACCEPTED)
AUTOMATIC = "secretsweep"  # who did what no person did
LIVE, DEAD, UNKNOWN = "live", "dead", "unknown"
ROTATE_ONLY, PURGE, UNDECIDED = "rotate-only", "purge", "undecided"


class Done(NamedTuple):
    """That a step was done, or is not applicable: when (ISO 8601), by whom, and what shows it."""

    when: str
    who: str
    evidence: str = ""
    skipped: bool = False  # not applicable; the evidence is the reason


@dataclass(frozen=True, slots=True)
class Task:
    """One step of an entry, its placeholders filled with what is known."""

    id: str  # one of guide.STEPS
    text: str
    commands: tuple[str, ...] = ()
    done: Done | None = None

    @property
    def evidenced(self) -> bool:
        """Whether nothing is closed without evidence of this step."""
        return self.id in EVIDENCED


class Exposure(NamedTuple):
    """The credential at one place, and since when; `removed` is the commit that took it away, or ""."""

    path: str
    line: int
    key: str
    format: str
    in_head: bool
    commit: str = ""  # that brought it
    author: str = ""
    since: str = ""  # ISO 8601
    removed: str = ""
    until: str = ""
    reachable: str = "refs"  # as Occurrence says it


class Consumer(NamedTuple):
    """What runs with the value, and must get the new one."""

    name: str  # `Deployment/shop/api`
    path: str
    line: int


class Judgement(NamedTuple):
    """Whether the credential still opens anything: who said so, when, and with which status."""

    state: str  # LIVE, DEAD, UNKNOWN
    who: str
    when: str
    status: str = ""
    why: str = ""


class Acceptance(NamedTuple):
    """Somebody lives with the risk until a day."""

    reason: str
    until: str  # ISO 8601 date, the last day on which it counts
    who: str
    when: str


class Event(NamedTuple):
    """Something that happened to an entry; they are only ever added."""

    when: str
    who: str
    what: str  # opened, updated, step, closed, accepted, reopened, verified, moved, rotated, posted
    said: str = ""


class Posted(NamedTuple):
    """Where an entry lives in a tracker."""

    tracker: str  # the tracker's name on the command line
    where: str  # the file, `owner/repository`, the project
    number: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One credential that is to be rotated."""

    id: str  # its fingerprint
    rule: str
    name: str
    kind: str
    provider: str
    severity: str
    confidence: str
    preview: str
    guide: str
    overlap: str
    state: str
    opened: str  # ISO 8601
    deadline: str  # ISO 8601
    public: str = UNKNOWN  # yes, no, unknown: whether everybody can read the repository
    repository: str = ""
    exposures: tuple[Exposure, ...] = ()
    owners: tuple[str, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    reference: Reference | None = None  # where remediation has put it
    about: str = ""  # the guide's, what is special
    query: str = ""  # the guide's, filled
    links: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict)  # what is known of the guide's; no secrets
    tasks: tuple[Task, ...] = ()
    purge: str = UNDECIDED
    purge_reason: str = ""
    judgement: Judgement | None = None
    acceptance: Acceptance | None = None
    closed: Done | None = None
    reopened: int = 0  # times
    events: tuple[Event, ...] = ()
    posted: tuple[Posted, ...] = ()

    @property
    def in_head(self) -> bool:
        return any(exposure.in_head for exposure in self.exposures)

    @property
    def since(self) -> str:
        """The first exposure, ISO 8601; "" when no commit tells."""
        return min((e.since for e in self.exposures if e.since), default="")

    @property
    def introduced_by(self) -> str:
        """Who brought it first."""
        told = [e for e in self.exposures if e.since]
        return min(told, key=lambda e: e.since).author if told else ""

    def task(self, wanted: str) -> Task:
        """KeyError when there is none of that name."""
        for task in self.tasks:
            if task.id == wanted:
                return task
        raise KeyError(wanted)

    def ticked(self, step: str, done: Done) -> "Entry":
        """The same with a step done."""
        tasks = tuple(replace(task, done=done) if task.id == step else task for task in self.tasks)
        return replace(self, tasks=tasks)

    @property
    def missing(self) -> tuple[str, ...]:
        """The steps whose evidence is missing before it may be closed."""
        return tuple(
            task.id for task in self.tasks if task.evidenced and not (task.done is not None and task.done.evidence)
        )
