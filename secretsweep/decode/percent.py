"""Percent-encoding, as in URLs and form data."""

import re
import string

from secretsweep import lazyre
from secretsweep.decode import _pieces
from secretsweep.decode.backwards import backwards
from secretsweep.model import Span

NAME = "percent"
_CHARACTERS = string.ascii_letters.encode() + string.digits.encode() + b"%._~!$&'()*+,;=:@/?-"
_FAR = 1 << 16
_RUN = lazyre.compile(rb"[A-Za-z0-9%._~!$&'()*+,;=:@/?-]*")
_PIECE = lazyre.compile(rb"%([0-9A-Fa-f]{2})")


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """What only percent-encoded text has: an encoded `://`, `=` after a keyword, blanks in a PEM header, and words
    of which every letter is encoded."""
    return (
        r"(?i)%3a%2f%2f[^\s]",
        r"BEGIN(?:%20|\+)[A-Z]",
        r"(?i)(?:passw(?:or)?d|secret|token|key)%3[ad]",
        r"(?i)(?:passw(?:or)?d|secret|token|key)%22%3a",
        r"(?:^|[^0-9A-Fa-f])(?:%[2-7][0-9A-Fa-f]){5}",
    )


def run(data: bytes, at: int) -> Span:
    """The URL characters around `at`, at most 64 KiB to each side."""
    high = min(len(data), at + _FAR)
    return Span(backwards(data, at, _CHARACTERS, _FAR), _RUN.match(data, at, high).end())  # type: ignore[union-attr]


def decode(data: bytes) -> bytes | None:
    """The bytes, or None when nothing was encoded."""
    return _pieces.undo(data, _PIECE, _character)


def place(data: bytes, span: Span) -> Span:
    return _pieces.place(data, _PIECE, _character, span)


def _character(piece: re.Match[bytes]) -> bytes:
    return bytes((int(piece[1], 16),))
