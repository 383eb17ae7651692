"""A file whose only line is the password: known by its name, as nothing in it tells what it is."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, Unparsed
from secretsweep.model import Blob, Span, Unit

NAME = "vault_password"
PRIORITY = 40
ANCESTORS = False  # there is one line
GATES = (Gate(r"\A(?:\xef\xbb\xbf)?[^\s#][^\r\n]{3,200}[\r\n]{0,4}\z", "line"),)

PATHS = lazyre.compile(
    r"(?:^|/)\.?(?:ansible[._-]?)?(?:[a-z]{2,12}[._-])?vault[._-]?pass(?:word|wd|phrase)?(?:[._-](?:file|[a-z]{2,12}))?(?:\.txt)?$",
    re.IGNORECASE,
)
_LINE = lazyre.compile(rb"(?:\xef\xbb\xbf)?(\S[^\r\n]{2,199}\S)\s*\Z")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and not head.startswith((b"#!", b"$ANSIBLE_VAULT"))


def extract(blob: Blob) -> Iterator[Unit]:
    """The line, when it is the only one."""
    found = _LINE.match(blob.data)
    if found is None:
        raise Unparsed("more than one line")
    yield Unit(Span(*found.span(1)), "vault_password", found.group(1))
