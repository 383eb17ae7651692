"""Files of `user:password`, one a line: htpasswd, Squid, Mosquitto, lists for a login."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.formats._lines import whole
from secretsweep.model import Blob, Span, Unit

NAME = "htpasswd"
PRIORITY = 25
ANCESTORS = False  # no line depends on the indentation above it
# how the file begins: a gate for each such line would cost every scan a third of its speed
GATES = (
    Gate(r"\A(?:\xef\xbb\xbf)?(?:#[^\n]{0,200}\r?\n){0,4}[A-Za-z0-9][\w.@\-]{0,63}:[^\s:/]{4}", "all"),
)
REGIONS = {"all": whole}

PATHS = lazyre.compile(
    r"(?:^|[/.])(?:\.?ht(?:passwd|digest|users|pass)|htpasswd[\w.-]*|passwd-s3fs|\.?userlist\.txt)"
    r"(?:[._-](?!py|sh|rb|go|js|ya?ml|md|tf|json|html)[\w-]+)*$|\.htpasswd$"
)
_LINE = lazyre.compile(rb"^(?:\xef\xbb\xbf)?([^\s:#][^\s:]*):([^\s:]+)[ \t]*\r?$", re.MULTILINE)
_HASH = lazyre.compile(  # of crypt(3) the oldest has 13 characters
    rb"\$|\{[A-Z0-9-]+\}|[./0-9A-Za-z]{13}$|!|\*|PBKDF2\$"
)


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The password or hash of each line."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """Passwords, and hashes by the name of what they are."""
    for line in _LINE.finditer(data):
        field = "password_hash" if _HASH.match(line[2]) else "password"
        yield Unit(Span(*line.span(2)), child(child("", text(line[1])), field), line[2])
