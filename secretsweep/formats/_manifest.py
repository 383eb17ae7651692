"""Where the manifest around a place begins and ends: a document, an item of a list, an object in a file of JSON."""

import re
from bisect import bisect_right
from functools import lru_cache

from secretsweep import lazyre

LIMIT = 4 << 20  # bytes above and below a place that may belong to its manifest; the API takes 1.5 MB
EMBEDDED = 16 << 10  # bytes above a place in which the key of a file inside a file is looked for
SMALL = 1 << 20  # bytes of JSON that are one region, whatever is in it

_MARK = lazyre.compile(rb"^---(?=[\s#{]|$)", re.MULTILINE)
_FLOW = lazyre.compile(rb"(?:\xef\xbb\xbf)?(?:\s|#[^\n]*\n)*[{\[]")
_NOISE = (b"#", b"{{", b"{%")
_JSON = lazyre.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?|[{}]', re.DOTALL)
_NEAR = 64  # objects that start before a place and are looked at: the one around it is among the last
_HEADER = lazyre.compile(rb":\s+(?:[&!]\S+\s+)*[|>][-+0-9]{0,2}\s*(?:#.*)?$")
_OPEN = 2000  # objects inside one another that are remembered


def around(data: bytes, at: int) -> tuple[int, int]:
    """The manifest whose `kind` ends at `at`, from the start of a line, or of an object in large JSON, to its end."""
    at = max(at - 1, 0)
    low, high = _document(data, at)
    if _FLOW.match(data, low, min(high, low + 4096)):
        return _object(data, at) if high - low > SMALL else (low, high)
    start = data.rfind(b"\n", low, at) + 1 or low
    if b"{" in data[max(start, at - 4096) : at] or at - start > 4096:
        return max(low, at - SMALL), min(high, at + SMALL)
    column = _column(data[start : at + 1])
    return _first(data, low, start, column), _last(data, start, high, column)


def _document(data: bytes, at: int) -> tuple[int, int]:
    """From the end of one `---` line to the next one."""
    marks = _marks(data)
    after = bisect_right(marks, at)
    low = marks[after - 1] + 3 if after else 0
    return max(low, at - LIMIT), min(marks[after] if after < len(marks) else len(data), at + LIMIT)


@lru_cache(maxsize=1)
def _marks(data: bytes) -> list[int]:
    return [mark.start() for mark in _MARK.finditer(data)]


def _column(line: bytes) -> int:
    """Of the key: dashes of list items are indentation."""
    return len(line) - len(line.lstrip(b" -"))


def _first(data: bytes, low: int, start: int, column: int) -> int:
    """The mapping's first line: the one with the dash, or the last one that is not less indented."""
    found = start
    if data[start : start + column].strip(b" "):
        return start
    while start > low:
        above = max(data.rfind(b"\n", low, start - 1) + 1, low)
        line = data[above : start - 1]
        own = _column(line)
        bare = line.lstrip(b" ")
        if bare.strip() and not bare.startswith(_NOISE):
            if own < column:
                return found
            if own == column and bare[:1] == b"-":
                return above
        start = above
        found = start if bare.strip() else found
    return low


def _last(data: bytes, start: int, high: int, column: int) -> int:
    """The end of the lines that are as indented as the key."""
    pad = b" " * column
    end = data.find(b"\n", start, high)
    while 0 <= end < high - 1:
        following = data.find(b"\n", end + 1, high)
        line = data[end + 1 : high if following < 0 else following]
        if not line.startswith(pad) and line.strip() and not line.lstrip(b" ").startswith(_NOISE):
            return end
        end = following
    return high


def _object(data: bytes, at: int) -> tuple[int, int]:
    """The innermost object with a `kind` around `at`."""
    starts, ends = _objects(data)
    last = bisect_right(starts, at)
    for index in range(last - 1, max(0, last - _NEAR) - 1, -1):
        if ends[index] > at:
            return starts[index], min(ends[index], starts[index] + LIMIT)
    return max(0, at - SMALL), min(len(data), at + SMALL)


@lru_cache(maxsize=1)
def _objects(data: bytes) -> tuple[list[int], list[int]]:
    """Every object with a `kind`, by where it starts."""
    found: list[tuple[int, int]] = []
    stack: list[list[int]] = []
    for token in _JSON.finditer(data):
        text = token.group()
        if text == b"{":
            if len(stack) < _OPEN:
                stack.append([token.start(), 0])
        elif text == b"}":
            if stack:
                start, kinds = stack.pop()
                if kinds:
                    found.append((start, token.end()))
        elif stack and token.group(1) and text.startswith(b'"kind"'):
            stack[-1][1] = 1
    found.sort()
    return [start for start, _ in found], [end for _, end in found]


def embedded(data: bytes, at: int) -> tuple[int, int]:
    """The block of text around `at`, with the line of its key; the line alone when it stands in none."""
    at = max(at - 1, 0)
    start = data.rfind(b"\n", max(0, at - SMALL), at) + 1
    end = data.find(b"\n", at, at + SMALL)
    end = len(data) if end < 0 else end
    least = _indent(data[start:end])
    top = start
    pad = b" " * least
    low = max(0, start - EMBEDDED)
    lines = data[low:start].split(b"\n")[:-1]
    if low:
        del lines[:1]  # it may have lost its indentation
    for line in reversed(lines):
        top -= len(line) + 1
        if line.startswith(pad) or not (own := _indent(line)) < least or not line.strip():
            continue  # most lines are as deep: one call says so
        if _HEADER.search(line) and (column := _column(line)) < least:  # `- key: |` holds what is deeper than its key
            return top, _last(data, top, min(len(data), top + SMALL), column + 1)
        least, pad = own, b" " * own
        if not least:
            break
    return start, end


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))
