"""A script inside another document: its text as the shell will get it, and the way back to the file."""

from bisect import bisect_right
from typing import NamedTuple

from secretsweep import formats, lazyre
from secretsweep.model import Blob, Span, Spot, Unit

# the line before a block: of YAML `key: |2-`, of HCL `user_data = <<-EOT`; what is folded (`key: >`) has no lines
_BLOCK = lazyre.compile(rb"(?:(?:^|[\s:\-])\|[-+0-9]*[ \t]*(?:#[^\n]*)?|<<[-~]?[\"']?[A-Za-z_][\w.]*[\"']?[ \t]*)\r?\Z")


_FOLDED = lazyre.compile(rb"(?:^|[\s:\-])>[-+0-9]*[ \t]*(?:#[^\n]*)?\r?\Z")


class Inner(NamedTuple):
    """The text of a document, whose line `n` begins at `starts[n]`, and stands `shifts[n]` further on in the file."""

    text: bytes
    starts: tuple[int, ...]
    shifts: tuple[int, ...]
    lines: bool  # a line can be added

    def there(self, at: int) -> int:
        """A place of the text in the file."""
        return at + self.shifts[bisect_right(self.starts, at) - 1]

    def span(self, span: Span) -> Span:
        """A span of the text in the file."""
        return Span(self.there(span.start), self.there(span.end))

    def here(self, span: Span) -> Span | None:
        """A span of the file in the text."""
        found = []
        for at in span:
            line = max(bisect_right([s + h for s, h in zip(self.starts, self.shifts, strict=True)], at) - 1, 0)
            found.append(at - self.shifts[line])
        start, end = found
        return Span(start, end) if 0 <= start < end <= len(self.text) else None


def whole(data: bytes) -> Inner:
    """The file."""
    return Inner(data, (0,), (0,), True)


def inner(data: bytes, spot: Spot, depth: int) -> Inner | None:
    """The document at `spot.formats[depth]`; None when it is written with escapes."""
    if depth == 0:
        return whole(data)
    outer = _holding(data, spot, depth)
    if outer is None:
        return None
    raw = data[slice(*outer.span)]
    if b"\n" in raw or _own_line(data, outer.span.start):
        head = _head(data, outer.span.start)
        lines = spot.formats[depth - 1] == "multipart" or _BLOCK.search(head) is not None
        return _dedented(data, outer, lines) if lines or _FOLDED.search(head) else None
    quote = data[outer.span.start - 1 : outer.span.start]
    if raw == outer.value and not (quote in (b"'", b'"') and data[outer.span.end : outer.span.end + 1] == quote):
        return Inner(raw, (0,), (outer.span.start,), False)
    return None


def _own_line(data: bytes, start: int) -> bool:
    return not data[data.rfind(b"\n", 0, start) + 1 : start].strip()


def _head(data: bytes, start: int) -> bytes:
    """The line that a block follows."""
    begin = data.rfind(b"\n", 0, start) + 1 if _own_line(data, start) else start
    head = data[:begin].rstrip()
    return head[head.rfind(b"\n") + 1 :]


def _holding(data: bytes, spot: Spot, depth: int) -> Unit | None:
    """The literal of the outer document that holds the inner one."""
    documents = {f.NAME for f in formats.every()}
    blob = Blob("", spot.path, data)
    held = [
        unit
        for unit in formats.owner(spot.path, data).extract(blob)
        if unit.span.covers(spot.literal)
        and tuple(step for step in unit.trail if step in documents) == spot.formats[1:depth]
        and len(unit.value) > spot.span.end - spot.span.start
    ]
    return max(held, key=lambda unit: unit.span.end - unit.span.start, default=None)


def _dedented(data: bytes, outer: Unit, kept: bool) -> Inner:
    """Without the indentation that all lines have; lines that are not kept are one."""
    start = outer.span.start
    start = data.rfind(b"\n", 0, start) + 1 if _own_line(data, start) else start
    lines = data[start : outer.span.end].split(b"\n")
    common = min((len(x) - len(x.lstrip(b" \t")) for x in lines if x.strip()), default=0)
    text, starts, shifts, there = [], [], [], start
    at = 0
    for line in lines:
        gone = min(common, len(line) - len(line.lstrip(b" \t")))
        starts.append(at)
        shifts.append(there + gone - at)
        text.append(line[gone:])
        at += len(line) - gone + 1
        there += len(line) + 1
    return Inner((b"\n" if kept else b" ").join(text), tuple(starts), tuple(shifts), kept)
