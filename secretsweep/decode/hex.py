"""Hexadecimal text in either case, and lists of bytes as programs write them: `{0x70, 0x61}`."""

import binascii

from secretsweep import lazyre
from secretsweep.decode.backwards import backwards
from secretsweep.model import Span

NAME = "hex"
SHORTEST = 32  # digits
_DIGITS = b"0123456789abcdefABCDEF"
_RUN = lazyre.compile(rb"[0-9A-Fa-f]*")
_LIST = lazyre.compile(rb"\s*(?:0[xX][0-9A-Fa-f]{2}(?:,\s{0,64})?)*")
_BYTE = lazyre.compile(rb"0[xX]([0-9A-Fa-f]{2})")


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """Words of at least four bytes: eight digits of chance are rare enough. Of lists eight characters at their
    beginning."""
    known = {"(?i)" + word.hex() for word in words if len(word) >= 4}
    return (*sorted(known), r"[\[({]\s{0,8}(?:0[xX][2-7][0-9A-Fa-f],[ \t]?){8}")


def run(data: bytes, at: int) -> Span:
    """The digits around `at`, or the list that begins before it."""
    if data[at - 1] in b", \t":
        start = max(data.rfind(sign, max(0, at - 64), at) for sign in (b"[", b"(", b"{")) + 1
        return Span(start, _LIST.match(data, start).end())  # type: ignore[union-attr]
    return Span(backwards(data, at, _DIGITS, 1 << 20), _RUN.match(data, at).end())  # type: ignore[union-attr]


def decode(data: bytes) -> bytes | None:
    """The bytes, or None for an odd count or too few."""
    if b"x" in data or b"X" in data:
        data = b"".join(_BYTE.findall(data))
    if len(data) < SHORTEST or len(data) % 2:
        return None
    try:
        return binascii.unhexlify(data)
    except binascii.Error:
        return None
