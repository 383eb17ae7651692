"""MIME messages of several parts (RFC 2045, 2046), as cloud-init takes them for user data."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.decode import base64
from secretsweep.decode._unpack import Member, within
from secretsweep.decode.budget import MEMBER, Budget

NAME = "mime"
TEXT = True
_HEADERS = 4096  # bytes in which the headers of a message or a part end
_FIELD = lazyre.compile(rb"([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)\r?\n")
_UNIX = lazyre.compile(rb"\s{0,64}(?:From [^\n]*\n)?")  # the envelope line of a mailbox
_BLANK = lazyre.compile(rb"[ \t]*\r?\n")
_BOUNDARY = lazyre.compile(rb"boundary[ \t]*=[ \t]*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_NAMED = lazyre.compile(rb"\b(?:file)?name[ \t]*=[ \t]*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)


class Part(NamedTuple):
    """`start` and `end` are those of the body, `head` is where its headers begin; a part that does not end was cut."""

    fields: dict[bytes, bytes]
    head: int
    start: int
    end: int
    whole: bool

    @property
    def encoding(self) -> bytes:
        return self.fields.get(b"content-transfer-encoding", b"").strip().lower()

    @property
    def file(self) -> str:
        """The name of the file that it is, in brackets, or nothing."""
        said = b"; ".join(self.fields.get(name, b"") for name in (b"content-disposition", b"content-type"))
        found = _NAMED.search(said)
        return f" ({(found[1] or found[2]).decode('utf-8', 'replace')})" if found else ""

    @property
    def multiple(self) -> bool:
        return self.fields.get(b"content-type", b"").lower().startswith(b"multipart/")


def opens(data: bytes) -> bool:
    return b"ultipart/" in data[:_HEADERS] and _boundary(*_fields(data, _UNIX.match(data).end())) != b""  # type: ignore[union-attr]


def members(data: bytes, budget: Budget) -> Iterator[Member]:
    """The parts, decoded; what was cut off says so."""
    for number, part in enumerate(parts(data), 1):
        if not budget.member():
            return
        name = f"part {number}{part.file}"
        body = data[part.head if part.multiple else part.start : part.end]
        content = body if part.multiple else decoded(body, part.encoding)
        lost = "" if part.whole else "corrupt mime: cut off"
        if content is None:
            content, lost = body, f"corrupt mime: no {part.encoding.decode('latin-1')}"
        yield within(Member(name, content, lost), min(MEMBER, budget.left), budget)


def parts(data: bytes) -> Iterator[Part]:
    """The parts of a message, in order; none when it is no multipart message."""
    fields, body = _fields(data, _UNIX.match(data).end())  # type: ignore[union-attr]
    boundary = _boundary(fields, body)
    if not boundary:
        return
    lines = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    begun: int | None = None
    for line in lines.finditer(data, body - 1):
        if begun is not None:
            yield _part(data, begun, line.start(), True)
        if line[1]:
            return
        begun = min(data.find(b"\n", line.end()) + 1 or len(data), len(data))
    if begun is not None:
        yield _part(data, begun, len(data), False)


def decoded(body: bytes, encoding: bytes) -> bytes | None:
    """The content of a part's body; None when it is not in the encoding that its header names."""
    if encoding == b"base64":
        return base64.decode(body.strip()) if len(body) >= base64.SHORTEST else body
    if encoding == b"quoted-printable":
        import quopri

        return quopri.decodestring(body)
    return body


def _part(data: bytes, begun: int, end: int, whole: bool) -> Part:
    fields, start = _fields(data, begun)
    start = min(start, max(end, begun))
    return Part(fields, begun, start, max(end, start), whole)


def _fields(data: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Header fields by their names in lower case, and where the body begins."""
    fields: dict[bytes, bytes] = {}
    stop = at + _HEADERS
    while match := _FIELD.match(data, at, stop):
        fields.setdefault(match[1].lower(), match[2])
        at = match.end()
    blank = _BLANK.match(data, at)
    return fields, blank.end() if blank else at


def _boundary(fields: dict[bytes, bytes], body: int) -> bytes:
    kind = fields.get(b"content-type", b"")
    found = _BOUNDARY.search(kind) if kind[:10].lower() == b"multipart/" else None
    return (found[1] or found[2]) if found else b""
