"""One module a format: what it owns, which gates make it worth parsing, and its literals as Units.

A format is a module with

    NAME      the word that reports show (`terraform`)
    PRIORITY  which of several owners wins: the highest (text, the last resort, has 0)
    GATES     tuple[Gate, ...]: bytes that make a blob of this format worth parsing, beside the assignment gate
              that every format shares
    ANCESTORS optional, False when no line depends on less indented ones above it
    CONTEXT   optional, how the line begins that the meaning of a document's other lines depends on
    REGIONS   optional, regions of its own: dict[str, (data, at) -> (start, end)], the byte range that the verdict on
              the place at `at` depends on, when the lines above it with lower indentation do not tell enough
    PATHS     optional, what the path of each file of this format matches. Its own gates are then looked for in such
              files alone: a gate that all files are searched for costs every user, for the sake of few
    BEGINS    optional beside PATHS, how files under any other path begin, in lower case (`#!`)
    owns      (path, head) -> bool: by name, or by the first 1024 bytes
    extract   (blob) -> Iterator[Unit]: every literal with its address. A parse error raises Unparsed, and the
              engine reads the blob by lines instead

`extract` gets whole files, and also *excerpts*: the lines with lower indentation above a place, and the lines of
the place itself. So brackets and blocks may be open at the end, and indexes of lists count from what is there.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from secretsweep import plugins
from secretsweep.model import Blob, Unit

if TYPE_CHECKING:
    from secretsweep.formats._paths import Paths


class Gate(NamedTuple):
    """A hyperscan expression that ends at one place, and how much around that place the verdict depends on.

    `region`: `statement` (the line, and the deeper lines below when its value is not on it), `siblings` (the
    neighbouring lines of the same mapping or block), `document` (between `---` lines), `block` (down to the
    closing line at the same indentation), `heredoc` (down to the terminator that the line names), `line`, `next` (two
    lines: an element of a list and the next one); or one of the format's own REGIONS. Its own region `whole` is read
    once, before all else, and other places in it are not looked at again: what its literals mean is known only from
    all of it (a Secret, whatever the order of its keys). A format that holds whole files of other formats has the
    region `embedded`, which their gates then have in it.
    """

    pattern: str
    region: str = "statement"


class Unparsed(Exception):
    """The file is not what its name says, or its parser gave up; no content in the message."""


class Format(Protocol):
    NAME: str
    PRIORITY: int
    GATES: tuple[Gate, ...]

    def owns(self, path: str, head: bytes) -> bool: ...  # to say whether this file is mine
    def extract(self, blob: Blob) -> Iterator[Unit]: ...  # to find its literals


HEAD = 1024  # bytes that `owns` may look at


@cache
def every() -> tuple[Format, ...]:
    """All formats, the most particular first."""
    found = plugins.modules(__name__, having="extract")
    return tuple(sorted(found, key=lambda m: (-m.PRIORITY, m.NAME)))


def owner(path: str, data: bytes) -> Format:
    """The format that reads this content; text owns what nobody else does."""
    return _owner(path, data[:HEAD])


@lru_cache(maxsize=4096)
def _owner(path: str, head: bytes) -> Format:
    """Versions of a file mostly begin alike."""
    return next(f for f in candidates(path) if f.owns(path, head))


def candidates(path: str) -> tuple[Format, ...]:
    """The formats that may own a file at this path, whatever is in it; the most particular first."""
    return _among(fitting(path))


@cache
def _among(fits: frozenset[str]) -> tuple[Format, ...]:
    """Thousands of paths match a few dozen sets of formats."""
    return tuple(f for f in every() if hasattr(f, "BEGINS") or not hasattr(f, "PATHS") or f.NAME in fits)


@lru_cache(maxsize=32768)  # paths of a long history come again and again
def fitting(path: str) -> frozenset[str]:
    """The formats with PATHS that this path matches."""
    names, paths = _limited()
    return frozenset(names[number] for number in paths.matching(path))


@cache
def _limited() -> tuple[tuple[str, ...], "Paths"]:
    from secretsweep.formats._paths import Paths

    limited = [f for f in every() if hasattr(f, "PATHS")]
    return tuple(f.NAME for f in limited), Paths([f.PATHS for f in limited])


def named(name: str) -> Format:
    """The format called `name`."""
    return next(f for f in every() if name == f.NAME)
