"""HCL: string literals and heredocs of Terraform, OpenTofu, Packer and Nomad."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats._address import DEPTH, NAMES, OPEN, VALUES, child, flag, item, pair, text
from secretsweep.formats._hclwords import Word, words
from secretsweep.model import Blob, Span, Unit

NAME = "terraform"
PRIORITY = 20
GATES = (
    Gate(r"(?i)\b(?:variable|local)\s{1,4}\"[\w\-]{0,64}(?:pass|secret|token|key|cred|pwd)[\w\-]{0,64}\"", "block"),
    _gates.PAIR,
    _gates.FLAG,
    _gates.TOKENS,
    _gates.HEREDOC,
)

PATHS = lazyre.compile(
    r"\.(?:tf|tofu|tfvars|hcl|nomad|tfbackend)(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig))*$",
    re.IGNORECASE,
)
_ESCAPE = lazyre.compile(rb"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b'"': b'"', b"\\": b"\\"}
_DOUBLED = lazyre.compile(rb"([$%])\1\{")
_OPERANDS = frozenset(("name", "string", "]", ")", "}"))
_COMPARES = (b"==", b"!=")
# of Packer: their arguments are names of what is read
_READS = frozenset((b"vault", b"aws_secretsmanager", b"aws_secretsmanager_raw", b"consul_key", b"env"))
_BODY, _OBJECT, _TUPLE, _PAREN, _INDEX = "body", "object", "tuple", "paren", "index"
_CLOSES = {"}": (_BODY, _OBJECT), "]": (_TUPLE, _INDEX), ")": (_PAREN,)}


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string literal with its address."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    reader = _Reader(data)
    for word in words(data):
        reader.read(word)
    return reader.finish()


class _Frame:
    """An open block, object, list, parenthesis or index; the outermost is the file, or what was cut away."""

    __slots__ = ("index", "key", "kind", "name", "named", "path", "pending", "previous", "reads", "values")

    def __init__(self, kind: str, path: str) -> None:
        self.kind, self.path = kind, path
        self.key: str | None = None  # of the attribute whose value is read; "" in a `for`, which has no keys
        self.pending: list[Word] = []  # labels of a block, or what may become a key
        self.index = 0
        self.previous = ""  # the list's element before
        self.name = ""  # value of `name`, `key` …
        self.named = 0  # units there were when `value` began
        self.reads = False  # a call of a function that reads what its arguments name
        self.values: list[tuple[int, int, str]] = []  # units below `value`, and its address

    def address(self) -> str:
        """The address of a literal that stands here."""
        if self.kind == _TUPLE and self.key is None:
            option = flag(self.previous)
            return child(self.path, option) if option else item(self.path, self.index)
        return child(self.path, self.key) if self.key else self.path


class _Reader:
    """The open frames, and the units so far."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out: list[Unit] = []
        self.frames = [_Frame(_BODY, "")]
        self.last = "newline"
        self.called = b""  # the name that was read last
        self.ended = -1  # where the literal before ended

    def read(self, word: Word) -> None:
        kind, frame = word.kind, self.frames[-1]
        keyed = frame.kind in (_BODY, _OBJECT) and frame.key is None
        if kind == "name":
            self.called = word.text
            if keyed:
                self._label(frame, word)
            elif word.text == b"for" and self.last == "[":
                frame.key = ""
        elif kind == "string":
            if keyed:
                frame.pending.append(word)
            elif frame.kind != _INDEX and self.last != "==":
                self._literal(frame, word)
        elif kind == "newline":
            if frame.kind in (_BODY, _OBJECT) and self.last not in ("=", ":"):
                self._end(frame)
        elif kind == ",":
            self._end(frame)
            frame.index += 1
        elif kind in ("=", ":"):
            if keyed:
                self._begin(frame)
        elif kind in "{[(":
            self._open(frame, kind)
        elif kind in "}])":
            self._close(_CLOSES[kind])
        elif kind == "heredoc":
            self._heredoc(word, frame.address())
        elif word.text in _COMPARES:
            self._compared()
        self.last = "==" if kind == "other" and word.text in _COMPARES else kind

    def _compared(self) -> None:
        """The literal to the left of `==` is no value that anything gets."""
        if self.last == "string" and self.out and self.out[-1].span.end == self.ended:
            self.out.pop()

    def finish(self) -> list[Unit]:
        while self.frames:
            self._settle(self.frames.pop())
        return self.out

    def _label(self, frame: _Frame, word: Word) -> None:
        if frame.kind == _OBJECT:
            if word.text == b"for" and not frame.pending:
                frame.key = ""
            else:
                self._flush(frame)
                frame.pending = [word]
        elif len(frame.pending) < 8:
            frame.pending.append(word)

    def _begin(self, frame: _Frame) -> None:
        """A key is complete, its value begins."""
        if frame.pending:
            word = frame.pending[0 if frame.kind == _BODY else -1]
            frame.key, frame.pending = text(self.data[word.start : word.end]), []
            frame.named = len(self.out)

    def _end(self, frame: _Frame) -> None:
        """A value is complete, or what looked like a key was a literal."""
        if frame.key is None or frame.kind not in (_BODY, _OBJECT):
            self._flush(frame)
        elif frame.key:
            if frame.key in VALUES and len(self.out) > frame.named:
                frame.values.append((frame.named, len(self.out), frame.address()))
            frame.key = None

    def _flush(self, frame: _Frame) -> None:
        """What waited to become a key was none."""
        pending, frame.pending = frame.pending, []
        for word in pending:
            if word.kind == "string":
                self._literal(frame, word)

    def _open(self, frame: _Frame, bracket: str) -> None:
        path = frame.address()
        reads = bracket == "(" and self.last == "name" and self.called in _READS
        if bracket == "(":
            kind = _PAREN
        elif bracket == "[":
            kind = _INDEX if self.last in _OPERANDS else _TUPLE
        elif frame.kind == _BODY and frame.key is None:
            kind = _BODY
            for word in frame.pending:
                path = child(path, text(self.data[word.start : word.end]))
            frame.pending = []
        else:
            kind = _OBJECT
        if len(self.frames) < OPEN:
            self.frames.append(_Frame(kind, path if len(self.frames) < DEPTH else frame.path))
            self.frames[-1].reads = reads

    def _close(self, kinds: tuple[str, ...]) -> None:
        """End what the bracket ends, and what was left open inside it; a bracket too many does nothing."""
        depth = next((n for n, f in enumerate(reversed(self.frames[-DEPTH:]), 1) if f.kind in kinds), 0)
        for _ in range(depth if depth < len(self.frames) else 0):
            self._settle(self.frames.pop())

    def _settle(self, frame: _Frame) -> None:
        """A block ends: literals of its `value` are named after its `name`."""
        self._end(frame)
        for start, end, path in frame.values if frame.name else ():
            named = pair(frame.path, frame.name)
            for at in range(start, end):
                self.out[at] = self.out[at]._replace(key=named + self.out[at].key[len(path) :])

    def _literal(self, frame: _Frame, word: Word) -> None:
        path, raw = frame.address(), self.data[word.start : word.end]
        if frame.kind == _TUPLE:
            frame.previous = text(raw) if raw[:1] == b"-" and len(raw) < 64 else ""
        elif frame.key in NAMES and not frame.name:
            frame.name = text(raw)
        self.ended = word.end
        if frame.reads:
            return
        if raw:
            self.out.append(Unit(Span(word.start, word.end), path, unescape(raw), "double"))
        for start, end in word.inner:
            self.out.append(Unit(Span(start, end), path, unescape(self.data[start:end]), "double"))

    def _heredoc(self, word: Word, path: str) -> None:
        raw = self.data[word.start : word.end]
        body = raw.strip()
        if not body:
            return
        before = len(raw) - len(raw.lstrip())
        value = body.replace(b"\r\n", b"\n")
        if word.text:
            value = _dedented(value, before - 1 - raw.rfind(b"\n", 0, before))
        start = word.start + before
        self.out.append(Unit(Span(start, start + len(body)), path, _DOUBLED.sub(rb"\1{", value), "heredoc"))


def _dedented(value: bytes, first: int) -> bytes:
    """Without the indentation that all lines share; the first line had `first`, and has lost it already."""
    lines = value.split(b"\n")
    least = min([first, *(len(line) - len(line.lstrip()) for line in lines[1:] if line.strip())])
    return b"\n".join([lines[0], *(line[least:] for line in lines[1:])])


def unescape(raw: bytes) -> bytes:
    """The value of a quoted template; its interpolations stay as they are written."""
    if b"\\" not in raw and b"{" not in raw:
        return raw
    return _ESCAPE.sub(_character, raw)


def _character(escape: re.Match[bytes]) -> bytes:
    short, long, letter, doubled = escape.groups()
    if doubled:
        return bytes(doubled) + b"{"
    if letter:
        return _LETTERS.get(letter, escape.group())
    try:
        return chr(int(short or long, 16)).encode("utf-8", "surrogatepass")
    except (ValueError, OverflowError):
        return escape.group()
