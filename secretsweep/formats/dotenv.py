"""Environment files: `KEY=value`, quoted over several lines or bare up to a comment."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _nested
from secretsweep.formats._address import text
from secretsweep.model import Blob, Span, Unit

NAME = "dotenv"
PRIORITY = 20
ANCESTORS = False  # no line depends on the indentation above it
GATES: tuple[Gate, ...] = ()

PATHS = lazyre.compile(
    r"(?:^|/)(?:\.?env(?:rc|\.[\w.-]+)?|\.[\w-]*env(?:rc)?|[^/]*\.env(?:\.[\w-]+)*|env_file)$", re.IGNORECASE
)
_NOT = lazyre.compile(r"\.(?:ya?ml|json|tf|tfvars|hcl|sh|py|js|ts|rb|go|md|toml|xml|j2)$", re.IGNORECASE)
_ENTRY = lazyre.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*(?:export[ \t]+|set[ \t]+)?([A-Za-z_][\w.\-]*)[ \t]*(?:\+?=|:(?=[ \t]))[ \t]*"
    rb"(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*+)'|`([^`]*+)`|([^\r\n]*))",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = lazyre.compile(rb"(?<=[ \t])#.*\Z", re.DOTALL)
_ESCAPE = lazyre.compile(rb"\\(\r?\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\n": b"", b"\r\n": b""}
_FORMS = ("double", "single", "single", "plain")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _NOT.search(path) is None


def extract(blob: Blob) -> Iterator[Unit]:
    """The value of every entry."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The entries, nested documents unopened."""
    for entry in _ENTRY.finditer(data):
        group = entry.lastindex or 5
        form = _FORMS[group - 2]
        start, end = entry.span(group)
        if form == "plain":
            comment = _COMMENT.search(data, start, end)
            raw = data[start : comment.start() if comment else end].rstrip()
            raw = raw.lstrip(b"\"'") if raw[:1] in (b'"', b"'") else raw  # a quote without its end
            start = start + (data[start:end].find(raw) if raw else 0)
            end = start + len(raw)
        value = data[start:end]
        if value:
            yield Unit(
                Span(start, end), text(entry.group(1)), unescape(value) if form == "double" else value, form
            )


def unescape(raw: bytes) -> bytes:
    r"""What double quotes let one write: `\n`, `\"`, `\\`, `\$`."""
    return _ESCAPE.sub(_character, raw) if b"\\" in raw else raw


def _character(escape: re.Match[bytes]) -> bytes:
    letter = escape.group(1)
    if letter in _LETTERS:
        return _LETTERS[letter]
    return letter if letter in b"\"\\$`'" else escape.group()
