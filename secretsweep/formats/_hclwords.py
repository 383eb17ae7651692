"""HCL's words with their byte offsets, out of whole files, excerpts and garbage alike, in linear time.

tree-sitter-hcl takes quadratic time for repeated mistakes (5 KB of `"a"` a second), and in excerpts, whose
blocks are open, it loses the address of every third literal. On whole files the two agree.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import lazyre


class Word(NamedTuple):
    """`kind` is `string`, `heredoc`, `name`, `newline`, `other`, or the bracket or sign itself.

    The range of a string is its content; `inner` are the strings in its interpolations.
    """

    kind: str
    start: int
    end: int
    text: bytes = b""
    inner: tuple[tuple[int, int], ...] = ()


_WORD = lazyre.compile(
    rb"[ \t\r\xef\xbb\xbf]*(?:"
    rb'"(?P<string>(?:[^"\\\n$%]|\\.|[$%]{2}\{|[$%](?!\{))*)"'
    rb"|(?P<name>[A-Za-z_][\w\-]*)"
    rb"|(?P<newline>\n)"
    rb"|(?P<comment>#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))"
    rb"|<<(?P<indented>-?)(?P<heredoc>[A-Za-z_][\w\-]*)[ \t]*\r?\n"
    rb"|(?P<other>=[=>]|[!<>]=|\d[\w.]*)"
    rb"|(?P<sign>[{}\[\]()=,:.])"
    rb'|(?P<quote>")'
    rb"|(?P<rest>.))",
    re.DOTALL,
)
_INSIDE = lazyre.compile(rb'\\.|[$%]{2}\{|[$%]\{|["{}\n]', re.DOTALL)
RESYNCS = 16  # strings whose interpolation never ends, and that are taken to end with their line


def words(data: bytes) -> Iterator[Word]:
    """The words in order, without comments. A quoted string without its end stops at its line's."""
    at, end = 0, len(data)
    resyncs = RESYNCS
    while at < end and (found := _WORD.match(data, at, end)):
        at, kind = found.end(), found.lastgroup
        if kind == "name":
            yield Word("name", found.start("name"), at, found["name"])
        elif kind == "sign":
            yield Word(found["sign"].decode(), at - 1, at)
        elif kind == "newline":
            yield Word("newline", at - 1, at)
        elif kind == "string":
            yield Word("string", found.start("string"), at - 1)
        elif kind == "heredoc":
            start = at
            terminator = re.compile(rb"^[ \t]*" + found["heredoc"] + rb"[ \t]*\r?$", re.MULTILINE)
            closing = terminator.search(data, at, end)
            last, at = closing.span() if closing else (end, end)
            yield Word("heredoc", start, last, found["indented"])
        elif kind == "quote":
            stop, inner = _template(data, at, end)
            if stop < 0:
                resyncs -= 1
                stop = _line_end(data, at, end) if resyncs > 0 else end
            yield Word("string", at, stop, b"", inner)
            at = stop + 1 if data[stop : stop + 1] == b'"' else stop
        elif kind in ("other", "rest"):
            yield Word("other", at - 1, at, found[kind])


def _line_end(data: bytes, at: int, end: int) -> int:
    stop = data.find(b"\n", at, end)
    return end if stop < 0 else stop


def _template(data: bytes, at: int, end: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Where a string with interpolations ends (-1: with the file), and the strings inside them."""
    stack = [b'"']
    inner: list[tuple[int, int]] = []
    opened = 0
    while found := _INSIDE.search(data, at, end):
        char, at = found.group(), found.end()
        quoted = stack[-1] == b'"'
        if quoted and char == b"\n":
            return found.start(), tuple(inner)
        if char == b'"':
            if not quoted:
                stack.append(b'"')
                opened = at
                continue
            stack.pop()
            if not stack:
                return found.start(), tuple(inner)
            if len(stack) == 2 and found.start() > opened and data[opened - 2 : opened - 1] != b"[":
                inner.append((opened, found.start()))
        elif char in (b"${", b"%{") or (not quoted and char == b"{"):
            stack.append(b"}")
        elif not quoted and char == b"}":
            stack.pop()
    return -1, tuple(inner)
