"""Dockerfiles: instructions over several lines, with what ENV, ARG and LABEL set, commands, and here-documents."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import Gate, _commandline, _gates, _nested, json
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "dockerfile"
PRIORITY = 25
GATES = (
    Gate(r"(?mi)^[ \t]*(?:ENV|LABEL)[ \t]+[\w.\-]*" + _gates.SECRETIVE + r"[\w.\-]*[ \t]+[^\s=]"),
    _gates.FLAG,
    _gates.ARGUMENT,
    _gates.HEREDOC,
)

PATHS = lazyre.compile(
    r"(?:^|/)(?:docker|container)file(?:[._-][\w.-]+)?$|(?:^|/)[\w.-]+\.(?:docker|container)file(?:\.(?:j2|tmpl|tpl|erb))?$",
    re.IGNORECASE,
)
_NOT = lazyre.compile(r"\.(?:dockerignore|md|sh|py|ya?ml|json|txt|rb|go|js|ts|tf)$", re.IGNORECASE)
INSTRUCTION = lazyre.compile(
    rb"[ \t]*(?:ONBUILD[ \t]+)?(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|RUN|SHELL|"
    rb"STOPSIGNAL|USER|VOLUME|WORKDIR)(?=[ \t\r\n]|\Z)[ \t]*",
    re.IGNORECASE,
)
_CONTINUES = lazyre.compile(rb"(?:\\|(?<=[ \t])`)[ \t]*\r?\Z")
_BLANK = lazyre.compile(rb"[ \t]*(?:#.*)?\r?\Z", re.DOTALL)
_HEREDOC = lazyre.compile(rb"<<-?[ \t]*([\"']?)([A-Za-z_]\w*)\1")
OPTIONS = lazyre.compile(rb"(?:--[\w-]+(?:=\S*)?(?:[ \t]|\\\r?\n)+)*")
_CHECK = lazyre.compile(rb"(?:--[\w-]+=\S*(?:[ \t]|\\\r?\n)+)*CMD[ \t]+", re.IGNORECASE)
_SETTING = lazyre.compile(
    rb"(?<!\S)(?:\"([\w./\-]+)\"|([\w./\-]+))="
    rb"(?:\"((?:[^\"\\]|\\.)*)\"(?!\S)|'([^']*)'(?!\S)|((?:\\[^\r\n]|[^\s\\])+))",
    re.DOTALL,
)
_OLD = lazyre.compile(rb"([\w.\-]+)[ \t]+(\S(?:[^\n]*[^\s\\])?)")
_ESCAPE = lazyre.compile(rb"\\(\r?\n|.)", re.DOTALL)
_FORMS = ("double", "single", "plain")
LONGEST = 64 << 10  # bytes of an instruction; of a longer one, the line


class Instruction(NamedTuple):
    """From its first line to its last one, here-documents included; `body` is where the latter begin."""

    start: int
    body: int
    end: int


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _NOT.search(path) is None


def extract(blob: Blob) -> Iterator[Unit]:
    """What instructions set, and the literals of their commands and here-documents."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The literals, nested documents unopened."""
    for instruction in instructions(data):
        begin = 3 if instruction.start == 0 and data.startswith(b"\xef\xbb\xbf") else instruction.start
        found = INSTRUCTION.match(data, begin, instruction.body)
        if found:
            yield from _read(data, found[1].decode().upper(), found.end(), instruction)
        else:  # lines out of the middle of one
            yield from _commandline.units(_plain(data), Span(begin, instruction.end), "")


def region(data: bytes, at: int) -> tuple[int, int]:
    """The whole instruction around a place: its first line says what the others are."""
    found = instructions(data)
    number = bisect_right(found, max(at - 1, 0), key=lambda i: i.start) - 1
    if number >= 0 and at - 1 <= found[number].end and found[number].end - found[number].start <= LONGEST:
        return found[number].start, found[number].end
    end = data.find(b"\n", at)
    return data.rfind(b"\n", 0, at) + 1, len(data) if end < 0 else end


REGIONS = {"statement": region, "heredoc": region, "next": region}


