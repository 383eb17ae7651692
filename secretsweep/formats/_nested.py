"""A literal that is itself a document or a command line, and its Units at their place in the file."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from secretsweep import formats, lazyre, plugins
from secretsweep.formats import Unparsed
from secretsweep.model import Span, Unit, joined

DEPTH = 4
BUDGET = 4  # bytes opened for each byte of the file, and
LEAST = 1 << 20  # this many in any case
SEARCHED = 1 << 26  # bytes searched for the places of one literal's units; the others have the literal's

_COMMAND = lazyre.compile(
    rb"(?:^|\s)--?[A-Za-z][\w-]*(?:[=\s]|$)|(?:^|[;&|\s\"'])[A-Z_][A-Z0-9_]{2,}=\S|\$\{\w+:?[-=]"
    rb"|\b(?:chpasswd|sshpass|curl|mysql\w*|psql|docker|redis-cli)\s"
)
_SHELL = lazyre.compile(
    rb"#!.{0,40}\b(?:ba|z|k|da|a)?sh\b"
    rb"|^\s*(?:export|set -[a-z]|source|sudo|echo|curl|apt-get|yum|fi|done|esac|then)\b"
    rb"|^\s*[A-Za-z_]\w*=\S*\$[({]",
    re.MULTILINE,
)
_JSON = lazyre.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\"{\[])")
_YAML = lazyre.compile(rb"(?:---\s|(?:- )?[\w.\"'-]+:(?:\s*\n| \S))", re.MULTILINE)
_ENTRY = lazyre.compile(rb"^\s*(?:- )?[\w.\"'/-]+:(?:\s|$)", re.MULTILINE)
_CLOUD_INIT = lazyre.compile(rb"(?:##[ \t]*template:[^\n]*\n)?#cloud-config\b")
_KUBERNETES = lazyre.compile(rb"^(?:apiVersion|kind: Secret\b)", re.MULTILINE)
_OBJECT = lazyre.compile(rb'"apiVersion"\s*:')
_SETTING = lazyre.compile(  # connection strings and queries: `Server=x;Password=y`, `?user=x&password=y`
    rb"(?i)(?:\A|[;&?,]|[\w\"']\s)\s?[\w.\- ]{0,40}(?:passw(?:or)?d|pwd|secret|token|(?:account|access|api)_?key)"
    rb"\s?=\s?[^\s;&=]"
)
_PARTS = lazyre.compile(rb"(?!(?:jdbc:)?[a-z+:]+://)[^\n]*?[;,] ?[A-Za-z][\w .\-]{1,40}=")  # of a connection string
_FILE = lazyre.compile(r'"((?:[^"\\]|\\.)+)"\Z|([^." ]+)\Z')  # the last name of an address
_WHOLE = lazyre.compile(  # a line for a file: `db.password=x`, `content='db_password: x'`
    rb"(?i)(?:[a-z]+=|\$(?:env:)?)?[\"']?[\w.\-]{0,40}(?:passw(?:or)?d|pwd|secret|token|_key)[\"']?(?:\s?=\s?|:\s)[\"']?[^\s;&='\"]"
)
_ASSIGNED = lazyre.compile(rb"=|:\s|<\w")


class _Open(NamedTuple):
    """A document in a literal, to be read."""

    kind: str
    unit: Unit  # that holds it
    depth: int


def expand(
    data: bytes, units: Iterable[Unit], known: str = "", kind_of: Callable[[Unit], str] | None = None
) -> Iterator[Unit]:
    """Every unit, each followed by what is in it; `known` is a format that has looked inside already, and `kind_of`
    says what the format knows of a literal beside its text."""
    budget = max(LEAST, BUDGET * len(data))
    for unit in units:
        yield unit
        kind = (kind_of(unit) if kind_of else "") or _kind(unit)
        if not kind or (unit.form != "heredoc" and (kind == known or _reads_on(kind, unit))):
            continue
        stack = [_Open(kind, unit, 1)]
        while stack:
            opened = stack.pop()
            budget -= len(opened.unit.value)
            if budget < 0:
                break
            for inner in _inside(data, opened):
                yield inner
                if opened.depth < DEPTH and (kind := _worth(opened, inner)):
                    stack.append(_Open(kind, inner, opened.depth + 1))


def _kind(unit: Unit) -> str:
    """The format of a literal; what is written to a file is what the file's name says."""
    if unit.form == "heredoc" and (found := _FILE.search(unit.key)):
        named = formats.owner(found[1] or found[2], unit.value)
        if named.NAME not in ("text", "shell") and hasattr(named, "units"):
            return named.NAME
    return sniff(unit.value, unit.form)


def called(data: bytes, unit: Unit, path: str) -> Iterator[Unit]:
    """What is in a literal that becomes the file `path`, when a format owns such a file by its name."""
    kind = formats.owner(path, unit.value).NAME
    if kind not in ("text", sniff(unit.value, unit.form)):
        yield from _inside(data, _Open(kind, unit, 1))


