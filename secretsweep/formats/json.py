"""JSON as it is found: with comments, minified, cut off, or lines out of the middle."""

import re
from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import _gates, _nested
from secretsweep.formats._address import DEPTH, NAMES, OPEN, VALUES, child, flag, item, pair, setting, text
from secretsweep.model import Blob, Span, Unit

NAME = "json"
PRIORITY = 15
GATES = (_gates.PAIR, _gates.FLAG, _gates.TOKENS, _gates.ARGUMENT)

_OWN = lazyre.compile(
    r"\.(?:json[c5]?|tfstate|tfstate\.backup|template|ipynb|har|webmanifest|geojson|code-workspace)"
    r"(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|backup|orig|in))*$|(?:^|/)\.(?:dockercfg|dockerconfigjson)$",
    re.IGNORECASE,
)
_HEAD = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\"\[{\]])")
_NOT = lazyre.compile(r"\.(?:\w*sh|py|rb|go|[jt]sx?|md|toml|ini|conf|tf|hcl)$", re.IGNORECASE)  # `[ "$a" ]` is no list
_TOKEN = lazyre.compile(
    rb'"((?:[^"\\\n]|\\.)*)"?'  # 1: a string; one without its end stops at the line's
    rb'|(\{\{[^{}"]*(?:"[^"\n]*"[^{}"]*)*\}\})'  # 2: what a template puts there
    rb"|([{\[])|([}\]])|(:)|(,)"  # 3 opens, 4 closes, 5 after a key, 6 after a value
    rb"|\xef\xbb\xbf|//[^\n]*|/\*.*?(?:\*/|\Z)"
    rb'|([^\s"{}\[\]:,/]+)',  # 7: a number or a word
    re.DOTALL,
)
_ESCAPE = lazyre.compile(rb"\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)|\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)
_PART = 1 << 10  # bytes; a part of a long line has more
_ENDS = lazyre.compile(rb'((?:[^"\\]|\\.)*)"(?=\s*[,:}\]])', re.DOTALL)  # the first quotation mark, if it may end
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"\n": b""}
_WORDS = frozenset((b"true", b"false", b"null"))


def owns(path: str, head: bytes) -> bool:
    if _is_json(path):
        return True
    return _HEAD.match(head) is not None and _NOT.search(path) is None


@lru_cache(maxsize=8192)
def _is_json(path: str) -> bool:
    return _OWN.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string and number that is a value."""
    return _nested.expand(blob.data, units(blob.data))


class _Frame:
    """An open object or array; the outermost one is what the excerpt was cut from."""

    __slots__ = ("index", "key", "name", "path", "previous", "values")

    def __init__(self, path: str, index: int) -> None:
        self.path = path
        self.index = index  # of the next element; -1 in an object
        self.key: str | None = None
        self.name: str | None = None
        self.previous = ""
        self.values: list[int] = []

    def address(self) -> str:
        """The address of the value that begins."""
        if self.key is not None:
            return child(self.path, self.key)
        if self.index < 0:
            return self.path
        return item(self.path, self.index)

    def settle(self, out: list[Unit]) -> None:
        """The names of `value`s are known when their object ends."""
        if self.name is not None:
            for at in self.values:
                out[at] = out[at]._replace(key=pair(self.path, self.name))


def units(data: bytes) -> list[Unit]:
    """The values, nested documents unopened."""
    out: list[Unit] = []
    frames = [_Frame("", -1)]
    pending: tuple[int, int, bool] | None = None  # a literal: only what follows says whether it is a key
    for token in _TOKEN.finditer(data, _begun(data)):
        frame, kind = frames[-1], token.lastindex
        if kind == 1 or kind == 2 or kind == 7:
            if pending:
                _value(data, out, frame, pending)
            pending = (*token.span(kind), kind == 1)
        elif kind == 5 and pending:
            frame.key, pending = _name(data[pending[0] : pending[1]]), None
        elif kind in (3, 4, 6):
            if pending:
                _value(data, out, frame, pending)
                pending = None
            if kind == 6:
                _next(frame)
            elif kind == 3 and len(frames) < OPEN:
                path = frame.address() if len(frames) < DEPTH else frame.path
                frames.append(_Frame(path, 0 if token.group(3) == b"[" else -1))
            elif kind == 4 and len(frames) > 1:
                frames.pop().settle(out)
                frames[-1].key = None
    if pending:
        _value(data, out, frames[-1], pending)
    for frame in frames:
        frame.settle(out)
    return out


def _begun(data: bytes) -> int:
    """Where the first whole literal may begin. A part of a long line can begin inside a string; read from there, what
    stands between two strings would be taken for strings."""
    if len(data) < _PART or b"\n" in data[:_PART] or not (quote := _ENDS.match(data)):
        return 0
    before = quote[1].rstrip()[-1:]
    return 0 if before and before in b"{[,:" else quote.end()


def _next(frame: _Frame) -> None:
    frame.key = None
    if frame.index >= 0:
        frame.index += 1


def _value(data: bytes, out: list[Unit], frame: _Frame, literal: tuple[int, int, bool]) -> None:
    start, end, quoted = literal
    raw = data[start:end]
    path, key = frame.address(), frame.key
    if key is None and frame.previous and (option := flag(frame.previous)):
        path = child(frame.path, option)
    frame.key = None
    if key is None:
        frame.previous = text(raw) if raw[:1] == b"-" and len(raw) < 64 else ""
    if not raw or (not quoted and raw in _WORDS):
        return
    value = unescape(raw) if quoted else raw
    if key is None and b"=" in value and (named := setting(path, value)):
        path, value = pair(path, named[0]), value[named[1] :]
        start += named[1] if data.endswith(value, start, end) else 0
    elif key in NAMES and frame.name is None:
        frame.name = text(value)
    elif key in VALUES:
        frame.values.append(len(out))
    out.append(Unit(Span(start, end), path, value, "double" if quoted else "plain"))


def _name(raw: bytes) -> str:
    return text(unescape(raw))


def unescape(raw: bytes) -> bytes:
    """The value of a string's content; an escape that is none stays as it is."""
    return _ESCAPE.sub(_character, raw) if b"\\" in raw else raw


def _character(escape: re.Match[bytes]) -> bytes:
    high, low, unit, letter = escape.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter) if letter != b"u" else escape.group()
    try:
        if unit is not None:
            return chr(int(unit, 16)).encode("utf-8", "surrogatepass")
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00).encode()
    except ValueError:
        return escape.group()
