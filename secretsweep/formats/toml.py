"""TOML: tables and dotted keys in the address, strings of all four sorts, arrays and inline tables."""

import re
from collections.abc import Generator, Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats._address import DEPTH, LIMIT, child, item, text
from secretsweep.model import Blob, Span, Unit

NAME = "toml"
PRIORITY = 20
CONTEXT = b"["  # the table is part of an address
GATES: tuple[Gate, ...] = (_gates.PAIR,)

PATHS = lazyre.compile(
    r"\.toml(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig|in))*$|(?:^|/)(?:Pipfile|\.cargo/(?:credentials|config))$"
)
_KEY = rb"(?:[A-Za-z0-9_\-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_TOKEN = lazyre.compile(
    rb"(?P<blank>[ \t\r\xef\xbb\xbf]+|#[^\n]*)|(?P<line>\n)"
    rb"|(?P<long>\"\"\"(?P<longs>(?:[^\"\\]|\\.|\"(?!\"\"))*)(?:\"\"\"|\Z))"
    rb"|(?P<literal>'''(?P<literals>(?:[^']|'(?!''))*)(?:'''|\Z))"
    rb"|\"(?P<double>(?:[^\"\\\n]|\\.)*)\"?|'(?P<single>[^'\n]*)'?"
    rb"|(?P<sign>[\[\]{},=.])|(?P<word>[^\s\"'\[\]{},=.#]+(?:\.[^\s\"'\[\]{},=#.]+)*)",
    re.DOTALL,
)
_TABLE = lazyre.compile(rb"[ \t]*(\[\[?)[ \t]*(" + _KEY + rb"(?:[ \t]*\.[ \t]*" + _KEY + rb")*)[ \t]*\]")
_PART = lazyre.compile(_KEY)
_ENTRY = lazyre.compile(rb"[ \t]*(" + _KEY + rb"(?:[ \t]*\.[ \t]*" + _KEY + rb")*)[ \t]*=[ \t]*")
_ESCAPE = lazyre.compile(rb"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r?\n)\s*|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"e": b"\x1b"}


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string and number that is a value."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The values, nested documents unopened."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    table = ""
    counts: dict[str, int] = {}
    while at < len(data):
        if found := _TABLE.match(data, at):
            table = _dotted("", found[2])
            if found[1] == b"[[":
                counts[table] = counts.get(table, -1) + 1
                table = item(table, counts[table])
            at = found.end()
        elif entry := _ENTRY.match(data, at):
            at = yield from _value(data, entry.end(), _dotted(table, entry[1]))
        stop = data.find(b"\n", at)
        at = len(data) if stop < 0 else stop + 1


def _dotted(path: str, keys: bytes) -> str:
    for part in _PART.findall(keys):
        name = unescape(part[1:-1]) if part[:1] == b'"' else part[1:-1] if part[:1] == b"'" else part
        path = child(path, text(name))
    return path


class _Open:
    """An array or inline table that is read."""

    __slots__ = ("index", "key", "path")

    def __init__(self, path: str, index: int) -> None:
        self.path, self.index, self.key = path, index, ""

    def address(self) -> str:
        if self.index >= 0:
            return item(self.path, self.index)
        return _dotted(self.path, self.key.encode("utf-8", "surrogateescape")) if self.key else self.path


def _value(data: bytes, at: int, path: str) -> Generator[Unit, None, int]:
    """One value that begins at `at`, with all that is in its brackets; returns where it ends."""
    stack: list[_Open] = []
    while token := _TOKEN.match(data, at):
        at, kind = token.end(), token.lastgroup
        if kind == "line":
            if not stack:
                return token.start()
            continue
        if kind == "blank":
            continue
        top = stack[-1] if stack else None
        sign = token["sign"]
        if top and top.index < 0 and not top.key and sign not in (b"}", b","):  # a name in an inline table
            entry = _ENTRY.match(data, token.start())
            if not entry:
                return token.start()
            top.key, at = entry[1].decode("utf-8", "surrogateescape"), entry.end()
            continue
        if sign in (b"[", b"{") and len(stack) < DEPTH:
            here = top.address() if top else path
            stack.append(_Open(here if len(here) < LIMIT else path, 0 if sign == b"[" else -1))
        elif sign in (b"]", b"}"):
            if stack:
                stack.pop()
        elif sign == b"," and top:
            top.index, top.key = (top.index + 1, "") if top.index >= 0 else (-1, "")
        elif sign is None:
            unit = _literal(data, token, top.address() if top else path)
            if unit:
                yield unit
        if not stack:
            return at
    return at


def _literal(data: bytes, token: re.Match[bytes], key: str) -> Unit | None:
    for group, form in (("longs", "double"), ("literals", "single"), ("double", "double"), ("single", "single")):
        if token[group] is not None:
            start, end = token.span(group)
            if group in ("longs", "literals"):  # a newline right behind the quotes is none
                start += 2 if data[start : start + 2] == b"\r\n" else data[start : start + 1] == b"\n"
                form = "block"
            raw = data[start:end]
            value = unescape(raw) if group in ("longs", "double") else raw
            return Unit(Span(start, end), key, value, form) if value else None
    word = token["word"]
    return Unit(Span(*token.span("word")), key, word) if word and word not in (b"true", b"false") else None


def unescape(raw: bytes) -> bytes:
    """A basic string's content; an escape that is none stays as it is."""
    return _ESCAPE.sub(_character, raw) if b"\\" in raw else raw


def _character(escape: re.Match[bytes]) -> bytes:
    short, long, line, letter = escape.groups()
    if line:
        return b""
    if letter:
        return _LETTERS.get(letter) or (letter if letter in b"\"\\" else escape.group())
    try:
        return chr(int(short or long, 16)).encode("utf-8", "surrogatepass")
    except (ValueError, OverflowError):
        return escape.group()
