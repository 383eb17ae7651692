"""xz: one compressed file."""

import io
from collections.abc import Iterator

from secretsweep.decode._unpack import Member, read
from secretsweep.decode.budget import Budget

NAME = "xz"
_MAGIC = b"\xfd7zXZ\x00"


def opens(data: bytes) -> bool:
    return data.startswith(_MAGIC)


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """One, without a name."""
    import lzma

    with lzma.LZMAFile(io.BytesIO(data)) as stream:
        yield read("", stream, budget)
