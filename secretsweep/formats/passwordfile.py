"""Files that hold nothing but a password, as secrets of compose and mounted ones do, and say so by their name."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._lines import whole
from secretsweep.model import Blob, Span, Unit

NAME = "passwordfile"
PRIORITY = 29
ANCESTORS = False  # there is one line
GATES = (Gate(r"\A(?:\xef\xbb\xbf)?[!-~]{6,200}\s{0,4}\z", "all"),)
REGIONS = {"all": whole}

PATHS = lazyre.compile(
    r"(?:^|/)(?:[\w.-]*[._-]|\.|[\w-]*(?:db|database|root|admin|user|mysql|postgres|redis|mongo))?"
    r"(?:password|passwd|passphrase)(?:\.(?:txt|secret|env|conf))?$",
    re.IGNORECASE,
)
_ONLY = lazyre.compile(rb"(?:\xef\xbb\xbf)?([!-~]{6,200})\s*\Z")
_STRUCTURE = lazyre.compile(rb"(?:\xef\xbb\xbf)?(?:[\w.-]+[:=].|[{\[<(/~.$]|-----BEGIN|https?:)")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _ONLY.match(head) is not None and not _STRUCTURE.match(head)


def extract(blob: Blob) -> Iterator[Unit]:
    """The one word."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """The name of a file is no part of a verdict, so the word is a password by the file's kind."""
    if found := _ONLY.match(data):
        yield Unit(Span(*found.span(1)), "password", found[1], "single")