@lru_cache(maxsize=2)
def instructions(data: bytes) -> tuple[Instruction, ...]:
    """Where the instructions of a file are; comments between them are not in any."""
    found = []
    lines = _lines(data)
    for start, end in lines:
        if _BLANK.match(data[start:end]):
            continue
        last = end
        line = start
        while _CONTINUES.search(data, max(line, last - 80), last) or _BLANK.match(data[line:last]):
            following = next(lines, None)
            if following is None:
                break
            line, last = following
        body = last
        for opener in _HEREDOC.finditer(data, start, body) if data.find(b"<<", start, body) >= 0 else ():
            for line, stop in lines:
                last = stop
                if data[line:stop].strip() == opener[2]:
                    break
        found.append(Instruction(start, body, last))
    return tuple(found)


def _lines(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield start, end
        start = end + 1


def _read(data: bytes, name: str, start: int, instruction: Instruction) -> Iterator[Unit]:
    """The literals of one instruction whose arguments begin at `start`."""
    end = instruction.body
    if name in ("ENV", "ARG", "LABEL"):
        yield from _settings(data, name, start, end)
    elif name in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL"):
        skipped = (_CHECK if name == "HEALTHCHECK" else OPTIONS).match(data, start, end)
        start = skipped.end() if skipped else start
        if data[start : start + 1] == b"[":
            for unit in json.units(data[start:end]):
                key = f"{name}{'' if unit.key[:1] == '[' else '.'}{unit.key}"
                yield unit._replace(key=key, span=unit.span.shifted(start))
        elif data[start : start + 2] == b"<<":  # a script
            if body := _trimmed(data, data.find(b"\n", start) + 1, data.rfind(b"\n", 0, instruction.end)):
                yield from _commandline.units(data, body, name)
        else:
            yield from _commandline.units(_plain(data), Span(start, instruction.end), name)
    elif name in ("COPY", "ADD") and instruction.end > end:
        yield from _files(data, name, instruction)


def _settings(data: bytes, name: str, start: int, end: int) -> Iterator[Unit]:
    """`KEY=value …`, or the older `KEY value` of one line."""
    old = _OLD.match(data, start, end)
    if old and name != "ARG":
        yield Unit(Span(*old.span(2)), child(name, text(old[1])), old[2])
        return
    for pair in _SETTING.finditer(data, start, end):
        group = pair.lastindex or 5
        if value := pair[group]:
            form = _FORMS[group - 3]
            value = value if form == "single" or b"\\" not in value else _ESCAPE.sub(_character, value)
            yield Unit(Span(*pair.span(group)), child(name, text(pair[1] or pair[2])), value, form)


def _character(escape: re.Match[bytes]) -> bytes:
    return b"" if escape[1][-1:] == b"\n" else escape[1] if escape[1] in b"\"'\\$ " else escape[0]


def _files(data: bytes, name: str, instruction: Instruction) -> Iterator[Unit]:
    """Here-documents that become files, read by the name that they get."""
    words = data[instruction.start : instruction.body].split()
    target = text(words[-1])
    at = instruction.body + 1
    for opener in _HEREDOC.finditer(data, instruction.start, instruction.body):
        start = at
        while at < instruction.end:
            stop = data.find(b"\n", at, instruction.end)
            stop = instruction.end if stop < 0 else stop
            if data[at:stop].strip() == opener[2]:
                break
            at = stop + 1
        if span := _trimmed(data, start, min(at, instruction.end)):
            path = target + text(opener[2]) if target.endswith("/") else target
            content = data[span.start : span.end].replace(b"\r\n", b"\n")
            unit = Unit(span, child(name, path), content, "heredoc")
            yield unit
            yield from _nested.called(data, unit, path)
        at = data.find(b"\n", at, instruction.end) + 1 or instruction.end


def _trimmed(data: bytes, start: int, end: int) -> Span | None:
    """The range without the blanks around it."""
    raw = data[start:end]
    bare = raw.strip()
    start += len(raw) - len(raw.lstrip())
    return Span(start, start + len(bare)) if bare else None


@lru_cache(maxsize=2)
def _plain(data: bytes) -> bytes:
    """With the backslash that shells know at the end of lines that Windows' escape character continues."""
    return re.sub(rb"(?<=[ \t])`(?=[ \t]*\r?\n)", b"\\\\", data) if b"`" in data else data
