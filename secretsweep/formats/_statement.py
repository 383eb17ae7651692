"""Where a command begins and ends that goes on over several lines."""

import re

from secretsweep import lazyre

_STRETCH = 4 << 10  # bytes: all places of a longer command that lie in one stretch have the same region
_MARGIN = 2 << 10
_GOES_ON = lazyre.compile(rb"(?:\\|\||&&)[ \t]*\r?\Z|`\r?\Z")
_OPENS = lazyre.compile(rb"=\(\s*(?:#[^\n]*)?\r?\Z")  # an array
_CLOSES = lazyre.compile(rb"\)[ \t]*(?:#[^\n]*|;[^\n]*)?\r?\Z")
_TEXT = lazyre.compile(rb"=(?:\$?'[^']*|\"(?:[^\"\\]|\\.)*)\Z", re.DOTALL)  # a quote that is open at the end


def statement(data: bytes, at: int) -> tuple[int, int]:
    """The line, with those above and below that belong to its command, within bounds."""
    at = max(at - 1, 0)
    base = at - at % _STRETCH
    low, high = max(0, base - _MARGIN), min(len(data), base + _STRETCH + _MARGIN)
    start, end = _start(data, at, low), _end(data, at, high)
    while start > low:
        above = _start(data, start - 1, low)
        if not _GOES_ON.search(data, above, start - 1):
            break
        start = above
    while end < high and _GOES_ON.search(data, start, end):
        end = _end(data, end + 1, high)
    if _OPENS.search(data, start, end):
        end = _until(data, end, high, _CLOSES)
    elif _TEXT.search(data, start, end):
        quote = data.find(data[_TEXT.search(data, start, end).start() + 1 :][:1], end, high)  # type: ignore[union-attr]
        end = _end(data, quote, high) if quote >= 0 else end
    return start, end


def _start(data: bytes, at: int, low: int) -> int:
    """Where the line of the byte at `at` begins."""
    return data.rfind(b"\n", low, at) + 1 or low


def _end(data: bytes, at: int, high: int) -> int:
    stop = data.find(b"\n", at, high)
    return high if stop < 0 else stop


def _until(data: bytes, end: int, high: int, closes: re.Pattern[bytes]) -> int:
    """The end of the first line below that closes what was opened; the first line's when none does."""
    at = end
    while at < high:
        stop = _end(data, at + 1, high)
        if closes.search(data, at, stop):
            return stop
        at = stop
    return end
