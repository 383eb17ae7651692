"""zlib streams, as programs write them that call `compress`: two bytes of header, so only what really inflates."""

import zlib
from collections.abc import Iterator

from secretsweep.decode._unpack import Member, inflate
from secretsweep.decode.budget import Budget

NAME = "zlib"
_HEADS = (b"x\x01", b"x\x9c", b"x\xda")
_TRIED = 512  # bytes that must inflate to something


def opens(data: bytes) -> bool:
    if not data.startswith(_HEADS):
        return False
    try:
        return bool(zlib.decompressobj().decompress(data[:_TRIED], 1))
    except zlib.error:
        return False


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """One, without a name."""
    yield inflate(data, NAME, data[:2], 15, budget)
