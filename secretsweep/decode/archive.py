"""zip, tar and compressed files: their members, within the budget; what cannot be opened says why."""

import bz2
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from secretsweep.decode.budget import MEMBER, MEMBERS, TOTAL, Budget

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
)
_TAR = (257, b"ustar")
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")  # "BZh" alone begins texts, too
_PART = 1 << 18  # bytes unpacked at a time


class Member(NamedTuple):
    """A file in a container; `lost` says why it has no data, or not all of it."""

    name: str
    data: bytes
    lost: str = ""


def kind(data: bytes) -> str:
    """zip, tar, gzip, bzip2, xz, or "" for what is no container."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if _BZIP2.match(data):
        return "bzip2"
    at, magic = _TAR
    return "tar" if data[at : at + 5] == magic else ""


def members(data: bytes, container: str, budget: Budget) -> Iterator[Member]:
    """The files in it. A compressed single file is one member without a name; a tar.gz is opened by the caller as a
    tar in a gzip. Damage ends the iteration with a member that says so."""
    try:
        if container == "zip":
            yield from _zip(data, budget)
        elif container == "tar":
            yield from _tar(data, budget)
        elif container == "gzip":
            yield _gunzip(data, budget)
        else:
            opener = bz2.BZ2File if container == "bzip2" else lzma.LZMAFile
            with opener(io.BytesIO(data)) as stream:
                yield _read("", stream, budget)
    except Exception as error:  # the standard library's readers meet hostile bytes with struct.error, IndexError …
        yield Member("", b"", f"corrupt {container}: {type(error).__name__}")


def _zip(data: bytes, budget: Budget) -> Iterator[Member]:
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
                    yield _read(info.filename, stream, budget)
            except NotImplementedError as error:
                yield Member(info.filename, b"", f"unreadable: {error}")
            except (zipfile.BadZipFile, OSError, ValueError) as error:
                yield Member(info.filename, b"", f"corrupt: {type(error).__name__}")


def _tar(data: bytes, budget: Budget) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if not budget.member():
                return
            if info.isfile() and (stream := archive.extractfile(info)) is not None:
                yield _read(info.name, stream, budget)
        if data[archive.offset : archive.offset + tarfile.BLOCKSIZE].strip(b"\0"):
            yield Member("", b"", "corrupt tar: a header makes no sense")  # tarfile takes it for the end


def _gunzip(data: bytes, budget: Budget) -> Member:
    """What can be unpacked, also of a file that was cut off: the beginning may hold the credential."""
    limit = min(MEMBER, budget.left)
    out = bytearray()
    lost = ""
    at = 0
    while not lost and data.startswith(b"\x1f\x8b", at) and len(out) <= limit and budget.member():
        stream = zlib.decompressobj(31)
        while not stream.eof and len(out) <= limit and not lost:
            part = data[at : at + _PART]  # in parts, as zlib copies what follows the end of a stream
            if not part:
                lost = "corrupt gzip: cut off"
            try:
                out += stream.decompress(part, limit + 1 - len(out))
            except zlib.error:
                lost = "corrupt gzip: damaged"
            at += len(part) - len(stream.unused_data) - len(stream.unconsumed_tail)
    return _within(Member("", bytes(out), lost), limit, budget)


def _read(name: str, stream: IO[bytes] | bz2.BZ2File | lzma.LZMAFile, budget: Budget) -> Member:
    """At most the budget, whatever the archive says of its sizes; of a damaged member what comes before the damage."""
    limit = min(MEMBER, budget.left)
    out = bytearray()
    lost = ""
    try:
        while len(out) <= limit and (part := stream.read(min(_PART, limit + 1 - len(out)))):
            out += part
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        lost = f"corrupt: {type(error).__name__}"
    return _within(Member(name, bytes(out), lost), limit, budget)


def _within(member: Member, limit: int, budget: Budget) -> Member:
    """The member as far as the budget goes; what was unpacked is taken off the budget, whether it fits or not."""
    budget.left -= min(len(member.data), limit)
    if len(member.data) <= limit:
        return member
    budget.spent.add(
        f"more than {TOTAL >> 20} MB unpacked" if limit < MEMBER else f"a member of more than {MEMBER >> 20} MB"
    )
    return Member(member.name, member.data[:limit], "budget")
