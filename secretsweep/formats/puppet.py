"""Puppet manifests: attributes of resources, parameters with defaults, variables, here-documents."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats._address import DEPTH, OPEN, child, text
from secretsweep.formats.text import unescape
from secretsweep.model import Blob, Span, Unit

NAME = "puppet"
PRIORITY = 20
GATES = (
    Gate(r"(?i)password\(\s{0,4}[\"'][^\n)]"),
    Gate(r"@\(\s?\"?[A-Za-z_]\w{0,40}[^\n)]{0,20}\)", "heredoc"),
    _gates.ARGUMENT,
)

PATHS = lazyre.compile(r"\.pp(?:\.(?:erb|epp|example|sample))?$", re.IGNORECASE)
_TOKEN = lazyre.compile(
    rb"'(?P<single>(?:[^'\\]|\\.)*)(?:'|\Z)|\"(?P<double>(?:[^\"\\]|\\.)*)(?:\"|\Z)"
    rb"|@\(\s*\"?(?P<heredoc>[A-Za-z_]\w*)\"?[^)\n]*\)"
    rb"|\#[^\n]*|/\*.*?(?:\*/|\Z)"
    rb"|\$(?P<variable>(?:::)?[a-z_]\w*(?:::\w+)*)|(?P<name>[A-Za-z_][\w\-]*(?:::\w+)*)"
    rb"|(?P<arrow>=>|\+>)|(?P<operator>[=!<>]=|=~|!~|->|~>)|(?P<sign>[{}()\[\],:;=\n])|[^\s]",
    re.DOTALL,
)
_WRAPS = frozenset(("Sensitive", "Sensitive.new"))
_PASSWORDS = lazyre.compile(r"(?:^|[:_])(?:password|postgresql_password|pw_hash)$")
LONGEST = 64 << 10  # bytes of a statement; of a longer one, the line


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string that an attribute, a parameter or a variable has."""
    return _nested.expand(blob.data, units(blob.data))


class _Frame:
    """An open bracket: where it is, and what was read of the statement in it."""

    __slots__ = ("callee", "head", "key", "opener", "path", "title")

    def __init__(self, path: str, opener: bytes, callee: str = "") -> None:
        self.path, self.opener, self.callee = path, opener, callee
        self.begin()

    def begin(self) -> None:
        self.head = self.title = ""
        self.key: str | None = None


def units(data: bytes) -> list[Unit]:
    """The strings, nested documents unopened."""
    out: list[Unit] = []
    frames = [_Frame("", b"{")]
    before, word, at = b"", "", 0
    while token := _TOKEN.search(data, at):
        at, frame, kind = token.end(), frames[-1], token.lastgroup
        if kind in ("single", "double"):
            word = text(token[kind][:200])
            frame.title = frame.title or word
            _string(data, out, frame, token)
            before = b"string"
        elif kind == "heredoc":
            span, at = _body(data, token)
            if frame.key is not None and span.end > span.start:
                value = data[span.start : span.end].replace(b"\r\n", b"\n")
                out.append(Unit(span, child(frame.path, frame.key), value, "heredoc"))
        elif kind in ("name", "variable"):
            word = text(token[kind][:200])
            frame.head = frame.head or (word if kind == "name" else "")
            before = kind.encode()
        elif kind == "arrow" or (kind == "sign" and token["sign"] == b"="):
            frame.key = word
            before = b"="
        elif kind == "sign" and token["sign"] == b"\n":
            if frame.opener == b"{" and before not in (b",", b"=", b"operator"):
                frame.begin()
        elif kind == "sign":
            _sign(token["sign"], frames, word, before)
            before = token["sign"]
        elif kind == "operator":
            before = b"operator"
    return out


def _sign(sign: bytes, frames: list[_Frame], word: str, before: bytes) -> None:
    frame = frames[-1]
    if sign == b"{":
        path = child(frame.path, frame.key or frame.head) if frame.key or frame.head else frame.path
        _push(frames, child(path, frame.title) if frame.head == "node" and frame.title else path, sign)
    elif sign in b"([":
        call = word if before == b"name" and sign == b"(" else ""
        declares = call and frame.head in ("class", "define", "function") and frame.key is None
        inner = child(frame.path, word) if declares else frame.path
        _push(frames, inner, sign, "" if declares else call)
        if call or not declares:
            frames[-1].key = frame.key
    elif sign in b")]}":
        if len(frames) > 1:
            frames.pop()
        if sign == b"}":
            frames[-1].begin()
    elif sign == b":" and before == b"string" and frame.opener == b"{" and frame.key is None:
        frame.path = child(frame.path.rpartition(".")[0] if frame.callee == "titled" else frame.path, word)
        frame.callee = "titled"
    elif sign in b",;" and (frame.opener == b"{" or not frame.callee):
        frame.begin()


def _push(frames: list[_Frame], path: str, opener: bytes, callee: str = "") -> None:
    if len(frames) < OPEN:
        frames.append(_Frame(path if len(frames) < DEPTH else frames[-1].path, opener, callee))


def _string(data: bytes, out: list[Unit], frame: _Frame, token: re.Match[bytes]) -> None:
    """A string as the value of its key; the argument of a function only when that wraps or hashes a password."""
    kind = token.lastgroup or ""
    raw = token[kind]
    name = frame.key
    if frame.opener == b"(" and frame.callee:
        if _PASSWORDS.search(frame.callee):
            name = frame.callee
        elif frame.callee not in _WRAPS:
            return
    if raw and name is not None:
        value = unescape(raw) if kind == "double" else re.sub(rb"\\([\\'])", rb"\1", raw)
        out.append(Unit(Span(*token.span(kind)), child(frame.path, name), value, kind))


def _body(data: bytes, token: re.Match[bytes]) -> tuple[Span, int]:
    """The text of a here-document, and where its last line ends."""
    start = data.find(b"\n", token.end()) + 1 or len(data)
    last = re.compile(rb"^[ \t]*\|?[ \t]*-?[ \t]*" + token["heredoc"] + rb"[ \t]*\r?$", re.MULTILINE)
    close = last.search(data, start)
    end = close.start() if close else len(data)
    raw = data[start:end]
    bare = raw.strip()
    start += len(raw) - len(raw.lstrip())
    return Span(start, start + len(bare)), close.end() if close else len(data)


def region(data: bytes, at: int) -> tuple[int, int]:
    """The lines of the attribute around a place: what parentheses, strings and here-documents hold together."""
    starts = _statements(data)
    number = bisect_right(starts, max(at - 1, 0)) - 1
    start = starts[number]
    end = starts[number + 1] - 1 if number + 1 < len(starts) else len(data)
    if end - start <= LONGEST:
        return start, end
    end = data.find(b"\n", at)
    return data.rfind(b"\n", 0, at) + 1, len(data) if end < 0 else end


REGIONS = {"statement": region, "heredoc": region}


@lru_cache(maxsize=2)
def _statements(data: bytes) -> tuple[int, ...]:
    """Where the lines begin that nothing but braces is open at."""
    found = [0]
    depth = at = 0
    while token := _TOKEN.search(data, at):
        at, sign = token.end(), token["sign"]
        if token["heredoc"]:
            at = _body(data, token)[1]
        elif sign == b"\n":
            if depth <= 0:
                found.append(at)
        elif sign and sign in b"([":
            depth += 1
        elif sign and sign in b")]":
            depth = max(0, depth - 1)
        elif sign and sign in b"{}":
            depth = 0
    return tuple(found)
