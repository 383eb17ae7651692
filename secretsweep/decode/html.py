"""Character references of HTML and XML: `&quot;password&quot;`, `&#112;&#97;`."""

import re

from secretsweep import lazyre
from secretsweep.decode import _pieces
from secretsweep.decode.backwards import line
from secretsweep.model import Span

NAME = "html"
_PIECE = lazyre.compile(rb"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|quot|amp|lt|gt|apos);")
_NAMES = {b"quot": b'"', b"amp": b"&", b"lt": b"<", b"gt": b">", b"apos": b"'"}
_DELIMITERS = b'<>"'


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """A quotation mark after a keyword; words of which every letter is a reference."""
    return (
        r"(?i)(?:passw(?:or)?d|secret|token|key)&(?:quot|apos|#3[49]|#x2[27]);[ \t]{0,4}(?:[:=]|&#(?:58|61|x3[ad]);)",
        r"(?i)&(?:quot|#34|#x22);-----BEGIN ",
        r"(?i)(?:^|[^;])(?:&#(?:3[2-9]|[4-9][0-9]|1[0-2][0-9]|x[2-7][0-9a-f]);){5}",
    )


def run(data: bytes, at: int) -> Span:
    """The text of one element or attribute around `at`, as far as it stands on this line."""
    low, high = line(data, at)
    start = max(data.rfind(sign, low, at) for sign in (b"<", b">", b'"')) + 1
    ends = [data.find(bytes((sign,)), at, high) for sign in _DELIMITERS]
    return Span(max(start, low), min((end for end in ends if end >= 0), default=high))


def decode(data: bytes) -> bytes | None:
    """The text, or None when there is no reference in it."""
    return _pieces.undo(data, _PIECE, _character)


def place(data: bytes, span: Span) -> Span:
    return _pieces.place(data, _PIECE, _character, span)


def _character(piece: re.Match[bytes]) -> bytes:
    name = piece[1]
    if name[:1] != b"#":
        return _NAMES[name]
    number = int(name[2:], 16) if name[1] in b"xX" else int(name[1:])
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        return piece[0]
    return chr(number).encode()
