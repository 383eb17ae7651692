"""The lines that a verdict depends on: a place, and the lines with lower indentation above it.

An excerpt is all that a format's parser sees of a hot place. So its verdict is a function of the excerpt alone, may be
remembered for every other version of the file, and does not depend on who saw it first.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre

_FAR = 3 << 10  # bytes that are looked back for ancestors: names that far above do not change a verdict
_NEAR = 8 << 10  # bytes in which the line that says what a document is is looked for
_WIDE = 4 << 10  # a longer line is cut to a window
_MAPPING = 2 << 10  # bytes of a mapping below a key: its own keys have gates of their own
_BODY = 64 << 10  # bytes of a block of text, a list in brackets, a block in braces
_MARGIN = 1 << 10  # bytes by which the windows of a long line overlap
_REGION = 1 << 20  # bytes of a document or block
_OPENS = lazyre.compile(rb"(?:[:=,({\[\\]|[|>][+-]?\d?|<<[-~]?\\?[\"']?\w+[\"']?)[ \t]*(?:#[^\n]*)?\r?$")
_PADDED = lazyre.compile(  # base64, which ends as an assignment begins
    rb"^[ \t]*[\"']?[\w+/\-]{2,}={1,2}[\"']?[ \t]*\r?$"
)
_HEREDOC = lazyre.compile(rb"<<[-~]?[ \t]*\\?[\"']?(\w+)[\"']?[^\n]*$")
_NOISE = (b"#", b"//", b"{{", b"*", b"%")


Regions = dict[str, Callable[[bytes, int], tuple[int, int]]]


class Excerpt(NamedTuple):
    """`text` is the ancestors' lines and then `data[start:end]`; `offset` is where the latter begins in `text`."""

    text: bytes
    offset: int
    start: int
    end: int


class Place:
    """Where a hit that ends at `at` lies; its excerpt is cut only when it is new.

    `ancestors`: the format's lines mean something by the less indented ones above. `context` begins the line of the
    document that the meaning of all others depends on (`kind:`). `own` are regions that the format brings, which hold
    all that matters.
    """

    __slots__ = ("_above", "_context", "_data", "end", "start")

    def __init__(
        self, data: bytes, at: int, region: str, ancestors: bool, context: bytes = b"", own: Regions | None = None
    ) -> None:
        self._data = data
        if own and region in own:
            self.start, self.end = own[region](data, at)
            ancestors = False
        else:
            self.start, self.end = _REGIONS[region](data, at)
        self._above = ancestors and region != "document"
        self._context = _line_with(context, data, self.start, self.end) if context and self._above else b""

    @property
    def key(self) -> object:
        """Equal for equal excerpts: of the bytes that an excerpt is cut from, 64 bits where they are many."""
        if not self._above:
            return hash(self._data[self.start : self.end]), self.end - self.start
        low = max(0, self.start - _FAR)
        return hash(self._data[low : self.end]), self.start - low, self.end - self.start, low > 0, self._context

    def excerpt(self) -> Excerpt:
        above = self._context + _ancestors(self._data, self.start) if self._above else b""
        return Excerpt(above + self._data[self.start : self.end], len(above), self.start, self.end)


def cut(data: bytes, at: int, region: str, ancestors: bool, context: bytes = b"") -> Excerpt:
    """The excerpt for a hit that ends at `at`."""
    return Place(data, at, region, ancestors, context).excerpt()


def _line_with(word: bytes, data: bytes, start: int, end: int) -> bytes:
    """The line of this document that begins with `word`, near above a place or else near below it."""
    low = max(0, start - _NEAR)
    low = max(low, data.rfind(b"\n---", low, start))
    at = low if low == 0 and data.startswith(word) else data.rfind(b"\n" + word, low, start) + 1
    if not (at or data.startswith(word)):
        high = data.find(b"\n---", end, end + _NEAR)
        at = data.find(b"\n" + word, end, high if high >= 0 else end + _NEAR) + 1
        if not at:
            return b""
    stop = data.find(b"\n", at, at + _WIDE)
    return data[at:stop] + b"\n" if stop >= 0 else b""


def line_of(data: bytes, at: int) -> tuple[int, int]:
    """Start and end of the line that holds the byte before `at`, without its newline.

    Of a line that is too long, a window: all places in one stretch of it have the same.
    """
    at = max(at - 1, 0)
    start = data.rfind(b"\n", max(0, at - _WIDE), at) + 1
    end = data.find(b"\n", at, at + _WIDE)
    stretch = at - at % _WIDE
    if start == 0 and at > _WIDE:
        start = max(0, stretch - _MARGIN)
    if end < 0:
        end = min(len(data), stretch + _WIDE + _MARGIN)
    return start, end


def _statement(data: bytes, at: int) -> tuple[int, int]:
    """The line; with what is below it when the value is not, or not wholly, on it."""
    start, end = line_of(data, at)
    line = data[start:end]
    if _OPENS.search(line[-200:]) and not _PADDED.search(data[at:end]):
        if b"<<" in line and (stop := _terminated(data, line, end)):
            return start, stop
        return start, _deeper(data, _indent(line), end, _MAPPING if line.rstrip()[-1:] == b":" else _BODY)
    rest = data[at:end].lstrip(b" \t")
    quote = rest[:1]
    if quote in (b'"', b"'") and rest.count(quote) % 2 == 1:
        close = data.find(quote, end, end + _WIDE)
        if close > 0:
            return start, line_of(data, close + 1)[1]
    return start, end


