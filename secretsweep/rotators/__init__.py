"""One module a driver: how a machine replaces a credential at the service that honours it.

A driver is a module with

    NAME       the word on the command line (`postgresql`)
    NEEDS      the extra that brings its library, or ""
    GUIDES     names of the guides whose credentials it rotates
    METHODS    name -> Method: what it means for those who use the credential; the first is taken unless one is named
    ACCOUNT    what `--account` names (`the role`); "" when the credential itself tells
    PATIENCE   seconds between tries, while the service has not heard of its own change yet; () when it has at once
    OPTIONS    name -> what `--set name=value` means to it
    connected  (asked, environ) -> Rotator: opened with the user's own administration; RotateError says what is missing
    told       (asked) -> Told: what the plan says besides; nothing is asked, and `asked.old` is empty

The value itself goes to the store before the service is told, or comes from the service and goes to the store before
anything else happens: after a crash, the store is where the new value is. Every call may be repeated. A driver never
ends the old credential before `works` has said that the new one does; the caller sees to that. No driver puts a value
into an argument, a log, or an exception.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from secretsweep import plugins
from secretsweep.errors import UsageError
from secretsweep.model import Reference, Secret

VALUE = "value"  # the credential itself, among the names of what is new
State = MutableMapping[str, Any]  # what a driver must know again after a crash: JSON, and no plaintext


class Method(NamedTuple):
    """A way to replace the credential."""

    about: str  # what it means for those who use the credential
    overlap: bool = False  # both are valid until the old one is disabled
    reversible: bool = False  # what `disable` did can be taken back: watch before the end
    tried: bool = True  # the service tells whether a value works; else a person says that the old one is refused
    by_hand: bool = False  # a person runs the commands of `told`; the store is only read
    kept: bool = True  # the new value goes to the store; else the service alone has it
    beside: tuple[str, ...] = ()  # what changes with the value: the key's id, the role's name
    bound: bool = False  # what changes beside it must be in the store, too
    previous: bool = False  # the old value goes to a second path, for those who accept both for a while


class Told(NamedTuple):
    """What a plan says of a driver's own."""

    notes: tuple[str, ...] = ()
    commands: Mapping[str, tuple[str, ...]] = {}  # by the steps of a guide; a person runs them


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be rotated, and where."""

    old: Secret
    method: str
    account: str = ""  # whose credential it is there: a role, a user
    url: str = ""  # of the service; never with a password
    identifiers: Mapping[str, str] = field(default_factory=dict)  # the entry's: what is known beside the value
    options: Mapping[str, str] = field(default_factory=dict)  # further ones of `--set name=value`
    references: Mapping[str, Reference] = field(default_factory=dict)  # where the values live
    guide: str = ""  # the entry's

    def named(self, name: str) -> str:
        """What the user says of it, else what stands beside the credential; "" when nobody knows."""
        return self.options.get(name) or self.identifiers.get(name, "")


class Rotator(Protocol):
    """A connection with the right to change the credential; it lasts as long as a command."""

    def assess(self) -> str: ...  # to see that the old one is the account's, and what it may do: evidence
    def misuse(self, since: str) -> str: ...  # to tell what the service knows of its use; "" when it knows nothing
    def prepare(self, state: State) -> None: ...  # to note what tells ours from others' after a crash; then it is kept
    def create(self, state: State) -> Mapping[str, Secret]: ...  # to make the new one: locally, or at the service
    def adopt(self, new: Mapping[str, Secret], state: State) -> None: ...  # to recognise what a crashed run has stored
    def activate(self, new: Mapping[str, Secret], state: State) -> str: ...  # to let the service honour it: evidence
    def works(self, value: Mapping[str, Secret]) -> bool: ...  # to try one; RotateError when nobody can say now
    def disable(self, state: State) -> str: ...  # to end the old one so that it can come back; "" when that is no step
    def delete(self, state: State) -> str: ...  # to end it for good: evidence
    def close(self) -> None: ...


class Module(Protocol):
    """What a driver's module has."""

    NAME: str
    NEEDS: str
    GUIDES: tuple[str, ...]
    METHODS: Mapping[str, Method]
    ACCOUNT: str
    PATIENCE: tuple[float, ...]
    OPTIONS: Mapping[str, str]

    def connected(self, asked: Asked, environ: Mapping[str, str]) -> Rotator: ...
    def told(self, asked: Asked) -> Told: ...


def names() -> tuple[str, ...]:
    """As they stand on the command line."""
    return tuple(name.replace("_", "-") for name in plugins.names(__name__))


def named(name: str) -> Module:
    """The driver called `name`. UsageError when there is none."""
    if name not in names():
        raise UsageError(f"--driver {name}: no such driver; there are {', '.join(names())}")
    return plugins.load(__name__, name)


def fitting(guide: str) -> tuple[Module, ...]:
    """The drivers that rotate credentials of a guide."""
    return tuple(module for module in map(named, names()) if guide in module.GUIDES)
