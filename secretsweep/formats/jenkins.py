"""Jenkinsfiles and Groovy scripts: what is assigned, named arguments, parameters with defaults, scripts in strings."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import _gates, _nested
from secretsweep.formats._address import DEPTH, OPEN, child, text
from secretsweep.formats.text import unescape
from secretsweep.model import Blob, Span, Unit

NAME = "jenkins"
PRIORITY = 20
GATES = (_gates.PAIR, _gates.ARGUMENT, _gates.HEREDOC)

PATHS = lazyre.compile(r"(?:^|/)[\w.-]*jenkinsfile(?:[._-][\w.-]+)?$|\.groovy(?:\.(?:j2|tpl|example))?$", re.IGNORECASE)
_NOT = lazyre.compile(r"\.(?:md|ya?ml|json|sh|py|txt)$", re.IGNORECASE)
_TOKEN = lazyre.compile(
    rb"'''(?P<block>(?:[^'\\]|\\.|'(?!''))*)(?:'''|\Z)"
    rb'|"""(?P<template>(?:[^"\\]|\\.|"(?!""))*)(?:"""|\Z)'
    rb"|'(?P<single>(?:[^'\\\n]|\\.)*)'?"
    rb'|"(?P<double>(?:[^"\\\n]|\\.)*)"?'
    rb"|//[^\n]*|/\*.*?(?:\*/|\Z)"
    rb"|(?P<name>[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*)"
    rb"|(?P<operator>[=!<>]=~?|=~|->|\+=|\?:)|(?P<sign>[{}()\[\],:;=\n])|[^\s'\"/A-Za-z_${}()\[\],:;=!<>+?-]+|\S",
    re.DOTALL,
)
_ENTRY = lazyre.compile(rb"([A-Za-z_][\w.]*)=(?=[^=])")  # of withEnv
_JOINED = lazyre.compile(rb"[ \t]*\+")
_STRINGS = ("block", "template", "single", "double")
_NAMES = ("name", "key", "envVar")
_VALUES = ("value", "defaultValue", "defaultValueAsString")
_MODIFIERS = frozenset("def final private public protected static return if else for while try new void".split())
_IDS = frozenset(("credentials", "credentialsId"))  # their strings are names of credentials
LONGEST = 64 << 10  # bytes of a statement; of a longer one, the line


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _NOT.search(path) is None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string that is a value or an argument."""
    return _nested.expand(blob.data, units(blob.data))


class _Frame:
    """An open bracket: where it is, and what was read of the statement in it."""

    __slots__ = ("callee", "head", "key", "label", "name", "opener", "path", "values")

    def __init__(self, path: str, opener: bytes) -> None:
        self.path, self.opener = path, opener
        self.name = ""  # value of `name`
        self.values: list[int] = []  # units of `value`, `defaultValue`
        self.begin()

    def begin(self) -> None:
        self.head = self.callee = self.label = ""
        self.key: str | None = None


def units(data: bytes) -> list[Unit]:
    """The strings, nested documents unopened."""
    out: list[Unit] = []
    frames = [_Frame("", b"{")]
    before, word = b"", ""
    for token in _TOKEN.finditer(data):
        frame, kind = frames[-1], token.lastgroup
        if kind in _STRINGS:
            raw = token[kind]
            _string(data, out, frame, token, before)
            word = text(raw[:200])
            frame.label = frame.label or word
            before = b"string"
        elif kind == "name":
            word = text(token["name"][:200])
            frame.callee, frame.head = word, frame.head or ("" if word in _MODIFIERS else word)
            before = b"name"
        elif kind == "sign":
            sign = token["sign"]
            _sign(sign, frames, word, before, out)
            before = before if sign == b"\n" and before in (b",", b":", b"=", b"[", b"(") else sign
        elif token.group()[:2] not in (b"//", b"/*"):
            before = b"operator"
    for frame in frames:
        _settle(frame, out)
    return out


def strings(data: bytes) -> Iterator[tuple[str, Span]]:
    """Every string by its quotes (`block` has three single ones, `template` three double), and where its content is."""
    for token in _TOKEN.finditer(data):
        if (kind := token.lastgroup) in _STRINGS:
            yield kind or "", Span(*token.span(kind or 0))


def _sign(sign: bytes, frames: list[_Frame], word: str, before: bytes, out: list[Unit]) -> None:
    frame = frames[-1]
    if sign in b":=":
        frame.key = word if before in (b"name", b"string") else None
    elif sign == b"{":
        path = child(frame.path, frame.head) if frame.head else frame.path
        _push(frames, child(path, frame.label) if frame.head and frame.label else path, sign)
    elif sign in b"([":
        name = frame.callee if before == b"name" else frame.key if before in (b":", b"=") else ""
        _push(frames, child(frame.path, name) if name else frame.path, sign)
    elif sign in b")]}":
        if len(frames) > 1:
            _settle(frames.pop(), out)
        if sign == b"}":
            frames[-1].begin()
    elif sign == b",":
        frame.key = None
    elif frame.opener == b"{" and before not in (b",", b":", b"="):
        frame.begin()


def _push(frames: list[_Frame], path: str, opener: bytes) -> None:
    if len(frames) < OPEN:
        frames.append(_Frame(path if len(frames) < DEPTH else frames[-1].path, opener))


def _settle(frame: _Frame, out: list[Unit]) -> None:
    """The names of values are known when their brackets close."""
    for at in frame.values if frame.name else ():
        out[at] = out[at]._replace(key=child(frame.path, frame.name))


def _string(data: bytes, out: list[Unit], frame: _Frame, token: re.Match[bytes], before: bytes) -> None:
    kind = token.lastgroup or ""
    raw, (start, end) = token[kind], token.span(kind)
    assigned = frame.key if before in (b":", b"=") else None
    name = assigned or frame.callee
    if before == b"operator":
        return  # compared
    if not raw or name in _IDS or (assigned is None and frame.path.rpartition(".")[2] in _IDS):
        return
    if _JOINED.match(data, token.end()):
        return  # a part of a text
    form = {"block": "block", "template": "block"}.get(kind, kind)
    path = child(frame.path, name) if name else frame.path
    if frame.opener == b"[" and assigned is None and (entry := _ENTRY.match(raw)):
        path, start, raw = child(frame.path, text(entry[1])), start + entry.end(), raw[entry.end() :]
    elif assigned in _NAMES and not frame.name:
        frame.name = text(raw[:200])
    elif assigned in _VALUES and frame.opener != b"{":
        frame.values.append(len(out))
    if form == "block":  # as written: a script has escapes of its own
        bare = raw.strip()
        start += len(raw) - len(raw.lstrip())
        end, raw = start + len(bare), bare.replace(b"\r\n", b"\n")
        raw = raw.replace(b"\\$", b"$") if kind == "template" else raw
    else:
        raw = unescape(raw)
    if raw:
        out.append(Unit(Span(start, end), path, raw, form))


def region(data: bytes, at: int) -> tuple[int, int]:
    """The lines of the statement around a place: what brackets and long strings hold together."""
    starts = _statements(data)
    number = bisect_right(starts, max(at - 1, 0)) - 1
    start = starts[number]
    end = starts[number + 1] - 1 if number + 1 < len(starts) else len(data)
    if end - start <= LONGEST:
        return start, end
    end = data.find(b"\n", at)
    return data.rfind(b"\n", 0, at) + 1, len(data) if end < 0 else end


REGIONS = {"statement": region, "siblings": region, "heredoc": region}


@lru_cache(maxsize=2)
def _statements(data: bytes) -> tuple[int, ...]:
    """Where the lines begin that no open bracket, but braces, and no string goes over."""
    found = [0]
    stack: list[bytes] = []
    for token in _TOKEN.finditer(data):
        sign = token["sign"]
        if sign == b"\n":
            if not stack or stack[-1] == b"{":
                found.append(token.end())
        elif sign and sign in b"([{":
            stack.append(sign)
        elif sign and sign in b")]}" and stack:
            stack.pop()
    return tuple(found)