def _siblings(data: bytes, at: int) -> tuple[int, int]:
    """The neighbouring lines of the same mapping: as deep as the key, up to the dash or opener above it."""
    start, end = line_of(data, at)
    line = data[start:end]
    column = _column(line)
    pad = b" " * column
    if not line[:column].strip(b" \t") and start > 0:  # no dash on this line: look up for the item's first line
        low = max(0, start - _FAR)
        for previous in reversed(data[low : start - 1].split(b"\n")):
            if previous and not previous.startswith(pad):
                if previous.strip() and _column(previous) == column:  # the dash
                    start -= len(previous) + 1
                break
            start = max(low, start - len(previous) - 1)
    for following in data[end + 1 : end + 1 + _FAR].split(b"\n"):
        if following and not following.startswith(pad) and following.strip():
            break
        end = min(len(data), end + 1 + len(following))
    return start, end


def _document(data: bytes, at: int) -> tuple[int, int]:
    """Between two `---` lines."""
    start = max(data.rfind(b"\n---", max(0, at - _REGION), at) + 1, 0)
    if start:
        start = data.find(b"\n", start) + 1
    elif at > _REGION:
        start = at - _REGION
    end = data.find(b"\n---", at, at + _REGION)
    return start, min(len(data), at + _REGION) if end < 0 else end + 1


def _block(data: bytes, at: int) -> tuple[int, int]:
    """Down to the closing line at the same indentation."""
    start, end = line_of(data, at)
    return start, _deeper(data, _indent(data[start:end]), end, _BODY)


def _heredoc(data: bytes, at: int) -> tuple[int, int]:
    start, end = line_of(data, at)
    return start, _terminated(data, data[start:end], end) or end


def _line(data: bytes, at: int) -> tuple[int, int]:
    return line_of(data, at)


def _next(data: bytes, at: int) -> tuple[int, int]:
    """The line of a list's element, and the line of the one after it."""
    start, end = line_of(data, at)
    return start, line_of(data, end + 2)[1] if end + 1 < len(data) else end


_REGIONS: Regions = {
    "line": _line,
    "statement": _statement,
    "siblings": _siblings,
    "next": _next,
    "document": _document,
    "block": _block,
    "heredoc": _heredoc,
}


def _terminated(data: bytes, line: bytes, end: int) -> int:
    """The end of the heredoc that a line opens; 0 when it opens none or never closes it."""
    match = _HEREDOC.search(line.rstrip())
    if not match:
        return 0
    close = re.compile(rb"\n[ \t]*" + match[1] + rb"[ \t]*\r?(?=\n|$|;|\))").search(data, end, end + _REGION)
    return close.end() if close else 0


def _deeper(data: bytes, indent: int, end: int, most: int) -> int:
    """The end of the lines that are deeper than `indent`, with the closing bracket or list at `indent` itself, within
    `most` bytes."""
    pad = b" " * (indent + 1)
    window = data[end + 1 : end + 1 + most]
    for following in window.split(b"\n"):
        if following and not following.startswith(pad):
            text = following.strip()
            own = _indent(following)
            if text and own <= indent:
                if text[:1] in b"}])":
                    return min(len(data), end + 1 + len(following))
                if text[:1] != b"-" or text[:3] == b"---" or own < indent:
                    return end
        end = min(len(data), end + 1 + len(following))
    return end


def _ancestors(data: bytes, start: int) -> bytes:
    """The lines above with ever lower indentation, top first."""
    end = data.find(b"\n", start)
    first = data[start : len(data) if end < 0 else end]
    level = _level(first)
    found: list[bytes] = []
    if level == 0:
        return b""
    deeper = _not_above(level)
    low = max(0, start - _FAR)
    lines = data[low : max(start - 1, 0)].split(b"\n")
    if low > 0:
        del lines[0]  # it may have lost its beginning
    for line in reversed(lines):
        if not line or line.startswith(deeper):  # one call says of most lines that they are no ancestors
            continue
        own = _level(line)
        if own < level and (text := line.strip()) and not text.startswith(_NOISE):
            found.append(line + b"\n")
            if own == 0:
                break
            level = own
            deeper = _not_above(level)
    return b"".join(reversed(found))


@lru_cache(maxsize=512)
def _not_above(level: int) -> tuple[bytes, ...]:
    """How lines begin that are no ancestors: as deep as a key, or deeper than a list item or another item."""
    indent, dash = divmod(level, 2)
    pad = b" " * indent
    return (pad + b" ", pad + b"- ") if dash else (pad,)


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def _column(line: bytes) -> int:
    """Where the key begins: after the indentation and any dashes of list items."""
    return len(line) - len(line.lstrip(b" \t-")) if line.lstrip(b" \t")[:2] == b"- " else _indent(line)


def _level(line: bytes) -> int:
    """Indentation, where a list item is deeper than a key in its column (YAML allows `key:` above `- item`)."""
    indent = _indent(line)
    return 2 * indent + (line[indent : indent + 2] == b"- ")
