"""Hexadecimal text, either case."""

import binascii
import re

from secretsweep.decode.backwards import backwards
from secretsweep.model import Span

NAME = "hex"
SHORTEST = 32  # digits
_DIGITS = b"0123456789abcdefABCDEF"
_RUN = re.compile(rb"[0-9A-Fa-f]*")


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """Words of at least four bytes: eight digits of chance are rare enough."""
    return tuple(sorted({"(?i)" + word.hex() for word in words if len(word) >= 4}))


def run(data: bytes, at: int) -> Span:
    """The digits around `at`."""
    return Span(backwards(data, at, _DIGITS, 1 << 20), _RUN.match(data, at).end())  # type: ignore[union-attr]


def decode(data: bytes) -> bytes | None:
    """The bytes, or None for an odd count or too few."""
    if len(data) < SHORTEST or len(data) % 2:
        return None
    try:
        return binascii.unhexlify(data)
    except binascii.Error:
        return None
