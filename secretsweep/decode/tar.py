"""tar archives; a compressed one is a tar in a gzip, bzip2 or xz."""

import io
from collections.abc import Iterator

from secretsweep.decode._unpack import Member, read
from secretsweep.decode.budget import Budget

NAME = "tar"
_AT, _MAGIC = 257, b"ustar"


def opens(data: bytes) -> bool:
    return data[_AT : _AT + len(_MAGIC)] == _MAGIC


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """The regular files by their names."""
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if not budget.member():
                return
            if info.isfile() and (stream := archive.extractfile(info)) is not None:
                yield read(info.name, stream, budget)
        if data[archive.offset : archive.offset + tarfile.BLOCKSIZE].strip(b"\0"):
            yield Member("", b"", "corrupt tar: a header makes no sense")  # tarfile takes it for the end
