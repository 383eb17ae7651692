"""Sections of a YAML or JSON document: from one key to the next one of the same depth, in one pass over a file."""

import re
from bisect import bisect_right
from functools import lru_cache

from secretsweep import lazyre

LARGEST = 64 << 10  # bytes of a section that are looked at together

_TOP = lazyre.compile(rb"^(?:[\"']?[A-Za-z_][\w.:/-]*[\"']?[ \t]*:(?=\s)|---)", re.MULTILINE)


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


def entries(header: re.Pattern[bytes], data: bytes) -> tuple[int, ...]:
    """Where the entries of all sections begin, and the sections themselves. Of what `header` matches, group 1 is the
    section's indentation and group 2 that of its first entry."""
    headers = list(header.finditer(data))
    if not headers:
        return ()
    level = min(len(h[1]) for h in headers)
    top = [h for h in headers if len(h[1]) == level]
    cuts = [h.start() for h in top]
    for section, following in zip(top, (*cuts[1:], len(data)), strict=True):
        entry = re.compile(rb"^" + section[2] + rb"[\"'\w{]", re.MULTILINE)
        cuts += [found.start() for found in entry.finditer(data, section.start(2), following)]
    return tuple(sorted(cuts))


def literal(data: bytes, at: int) -> tuple[int, int]:
    """The block scalar whose first line holds the byte before `at`, with the line of its key."""
    first = data.rfind(b"\n", 0, max(at - 1, 0))
    start = data.rfind(b"\n", 0, max(first, 0)) + 1
    key = data[start : max(first, start)]
    pad = b" " * (len(key) - len(key.lstrip(b" ")) + 1)
    end = at
    for line in data[at : at + LARGEST].split(b"\n"):
        if end > at and line.strip() and not line.startswith(pad):
            break
        end = min(len(data), end + len(line) + 1)
    return start, end
