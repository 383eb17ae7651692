"""Anything, line by line: `key = value`, `"key": "value"`, `-Dkey=value`, attributes and elements."""

import html
import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import _named_in_code
from secretsweep.formats._address import text as _text
from secretsweep.model import Blob, Span, Unit

NAME = "text"
PRIORITY = 0
ANCESTORS = False  # no line depends on the indentation above it
GATES = _named_in_code.GATES

_ASSIGNMENT = lazyre.compile(
    rb"(?<![\w.\-])(?:--?(?:D(?=[a-z]))?)?(?P<key>[A-Za-z_$@%][\w.\-]{0,127}(?:\[[\"']?[\w.\-]{1,64}[\"']?\]){0,4}"
    rb"|(?<=[\"'])[\w.\-/ ]{1,128}(?=[\"']))"
    rb"(?P<quote>[\"']?\]?)[ \t]{0,32}"
    rb"(?:(?P<op>:?=>?(?![=~])|[?+]=|\|\|=|:(?=[ \t\r\n\"'{\[])|=>)|(?P<colon>:(?=[\"'])))[ \t]{0,32}"
)
_STRING = lazyre.compile(
    rb"(?:[bru]|[fF])?(?:\"((?:[^\"\\\r\n]|\\.)*)(\"?)|'((?:[^'\\\r\n]|\\.)*)('?)|`([^`\r\n]*+)(`?))"
)
# what stands before a literal in code: a bracket, a type, a function that returns what it is given
_WRAP = lazyre.compile(
    rb"(?:[A-Za-z_][\w.|\[\]]{0,40}[ \t]+=[ \t]*)?(?:\(|(?:pulumi|jsii|aws|to|ptr|pointer)\.(?:Output\.|output\.)?"
    rb"(?:String|StringPtr|[sS]ecret|ToSecret|Ptr|To)\(|[\w.]{0,40}[uU]nsafe_?[pP]lain_?[tT]ext\(){0,3}(?=[\"'`])"
)
_TRIPLE = lazyre.compile(rb"(?:[bru]|[fF])?(\"{3}|'{3})([^\r\n]*?)\1")
_PLUS = lazyre.compile(rb"[ \t]*\+[ \t]*(?=[\"'])")
_BESIDE = lazyre.compile(rb"[ \t]+(?=[\"'])")  # in a bracket
_MORE = lazyre.compile(rb"[ \t]*\+[ \t]*[\w(`]")  # of what is computed
_INDEX = lazyre.compile(rb"\[[\"']([\w.\-]+)[\"']\]")  # config['password']
_WORD = lazyre.compile(rb"[^\s;,&\"'<>]*+")
_CALL = lazyre.compile(rb"&?[A-Za-z_][\w.:]*[({]")
_COMMENT = lazyre.compile(rb"\s(?:#|//|;|--|/\*)(?:\s|$).*\Z|\s#.*\Z")
_TAG = lazyre.compile(rb"<([A-Za-z_][\w.:\-]{0,127})(?:\s[^<>]{0,1024})?>([^<>\r\n]{1,8192})</\1\s*>")
_PAIR = lazyre.compile(
    rb"\b(?:name|key|"
    rb"id)\s*=\s*([\"'])([^\"'<>]{1,128})\1\s+(?:[\w:]+\s*=\s*[\"'][^\"'<>]*[\"']\s+){0,4}value\s*=\s*([\"'])"
    rb"([^\"'<>\r\n]*)\3",
    re.IGNORECASE,
)
_ESCAPE = lazyre.compile(rb"\\(.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
_PIECES = 32  # of a joined literal
_NAMED = 200  # bytes of a name in front of a bracket
LONGEST = 16384  # bytes of a line that are looked at


def owns(path: str, head: bytes) -> bool:
    return True


def extract(blob: Blob) -> Iterator[Unit]:
    """The assignments on each line."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """The assignments on each line, in order."""
    start = 0
    while start < len(data):
        stop = data.find(b"\n", start)
        stop = len(data) if stop < 0 else stop
        if stop > start:
            yield from _line(data, start, min(stop, start + LONGEST))
        start = stop + 1


def _line(data: bytes, start: int, stop: int) -> Iterator[Unit]:
    seen = set()
    if data.find(b"<", start, stop) >= 0:
        for unit in _elements(data, start, stop):
            seen.add(unit.span)
            yield unit
    for unit in _named_in_code.units(data, start, stop):
        if unit.span not in seen:
            seen.add(unit.span)
            yield unit._replace(value=unescape(unit.value)) if unit.form == "double" else unit
    first = True
    at = start
    while found := _ASSIGNMENT.search(data, at, stop):
        at = found.end()
        key = _text(_INDEX.sub(rb".\1", found["key"].strip()))
        wrap = _WRAP.match(data, at, stop)
        begin = wrap.end() if wrap else at
        if string := _string(data, begin, stop, in_bracket=data[begin - 1] == 40):
            unit, at = string
            if unit.value and unit.span not in seen:
                yield unit._replace(key=key)
        else:
            begin = at
            at = max(at, _WORD.match(data, at, stop).end())  # type: ignore[union-attr]
            is_flag = data[found.start()] == 45  # `-Da=b c`: a space ends it
            end = _bare(data, begin, at, stop) if first and not is_flag else at
            if call := _CALL.match(data, begin, min(at, begin + _NAMED)):  # `a = connect(password="x")`
                at = call.end()
            if end > begin and data[begin:end] not in (b"{", b"[", b"(", b"|", b">", b"|-", b">-"):
                yield Unit(Span(begin, end), key, data[begin:end])
        first = False


def _string(data: bytes, at: int, stop: int, in_bracket: bool) -> tuple[Unit, int] | None:
    """The literal that begins here, its pieces joined (`"ab" + "cd"`), and where it ends."""
    if triple := _TRIPLE.match(data, at, stop):
        return Unit(Span(*triple.span(2)), "", triple[2], "double"), triple.end()
    string = _STRING.match(data, at, stop)
    if not string or string.end() == at:
        return None
    span, value, form = _piece(string)
    at = string.end()
    for _ in range(_PIECES):
        joint = _PLUS.match(data, at, stop) or (_BESIDE.match(data, at, stop) if in_bracket else None)
        following = _STRING.match(data, joint.end(), stop) if joint else None
        if not following:
            break
        other, more, _form = _piece(following)
        span, value, at, form = Span(span.start, other.end), value + more, following.end(), "joined"
    return Unit(span, "", value, "plain" if _MORE.match(data, at, stop) else form), at


def _piece(string: re.Match[bytes]) -> tuple[Span, bytes, str]:
    group = string.lastindex - 1  # type: ignore[operator]
    form = ("double", "single", "backtick")[group // 2]
    return Span(*string.span(group)), unescape(string[group]) if form == "double" else string[group], form


def _bare(data: bytes, begin: int, word: int, stop: int) -> int:
    """Where the value of a line's first assignment ends: with the line, unless another follows a space."""
    following = _ASSIGNMENT.search(data, word, stop)
    if following and data[word : word + 1] in b" \t":
        return word
    rest = data[begin:stop]
    comment = _COMMENT.search(rest)
    rest = (rest[: comment.start()] if comment else rest).rstrip(b" \t\r")
    return begin + len(rest)


def _elements(data: bytes, start: int, stop: int) -> Iterator[Unit]:
    """`<password>x</password>` and `<add key="password" value="x"/>`."""
    for tag in _TAG.finditer(data, start, stop):
        value = tag.group(2)
        bare = value.strip()
        if bare:
            begin = tag.start(2) + len(value) - len(value.lstrip())
            yield Unit(Span(begin, begin + len(bare)), _text(tag.group(1)), _entities(bare))
    for both in _PAIR.finditer(data, start, stop):
        if both.group(4):
            yield Unit(Span(*both.span(4)), _text(both.group(2)), _entities(both.group(4)), "double")


def _entities(raw: bytes) -> bytes:
    if b"&" not in raw:
        return raw
    return html.unescape(raw.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def unescape(raw: bytes) -> bytes:
    """The usual backslash escapes; an unknown one stays as it is."""
    if b"\\" not in raw:
        return raw
    return _ESCAPE.sub(lambda m: _LETTERS.get(m[1]) or (m[1] if m[1] in b"\"'\\/$`" else m[0]), raw)
