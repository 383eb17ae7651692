"""One module a world: where a value goes after the literal that it stands in.

A world is a module with

    FORMATS   the formats whose literals it follows (`("terraform",)`)
    PATHS     optional, what the path of its files matches. Of two worlds for a format the one whose PATHS match is
              the one that is asked
    Follower  (tree) -> Follower: it reads files of the tree when it needs them, and each at most once
    uses      its method (path, address, line) -> tuple[Use, ...]: where the literal there goes next

A follower only reads. It never raises on what a tree holds: where it cannot follow, there is a Use of the kind
`unknown` whose note says why. Cycles are cut, and so is what is very deep or wide, each with a note.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from secretsweep import plugins
from secretsweep.model import JOIN, Tree

UNKNOWN = "unknown"
LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Use:
    """A place that gets the value, and the places that get it from there."""

    path: str  # of the file, POSIX, below the tree
    line: int  # from 1
    address: str  # as a person would write it: `resource.aws_db_instance.main.password`
    kind: str  # what stands there, in the words of its world: each module lists its own
    children: tuple["Use", ...] = ()
    whole: bool = True  # the value itself stands there; else in a string, or what an expression makes of it
    note: str = ""  # why it goes no further here, or what else is to be known
    consumer: str = ""  # what runs with the value, so that a rotation must reach it: `Deployment/shop/api`


class Follower(Protocol):
    def uses(self, path: str, address: str, line: int) -> tuple[Use, ...]: ...  # to say where a literal goes next


class World(Protocol):
    FORMATS: tuple[str, ...]

    def Follower(self, tree: Tree) -> Follower: ...


@cache
def worlds() -> tuple[World, ...]:
    return plugins.modules(__name__, having="Follower")


def of(fmt: str, path: str) -> World | None:
    """The world that literals of a format in a file at a path live in; None where nobody knows."""
    fitting = [world for world in worlds() if fmt in world.FORMATS]
    particular = (w for w in fitting if (paths := getattr(w, "PATHS", None)) and paths.search(path))
    return next(particular, None) or next((w for w in fitting if not hasattr(w, "PATHS")), None)


class Flow:
    """Where the values of one tree go; it keeps what it has read, so it lasts as long as the files stay the same."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._followers: dict[int, Follower] = {}

    def of(self, formats: Sequence[str], path: str, address: str, line: int) -> Use:
        """The way of the literal at `address`: it, and below it all that gets its value. Without any, a note says so.

        `formats` are those of the file and of the documents inside it on the way to the literal.
        """
        found = of(formats[0], path)
        children: tuple[Use, ...] = ()
        if found is not None:
            follower = self._followers.get(id(found)) or found.Follower(self._tree)
            self._followers[id(found)] = follower
            children = follower.uses(path, address.split(JOIN)[0], line)
        note = "" if children else "nothing in the tree takes it from here"
        if found is None:
            note = f"where values of {formats[0]} files go is not known"
        return Use(path, line, address, LITERAL, children, note=note)


def consumers(use: Use) -> Iterator[Use]:
    """The places whose `consumer` runs with the value, each consumer once, in the order of the tree."""
    seen: set[tuple[str, str]] = set()
    waiting = [use]
    while waiting:
        one = waiting.pop()
        if one.consumer and (one.path, one.consumer) not in seen:
            seen.add((one.path, one.consumer))
            yield one
        waiting.extend(reversed(one.children))
