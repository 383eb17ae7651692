"""Places in a file, in bytes, and the pure edit of them."""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open byte range: `data[span.start:span.end]`."""

    start: int
    end: int

    def shifted(self, by: int) -> "Span":
        return Span(self.start + by, self.end + by)

    def covers(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


class Edit(NamedTuple):
    """Replace the bytes of `span` by `text`."""

    span: Span
    text: bytes


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """`data` with every edit done; what no edit mentions does not move. Overlapping edits are a ValueError."""
    parts: list[bytes] = []
    at = 0
    for edit in sorted(edits):
        if edit.span.start < at or edit.span.end > len(data) or edit.span.end < edit.span.start:
            raise ValueError(f"edit at {tuple(edit.span)} overlaps another one or leaves the file")
        parts += (data[at : edit.span.start], edit.text)
        at = edit.span.end
    return b"".join((*parts, data[at:]))
