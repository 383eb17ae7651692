"""netrc files: machine, login and password in any layout, macros left out."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "netrc"
PRIORITY = 25
ANCESTORS = False  # no line depends on the indentation above it
GATES = (Gate(r"\bpassword[ \t\r\n]{1,20}[^\s=:]", "entry"),)

PATHS = lazyre.compile(r"(?:^|/)[._]?netrc(?:[._-][\w.-]*)?$|(?:^|/)[\w-]+\.netrc(?:\.(?:j2|tpl|tmpl|erb|example))?$")
_TOKEN = lazyre.compile(rb"#[^\n]*|\"((?:[^\"\\\n]|\\.)*)\"|(\S+)")
_MACRO = lazyre.compile(rb"(?:\r?\n[ \t]*(?=\r?\n)|\Z)")
_WORDS = frozenset((b"machine", b"default", b"login", b"user", b"account", b"password", b"passwd", b"macdef"))
_FAR = 1 << 10


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def _entry(data: bytes, at: int) -> tuple[int, int]:
    """From the machine above to the end of the line."""
    low = max(0, at - _FAR)
    begun = max(data.rfind(b"machine", low, at), data.rfind(b"\ndefault", low, at))
    start = data.rfind(b"\n", low, at if begun < 0 else max(begun, low)) + 1 or low
    end = data.find(b"\n", at, at + _FAR)
    return start, min(len(data), at + _FAR) if end < 0 else end


REGIONS = {"entry": _entry}


def extract(blob: Blob) -> Iterator[Unit]:
    """The password of each machine."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """Passwords, each with its machine in the address."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    machine, before, anonymous = "", b"", False
    while token := _TOKEN.search(data, at):
        at = token.end()
        group = token.lastindex
        if group is None:
            continue
        word = token[group]
        if before in (b"password", b"passwd", b"account", b"login", b"user"):
            anonymous = anonymous if before[:4] == b"pass" else word in (b"anonymous", b"ftp")
            if before[:4] == b"pass" and word and not anonymous:
                raw = re.sub(rb"\\(.)", rb"\1", word) if group == 1 else word
                form = "double" if group == 1 else "plain"
                yield Unit(Span(*token.span(group)), child(machine, "password"), raw, form)
            before = b""
        elif before == b"machine":
            machine, before, anonymous = child("", text(word)), b"", False
        elif word == b"macdef":
            at = _MACRO.search(data, at).end()  # type: ignore[union-attr]
        else:
            machine = "default" if word == b"default" else machine
            before = word if word in _WORDS else b""
