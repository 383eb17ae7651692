"""Base64, standard and URL-safe, on one line or wrapped, with or without padding."""

import base64
import binascii
import re
import string

from secretsweep.decode.backwards import backwards
from secretsweep.model import Span

NAME = "base64"
SHORTEST = 16  # characters of a run that is worth decoding
_ALPHABET = rb"A-Za-z0-9+/_-"
_CHARACTERS = string.ascii_letters.encode() + string.digits.encode() + b"+/_-"
_FORWARD = re.compile(rb"[" + _ALPHABET + rb"]*={0,2}")
_LINE = re.compile(rb"[ \t]*([" + _ALPHABET + rb"]{1,}={0,2})[ \t]*\r?")
_WRAPPED = 40  # shortest line that may belong to a wrapped run
_LONGEST = 16 << 20
# gzip, zip, `#!/bin`, `#cloud-config`, MIME, `{"auth`, `apiVersion`, `<?xml`, and gzip in base64 twice (Helm)
_BEGINNINGS = (
    *(b"\x1f\x8b\x08", b"PK\x03\x04", b"#!/", b"#cloud-config", b"Content-Type:", b"MIME-Version"),
    *(b"{" + blank + b'"auths"' for blank in (b"", b" ", b"\n\t", b"\n  ", b"\n    ")),  # as `docker login` writes it
)
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """Each word at each of its three alignments; also as UTF-16 (PowerShell), and in base64 twice when it is long."""
    found: set[str] = set()
    for word in words:
        if len(word) >= 4:
            found.update(_aligned(word))
            found.update(_aligned(word.decode("latin-1").encode("utf-16-le")))
        if len(word) >= 8:
            found.update(twice for once in _aligned(word) for twice in _aligned(once.encode()))
    beginnings = {_start(magic) for magic in _BEGINNINGS} | {_start(_start(b"\x1f\x8b\x08").encode())}
    safe = {_escaped(text) for text in found if len(text) >= 5}
    return (*sorted(safe), *(f"{_escaped(text)}[A-Za-z0-9+/]{{12}}" for text in sorted(beginnings)))


def run(data: bytes, at: int) -> Span:
    """The run around `at`: the characters that touch it, and the lines above and below that are base64 alone."""
    start = backwards(data, at, _CHARACTERS, _LONGEST)
    end = _FORWARD.match(data, at).end()  # type: ignore[union-attr]
    return Span(_upward(data, start), _downward(data, start, end))


def decode(data: bytes) -> bytes | None:
    """The bytes, or None. A last incomplete group is left out, as of a run that was cut."""
    text = data.translate(None, b" \t\r\n").rstrip(b"=")
    if len(text) < 4 or len(data) < SHORTEST:
        return None
    if b"-" in text or b"_" in text:
        if b"+" in text or b"/" in text:
            return None
        text = text.translate(bytes.maketrans(b"-_", b"+/"))
    if len(text) % 4 == 1:
        text = text[:-1]
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _upward(data: bytes, start: int) -> int:
    """Where a wrapped run begins, if the line of `start` continues one."""
    while True:
        line = data.rfind(b"\n", 0, start) + 1
        if line == 0 or data[line:start].strip(b" \t"):
            return start
        above = data.rfind(b"\n", 0, line - 1) + 1
        match = _LINE.fullmatch(data, above, line - 1)
        if not match or len(match[1]) < _WRAPPED or match[1].endswith(b"="):
            return start
        start = match.start(1)


def _downward(data: bytes, start: int, end: int) -> int:
    """Where a wrapped run ends, if the line of `end` is long enough to be part of one."""
    line = max(data.rfind(b"\n", 0, end) + 1, start)
    while end - line >= _WRAPPED and data[end - 1 : end] != b"=":
        stop = data.find(b"\n", end, end + 4)
        if stop < 0 or data[end:stop].strip(b" \t\r"):
            return end
        below = data.find(b"\n", stop + 1)
        below = len(data) if below < 0 else below
        match = _LINE.fullmatch(data, stop + 1, below)
        if not match:
            return end
        line, end = match.span(1)
    return end


def _aligned(word: bytes) -> list[str]:
    """The characters that `word` alone decides, for each of the three ways it can stand in a group."""
    found = []
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + word).decode().rstrip("=")
        first, last = -(-8 * offset // 6), 8 * (offset + len(word)) // 6
        found.append(text[first:last])
    return found


def _start(magic: bytes) -> str:
    return _aligned(magic)[0]


def _escaped(text: str) -> str:
    safe = {"+": r"[+\-]", "/": "[/_]"}
    return "".join(safe.get(c, c) for c in text)
