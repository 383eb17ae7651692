"""MongoDB's key files, by which the members of a replica set know each other: base64 in lines, and nothing else."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._lines import whole
from secretsweep.model import Blob, Span, Unit

NAME = "mongodb-keyfile"
PRIORITY = 29
ANCESTORS = False  # the file is one word, in lines
GATES = (Gate(r"\A(?:\xef\xbb\xbf)?[A-Za-z0-9+/]{6,1024}={0,2}(?:\r?\n|\z)", "all"),)
REGIONS = {"all": whole}

PATHS = lazyre.compile(  # `mongodb/files/secret`, `mongo-keyfile`, `roles/mongo/replica.key`
    r"(?:^|/)(?:(?:[\w.-]*[._-])?mongo[\w-]*/(?:[\w.-]+/)*(?:[\w-]*secret|[\w-]*[_-]?key(?:-?file)?)"
    r"|[\w.-]*mongo[\w-]*[._-]key(?:[_-]?file)?|(?:[\w.-]*[._-])?key[_-]?file)(?:\.(?:txt|key))?$",
    re.IGNORECASE,
)
_LINES = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*((?:[A-Za-z0-9+/]+\s+)*[A-Za-z0-9+/]+={0,2})\s*\Z")
_LEAST, _MOST = 6, 1024  # characters, as the server wants them
_LARGEST = 4096  # bytes of a file with as many line ends as anybody writes


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _LINES.match(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The key."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """The characters without the line ends, which the server passes over."""
    if len(data) <= _LARGEST and (found := _LINES.match(data)):
        key = b"".join(found[1].split())
        if _LEAST <= len(key) <= _MOST:
            yield Unit(Span(*found.span(1)), "secret", key, "single" if key == found[1] else "block")
