"""Quoted-printable, as in parts of MIME messages: `=3D`, and lines that a `=` at their end continues."""

import re

from secretsweep import lazyre
from secretsweep.decode import _pieces
from secretsweep.decode._headers import body
from secretsweep.decode.backwards import line
from secretsweep.model import Span

NAME = "quoted-printable"
_PIECE = lazyre.compile(rb"=([0-9A-Fa-f]{2})|=[ \t]*\r?\n")
_SIGN = lazyre.compile(rb"(?<=\w)=3[Dd](?=\S)")  # also what any assignment of a value that begins with `3d` is
_LINES = 64  # that one soft break after the other may join


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """A part's header; or an encoded `=` after a keyword."""
    return (
        r"(?i)content-transfer-encoding:[ \t]{0,4}quoted-printable",
        r"(?i)(?:passw(?:or)?d|secret|token|_key)=3D[^\s]",
    )


def run(data: bytes, at: int) -> Span:
    """A part's body below its header, or the line around `at` with those that it continues and that continue it;
    nothing where only signs of assignments look encoded: `TOKEN=3d07…` is a name and a value."""
    if data[max(0, at - 9) : at].lower() == b"printable":
        return body(data, at)
    start, end = line(data, at)
    for _ in range(_LINES):
        above = data[max(0, start - 3) : start].rstrip(b"\r\n")
        if start == 0 or above[-1:] != b"=":
            break
        start = line(data, start - 1).start
    for _ in range(_LINES):
        if not data[start:end].rstrip(b" \t\r").endswith(b"=") or end >= len(data):
            break
        end = line(data, end + 1).end
    if all(_SIGN.match(data, piece.start(), end) for piece in _PIECE.finditer(data, start, end)):
        return Span(at, at)
    return Span(start, end)


def decode(data: bytes) -> bytes | None:
    """The text, or None when nothing was encoded."""
    return _pieces.undo(data, _PIECE, _character)


def place(data: bytes, span: Span) -> Span:
    return _pieces.place(data, _PIECE, _character, span)


def _character(piece: re.Match[bytes]) -> bytes:
    return bytes((int(piece[1], 16),)) if piece[1] else b""
