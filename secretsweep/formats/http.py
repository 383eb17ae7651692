"""Request files of HTTP clients (.http, .rest): headers, variables, and bodies."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _nested
from secretsweep.formats import text as _text
from secretsweep.formats._address import text
from secretsweep.formats._basic import authorization
from secretsweep.formats._lines import lines
from secretsweep.model import Blob, Span, Unit

NAME = "http"
PRIORITY = 20
ANCESTORS = False  # no line depends on the indentation above it
GATES = (Gate(r"(?i)authorization[ \t]{0,4}:[ \t]{0,8}\w{1,20}[ \t]{1,8}[^\s{$]", "line"),)

PATHS = lazyre.compile(r"\.(?:http|rest)(?:\.(?:j2|tpl|example|sample))*$")
_HEADER = lazyre.compile(rb"((?:Proxy-)?Authorization)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_NAMED = lazyre.compile(rb"([A-Za-z][\w-]*):[ \t]*([^\s{][^\r\n]*)")
_VARIABLE = lazyre.compile(rb"@([A-Za-z_][\w.-]*)[ \t]*=[ \t]*([^\s{][^\r\n]*)")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The values of headers, variables and bodies."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """Line by line."""
    for start, end in lines(data):
        if data[start : start + 1] == b"#":
            continue
        if header := _HEADER.match(data, start, end):
            value = header[2].rstrip()
            yield from authorization(Span(header.start(2), header.start(2) + len(value)), text(header[1]), value)
        elif named := _VARIABLE.match(data, start, end) or _NAMED.match(data, start, end):
            value = named[2].rstrip()
            yield Unit(Span(named.start(2), named.start(2) + len(value)), text(named[1]), value)
        else:
            yield from (u._replace(span=u.span.shifted(start)) for u in _text.units(data[start:end]))
