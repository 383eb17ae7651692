"""One module a format: how a reference is written there, for each store that it can name.

A writer is a module with

    FORMATS  the formats whose literals it writes (`("terraform",)`)
    PATHS    optional, what the path of its files matches: compose files and workflows are all YAML. Of two writers
             for a format the one whose PATHS match goes first
    PARTS    True when the syntax can refer in the middle of a literal (`"postgres://u:${…}@host"`). Where it cannot,
             the whole literal is what goes to the store
    FINDS    optional, True when the writer finds out by itself what a credential's place means: it is asked also where
             no literal is known, with the credential's own span as the literal's
    HOSTS    optional, True when documents inside its own are its to write as well: a shell expands what stands in a
             here-document, whatever that is
    hosts    optional, (spot, data) -> bool: the same where only some are. A container's argument only looks like a
             command line, `sh -c` has one
    SEALS    optional, the stores that seal whose ciphertexts it puts where a value stood, whatever that is a part of
    rewrite  (spots, file, tree) -> Iterator[Change | Refusal]: every spot of one file in one call, each in exactly
             one of the results. A spot's `reference` says where its value will be

Writers are pure: they see bytes and spans, never a store, and they say no (`Refusal`, with what to do instead) rather
than write a reference that nothing there resolves: it would be deployed as the password. Every edit replaces whole
syntactic units (a quoted string with its quotes), nothing else moves. What a spot needs elsewhere (a provider block, a
manifest, a policy) are `additions` and `needs` of its change.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple, Protocol

from secretsweep import plugins
from secretsweep.model import Change, Refusal, Spot, Tree

__all__ = ["File", "Tree", "Writer", "every", "of"]


class File(NamedTuple):
    """The file whose literals are rewritten."""

    path: str
    data: bytes


class Writer(Protocol):
    FORMATS: tuple[str, ...]
    PARTS: bool

    def rewrite(self, spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]: ...


@cache
def every() -> tuple[Writer, ...]:
    return plugins.modules(__name__, having="rewrite")


@cache
def of(fmt: str, path: str, without: object = None) -> Writer | None:
    """The writer for literals of a format in a file at a path; None where nobody (but the one `without`) knows how."""
    fitting = [w for w in every() if fmt in w.FORMATS and w is not without]
    particular = (w for w in fitting if (paths := getattr(w, "PATHS", None)) and paths.search(path))
    return next(particular, None) or next((w for w in fitting if not hasattr(w, "PATHS")), None)


def writing(spot: Spot, data: bytes, sealing: str = "", without: object = None) -> Writer | None:
    """The writer for a literal of a file: of the outermost document that hosts it, else of the innermost one. For a
    store that seals: of the outermost document that can hold its ciphertexts."""
    if sealing:
        known = (w for fmt in spot.formats if (w := of(fmt, spot.path)))
        return next((w for w in known if sealing in getattr(w, "SEALS", ())), None)
    outer = (w for fmt in spot.formats[:-1] if (w := of(fmt, spot.path, without)))
    return next((w for w in outer if _hosts(w, spot, data)), None) or of(spot.format, spot.path, without)


def _hosts(writer: Writer, spot: Spot, data: bytes) -> bool:
    hosts = getattr(writer, "hosts", None)
    return getattr(writer, "HOSTS", False) or (hosts is not None and hosts(spot, data))
