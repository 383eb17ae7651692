"""Where a place stands in a template of Jinja: in its text, in a string of an expression, or where nothing is put in.

Syntax: jinja.palletsprojects.com/templates (raw, comments); docs.ansible.com, template module (`#jinja2:` headers).
"""

from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats._mask import templates
from secretsweep.model import Span

_RAW = lazyre.compile(rb"\{%[-+]?\s*(end)?raw\s*[-+]?%\}")
_HEADER = lazyre.compile(rb"#jinja2:[^\n]*_string")
_QUOTES = (b"'", b'"')


class Text(NamedTuple):
    """What is copied as it is, and may have an expression in its middle."""


class String(NamedTuple):
    """A whole string in an expression, with its quotes."""

    span: Span


def where(data: bytes, at: Span) -> Text | String | str:
    """The place; or why nothing can be written there."""
    if _HEADER.match(data):
        return "the template has signs of its own for expressions"
    last = None
    for found in _RAW.finditer(data, 0, at.start):
        last = found
    if last is not None and last[1] is None:
        return "nothing is filled in between raw and endraw"
    around = next((span for span in templates(data) if span[0] < at.end and at.start < span[1]), None)
    if around is None:
        return Text()
    if data[around[0] : around[0] + 2] == b"{#":
        return "in a comment, which nothing reads"
    mark = data[at.start - 1 : at.start]
    if mark in _QUOTES and data[at.end : at.end + 1] == mark and around[0] < at.start - 1:
        return String(Span(at.start - 1, at.end + 1))
    return "it is a part of an expression"


def masked(data: bytes) -> bytes:
    """Letters in the place of expressions, blanks in that of statements: a shell's words stay where they are."""
    out = bytearray(data)
    for start, end in templates(data):
        fill = b"x" if data[start : start + 2] == b"{{" else b" "
        out[start:end] = b"".join(b"\n" if byte == 10 else fill for byte in data[start:end])
    return bytes(out)
