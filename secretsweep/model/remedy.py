"""What is to be done about credentials: where each value goes, and what every file says instead.

No plaintext here, but what is to be sealed: as a `Secret`, which never prints itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from secretsweep.model.secret import Secret
from secretsweep.model.span import Edit, Span


class Reference(NamedTuple):
    """Where a value lives afterwards, as a store can resolve and a writer can write it."""

    store: str  # the store's name on the command line
    path: str  # `iac/shop/db-password`, as the store allows
    field: str = ""  # of a store that keeps several values at one path
    mount: str = ""  # of Vault's key-value engine
    version: int = 0  # of that engine: 1 or 2
    scope: str = ""  # what the path counts in: an AWS region, a vault's URL, a project

    def __str__(self) -> str:
        """As people of that store say it: `secret/iac/db#value`."""
        where = f"{self.mount}/{self.path}" if self.mount else self.path
        return f"{where}#{self.field}" if self.field else where


class Spot(NamedTuple):
    """A credential at one place of one file that can be written to."""

    id: str  # the credential's fingerprint
    path: str  # of the file, POSIX, below the tree
    span: Span  # the credential as written
    literal: Span  # the whole literal as written, without its quotes
    form: str  # how the literal is written: plain, single, double, block, heredoc …
    key: str  # its address, as a person would write it
    formats: tuple[str, ...]  # of the file, then of each document inside it on the way: ("terraform", "shell")
    encodings: tuple[str, ...]  # on the way, outermost first: ("base64",)
    rule: str
    kind: str
    confidence: str
    whole: bool  # the literal is the credential, and nothing else
    line: int
    reference: Reference

    @property
    def format(self) -> str:
        """The format in whose syntax the reference is to be written."""
        return self.formats[-1]


class FileEdit(NamedTuple):
    """A change of some bytes of one file."""

    path: str
    edit: Edit


class Addition(NamedTuple):
    """A block for a file: it is made when it is not there; else the block follows at its end, unless it has it."""

    path: str
    text: str
    about: str  # for the plan: what it is


class Seal(NamedTuple):
    """A ciphertext in the texts of a change. It is made when the plan is applied, for it is another one each time: a
    plan has a mark in its place, and so stays the same when it is made again."""

    mark: str  # once in the texts of the change
    secret: Secret  # every byte of the literal
    label: str = ""  # what it is bound to, where the store binds it: `namespace/name`


SAFE, REVIEW = "safe", "review"


@dataclass(frozen=True, slots=True)
class Change:
    """What belongs together: all of it happens, or nothing.

    `safe`: the structure stays, one value is replaced. `review`: blocks or files come or go, several places change.
    """

    spots: tuple[Spot, ...]
    edits: tuple[FileEdit, ...]
    additions: tuple[Addition, ...] = ()
    disposition: str = SAFE
    needs: tuple[str, ...] = ()  # what must be there, outside these files, before it works
    warnings: tuple[str, ...] = ()  # what is still not well afterwards
    seals: tuple[Seal, ...] = ()  # of a store that seals


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that is left as it is, why, and what to do instead."""

    spot: Spot
    reason: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """A value that goes to the store."""

    id: str  # the credential's fingerprint
    reference: Reference
    origins: tuple[str, ...]  # `path:line` of every place that will refer to it
    exists: bool = False  # the store has it there already, with this value
    whole: bool = True  # else it is the literal that holds the credential


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that remediation would do, in order. Pure: nothing has happened yet."""

    root: str  # the folder that paths count from
    store: str
    puts: tuple[Put, ...]
    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    grants: str = ""  # the least that consumers must be allowed
    notes: tuple[str, ...] = field(default=())
    sealed: str = ""  # how values are kept that stay in their files
    stored: tuple[str, ...] = field(default=())  # files of the tree in which the store keeps the values

    @property
    def paths(self) -> tuple[str, ...]:
        """Files that are edited, sorted."""
        return tuple(sorted({e.path for c in self.changes for e in c.edits}))

    def only(self, changes: Iterable[Change]) -> "Plan":
        """The plan with these of its changes, and the values that they need."""
        kept = tuple(changes)
        wanted = {spot.reference for change in kept for spot in change.spots}
        puts = tuple(put for put in self.puts if put.reference in wanted)
        paths = {put.reference.path for put in puts}
        stored = tuple(path for path in self.stored if path in paths)
        return Plan(self.root, self.store, puts, kept, self.refusals, self.grants, self.notes, self.sealed, stored)
