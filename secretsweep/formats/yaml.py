"""YAML: libyaml's events with marks over one character a byte, templates masked first."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from secretsweep import lazyre
from secretsweep.formats import Unparsed, _gates, _manifest, _nested, _secrets, _sections
from secretsweep.formats._address import DEPTH, NAMES, VALUES, child, flag, item, pair, setting, text
from secretsweep.formats._mask import mask
from secretsweep.formats._onebyte import to_bytes, to_text
from secretsweep.model import Blob, Span, Unit

NAME = "yaml"
PRIORITY = 10
GATES = (_gates.MANIFEST, _gates.PAIR, _gates.FLAG, _gates.ITEM, _gates.ARGUMENT, _gates.CLOUD_INIT)
REGIONS = {"whole": _manifest.around, "literal": _sections.literal}

PATHS = lazyre.compile(
    r"\.(?:ya?ml|sls|eyaml)(?:\.(?:j2|jinja2?|tpl|tmpl|gotmpl|erb|example|sample|dist|bak|orig|in))*$", re.I
)
_SECRET = lazyre.compile(rb"\bkind[\"']?\s*:\s*[\"']?\w*Secret")
_PROPERTIES = lazyre.compile(r"(?:[&!]\S*\s+(?:#[^\n]*\s+)*)*")
_FORMS = {"'": "single", '"': "double", "|": "block", ">": "block"}
_SET = lazyre.compile(rb"\{%[-+]?\s*(?:set|do)?\s*([A-Za-z_]\w*)\s*=\s*([\"'])([^\"'\n]+)\2")
_STANDARD = "tag:yaml.org,2002:"
_BRACKET = lazyre.compile(rb"[\[\]{}]")
FLOWS = 500
_WHITE = " \t\r\n"


def owns(path: str, head: bytes) -> bool:
    return _is_yaml(path)


@lru_cache(maxsize=8192)
def _is_yaml(path: str) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every scalar that is a value; nothing at all, but Unparsed, when a document does not parse."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The scalars of all documents, nested documents unopened."""
    found = documents(data)
    if _SECRET.search(data):  # a manifest below a long comment, or in another document
        return [unit for document in found for unit in _secrets.opened(document)]
    return [unit for document in found for unit in document]


def documents(data: bytes, function: str = "") -> list[list[Unit]]:
    """The scalars of each document. Tags of collections are steps of an address where a format has such a `function`:
    `!Join` is `Fn::Join`."""
    masked = mask(data)
    found = _documents(data, masked, function)
    if masked is not data and (assigned := list(_assigned(data))):
        found[-1:] = [[*(found[-1] if found else ()), *assigned]]
    return found


def _assigned(data: bytes) -> Iterator[Unit]:
    """`{% set password = 'x' %}`: what templates give names to."""
    for one in _SET.finditer(data):
        form = "double" if one[2] == b'"' else "single"
        yield Unit(Span(*one.span(3)), text(one[1]), one[3], form)


def _documents(data: bytes, masked: bytes, function: str) -> list[list[Unit]]:
    if _depth(masked) > FLOWS:
        raise Unparsed("too deep")
    try:
        return _Walk(data, masked, function).documents()
    except Unparsed:
        closers = _open_flows(masked)
        if not closers:
            raise
    return _Walk(data, masked + b"\n" + closers, function).documents()


def _open_flows(data: bytes) -> bytes:
    """The brackets that an excerpt lacks at its end."""
    stack: list[bytes] = []
    for bracket in _BRACKET.finditer(data):
        if bracket.group() in b"[{":
            stack.append(b"]" if bracket.group() == b"[" else b"}")
        elif stack and stack[-1] == bracket.group():
            stack.pop()
    return b"".join(reversed(stack)) if len(stack) <= 8 else b""


def _depth(data: bytes) -> int:
    """At least how deep flow collections nest; libyaml's time grows with its square."""
    if data.count(b"[") + data.count(b"{") <= FLOWS:
        return 0
    depth = deepest = 0
    for bracket in _BRACKET.finditer(data):
        depth = depth + 1 if bracket.group() in b"[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


class _Frame:
    """An open mapping or sequence."""

    __slots__ = ("index", "key", "name", "path", "previous", "values")

    def __init__(self, path: str, index: int) -> None:
        self.path = path
        self.index = index  # of the next element; -1 in a mapping
        self.key: str | None = None  # read, its value not yet
        self.name: str | None = None  # value of `name`, `key` …
        self.previous = ""  # the scalar element before
        self.values: list[int] = []  # units of `value`, `default` …


