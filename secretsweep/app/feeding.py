"""Which line of the configuration feeds a value that Terraform's state keeps: where the change has to begin."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from secretsweep import lazyre
from secretsweep.model import Credential, Occurrence

Contents = Callable[[], Iterable[tuple[str, bytes]]]  # (path, content) of the Terraform files of the same tree

_INDEX = r"(?:\[(?:\d+|\"[^\"]*\")\])?"
_ADDRESS = lazyre.compile(rf"((?:module\.[\w-]+{_INDEX}\.)*)([a-z]\w*)\.([\w-]+){_INDEX}\.(\w+)")
_RESOURCE = lazyre.compile(rb'^([ \t]*)resource[ \t]+"(\w+)"[ \t]+"([\w-]+)"[ \t]*\{', re.MULTILINE)
_ARGUMENT = lazyre.compile(rb"^[ \t]+(\w+)[ \t]*=", re.MULTILINE)
_FORMAT = "terraform-state"
_SUFFIXES = (".tf", ".tofu")


def fed(credentials: Iterable[Credential], contents: Contents) -> tuple[Credential, ...]:
    """The credentials; occurrences in a state that is there now with the line that feeds them, when the tree has it."""
    every = tuple(credentials)
    wanted = {a for c in every for o in c.occurrences if (a := _argument(o))}
    if not wanted:
        return every
    found: dict[tuple[str, str, str], list[str]] = {}
    for path, data in contents():
        if path.endswith(_SUFFIXES):
            for argument, line in _lines(data, wanted):
                found.setdefault(argument, []).append(f"{path}:{line}")
    return tuple(
        replace(c, occurrences=tuple(_with(o, found) for o in c.occurrences))
        if any(_argument(o) in found for o in c.occurrences)
        else c
        for c in every
    )


def _argument(place: Occurrence) -> tuple[str, str, str] | None:
    """(type, name, argument) of the resource that a place in a state belongs to."""
    if place.format != _FORMAT or not place.in_head:
        return None
    address = _ADDRESS.match(place.key)
    return (address[2], address[3], address[4]) if address else None


def _lines(data: bytes, wanted: set[tuple[str, str, str]]) -> Iterable[tuple[tuple[str, str, str], int]]:
    """The wanted arguments that a file has, with their lines."""
    for block in _RESOURCE.finditer(data):
        kind, name = block[2].decode(), block[3].decode()
        close = re.compile(rb"^" + block[1] + rb"\}", re.MULTILINE).search(data, block.end())
        for argument in _ARGUMENT.finditer(data, block.end(), close.start() if close else len(data)):
            key = (kind, name, argument[1].decode())
            if key in wanted:
                yield key, data.count(b"\n", 0, argument.start(1)) + 1


def _with(place: Occurrence, found: dict[tuple[str, str, str], list[str]]) -> Occurrence:
    """The nearest of the lines: modules of one tree may have resources of one name."""
    argument = _argument(place)
    if argument is None or argument not in found:
        return place
    folder = os.path.dirname(place.path)
    nearest = max(found[argument], key=lambda line: (_shared(folder, os.path.dirname(line)), line))
    return replace(place, fed_by=nearest)


def _shared(one: str, other: str) -> tuple[int, int]:
    """How many folders two have in common, the one that is not much deeper first."""
    a, b = one.split("/"), other.split("/")
    same = next((n for n, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), min(len(a), len(b)))
    return same, -len(b)
