r"""PostgreSQL's password file: host:port:database:user:password, where `\` protects a colon."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "pgpass"
PRIORITY = 25
ANCESTORS = False  # no line depends on the indentation above it
GATES = (Gate(r":(?:[1-9][0-9]{1,4}|\*):[^\s:]{1,63}:[^\s:]{1,63}:[^\s:]", "line"),)

PATHS = lazyre.compile(r"(?:^|/)\.?pgpass(?:\.conf)?(?:[._-][\w.-]*)?$|\.pgpass(?:\.(?:j2|tpl|tmpl|erb|example))?$")
_FIELD = rb"((?:[^:\\\r\n]|\\.)*)"
_LINE = lazyre.compile(rb"^(?:\xef\xbb\xbf)?(?!#)" + (_FIELD + rb":") * 4 + rb"((?:[^\\\r\n]|\\.)+)", re.MULTILINE)


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The password of each line."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """Passwords, with user and host in the address."""
    for line in _LINE.finditer(data):
        host, _, database, user, _ = (text(plain(field)) for field in line.groups())
        key = child(child(child("", host), database), user)
        yield Unit(Span(*line.span(5)), child(key, "password"), plain(line[5]))


def plain(field: bytes) -> bytes:
    """A field without its backslashes."""
    return re.sub(rb"\\(.)", rb"\1", field, flags=re.DOTALL) if b"\\" in field else field
