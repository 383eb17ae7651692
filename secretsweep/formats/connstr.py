"""Connection strings: `Server=x;User ID=y;Password=z`, and the comma form that Redis clients take."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _nested
from secretsweep.formats._address import SEGMENT, text
from secretsweep.model import Blob, Span, Unit

NAME = "connstr"
PRIORITY = 20
ANCESTORS = False  # no line depends on the indentation above it
GATES: tuple[Gate, ...] = ()

PATHS = lazyre.compile(r"\.(?:udl|connectionstring)$|(?:^|/)connection[_-]?string(?:\.txt)?$", re.IGNORECASE)
_PART = (
    rb"(?P<key>[A-Za-z][\w .\-/]*?)[ \t]*=(?!=)[ \t]*"
    rb"(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<plain>[^%s\r\n]*))"
)
_SEMICOLONS = lazyre.compile(_PART % b";")
_COMMAS = lazyre.compile(_PART % b",")
_SPACES = lazyre.compile(_PART.replace(b"[\\w .\\-/]*?", b"[\\w.\\-]*") % b" \t;,")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The value of every part."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The parts, nested documents unopened."""
    pattern = _SEMICOLONS if b";" in data else _COMMAS if b"," in data else _SPACES
    for part in pattern.finditer(data):
        group = next((name for name in ("double", "single", "plain") if part[name] is not None), "plain")
        raw = part[group].rstrip()
        if raw:
            start = part.start(group)
            yield Unit(Span(start, start + len(raw)), text(part["key"].strip())[:SEGMENT], raw, group)
