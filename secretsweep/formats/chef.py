"""Chef: attributes and recipes, whose properties stand before their strings without a sign between them."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested, text
from secretsweep.model import Blob, Span, Unit

NAME = "chef"
PRIORITY = 20
ANCESTORS = False  # no line depends on the indentation above it
GATES = (
    Gate(r"(?i)(?:pass|" + _gates.SECRETIVE[3:] + r"\w{0,20}[ \t]{1,4}[\"'][^\"'\s]"),
    _gates.ARGUMENT,
)

PATHS = lazyre.compile(
    r"(?:^|/)(?:attributes|recipes|resources|providers|roles|environments)/(?:[^/]+/)*[^/]+\.rb$"
    r"|(?:^|/)(?:knife|client|solo|chef-server|delivery)\.rb$|(?:^|/)test/cookbooks/.*\.rb$"
)
_PROPERTY = lazyre.compile(
    rb"^[ \t]*([a-z_]\w*)[ \t]+(?:\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)')[ \t]*\r?$", re.MULTILINE
)


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The assignments, and the properties of resources."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The literals, nested documents unopened."""
    yield from text.units(data)
    for found in _PROPERTY.finditer(data):
        group = found.lastindex or 2
        if value := found[group]:
            form = "double" if group == 2 else "single"
            name = found[1].decode()
            yield Unit(Span(*found.span(group)), name, text.unescape(value) if group == 2 else value, form)
