"""One module a place where the rotation checklist can live.

A tracker is a module with

    NAME       the word on the command line
    connected  (options, environ) -> Tracker: opened with the user's own configuration; tokens come from the
               environment only. UsageError says what is missing, TrackerError what the service refused

An entry is found again by its marker, so nothing is opened twice; what people ticked or wrote is kept. Nothing that is
posted holds a value or a fast hash of one, and an address of a private repository goes to no public place unasked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from secretsweep import plugins
from secretsweep.errors import UsageError
from secretsweep.model import Done, Entry, Posted


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may say about a tracker; empty means its own default. Never a token."""

    where: str = ""  # the file, `owner/repository`, `group/project`, the key of a project
    url: str = ""  # of the service's API
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    public: bool = False  # post to a place that everybody can read
    issue_type: str = ""  # of Jira
    origin: str = ""  # `host/path` of the repository's remote, where `where` may come from; without a login


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as the tracker has it: what people ticked there, and whether they closed it."""

    posted: Posted
    done: Mapping[str, Done] = field(default_factory=dict)  # step -> who ticked it, as far as the tracker tells
    closed: bool = False
    told: str = ""  # the state that was written there last: open, `closed 2026-03-02T12:00:00+00:00`, risk accepted
    entry: Entry | None = None  # where the tracker keeps all of it (a file), to make the ledger anew


class Tracker(Protocol):
    """A connection that lasts as long as a command."""

    def seen(self) -> Mapping[str, Seen]: ...  # to list what is there, by the entries' ids
    def post(self, entry: Entry) -> Posted: ...  # to open it; never twice, not after a lost answer either
    def update(self, seen: Seen, entry: Entry) -> Posted: ...  # to bring it up to date, closed and reopened as it is
    def close(self) -> Sequence[str]: ...  # to finish (a file is written now), and say what people should know


class Module(Protocol):
    """What a tracker's module has."""

    NAME: str

    def connected(self, options: Options, environ: Mapping[str, str]) -> Tracker: ...


def names() -> tuple[str, ...]:
    """As they stand on the command line."""
    return tuple(name.replace("_", "-") for name in plugins.names(__name__))


def named(name: str) -> Module:
    """The tracker called `name`. UsageError when there is none."""
    if name not in names():
        raise UsageError(f"--tracker {name}: no such tracker; there are {', '.join(names())}")
    return plugins.load(__name__, name)
