"""Sections of a YAML or JSON document: from one key to the next one of the same depth, in one pass over a file."""

import re
from bisect import bisect_right
from functools import lru_cache

LARGEST = 64 << 10  # bytes of a section that are looked at together

_TOP = re.compile(rb"^(?:[\"']?[A-Za-z_][\w.:/-]*[\"']?[ \t]*:(?=\s)|---)", re.MULTILINE)


def top(data: bytes, at: int) -> tuple[int, int]:
    """The section of a key in the first column."""
    return around(_tops(data), data, at)


@lru_cache(maxsize=2)
def _tops(data: bytes) -> tuple[int, ...]:
    return tuple(found.start() for found in _TOP.finditer(data))


def around(cuts: tuple[int, ...], data: bytes, at: int) -> tuple[int, int]:
    """From the last cut before `at` to the next one; of what is longer the lines within a window around it."""
    at = max(at - 1, 0)
    number = bisect_right(cuts, at)
    start = cuts[number - 1] if number else 0
    end = cuts[number] if number < len(cuts) else len(data)
    if end - start > LARGEST:
        stretch = max(start, at - at % LARGEST)
        start = data.rfind(b"\n", start, stretch) + 1 or stretch
        end = min(end, stretch + LARGEST + LARGEST // 8)
    return start, end


