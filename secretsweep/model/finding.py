"""From one match to what a person rotates."""

from dataclasses import dataclass, field
from typing import NamedTuple

from secretsweep.model.secret import Secret
from secretsweep.model.span import Span

JOIN = " › "  # between the address of a literal and the address in the document that it holds


def joined(*addresses: str) -> str:
    """One address out of those of nested documents; empty ones are left out."""
    return JOIN.join(filter(None, addresses))


class Place(NamedTuple):
    """Lines and columns count from 1, columns in characters, `end_column` is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Finding(NamedTuple):
    """What, where, why: one credential at one place of one blob. Made by the thousand.

    In an archive member (`path` is `outer.zip!inner/file`) the span and the place count in the member. `key` is the
    address in the file, `inner` the one in what was decoded there.
    """

    rule: str
    secret: Secret
    oid: str
    path: str
    span: Span
    key: str
    format: str
    trail: tuple[str, ...]
    confidence: str
    place: Place
    inner: str = ""
    note: str = ""  # of a finding without a value: what it is about, for everybody to read

    @property
    def address(self) -> str:
        """The whole way to it, as a person would write it."""
        return joined(self.key, self.inner)


class Dismissed(NamedTuple):
    """A match that is no finding, and the reason. It holds no value."""

    rule: str
    reason: str
    path: str
    line: int


class Sighting(NamedTuple):
    """A commit in which something happened to a path; `when` is ISO 8601 with the author's offset."""

    commit: str | None
    path: str
    when: str
    author: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A credential at one place, as reports show it. Lines and columns count from 1, columns in characters."""

    path: str
    line: int
    end_line: int
    column: int
    end_column: int
    format: str
    key: str
    rule: str
    confidence: str
    trail: tuple[str, ...] = ()
    blob: str | None = None
    introduced: Sighting | None = None
    removed: Sighting | None = None
    in_head: bool = False
    reachable: str = "refs"  # refs, stash, reflog, unreachable, commit-message, tag-message, note, index, worktree
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    versions: int = 1  # blobs of this path that hold it
    fed_by: str = ""  # `path:line` of the configuration that puts it into a state


@dataclass(frozen=True, slots=True)
class Credential:
    """One value however often, wherever and however encoded it appears: what a person rotates."""

    id: str  # the fingerprint
    rule: str
    name: str
    kind: str
    provider: str
    severity: str
    confidence: str
    preview: str  # nothing of the value but the constant prefix of its rule
    secret: Secret
    occurrences: tuple[Occurrence, ...]
    in_head: bool
    introduced: Sighting | None = None
    removed: Sighting | None = None
    state: str = "unverified"
    advice: tuple[str, ...] = field(default=())
