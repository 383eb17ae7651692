r"""Java properties: `=`, `:` or a blank behind the key, lines that a backslash continues, `\u` escapes."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats._address import SEGMENT, text
from secretsweep.formats._lines import logical
from secretsweep.model import Blob, Span, Unit

NAME = "properties"
PRIORITY = 15
GATES = (_gates.KEYWORD, Gate(r"(?i)(?:passw|pwd|secret|token|_?-?\.?key)[\w.\-]{0,40}[ \t]{0,8}[:=][^\n]"
    r"{0,400}\\\r?\n", "logical"))
REGIONS = {"logical": logical}

PATHS = lazyre.compile(
    r"\.(?:properties|props\.conf|sbtcredentials)(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig|in))*$"
    r"|(?:^|/)\.(?:sbt|ivy2)/\.?credentials$",
    re.IGNORECASE,
)
_ENTRY = lazyre.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t\f]*(?![#!]|\xef\xbb\xbf)((?:[^\s\\:=]|\\[^\r\n])+)[ \t\f]*(?:[=:][ \t\f]*|(?<=[ \t\f]))"
    rb"((?:[^\\\r\n]|\\(?:\r?\n|.))*)",
    re.MULTILINE | re.DOTALL,
)
_ESCAPE = lazyre.compile(rb"\\(?:u([0-9a-fA-F]{4})|(\r?\n)[ \t\f]*|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"f": b"\f"}


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The value of every entry."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The entries, nested documents unopened."""
    for entry in _ENTRY.finditer(data):
        start, end = entry.span(2)
        raw = data[start:end].rstrip(b" \t\f")
        while raw[:1] == b"\\" and raw[1:2] in b"\r\n":  # the value begins on the next line
            skipped = len(raw) - len(raw[1:].lstrip(b" \t\f\r\n"))
            start, raw = start + skipped, raw[skipped:]
        if raw:
            name = text(unescape(entry[1]))[:SEGMENT]
            yield Unit(Span(start, start + len(raw)), name, unescape(raw))


def unescape(raw: bytes) -> bytes:
    """What is meant; the backslash before any other character is dropped, as Java does."""
    return _ESCAPE.sub(_character, raw) if b"\\" in raw else raw


def _character(escape: re.Match[bytes]) -> bytes:
    code, line, letter = escape.groups()
    if code:
        return chr(int(code, 16)).encode("utf-8", "surrogatepass")
    return b"" if line else _LETTERS.get(letter, letter)
