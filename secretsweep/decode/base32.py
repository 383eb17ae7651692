"""Base32 (RFC 4648), in upper case, with or without padding."""

import base64
import binascii

from secretsweep import lazyre
from secretsweep.decode import KEYWORDS
from secretsweep.decode.backwards import backwards
from secretsweep.model import Span

NAME = "base32"
SHORTEST = 24  # characters
_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_RUN = lazyre.compile(rb"[A-Z2-7]*={0,6}")
_LEAST = 7  # bytes of a word: shorter ones are found in constants by chance


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """Each long keyword at each of its five alignments; beginnings of tokens are rare enough in base32."""
    return tuple(sorted({text for word in KEYWORDS if len(word) >= _LEAST for text in _aligned(word)}))


def run(data: bytes, at: int) -> Span:
    """The characters around `at`."""
    return Span(backwards(data, at, _CHARACTERS, 1 << 20), _RUN.match(data, at).end())  # type: ignore[union-attr]


def decode(data: bytes) -> bytes | None:
    """The bytes, or None. A last incomplete group is left out, as of a run that was cut."""
    text = data.rstrip(b"=")
    if len(text) < SHORTEST:
        return None
    while len(text) % 8 in (1, 3, 6):
        text = text[:-1]
    try:
        return base64.b32decode(text + b"=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None


def _aligned(word: bytes) -> list[str]:
    """The characters that `word` alone decides, for each of the five ways it can stand in a group."""
    found = []
    for offset in range(5):
        text = base64.b32encode(b"\0" * offset + word).decode().rstrip("=")
        found.append(text[-(-8 * offset // 5) : 8 * (offset + len(word)) // 5])
    return found
