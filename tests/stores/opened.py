"""What the contract test wants to know of a store: each has a module `opener_<store>` beside this, and nothing else.

An opener has VARIANTS, and `opened(variant, request)` that gives a store on a server of its own or an empty place of
a shared one, with what the contract has to look at from outside.
"""

import importlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from secretsweep import stores
from secretsweep.model import Reference
from secretsweep.stores import Module, Options, Store


@dataclass(frozen=True)
class Opened:
    module: Module
    options: Options
    environ: Mapping[str, str]
    largest: int  # bytes of a value that it still keeps
    too_large: int  # bytes of one that it does not
    about: Callable[[Reference], Mapping[str, str]]  # what the server was told of a value
    everything: Callable[[Reference], str]  # all of what the server shows of it but the value
    unreachable: Callable[[str], tuple[Options, Mapping[str, str]]]  # the same with a server at this URL
    refuses: Mapping[bytes, str] = field(default_factory=dict)  # what a value holds that it cannot keep, and why
    says: bool = True  # what is said of a value is kept beside it

    def store(self) -> Store:
        return self.module.connected(self.options, self.environ)

    def named(self, path: str) -> Reference:
        return self.module.reference(self.module.fitted(path), self.options)


@dataclass(frozen=True)
class Laws:
    """Which names a store allows, by its vendor's documentation."""

    allowed: str  # a pattern of the whole name
    longest: int
    library: str = ""  # the module whose absence is to be told


def opener(name: str) -> Any:
    return importlib.import_module(f"opener_{name.replace('-', '_')}")


def laws(name: str) -> Laws:
    found: Laws = opener(name).LAWS
    return found


def variants() -> list[tuple[str, str]]:
    """Every store in each of its ways."""
    return [(name, variant) for name in stores.names() for variant in opener(name).VARIANTS]


def of(name: str, variant: str, request: pytest.FixtureRequest) -> Opened:
    found: Opened = opener(name).opened(variant, request)
    return found


def nowhere() -> str:
    """The URL of a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
