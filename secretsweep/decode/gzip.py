"""gzip: a file, or several one after the other; also one that was cut off."""

from collections.abc import Iterator

from secretsweep.decode._unpack import Member, inflate
from secretsweep.decode.budget import Budget

NAME = "gzip"
_MAGIC = b"\x1f\x8b"


def opens(data: bytes) -> bool:
    return data.startswith(_MAGIC)


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """One, without a name; a tar in it is opened by the caller."""
    yield inflate(data, NAME, _MAGIC, 31, budget)