def sniff(value: bytes, form: str = "plain") -> str:
    """The format of a literal's text, or nothing when it is just a value, or a `file` that was opened already."""
    if form == "file":
        return ""
    if b"\n" not in value:
        if len(value) < 5:
            return ""
        if value[0] in b"{[" and _JSON.match(value):
            return "kubernetes" if _OBJECT.search(value, 0, 4096) else "json"
        if (b" " in value or value[0] == 45 or b"=" in value) and _COMMAND.search(value):
            return "shell"
        if form in ("block", "heredoc") and _ASSIGNED.search(value):
            return "text"
        if b"=" in value and _SETTING.search(value):
            return "connstr" if _PARTS.match(value) else "text"
        return "text" if _WHOLE.match(value) else ""
    head = value[:4096]
    if head.startswith((b"-----BEGIN", b"$ANSIBLE_VAULT", b"ENC[")):
        return ""
    if head.startswith(b"#!"):
        return "shell" if _SHELL.match(head) else "text"
    if b"ultipart/" in head and plugins.load(__package__, "multipart").owns("", head):
        return "multipart"
    if b"AWSTemplateFormatVersion" in head:
        return "cloudformation"
    if _JSON.match(head):
        return "kubernetes" if _OBJECT.search(head) else "json"
    if _CLOUD_INIT.match(head):
        return "cloud-init"
    if _KUBERNETES.search(head):
        return "kubernetes"
    if _SHELL.search(head):
        return "shell"
    if _YAML.match(head) and len(_ENTRY.findall(head)) * 2 >= head.count(b"\n"):
        return "yaml"
    if _COMMAND.search(head):
        return "shell"
    return "text" if _ASSIGNED.search(head) else ""


def _worth(opened: _Open, inner: Unit) -> str:
    """The format to read `inner` with, unless that was done already."""
    kind = "" if inner.value == opened.unit.value else _kind(inner)
    return "" if inner.form != "heredoc" and _reads_on(kind, inner) else kind


def _reads_on(kind: str, unit: Unit) -> bool:
    """Whether the format that found a literal has looked inside already: command lines hold command lines."""
    return kind == "shell" and unit.trail[-1:] == ("shell",)


def _inside(data: bytes, opened: _Open) -> Iterator[Unit]:
    """The units of a document that a literal holds."""
    outer = opened.unit
    try:
        found = list(plugins.load(__package__, opened.kind).units(outer.value))
        name = opened.kind
    except Unparsed:
        found, name = list(plugins.load(__package__, "text").units(outer.value)), "text"
    if found:
        yield from placed(data, outer._replace(trail=(*outer.trail, name)), found, joined)


def within(data: bytes, unit: Unit, kind: str) -> Iterator[Unit]:
    """A literal, and what is in it by the format called `kind`, for formats that know what a literal is."""
    yield unit._replace(form="file")
    yield from _inside(data, _Open(kind, unit, 1))


def _below(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer and inner else outer or inner


def placed(
    data: bytes, outer: Unit, found: Iterable[Unit], named: Callable[[str, str], str] = _below
) -> Iterator[Unit]:
    """Units that were found in a literal's value, at their place in the file."""
    place = _Place(data, outer)
    for unit in found:
        key = named(outer.key, unit.key)
        yield Unit(place.of(unit.span), key, unit.value, unit.form, (*outer.trail, *unit.trail))


class _Place:
    """Where the bytes of a literal's value stand in the file."""

    def __init__(self, data: bytes, outer: Unit) -> None:
        self.raw, self.outer = data[outer.span.start : outer.span.end], outer
        self.lines = _aligned(self.raw, outer.value)
        self.left = SEARCHED

    def of(self, span: Span) -> Span:
        """The span in the file; the whole literal's when the bytes are not the same, or stand there twice."""
        base, value = self.outer.span.start, self.outer.value
        if self.lines:
            starts, shifts = self.lines
            start, end = (at + shifts[bisect_right(starts, at) - 1] for at in span)
            return Span(base + start, base + end)
        self.left -= len(self.raw)
        if self.left < 0:
            return self.outer.span
        literal = value[span.start : span.end]
        at = self.raw.find(literal)
        if not literal or at < 0 or self.raw.find(literal, at + 1) >= 0:
            return self.outer.span
        return Span(base + at, base + at + len(literal))


def _aligned(raw: bytes, value: bytes) -> tuple[list[int], list[int]] | None:
    """Where lines start, and how far each moved when a block's indentation went; None when it is no block."""
    if raw == value:
        return [0], [0]
    ours, theirs = value.split(b"\n"), raw.split(b"\n")
    if len(ours) != len(theirs) or len(ours) == 1:
        return None
    starts, shifts, at, there = [], [], 0, 0
    for line, written in zip(ours, theirs, strict=True):
        bare = written[:-1] if written.endswith(b"\r") and not line.endswith(b"\r") else written
        if not bare.endswith(line) or bare[: len(bare) - len(line)].strip(b" \t"):
            return None
        starts.append(at)
        shifts.append(there + len(bare) - len(line) - at)
        at += len(line) + 1
        there += len(written) + 1
    return starts, shifts
