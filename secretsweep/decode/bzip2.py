"""bzip2: one compressed file."""

import io
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.decode._unpack import Member, read
from secretsweep.decode.budget import Budget

NAME = "bzip2"
_MAGIC = lazyre.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")  # "BZh" alone begins texts, too


def opens(data: bytes) -> bool:
    return _MAGIC.match(data) is not None


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """One, without a name."""
    import bz2

    with bz2.BZ2File(io.BytesIO(data)) as stream:
        yield read("", stream, budget)
