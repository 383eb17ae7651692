"""What PowerShell makes of a text: strings, variables, words and signs, with the place of each."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats._shellwords import Part, Word
from secretsweep.model import Span

_TOKEN = lazyre.compile(
    rb"(?P<blank>(?:[ \t\xa0]|`\r?\n|\xef\xbb\xbf)+|<#.*?(?:#>|\Z)|\#[^\n]*)"
    rb"|@\"[ \t]*\r?(?P<expanding>\n.*?)(?:\n[ \t]*\"@|\Z)|@'[ \t]*\r?(?P<raw>\n.*?)(?:\n[ \t]*'@|\Z)"
    rb"|\"(?P<double>(?:[^\"`$]++|`.|\"\"|\$\([^()\"\n]{0,200}(?:[\"(][^()\"\n]{0,200}[\")][^()\"\n]{0,200}){0,9}\)|\$)*)\""
    rb"|'(?P<single>(?:[^']++|'')*)'"
    rb"|[\"'](?P<open>[^\"'\r\n]*)"
    rb"|(?P<variable>\$(?:\{[^}\n]{1,200}\}|(?:[A-Za-z]\w*:)?\w+)"
    rb"(?:\??\.[A-Za-z_]\w*|\[[\"'][\w.\- ]{1,100}[\"']\]|::[A-Za-z_]\w*)*)"
    rb"|(?P<type>\[[A-Za-z_][\w.]*(?:\[[\w.]*\])?\](?P<static>::[A-Za-z_]\w*)?)"
    rb"|(?P<sign>\r?\n|[@$]\(|@\{|[{}()\[\];,|]|&&|\+=|=(?!=)|\+)"
    rb"|(?P<bare>(?:-[A-Za-z]\w*:(?=[\"'$(@\s])|[-/][^\s\"'`$(){};|,]*|[^\s\"'`$(){};|,=+\[\]]+|`.|[$\]]))",
    re.DOTALL,
)
_ESCAPE = lazyre.compile(rb"`(\r\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"e": b"\x1b"}
_STRINGS = frozenset(("double", "single", "expanding", "raw", "open"))
_GIVEN = lazyre.compile(rb"-[A-Za-z]\w*:")  # `-Password:"x"`
_GOES_ON = frozenset((b"|", b"+", b"=", b"+=", b",", b"&&"))
ENTRIES = 3  # lines of a table above and below one
ENTRY = 1 << 10
LONGEST = 64 << 10  # bytes of a statement; of a longer one, the line


class Item(NamedTuple):
    """A token: `value` without quotes and escapes stands at `span`; with its quotes it is `data[start:end]`."""

    kind: str  # string, variable, type, sign, bare, or group for what was in brackets
    value: bytes
    span: Span
    form: str
    start: int
    end: int


def items(data: bytes, at: int = 0) -> Iterator[Item]:
    """The tokens, without blanks and comments."""
    while token := _TOKEN.search(data, at):
        at = max(token.end(), at + 1)
        kind = token.lastgroup or ""
        if kind == "static":
            kind = "type"
        if kind in _STRINGS:
            yield _string(token, kind)
        elif kind != "blank":
            value = token[kind]
            if kind == "bare" and value[:1] == b"`":
                value = value[1:]
            elif kind == "sign":
                value = value.strip(b"\r")
            yield Item(kind, value, Span(*token.span(kind)), "plain", token.start(), token.end())


def _string(token: re.Match[bytes], kind: str) -> Item:
    raw = token[kind]
    start, end = token.span(kind)
    form = kind
    if kind in ("expanding", "raw"):
        bare = raw.strip()
        start += len(raw) - len(raw.lstrip())
        end, raw, form = start + len(bare), bare.replace(b"\r\n", b"\n"), "heredoc"
    if kind == "double":
        raw = raw.replace(b'""', b'"')
    if kind in ("double", "expanding") and b"`" in raw:
        raw = _ESCAPE.sub(lambda m: _LETTERS.get(m[1], m[1].strip(b"\r\n") or b"\n"), raw)
    elif kind == "single":
        raw = raw.replace(b"''", b"'")
    elif kind == "open":
        form = "double"
    return Item("string", raw, Span(start, end), form, token.start(), token.end())


def words(found: list[Item]) -> tuple[Word, ...]:
    """Tokens as the words of a command: what is written without a blank between is one."""
    out: list[Word] = []
    end = -1
    for item in found:
        if item.start != end or not out:
            out.append(Word(b"", ()))
        length = len(out[-1].value)
        value = item.value or b""
        form, closed = item.form if item.kind == "string" else "plain", item.end > item.span.end
        part = Part(length, length + len(value), item.span, form, closed)
        last = out[-1].parts[-1] if out[-1].parts else None
        if last and last.form == part.form == "plain" and last.verbatim() and part.verbatim():
            part = last._replace(end=part.end, span=Span(last.span.start, part.span.end))
            out[-1] = Word(out[-1].value + value, (*out[-1].parts[:-1], part))
        else:
            out[-1] = Word(out[-1].value + value, (*out[-1].parts, part) if len(out[-1].parts) < LEAST else ())
        end = -1 if _GIVEN.fullmatch(item.value) else item.end
    return tuple(word for word in out if word.parts)


LEAST = 64  # parts of one word; one of more is no word


def statement(data: bytes, at: int) -> tuple[int, int]:
    """The lines around a place that parentheses, strings, pipes and operators hold together."""
    starts = _statements(data)
    number = bisect_right(starts, max(at - 1, 0)) - 1
    start = starts[number]
    end = starts[number + 1] - 1 if number + 1 < len(starts) else len(data)
    if end - start <= LONGEST:
        return start, end
    at = max(at - 1, 0)
    low, high = max(0, at - LONGEST // 2), min(len(data), at + LONGEST // 2)
    end = data.find(b"\n", at, high)
    return data.rfind(b"\n", low, at) + 1 or low, high if end < 0 else end


def siblings(data: bytes, at: int) -> tuple[int, int]:
    """The statement, with the entries of the same table next to it."""
    start, end = statement(data, at)
    if b"\n" in data[start:end]:
        return start, end
    for _ in range(ENTRIES):
        above = data.rfind(b"\n", max(0, start - ENTRY), max(start - 1, 0)) + 1
        if not above or b"{" in data[above:start] or b"}" in data[above:start]:
            break
        start = above
    for _ in range(ENTRIES):
        below = data.find(b"\n", end + 1, end + ENTRY)
        if below < 0 or b"{" in data[end:below] or b"}" in data[end:below]:
            break
        end = below
    return start, end


@lru_cache(maxsize=2)
def _statements(data: bytes) -> tuple[int, ...]:
    """Where the lines begin that nothing but braces is open at."""
    found = [0]
    depth = 0
    before = b""
    for item in items(data):
        sign = item.value if item.kind == "sign" else b""
        if sign == b"\n":
            if depth <= 0 and before not in _GOES_ON:
                found.append(item.end)
            continue
        if sign in (b"(", b"[", b"@(", b"$("):
            depth += 1
        elif sign in (b")", b"]"):
            depth = max(0, depth - 1)
        elif sign in (b"{", b"}", b"@{"):
            depth = 0
        before = sign
    return tuple(found)
