"""One module an encoding or container; the budgets stand in `budget.py`.

An encoding is a module with

    NAME    the word in a trail (`base64`)
    gates   (words) -> hyperscan expressions for these words and for known beginnings, encoded: a gate for
            every run of base64 characters would report each digest and certificate
    run     (data, at) -> Span: the whole encoded run around a place
    decode  (data) -> bytes | None: the content of a run, or None when it is not this encoding

A container (an archive, a compressed file, a message of several parts) is a module with

    NAME    the word in a trail (`gzip`), where a member has no name
    TEXT    optional, True when its own bytes can be read as text: then as a file it is not opened, so that lines
            and columns count in it, and in decoded content it is
    opens   (data) -> bool: by its first bytes, at no cost
    members (data, budget) -> its files; what cannot be opened, or not wholly, says why. What the standard library
            needs for it is imported only then: zipfile and tarfile cost 6 ms, which a hook has not
"""

from collections.abc import Iterator
from functools import cache
from typing import Protocol

from secretsweep import plugins
from secretsweep.decode._unpack import Member
from secretsweep.decode.budget import Budget
from secretsweep.model import Span

KEYWORDS = (
    b"password",
    b"PASSWORD",
    b"Password",
    b"passwd",
    b"secret",
    b"SECRET",
    b"Secret",
    b"token",
    b"TOKEN",
    b"api_key",
    b"API_KEY",
    b"apikey",
    b"access_key",
    b"ACCESS_KEY",
    b"private_key",
    b"-----BEGIN ",
    b"chpasswd",
    b"://",
)


class Encoding(Protocol):
    NAME: str

    def gates(self, words: tuple[bytes, ...]) -> tuple[str, ...]: ...  # to recognise these words encoded
    def run(self, data: bytes, at: int) -> Span: ...  # to find the ends of the encoded text
    def decode(self, data: bytes) -> bytes | None: ...  # to undo the encoding


class Container(Protocol):
    NAME: str

    def opens(self, data: bytes) -> bool: ...  # to say whether this is one
    def members(self, data: bytes, budget: Budget) -> Iterator[Member]: ...  # to unpack it


@cache
def encodings() -> dict[str, Encoding]:
    """Every encoding by its name."""
    return {m.NAME: m for m in plugins.modules(__name__, having="run")}


@cache
def containers() -> tuple[Container, ...]:
    """Every container; no two begin alike."""
    return plugins.modules(__name__, having="members")


def container(data: bytes) -> Container | None:
    """The container that this is, if it is one."""
    return next((c for c in containers() if c.opens(data)), None)


def members(data: bytes, kind: Container, budget: Budget) -> Iterator[Member]:
    """The files in it. A compressed single file is one member without a name; a tar.gz is opened by the caller as a
    tar in a gzip. Damage ends the iteration with a member that says so."""
    try:
        yield from kind.members(data, budget)
    except Exception as error:  # the standard library's readers meet hostile bytes with struct.error, IndexError …
        yield Member("", b"", f"corrupt {kind.NAME}: {type(error).__name__}")