class _Walk:
    """The events of one stream, and where one is in them."""

    def __init__(self, data: bytes, masked: bytes, function: str = "") -> None:
        self.data, self.masked, self.function = data, masked, function
        self.templated = masked is not data
        self.source, self.offset = to_text(masked)
        self.frames: list[_Frame] = [_Frame("", 0)]
        self.out: list[Unit] = []

    def documents(self) -> list[list[Unit]]:
        scalar, mapping, sequence, closing, alias, end = kinds()
        found: list[list[Unit]] = []
        try:
            for event in events(self.source):
                kind = type(event)
                if kind is scalar:
                    self.scalar(event)
                elif kind is mapping or kind is sequence:
                    self.open(-1 if kind is mapping else 0, event.tag)
                elif kind in closing:
                    self.close()
                elif kind is alias:
                    self.place()
                elif kind is end:
                    found.append(self.out)
                    self.out, self.frames = [], [_Frame("", 0)]
        except (_library()[1], ValueError, OverflowError) as error:
            raise Unparsed(type(error).__name__) from None
        return found

    def place(self) -> str | None:
        """The address of the node that begins; None for a mapping's key."""
        frame = self.frames[-1]
        if frame.index < 0:
            if frame.key is None:
                return None
            path, frame.key = child(frame.path, frame.key), None
            return path
        frame.index += 1
        return item(frame.path, frame.index - 1) if len(self.frames) > 1 else ""

    def open(self, index: int, tag: str | None) -> None:
        path = self.place()
        if path is None:  # a collection as a key
            self.frames[-1].key, path = "?", self.frames[-1].path
        elif self.function and tag and tag[0] == "!" and len(tag) > 1:
            path = child(path, self.function + tag[1:])
        self.frames.append(_Frame(path if len(self.frames) < DEPTH else self.frames[-1].path, index))

    def close(self) -> None:
        frame = self.frames.pop()
        if frame.name is not None:
            for at in frame.values:
                self.out[at] = self.out[at]._replace(key=pair(frame.path, frame.name))

    def scalar(self, event: Any) -> None:
        frame = self.frames[-1]
        key = frame.key
        start, end, form = self.content(event)
        if frame.index < 0 and key is None:
            frame.key = text(self.value(event, start, end))
            return
        path = self.place() or ""
        value = self.value(event, start, end)
        if not value:
            frame.previous = ""
            return
        if key is None and frame.index > 0:
            option = flag(frame.previous)
            path = child(frame.path, option) if option else path
            frame.previous = text(value) if value[:1] == b"-" and len(value) < 64 else ""
            if b"=" in value and (named := setting(path, value)):
                path, value, start = self.named(*named, path, value, start)
        elif key in NAMES and frame.name is None:
            frame.name = text(value)
        elif key in VALUES:
            frame.values.append(len(self.out))
        self.out.append(Unit(Span(start, end), path, value, form))

    def named(self, name: str, at: int, path: str, value: bytes, start: int) -> tuple[str, bytes, int]:
        """The list element `NAME=value` as if it were an entry of a mapping."""
        if self.data.startswith(value[:at], start):
            start += at
        return pair(path, name), value[at:], start

    def content(self, event: Any) -> tuple[int, int, str]:
        """Byte range of a scalar's content as written, and its form."""
        start, end = event.start_mark.index, event.end_mark.index
        source, style = self.source, event.style
        form = _FORMS.get(style, "plain")
        if start < end and source[start] in "&!":
            start = _PROPERTIES.match(source, start, end).end()  # type: ignore[union-attr]
        if form == "block":
            start = min(end, (source.find("\n", start, end) + 1) or end)
            while start < end and source[start] in _WHITE:
                start += 1
            while end > start and source[end - 1] in _WHITE:
                end -= 1
        elif form != "plain":
            start, end = start + 1, max(start + 1, end - 1)
        tag = event.tag
        if tag and tag != "!" and not tag.startswith(_STANDARD):
            form = f"tag:{tag}"
        return start + self.offset, end + self.offset, form

    def value(self, event: Any, start: int, end: int) -> bytes:
        """The scalar's value; as written when it holds a template."""
        raw = self.data[start:end]
        if self.templated and self.masked[start:end] != raw:
            return raw
        if not event.style:
            return to_bytes(event.value)
        value = event.value
        return to_bytes(value.strip(_WHITE) if event.style in "|>" else value)


def events(source: str) -> Iterator[Any]:
    parser = _library()[0](source)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    finally:
        parser.dispose()


@cache
def _library() -> tuple[Any, type[Exception]]:
    from yaml import YAMLError
    from yaml._yaml import CParser

    return CParser, YAMLError


@cache
def kinds() -> tuple[type, type, type, tuple[type, ...], type, type]:
    from yaml import events as e

    closing = (e.MappingEndEvent, e.SequenceEndEvent)
    return e.ScalarEvent, e.MappingStartEvent, e.SequenceStartEvent, closing, e.AliasEvent, e.DocumentEndEvent
