"""LDIF: attributes of directory entries, `::` before base64, values folded over lines."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.formats._basic import plain
from secretsweep.formats._lines import FAR
from secretsweep.model import Blob, Span, Unit

NAME = "ldif"
PRIORITY = 20
ANCESTORS = False  # no line depends on the indentation above it
GATES = (Gate(r"(?i)(?:password|olcRootPW|sambaNTPassword|krbPrincipalKey)[\w;\-]{0,30}::?[ \t]{0,8}[^\s<]", "folded"),)

PATHS = lazyre.compile(r"\.(?:ldif|ldiff)(?:\.(?:j2|tpl|tmpl|erb|example|sample|in))*$")
_ENTRY = lazyre.compile(rb"^(?:\xef\xbb\xbf)?([A-Za-z][\w.\-]*)((?:;[\w\-]+)*)(::?)(?!<)[ \t]*([^\r\n]"
    rb"*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_FOLD = lazyre.compile(rb"\r?\n[ \t]")
_HASH = lazyre.compile(rb"\{[A-Za-z0-9-]+\}")
_DIRECTIVES = frozenset((b"dn", b"changetype", b"add", b"replace", b"delete", b"version", b"control"))


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def _folded(data: bytes, at: int) -> tuple[int, int]:
    """The line, with those below that begin with a blank."""
    start = data.rfind(b"\n", max(0, at - FAR), at) + 1
    end = data.find(b"\n", at, at + FAR)
    while end >= 0 and data[end + 1 : end + 2] in (b" ", b"\t"):
        end = data.find(b"\n", end + 1, at + FAR)
    return start, min(len(data), at + FAR) if end < 0 else end


REGIONS = {"folded": _folded}


def extract(blob: Blob) -> Iterator[Unit]:
    """Every attribute, with its entry in the address."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """Values of attributes; of base64 the text in it."""
    entry = ""
    for found in _ENTRY.finditer(data):
        raw = found[4].rstrip()
        value = _FOLD.sub(b"", raw)
        if found[1] == b"dn":
            entry = text(value)
        if found[1] in _DIRECTIVES or not value:
            continue
        trail: tuple[str, ...] = ()
        if found[3] == b"::" and (opened := plain(value)):
            value, trail = opened, ("base64",)
        name = text(found[1])
        key = child(child("", entry), name) if entry else name
        if _HASH.match(value):
            key += "_hash"
        yield Unit(Span(found.start(4), found.start(4) + len(raw)), key, value, "plain", trail)
