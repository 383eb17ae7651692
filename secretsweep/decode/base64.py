"""Base64, standard and URL-safe, on one line or wrapped (in a string by escapes), with or without padding."""

import base64
import binascii
import string

from secretsweep import lazyre
from secretsweep.decode._headers import body
from secretsweep.decode.backwards import backwards
from secretsweep.model import Span

NAME = "base64"
SHORTEST = 16  # characters of a run that is worth decoding
_ALPHABET = rb"A-Za-z0-9+/_-"
_CHARACTERS = string.ascii_letters.encode() + string.digits.encode() + b"+/_-"
_FORWARD = lazyre.compile(rb"[" + _ALPHABET + rb"]*={0,2}")
_LINE = lazyre.compile(rb"[ \t]*([" + _ALPHABET + rb"]{1,}={0,2})[ \t]*\r?")
_WRAPPED = 40  # shortest line that may belong to a wrapped run
_LONGEST = 16 << 20
_BREAK = lazyre.compile(rb"(?:\\r)?\\n")  # written as an escape
_BROKEN = lazyre.compile(rb"([" + _ALPHABET + rb"]{40,76})(?:\\r)?\\n\Z")
_ARMOUR = lazyre.compile(rb"-----(?:[ \t\r\n\"'+,#>|*]|\\[nrt]){0,40}\Z")  # of a PEM block: keys in it have rules
# gzip, zip, `#!/bin`, `#cloud-config`, MIME, `{"auth`, `apiVersion`, `<?xml`, and gzip in base64 twice (Helm)
_BEGINNINGS = (
    *(b"\x1f\x8b\x08", b"PK\x03\x04", b"#!/", b"#cloud-config", b"Content-Type:", b"MIME-Version"),
    *(b"{" + blank + b'"auths"' for blank in (b"", b" ", b"\n\t", b"\n  ", b"\n    ")),  # as `docker login` writes it
)
# bzip2, xz; zlib, of whose beginning three characters are known, where nothing else stands before it
_PACKED = (
    r"Qlpo[MNO][DTjz]FBWSZTW",
    r"[/_]Td6WFoAA",
    r"(?:^|[^A-Za-z0-9+/=_-])e(?:J[w-z]|N[o-r]|A[E-H])[A-Za-z0-9+/_-]{37}",
)
_UTF_32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_THRICE = (b"password", b"PASSWORD", b"#!/bin/bash", b"-----BEGIN ")
# Private keys without armour: PKCS#1, PKCS#8 (RSA, EC with and without its public key, Ed25519, X25519), SEC1 for three
# curves, encrypted PKCS#8; the keystores PKCS#12 (DER and BER), JKS, JCEKS, BKS. Lengths vary, what follows does not.
_KEYS = (
    r"MII[A-Z][A-Za-z0-9+/][AQgw]IBAAK[BC]",
    r"IBADANBgkqhkiG9w0BAQEFAAS",
    r"AgEAMB[AM]GByqGSM49",
    r"MEECAQAwEwYHKoZIzj0C",
    r"MC4CAQAwBQYDK2V[uw]",
    r"MHcCAQEEI",
    r"MDECAQEEI",
    r"MIGkAgEBBD[A-D]",
    r"MIHcAgEBBEI",
    r"MI[IJ][A-Za-z0-9+/]{5}BgkqhkiG9w0BBQ",
    r"MI[GH][A-Za-z0-9+/]M[A-Za-z0-9+/]{2}GCSqGSIb3DQEF",
    r"MI[I-L][A-Za-z0-9+/]{2}[AQgw]IBAzC",
    r"MIACAQMwgA",
    r"[/_]u3[+\-]7QAAAA[IE]",
    r"zs7OzgAAAA[IE]",
    r"AAAAAgAAABQ",
)


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """Each word at each of its three alignments; also as UTF-16 (PowerShell), and in base64 twice when it is long, a
    few thrice."""
    found: set[str] = set()
    for word in words:
        if len(word) >= 4:
            found.update(_aligned(word))
            found.update(_aligned(word.decode("latin-1").encode("utf-16-le")[:-1]))  # in either order
        if len(word) >= 8:
            found.update(twice for once in _aligned(word) for twice in _aligned(once.encode()))
    for word in _THRICE:
        twice = (second for first in _aligned(word) for second in _aligned(first.encode()))
        found.update(third for second in twice for third in _aligned(second.encode()))
    beginnings = {_start(magic) for magic in (*_BEGINNINGS, *_UTF_32)} | {_start(_start(b"\x1f\x8b\x08").encode())}
    safe = {_escaped(text) for text in found if len(text) >= 5}
    begun = (f"{_escaped(text)}[A-Za-z0-9+/]{{12}}" for text in sorted(beginnings))
    return (*sorted(safe), *begun, *_KEYS, *_PACKED, r"(?i)content-transfer-encoding:[ \t]{0,4}base64")


def run(data: bytes, at: int) -> Span:
    """The run around `at`: the characters that touch it, and the lines above and below that are base64 alone."""
    if data[max(0, at - 15) : at].lower().startswith(b"encoding:"):
        return _stripped(data, body(data, at))
    start = backwards(data, at, _CHARACTERS, _LONGEST)
    end = _FORWARD.match(data, at).end()  # type: ignore[union-attr]
    if data[start - 1 : start + 1] in (b"\\n", b"\\r", b"\\t") and start > 0:
        start, end = _joined(data, start + 1, end)
    else:
        start, end = _joined(data, _upward(data, start), _downward(data, start, end))
    if _ARMOUR.search(data, max(0, start - 48), start):
        return Span(end, end)
    return Span(start, end)


def decode(data: bytes) -> bytes | None:
    """The bytes, or None. A last incomplete group is left out, as of a run that was cut."""
    if b"\\" in data:
        data = _BREAK.sub(b"", data)
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


def _joined(data: bytes, start: int, end: int) -> tuple[int, int]:
    """With the lines before and after it, where they are written as one string: `AAAA\\nBBBB`."""
    while above := _BROKEN.search(data, max(0, start - 80), start):
        start = above.start()
        while data[start - 1 : start] in (b"\\",):
            start += 1
    while below := _BREAK.match(data, end):
        more = _FORWARD.match(data, below.end())
        if not more or more.end() == below.end():
            break
        end = more.end()
    return start, end


def _stripped(data: bytes, span: Span) -> Span:
    text = data[span.start : span.end]
    return Span(span.start + len(text) - len(text.lstrip()), span.start + len(text.rstrip()))


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
