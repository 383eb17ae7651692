"""A literal that becomes a file: its encoding undone, and read as what its path says."""

import base64
import binascii
import zlib
from collections.abc import Iterator

from secretsweep import formats, lazyre
from secretsweep.formats import _nested
from secretsweep.model import Unit

LARGEST = 4 << 20  # bytes of a file that is unpacked
_BINARY = lazyre.compile(rb"!!binary[ \t]*(?:[|>][-+0-9]*[ \t]*\r?\n|[\"'])?\s*\Z")
_BASE64 = lazyre.compile(r"\b(?:b64|base64)\b")
_GZIP = lazyre.compile(r"\b(?:gz|gzip)\b")
_FOLD = lazyre.compile(rb"\s+")


def file(data: bytes, unit: Unit, path: str, encoding: str = "") -> Iterator[Unit]:
    """The content, and the literals in it; a file that is one value is called by its path."""
    content = decoded(data, unit, encoding.lower().replace("+", " "))
    kind = kind_of(path, content.value) if path or content.trail else _nested.sniff(content.value, content.form)
    yield from _nested.within(data, content, kind) if kind else (content,)


def decoded(data: bytes, unit: Unit, encoding: str) -> Unit:
    """With base64 and gzip undone; as it is when they are not what the file says."""
    value, trail = unit.value, unit.trail
    if _BASE64.search(encoding) or _BINARY.search(data, max(0, unit.span.start - 80), unit.span.start):
        try:
            value, trail = base64.b64decode(_FOLD.sub(b"", value), validate=True), (*trail, "base64")
        except (binascii.Error, ValueError):
            return unit
    if _GZIP.search(encoding):
        try:
            value = zlib.decompressobj(31).decompress(value, LARGEST)
        except zlib.error:
            return unit
        trail = (*trail, "gzip")
    return unit._replace(value=value, trail=trail) if value else unit


def kind_of(path: str, content: bytes) -> str:
    """The name of the format that reads the file; "" when it is one value."""
    owner = formats.owner(path, content).NAME
    if owner == "tokenfile":
        return ""
    if owner != "text":
        return owner
    return _nested.sniff(content, "block")
