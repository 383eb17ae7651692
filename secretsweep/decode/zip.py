"""zip archives, and what is one by another name (jar, whl, docx)."""

import io
from collections.abc import Iterator

from secretsweep.decode._unpack import Member, read
from secretsweep.decode.budget import MEMBERS, Budget

NAME = "zip"
_MAGIC = b"PK\x03\x04"


def opens(data: bytes) -> bool:
    return data.startswith(_MAGIC)


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """The files by their names; one that cannot be read says why."""
    import zipfile

    if data.count(b"PK\x01\x02") > 10 * MEMBERS:  # zipfile would read a directory of millions into memory
        budget.spent.add(f"more than {MEMBERS:,} archive members")
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if not budget.member():
                return
            if info.flag_bits & 1:
                yield Member(info.filename, b"", "unreadable: encrypted")
                continue
            try:
                with archive.open(info) as stream:
                    yield read(info.filename, stream, budget)
            except NotImplementedError as error:
                yield Member(info.filename, b"", f"unreadable: {error}")
            except (zipfile.BadZipFile, OSError, ValueError) as error:
                yield Member(info.filename, b"", f"corrupt: {type(error).__name__}")
