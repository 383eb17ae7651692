r"""Words of which every character is escaped, as in JSON, JavaScript and shell strings: `\u0070\u0061`, `\x70\x61`."""

import re

from secretsweep import lazyre
from secretsweep.decode import _pieces
from secretsweep.decode.backwards import line
from secretsweep.model import Span

NAME = "escapes"
_PIECE = lazyre.compile(
    rb"\\u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})"
)


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """Five or more characters of ASCII, all of them escaped; they end where the fifth does."""
    return (
        r"(?:^|[^0-9A-Fa-f])(?:\\u00[2-7][0-9A-Fa-f]){5}",
        r"(?:^|[^0-9A-Fa-f])(?:\\x[2-7][0-9A-Fa-f]){5}",
    )


def run(data: bytes, at: int) -> Span:
    """The line: what is escaped may be the name, or the value, or both."""
    return line(data, at)


def decode(data: bytes) -> bytes | None:
    """The text; other escapes stay, as they are needed to tell where strings end."""
    return _pieces.undo(data, _PIECE, _character)


def place(data: bytes, span: Span) -> Span:
    return _pieces.place(data, _PIECE, _character, span)


def _character(piece: re.Match[bytes]) -> bytes:
    high, low, unit, byte = piece.groups()
    if byte is not None:
        return bytes((int(byte, 16),))
    if unit is not None:
        number = int(unit, 16)
        return piece[0] if 0xD800 <= number < 0xE000 else chr(number).encode()
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00).encode()
