"""Containers packed again with other content: what cannot be packed as it was says so, and is not changed by halves."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable

from secretsweep import decode
from secretsweep.decode.budget import Budget

Content = Callable[[str, bytes], bytes]  # (name of a member or "", its content) -> what it shall be
_BLOCK = 512  # bytes of a tar header
_SUM = slice(148, 156)


class Unpackable(Exception):
    """A container that cannot be packed again. The message names no content."""


def repacked(data: bytes, kind: decode.Container, content: Content, names: Callable[[bytes], bytes]) -> bytes:
    """The container with each member as `content` gives it; the same bytes when none differs. `names` gives what its
    names and comments shall be, in as many bytes. Unpackable when a member cannot be read or written."""
    budget = Budget()
    members = list(decode.members(data, kind, budget))
    lost = [member.lost for member in members if member.lost]
    new = [content(member.name, member.data) for member in members]
    changed = any(after != member.data for after, member in zip(new, members, strict=True))
    if not changed and names(data) == data:
        return data
    if lost or budget.spent:
        raise Unpackable(f"{kind.NAME}: a part of it cannot be read")
    try:
        return _PACKERS[kind.NAME](data, new, names)
    except KeyError:
        raise Unpackable(f"{kind.NAME}: cannot be written") from None
    except Unpackable:
        raise
    except Exception as error:  # the standard library's writers meet hostile archives with ValueError, struct.error …
        raise Unpackable(f"{kind.NAME}: cannot be written: {type(error).__name__}") from None


def _gzip(data: bytes, new: list[bytes], names: Callable[[bytes], bytes]) -> bytes:
    """With its header (time, name, system) as it was; several streams become one."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = pack.compress(new[0]) + pack.flush()
    sums = zlib.crc32(new[0]).to_bytes(4, "little") + (len(new[0]) & 0xFFFFFFFF).to_bytes(4, "little")
    head = names(data[: _header(data)])
    if head[3] & 2:  # a checksum of the header
        head = head[:-2] + (zlib.crc32(head[:-2]) & 0xFFFF).to_bytes(2, "little")
    return head + body + sums


def _header(data: bytes) -> int:
    """Bytes of a gzip header (RFC 1952)."""
    flags, at = data[3], 10
    if flags & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            at = data.index(b"\0", at) + 1
    return at + (2 if flags & 2 else 0)


def _zip(data: bytes, new: list[bytes], names: Callable[[bytes], bytes]) -> bytes:
    import zipfile

    out = io.BytesIO()
    content = iter(new)
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as archive:
        archive.comment = names(old.comment)
        for info in old.infolist():
            name = names(info.filename.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
            made = zipfile.ZipInfo(name, info.date_time)
            made.compress_type, made.external_attr = info.compress_type, info.external_attr
            made.create_system, made.internal_attr = info.create_system, info.internal_attr
            made.comment = names(info.comment)
            archive.writestr(made, b"" if info.is_dir() else next(content))
    return out.getvalue()


def _tar(data: bytes, new: list[bytes], names: Callable[[bytes], bytes]) -> bytes:
    """Members are put in place of the old ones, each with its own header: all else stays byte by byte."""
    import tarfile

    parts: list[bytes] = []
    at = 0
    content = iter(new)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            head = _renamed(data[at : info.offset_data], names)
            at = info.offset_data
            if info.isfile():
                body = next(content)
                if len(body) != info.size:
                    if info.issparse() or "size" in info.pax_headers:
                        raise Unpackable("tar: a member's size stands in an extended header")
                    head = head[:-_BLOCK] + _sized(head[-_BLOCK:], len(body))
                at += -(-info.size // _BLOCK) * _BLOCK
                parts += (head, body, bytes(-len(body) % _BLOCK))
            else:
                parts.append(head)
    return b"".join((*parts, data[at:]))


def _renamed(head: bytes, names: Callable[[bytes], bytes]) -> bytes:
    """Headers with other names, and the checksums of those blocks that are headers."""
    changed = names(head)
    if changed == head:
        return head
    blocks = [changed[n : n + _BLOCK] for n in range(0, len(changed), _BLOCK)]
    return b"".join(_summed(block) if block[257:262] == b"ustar" else block for block in blocks)


def _sized(block: bytes, size: int) -> bytes:
    if size >= 8**11:
        raise Unpackable("tar: a member is too large")
    return _summed(block[:124] + b"%011o\0" % size + block[136:])


def _summed(block: bytes) -> bytes:
    blank = block[: _SUM.start] + b" " * 8 + block[_SUM.stop :]
    return block[: _SUM.start] + b"%06o\0 " % sum(blank) + block[_SUM.stop :]


_PACKERS: dict[str, Callable[[bytes, list[bytes], Callable[[bytes], bytes]], bytes]] = {
    "gzip": _gzip,
    "zip": _zip,
    "tar": _tar,
    "bzip2": lambda data, new, names: bz2.compress(new[0]),
    "xz": lambda data, new, names: lzma.compress(new[0]),
    "zlib": lambda data, new, names: zlib.compress(new[0], 9),
}
