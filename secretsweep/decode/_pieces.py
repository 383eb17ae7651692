"""Encodings that write single characters differently: what they say, and where each byte of it is written."""

import re
from collections.abc import Callable

from secretsweep.model import Span

Of = Callable[[re.Match[bytes]], bytes]


def undo(data: bytes, piece: re.Pattern[bytes], of: Of) -> bytes | None:
    """The text, or None when nothing was encoded."""
    decoded, count = piece.subn(of, data)
    return decoded if count and decoded != data else None


def place(data: bytes, piece: re.Pattern[bytes], of: Of, span: Span) -> Span:
    """Where the decoded bytes `span` stand in `data`, encoded."""
    ends: list[int] = []
    for wanted, is_end in ((span.start, False), (span.end, True)):
        ends.append(_place(data, piece, of, wanted - is_end, is_end))
    return Span(min(ends), max(ends))


def _place(data: bytes, piece: re.Pattern[bytes], of: Of, wanted: int, after: bool) -> int:
    """The offset of the decoded byte `wanted` in `data`, or `after` it."""
    at = out = 0
    for match in piece.finditer(data):
        plain = match.start() - at
        if wanted < out + plain:
            return at + wanted - out + after
        out += plain
        size = len(of(match))
        if wanted < out + size:
            return match.end() if after else match.start()
        out += size
        at = match.end()
    return min(len(data), at + wanted - out + after)
