"""One module a secret manager: where values go, and come back from for the proof.

A store is a module with

    NAME       the word on the command line (`aws-ssm`)
    NEEDS      the extra that brings its library (`vault`), or "" when it needs none
    fitted     (path) -> str: the path as this store allows it, by its characters and lengths
    reference  (path, options) -> Reference: what a value will be called there; nothing is asked
    connected  (options, environ) -> Store: opened with the user's own configuration. StoreError says what is wrong
    grants     (references) -> str: the least privilege that readers need, in the store's own language
    TEMPLATE   optional, what values are called there unless the user says it
    notes      optional, (references, options, environ) -> what a user must know before values go there. Of a store
               that has it, a reference's path is the file of the tree that holds the value
    SEALS      optional, how values are kept by a store that seals them: they stay in their files as ciphertexts.
               It connects as a Sealer, and a reference is the place itself

Values keep their exact bytes. Nothing is ever overwritten or deleted, no error message holds a value. A rotation adds
the next version of a path, only where the current one is the value that is being replaced; a store that keeps no
versions refuses that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from secretsweep import plugins
from secretsweep.errors import UsageError
from secretsweep.model import Reference, Secret


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may say about a store; empty means its own default. Never a secret."""

    mount: str = ""  # of Vault's key-value engine
    namespace: str = ""
    profile: str = ""
    region: str = ""
    key: str = ""  # the KMS key that encrypts
    role: str = ""  # to log in as, or to assume
    auth: str = ""  # the method of login
    url: str = ""  # of the vault, or an endpoint
    project: str = ""
    vault_id: str = ""  # of ansible-vault: which password encrypts
    certificate: str = ""  # the file of the one that encrypts
    tree: str = ""  # set by the command: the folder that is remediated


class Taken(Exception):
    """The path holds something else already: another value, one that waits for its deletion, or no value at all."""


class Store(Protocol):
    """A connection that lasts as long as a command."""

    def get(self, reference: Reference) -> Secret | None: ...  # to read; None when nothing is there; Taken if no value
    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None: ...  # to store; or Taken
    def advance(self, reference: Reference, old: Secret, new: Secret) -> None: ...  # to add the next version; or Taken
    def resolved(self, reference: Reference) -> Reference: ...  # to add what only the server knows
    def close(self) -> None: ...  # to let go of tokens that were taken out


@runtime_checkable
class Sealer(Protocol):
    """A connection of a store that seals: texts are made of values, and nothing is kept anywhere else."""

    def sealed(self, secret: Secret, label: str) -> str: ...  # to make the text, another one each time
    def opened(self, text: str) -> Secret | None: ...  # to read it again; None where only others can
    def resolved(self, reference: Reference) -> Reference: ...  # to add whom it is sealed for
    def close(self) -> None: ...  # to forget the key


class Module(Protocol):
    """What a store's module has."""

    NAME: str
    NEEDS: str

    def fitted(self, path: str) -> str: ...
    def reference(self, path: str, options: Options) -> Reference: ...
    def connected(self, options: Options, environ: Mapping[str, str]) -> Store | Sealer: ...
    def grants(self, references: Sequence[Reference]) -> str: ...


def sealing(module: Module) -> str:
    """How a store keeps values that stay in their files; "" for one that takes them away."""
    return str(getattr(module, "SEALS", ""))


def names() -> tuple[str, ...]:
    """As they stand on the command line."""
    return tuple(name.replace("_", "-") for name in plugins.names(__name__))


def named(name: str) -> Module:
    """The store called `name`. UsageError when there is none, or its library is not installed."""
    if name not in names():
        raise UsageError(f"--store {name}: no such store; there are {', '.join(names())}")
    return plugins.load(__name__, name)


def keeps_files(module: Module) -> bool:
    """Whether values are kept in files of the tree itself."""
    return hasattr(module, "notes")


def notes(
    module: Module, references: Sequence[Reference], options: Options, environ: Mapping[str, str]
) -> tuple[str, ...]:
    """What a user must know before values go there."""
    return tuple(module.notes(references, options, environ)) if references and hasattr(module, "notes") else ()
