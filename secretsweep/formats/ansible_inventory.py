"""Ansible's INI inventories: hosts with their variables on one line, and variables of groups."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _nested
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "ansible_inventory"
PRIORITY = 26
GATES: tuple[Gate, ...] = ()
ANCESTORS = False  # no line depends on the indentation above it

PATHS = lazyre.compile(
    r"(?:^|/)(?:[\w.-]*(?:inventory|hosts)[\w.-]*|inventor(?:y|ies)/(?:[^/]+/)*[\w-]+(?:\.(?:ini|cfg|inv))?)(?:\.(?:j2|example|sample))?$",
    re.IGNORECASE,
)
_NOT = lazyre.compile(
    r"\.(?:ya?ml|json|tf|py|sh|md|toml|rb|go|js|ts|xml|html?|csv|deny|allow)(?:\.\w+)?$", re.IGNORECASE
)
_TELLS = lazyre.compile(
    rb"^\[[\w.\-]+(?::(?:vars|children))?\][ \t]*(?:[#;][^\n]*)?\r?$|[ \t]ansible_\w+=", re.MULTILINE
)
_HEADER = lazyre.compile(rb"\[([\w.\- ]+)(?::(\w+))?\]")
_HOST = lazyre.compile(rb"[^\s#;=]+(?=\s|\Z)")
_VARIABLE = lazyre.compile(rb"[ \t]*([A-Za-z_][\w.\-]*)[ \t]*=[ \t]*")
# a word of a host's line as shlex reads it
_WORD = lazyre.compile(
    rb"(?<!\S)([A-Za-z_][\w.\-]*)=(?:\"((?:[^\"\\]|\\.)*)\"(?!\S)|'([^']*)'(?!\S)|((?:\{\{[^{}\n]*\}\}|[^\s{]|\{(?!\{))+))"
)
_QUOTED = lazyre.compile(rb"\"((?:[^\"\\]|\\.)*)\"[ \t]*(?:#.*)?\Z|'((?:[^'\\]|\\.)*)'[ \t]*(?:#.*)?\Z", re.DOTALL)
_COMMENT = lazyre.compile(rb"[ \t]#.*\Z", re.DOTALL)
_FORMS = ("double", "single", "plain")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _NOT.search(path) is None and _TELLS.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The variables of hosts and groups; of a line alone, without its group's name."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The variables, nested documents unopened."""
    group, kind = "", b""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        stop = end - (data[end - 1 : end] == b"\r" and end > start)
        if header := _HEADER.match(data, start, stop):
            group, kind = text(header[1]), header[2] or b""
        elif data[start : start + 1] not in (b"#", b";"):
            yield from _line(data, start, stop, group, kind)
        start = end + 1


def _line(data: bytes, start: int, stop: int, group: str, kind: bytes) -> Iterator[Unit]:
    assigned = _VARIABLE.match(data, start, stop)
    if assigned:
        path = child(group, "vars") if kind == b"vars" else group
        yield from _variable(data, assigned, stop, path)
    elif kind != b"vars" and (host := _HOST.match(data, start, stop)):
        path = child(group, text(host.group()))
        comment = _COMMENT.search(data, start, stop)
        for word in _WORD.finditer(data, start, comment.start() if comment else stop):
            number = word.lastindex or 4
            if value := word.group(number):
                key = child(path, text(word.group(1)))
                yield Unit(Span(*word.span(number)), key, _plain(value, number == 2), _FORMS[number - 2])


def _variable(data: bytes, assigned: re.Match[bytes], stop: int, path: str) -> Iterator[Unit]:
    """The rest of the line, a Python literal or plain text, without its comment."""
    start, key = assigned.end(), child(path, text(assigned[1]))
    quoted = _QUOTED.match(data, start, stop)
    if quoted:
        number = quoted.lastindex or 1
        if value := quoted.group(number):
            yield Unit(Span(*quoted.span(number)), key, _plain(value, number == 1), _FORMS[number - 1])
        return
    comment = _COMMENT.search(data, start, stop)
    value = data[start : comment.start() if comment else stop].rstrip()
    if value:
        yield Unit(Span(start, start + len(value)), key, value)


def _plain(raw: bytes, double: bool) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", raw) if double and b"\\" in raw else raw
