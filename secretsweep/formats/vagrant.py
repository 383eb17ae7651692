"""Vagrantfiles: settings of machines, and the scripts that provision them."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats import text as _text
from secretsweep.model import Blob, Span, Unit

NAME = "vagrant"
PRIORITY = 20
ANCESTORS = False  # no line depends on the indentation above it
GATES: tuple[Gate, ...] = (_gates.HEREDOC,)

PATHS = lazyre.compile(r"(?:^|/)Vagrantfile(?:[._-][\w.-]*)?$")
_HEREDOC = lazyre.compile(rb"^([^\n#]*?)<<[-~]?([\"'`]?)([A-Za-z_]\w*)\2[^\n]*\n", re.MULTILINE)
_NAME = lazyre.compile(rb"([A-Za-z_][\w.]*)[ \t]*(?:=|:|=>)[ \t]*\Z|\b(inline)\b")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Settings, and what the scripts hold."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """Assignments outside of scripts; each script as one literal."""
    at = 0
    while found := _HEREDOC.search(data, at):
        yield from _settings(data, at, found.end())
        close = re.compile(rb"^[ \t]*" + found[3] + rb"\b", re.MULTILINE).search(data, found.end())
        end = close.start() if close else len(data)
        name = _NAME.search(found[1])
        body = data[found.end() : end]
        if body.strip():
            key = (name[1] or name[2]).decode("utf-8", "replace") if name else "script"
            yield Unit(Span(found.end(), end), key, body.replace(b"\r\n", b"\n"), "heredoc")
        at = close.end() if close else len(data)
    yield from _settings(data, at, len(data))


def _settings(data: bytes, start: int, end: int) -> Iterator[Unit]:
    for unit in _text.units(data[start:end]):
        yield unit._replace(span=unit.span.shifted(start))
