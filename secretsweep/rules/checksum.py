"""Checksums that providers build into their tokens: a token that fails is none.

A check takes the whole token; a closer takes a token without its checksum and returns the missing characters.
"""

import zlib
from collections.abc import Callable

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(width, "0")


def _crc32_base62(body: str) -> str:
    """CRC-32 of the random part in base 62, six characters.

    Source: GitHub, "Behind GitHub's new authentication token formats" (2021); npm uses the same scheme.
    """
    return _base62(zlib.crc32(body.encode()), 6)


def _after_prefix(token: str) -> str:
    return token.split("_", 1)[1]


CLOSERS: dict[str, Callable[[str], str]] = {
    "github": lambda token: _crc32_base62(_after_prefix(token)),
}

CHECKS: dict[str, Callable[[str], bool]] = {
    "github": lambda token: token[-6:] == _crc32_base62(_after_prefix(token)[:-6]),
}
