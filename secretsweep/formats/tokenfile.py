"""Files that hold nothing but a secret, and say so by their name."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._lines import whole
from secretsweep.model import Blob, Span, Unit

NAME = "tokenfile"
PRIORITY = 28
ANCESTORS = False  # no line depends on the indentation above it
GATES = (Gate(r"\A(?:\xef\xbb\xbf)?[!-~]{8,512}\s{0,4}\z", "all"),)
REGIONS = {"all": whole}

PATHS = lazyre.compile(
    r"(?:^|/)(?:\.vault-token|\.?[\w-]*(?:api|access|auth|bot|deploy|registry|github|gitlab|npm|vault|root|admin|join|node|cluster)[_-]?token"
    r"|\.token|token|master\.key|[\w-]+\.key|[\w.-]*secret[_-]?key(?:_base)?|[\w-]*api[_-]?key|client[_-]secret"
    r"|\.?[\w-]*(?:db|database|root|admin|user|vault|mysql|postgres|redis|mongo|ansible)[_-]?pass(?:wd|word|phrase)?"
    r"|\.?vault[_-]pass(?:word)?[\w-]*|\.?(?:password|passwd|passphrase|secret)|[\w-]*erlang[._-]?cookie|\.passwd-s3fs)"
    r"(?:\.(?:txt|secret|env|conf))?$",
    re.IGNORECASE,
)
_ONLY = lazyre.compile(rb"(?:\xef\xbb\xbf)?([!-~]{8,512})\s*\Z")
_HEAD = lazyre.compile(rb"(?:\xef\xbb\xbf)?[!-~]{8,512}\s*\Z")
_STRUCTURE = lazyre.compile(rb"[\w.-]+[:=].|[{\[<(/~.$]|-----BEGIN|https?:|ssh-")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _HEAD.match(head) is not None and not _STRUCTURE.match(head)


def extract(blob: Blob) -> Iterator[Unit]:
    """The one word."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """The name of a file is no part of a verdict, so the word is a secret by the file's kind."""
    if found := _ONLY.match(data):
        yield Unit(Span(*found.span(1)), "secret", found[1], "single")
