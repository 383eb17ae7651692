"""Multipart user data as text: each part read as its content type says, at its place in the file."""

import base64
import binascii
import re
from collections.abc import Iterator

from secretsweep import formats, lazyre
from secretsweep.formats import Gate, Unparsed, _nested
from secretsweep.model import Blob, Span, Unit

NAME = "multipart"
PRIORITY = 22
ANCESTORS = False
GATES = (Gate(r"(?i)Content-Transfer-Encoding:[ \t]{0,4}(?:base64|quoted-printable)", "message"),)

LARGEST = 256 << 10  # bytes of a message that is read as a whole
PARTS = 200
_HEADERS = lazyre.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,64}(?:From [^\n]*\n)?((?:[A-Za-z][\w-]{0,60}:[^\n]*\n(?:[ \t]+\S[^\n]*\n)*)*)[ \t]*\r?\n?"
)
_BOUNDARY = lazyre.compile(
    rb"(?i)^Content-Type:[ \t]*multipart/[^\n]{0,200}?(?:\n[ \t][^\n]{0,200}?)?"
    rb"boundary[ \t]*=[ \t]*\"?([^\s\";]{1,200})",
    re.M,
)
_TYPE = lazyre.compile(rb"(?i)^Content-Type:[ \t]*([\w./+-]+)", re.M)
_ENCODING = lazyre.compile(rb"(?i)^Content-Transfer-Encoding:[ \t]*([\w-]+)", re.M)
_KINDS = {b"text/cloud-config": "cloud-init", b"text/x-shellscript": "shell", b"text/cloud-boothook": "shell"}


def owns(path: str, head: bytes) -> bool:
    return b"ultipart/" in head and _BOUNDARY.search(_HEADERS.match(head)[1]) is not None  # type: ignore[index]


def extract(blob: Blob) -> Iterator[Unit]:
    """The parts, and what is in them."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """Each part as a literal, followed by those in it; Unparsed for what is no message of several parts."""
    head = _HEADERS.match(data)
    boundary = _BOUNDARY.search(head[1]) if head else None
    if not head or not boundary:
        raise Unparsed("no boundary")
    line = re.compile(rb"^--" + re.escape(boundary[1]) + rb"(--)?[ \t]*\r?$\n?", re.MULTILINE)
    marks = [mark for _, mark in zip(range(PARTS + 1), line.finditer(data, head.end()), strict=False)]
    ends = [mark.start() for mark in marks[1:]] + [len(data)]
    found: list[Unit] = []
    for number, (mark, end) in enumerate(zip(marks, ends, strict=True), 1):
        if mark[1]:
            break
        found += _part(data, mark.end(), end, f"part {number}")
    return found


def _part(data: bytes, start: int, end: int, name: str) -> Iterator[Unit]:
    head = _HEADERS.match(data, start, end)
    fields, begin = (head[1], head.end()) if head else (b"", start)
    raw = data[begin:end]
    body = raw.strip()
    if not body:
        return
    begin += len(raw) - len(raw.lstrip())
    encoding = _ENCODING.search(fields)
    value, trail = _decoded(body, encoding[1].lower() if encoding else b"")
    said = _TYPE.search(fields)
    unit = Unit(Span(begin, begin + len(body)), name, value, "file", trail)
    kind = _KINDS.get(said[1].lower(), "") if said else ""
    owner = formats.owner("", value).NAME
    yield from _nested.within(data, unit, owner if owner != "text" else kind or _nested.sniff(value, "block") or "text")


def _decoded(body: bytes, encoding: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A part's content, and what was undone; the body as it stands when it is not in its encoding."""
    if encoding == b"quoted-printable":
        import quopri

        return quopri.decodestring(body), ("quoted-printable",)
    if encoding == b"base64":
        try:
            return base64.b64decode(body.translate(None, b" \t\r\n"), validate=True), ("base64",)
        except (binascii.Error, ValueError):
            pass
    return body, ()


def _message(data: bytes, at: int) -> tuple[int, int]:
    """All of it, as the boundary stands at its beginning."""
    if len(data) <= LARGEST:
        return 0, len(data)
    at = max(at - 1, 0)
    low = max(0, at - LARGEST // 2)
    return low, min(len(data), low + LARGEST)


REGIONS = dict.fromkeys(("statement", "siblings", "message"), _message)
