"""One module a driver: how a machine replaces a credential at the service that honours it.

A driver is a module with

    NAME       the word on the command line (`postgresql`)
    NEEDS      the extra that brings its library, or ""
    GUIDES     names of the guides whose credentials it rotates
    METHODS    name -> what it means for those who use the credential; the first one is taken unless one is named
    OVERLAPS   the methods after which both credentials are valid, until the old one is disabled
    ACCOUNT    what `--account` names (`the role`); "" when the credential itself tells
    connected  (asked, environ) -> Rotator: opened with the user's own administration; RotateError says what is missing

The value itself goes to the store before the service is told, or comes from the service and goes to the store before
anything else happens: after a crash, the store is where the new value is. Every call may be repeated. A driver never
ends the old credential before `works` has said that the new one does; the caller sees to that. No driver puts a value
into an argument, a log, or an exception.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from secretsweep import plugins
from secretsweep.errors import UsageError
from secretsweep.model import Secret

VALUE = "value"  # the credential itself, among the names of what is new
State = MutableMapping[str, Any]  # what a driver must know again after a crash: JSON, and no plaintext


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be rotated, and where."""

    old: Secret
    method: str
    account: str = ""  # whose credential it is there: a role, a user
    url: str = ""  # of the service; never with a password
    identifiers: Mapping[str, str] = field(default_factory=dict)  # the entry's: what is known beside the value
    options: Mapping[str, str] = field(default_factory=dict)  # further ones of `--set name=value`


class Rotator(Protocol):
    """A connection with the right to change the credential; it lasts as long as a command."""

    def assess(self) -> str: ...  # to see that the old one is the account's, and what it may do: evidence
    def misuse(self, since: str) -> str: ...  # to tell what the service knows of its use; "" when it knows nothing
    def create(self, state: State) -> Mapping[str, Secret]: ...  # to make the new one: locally, or at the service
    def adopt(self, new: Mapping[str, Secret], state: State) -> None: ...  # to recognise what a crashed run has stored
    def activate(self, new: Mapping[str, Secret], state: State) -> str: ...  # to let the service honour it: evidence
    def works(self, value: Mapping[str, Secret]) -> bool: ...  # to try one; RotateError when nobody can say
    def disable(self, state: State) -> str: ...  # to end the old one so that it can come back; "" when that is no step
    def delete(self, state: State) -> str: ...  # to end it for good: evidence
    def close(self) -> None: ...


class Module(Protocol):
    """What a driver's module has."""

    NAME: str
    NEEDS: str
    GUIDES: tuple[str, ...]
    METHODS: Mapping[str, str]
    OVERLAPS: tuple[str, ...]
    ACCOUNT: str

    def connected(self, asked: Asked, environ: Mapping[str, str]) -> Rotator: ...


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
