"""A store that forgets when the process ends: for tests and demonstrations."""

import re
from collections.abc import Mapping, Sequence

from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _names

NAME = "memory"
NEEDS = ""
_ODD = re.compile(r"[^A-Za-z0-9/_.-]+")


def fitted(path: str) -> str:
    """Letters, digits, `/`, `_`, `.` and `-`."""
    return _names.segments(path, _ODD, 480)


def reference(path: str, options: Options) -> Reference:
    return Reference(NAME, path, "value", options.mount or "memory")


def connected(options: Options, environ: Mapping[str, str]) -> "Memory":
    return Memory()


def grants(references: Sequence[Reference]) -> str:
    """Nobody else can read it."""
    return ""


class Memory:
    """Values by their paths; `about` is what was said of each."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Secret] = {}
        self.about: dict[str, Mapping[str, str]] = {}

    def get(self, reference: Reference) -> Secret | None:
        return self._held.get((reference.path, reference.field))

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        if (reference.path, reference.field) in self._held:
            raise Taken
        self._held[reference.path, reference.field] = secret
        self.about[reference.path] = {name: secret.masked_in(said) for name, said in about.items()}

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        if self.get(reference) != old:
            raise Taken
        self._held[reference.path, reference.field] = new

    def resolved(self, reference: Reference) -> Reference:
        return reference

    def close(self) -> None:
        """Nothing is open."""
