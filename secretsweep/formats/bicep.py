"""Bicep, the language for Azure's templates, and its parameter files: string literals with their addresses."""

import re
from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested, _sections
from secretsweep.formats._address import DEPTH, NAMES, OPEN, VALUES, child, item, pair, text
from secretsweep.model import Blob, Span, Unit

NAME = "bicep"
PRIORITY = 20
GATES = (
    Gate(
        r"(?i)\b(?:param|var|output)\s{1,4}\w{0,64}" + _gates.SECRETIVE + r"\w{0,64}(?:\s{1,4}[a-z]{1,16})?\s{0,4}=",
        "part",
    ),
    Gate(r"\b(?:customData|userData|secureValue|startupScript)\s{0,4}:", "part"),
    _gates.PAIR,
)

PATHS = lazyre.compile(r"\.bicep(?:param)?$", re.IGNORECASE)
_TOP = lazyre.compile(rb"^(?:param|var|output|resource|module)[ \t]", re.MULTILINE)
_TOKEN = lazyre.compile(
    rb"'''\r?\n?(.*?)(?:'''|\Z)"  # 1: several lines, without escapes
    rb"|'((?:[^'\\\r\n]|\\.)*)'?"  # 2
    rb"|//[^\n]*|/\*.*?(?:\*/|\Z)"
    rb"|(?<![\w.])(param|var|output|resource|module)[ \t]+(\w+)"  # 3 sort, 4 name
    rb"([^\n=']{0,200}(?:'[^'\n]{0,200}'[^\n=']{0,200}){0,9})=(?!=)"
    rb"|([A-Za-z_][\w.]*!?\??)[ \t]*(\()"  # 6 a call
    rb"|(\w+)[ \t]*:(?!:)"  # 8 a key, where one may stand
    rb"|([{\[(])|([}\])])"  # 9, 10
    rb"|([\n,])"  # 11
    rb"|[^\s'/{}\[\](),:\w]+|[\w.]+|[/:]",
    re.DOTALL,
)
_ESCAPE = lazyre.compile(rb"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
_TRANSPARENT = frozenset(b"concat base64 string json toLower toUpper trim format uriComponent".split())


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string that becomes a value."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    reader = _Reader(data)
    for token in _TOKEN.finditer(data):
        reader.read(token)
    return reader.finish()


class _Frame:
    """An open object, list or call; the outermost is the file."""

    __slots__ = ("bracket", "index", "key", "name", "path", "values")

    def __init__(self, bracket: bytes, path: str) -> None:
        self.bracket, self.path = bracket, path
        self.key = ""
        self.index = 0
        self.name = ""
        self.values: list[int] = []

    def address(self) -> str:
        if self.bracket == b"[":
            return item(self.path, self.index)
        return child(self.path, self.key) if self.key else self.path


class _Reader:
    """The open frames, and the units so far."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out: list[Unit] = []
        self.frames = [_Frame(b"", "")]
        self.hidden = 0  # open calls whose arguments do not become the value
        self.begins = True  # a key may stand here
        self.filled = False  # the element of the list has begun
        self.compared = False  # the string that follows is compared with something
        self.quoted: tuple[int, int] | None = None  # a string that may be a key

    def read(self, token: re.Match[bytes]) -> None:
        kind, frame = token.lastindex, self.frames[-1]
        if kind is None:
            if token.group() == b":" and self.quoted and frame.bracket == b"{":
                frame.key = text(self.data[slice(*self.quoted)])
            elif self.quoted is not None:
                self._literal(*self.quoted, "single")
            self.quoted = None
            self.compared = token.group() in (b"==", b"!=", b"=~", b"!~")
            is_comment = token.group()[:2] in (b"//", b"/*")
            self.begins, self.filled = self.begins and is_comment, self.filled or not is_comment
            return
        if self.quoted is not None:
            self._literal(*self.quoted, "single")
            self.quoted = None
        if kind == 1:
            self._lines(*token.span(1))
        elif kind == 2:
            if self.begins and frame.bracket == b"{":
                self.quoted = token.span(2)
            else:
                self._literal(*token.span(2), "compared" if self.compared else "single")
        elif kind == 5:
            while self.frames:
                self._settle(self.frames.pop())
            self.frames, self.hidden = [_Frame(b"", f"{text(token[3])}.{text(token[4])}")], 0
        elif kind == 7:
            self._open(b"(", token[6].rpartition(b".")[2] in _TRANSPARENT)
        elif kind == 8:
            if self.begins and frame.bracket == b"{":
                frame.key = text(token[8])
        elif kind == 9:
            self._open(token[9], True)
        elif kind == 10:
            self._close()
        elif kind == 11 and frame.bracket == b"[" and self.filled:
            frame.index += 1
        self.filled, self.compared = kind not in (9, 11), False
        self.begins = kind == 11 or (kind == 9 and token[9] == b"{")

    def finish(self) -> list[Unit]:
        if self.quoted is not None:
            self._literal(*self.quoted, "single")
        while self.frames:
            self._settle(self.frames.pop())
        return self.out

    def _open(self, bracket: bytes, is_value: bool) -> None:
        if len(self.frames) >= OPEN:
            return
        path = self.frames[-1].address() if len(self.frames) < DEPTH else self.frames[-1].path
        if not is_value:
            bracket = b"hidden"
            self.hidden += 1
        self.frames.append(_Frame(bracket, path))

    def _close(self) -> None:
        if len(self.frames) > 1:
            frame = self.frames.pop()
            self.hidden -= frame.bracket == b"hidden"
            self._settle(frame)

    def _settle(self, frame: _Frame) -> None:
        for at in frame.values if frame.name else ():
            self.out[at] = self.out[at]._replace(key=pair(frame.path, frame.name))

    def _literal(self, start: int, end: int, form: str, value: bytes | None = None) -> None:
        raw = self.data[start:end] if value is None else value
        if self.hidden or not raw or form == "compared":
            return
        frame = self.frames[-1]
        if frame.key in NAMES and not frame.name:
            frame.name = text(raw)
        elif frame.key in VALUES or frame.key == "secureValue":
            frame.values.append(len(self.out))
        value = unescape(raw) if form == "single" else raw
        self.out.append(Unit(Span(start, end), frame.address(), value, form))

    def _lines(self, start: int, end: int) -> None:
        """`'''…'''`, without what blanks stand around it."""
        raw = self.data[start:end]
        body = raw.strip()
        if body:
            begin = start + len(raw) - len(raw.lstrip())
            self._literal(begin, begin + len(body), "block", body.replace(b"\r\n", b"\n"))


def unescape(raw: bytes) -> bytes:
    """The value of a string; its interpolations stay as they are written."""
    return _ESCAPE.sub(_character, raw) if b"\\" in raw else raw


def _character(escape: re.Match[bytes]) -> bytes:
    code, letter = escape.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    try:
        return chr(int(code, 16)).encode("utf-8", "surrogatepass")
    except (ValueError, OverflowError):
        return escape.group()


def _part(data: bytes, at: int) -> tuple[int, int]:
    """The declaration."""
    return _sections.around(_tops(data), data, at)


@lru_cache(maxsize=2)
def _tops(data: bytes) -> tuple[int, ...]:
    return tuple(found.start() for found in _TOP.finditer(data))


REGIONS = dict.fromkeys(("statement", "siblings", "part"), _part)
