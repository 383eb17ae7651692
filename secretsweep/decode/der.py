"""Private keys and keystores in DER, as OpenSSL and keytool write them: they become PEM, which the rules know.

PKCS#8 (RFC 5208, 5958), also encrypted; PKCS#1 (RFC 8017); SEC 1 (RFC 5915); DSA as OpenSSL has it; PKCS#12 (RFC 7292)
when a key is in it. Certificates, public keys and keystores of certificates alone are none.
"""

import base64
import re

from secretsweep.decode import _pkcs12
from secretsweep.decode._asn1 import INTEGER, OCTETS, OID, SEQUENCE, Value, inside, read
from secretsweep.model import Span

NAME = "der"
_BACK = 40  # bytes from the beginning to where a gate ends, at most
_PKCS5 = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))  # encryption by a password
_LENGTH = r"(?:\x82[\x00-\xff]{2}|\x83[\x00-\xff]{3}|\x80)"


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    """The constant bytes after the outermost length, up to the first that are the key's own."""
    return (
        r"\x02\x01[\x00\x01]\x30[\x05-\x1f]\x06[\x03-\x09][\x2a\x2b]",  # PKCS#8
        r"\x30\x82[\x00-\xff]{2}\x02\x01\x00\x02(?:\x81[\x80-\x82]|\x82[\x01-\x08])",  # PKCS#1, DSA
        r"\x30(?:\x31|\x77|\x81[\x80-\xff])\x02\x01\x01\x04[\x1c-\x42]",  # SEC 1
        r"\x30[\x1a-\x7f]\x06[\x09\x0a]\x2a\x86\x48\x86\xf7\x0d\x01(?:\x05|\x0c\x01)",  # encrypted PKCS#8
        r"\x02\x01\x03\x30" + _LENGTH + r"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01",  # PKCS#12
    )


def run(data: bytes, at: int) -> Span:
    """The outermost key or keystore that begins shortly before `at`; an empty span when there is none."""
    for start in range(max(0, at - _BACK), at):
        if data[start] == SEQUENCE and (outer := read(data, start, len(data))) and label(data, outer):
            return Span(start, outer.end)
    return Span(at, at)


def decode(data: bytes) -> bytes | None:
    """The same in PEM."""
    outer = read(data, 0, len(data))
    name = label(data, outer) if outer else ""
    if name == "PKCS12":
        name = _pkcs12.label(data)
    return armoured(name, data) if name else None


def label(data: bytes, outer: Value) -> str:
    """What a PEM block of it is called, or "" for what is no private key."""
    if outer.tag != SEQUENCE:
        return ""
    values = list(inside(data, outer))
    if len(values) < 2:
        return ""
    tags = [value.tag for value in values]
    if tags[:2] == [SEQUENCE, OCTETS] and len(values) == 2:
        return "ENCRYPTED PRIVATE KEY" if _names(data, values[0]).startswith(_PKCS5) else ""
    if tags[0] != INTEGER:
        return ""
    version = values[0].of(data)
    if version in (b"\0", b"\1") and tags[1:3] == [SEQUENCE, OCTETS] and _names(data, values[1]):
        return "PRIVATE KEY"
    if version == b"\0" and all(tag == INTEGER for tag in tags) and values[1].end - values[1].start > 32:
        return {9: "RSA PRIVATE KEY", 6: "DSA PRIVATE KEY"}.get(len(values), "")
    if version == b"\1" and tags[1] == OCTETS and all(tag in (0xA0, 0xA1) for tag in tags[2:]):
        return "EC PRIVATE KEY" if 28 <= values[1].end - values[1].start <= 66 else ""
    if version == b"\3" and tags[1] == SEQUENCE:
        return "PKCS12"
    return ""


def armoured(name: str, data: bytes) -> bytes:
    """A PEM block (RFC 7468): lines of 64."""
    lines = re.findall(rb".{1,64}", base64.b64encode(data))
    return b"\n".join((f"-----BEGIN {name}-----".encode(), *lines, f"-----END {name}-----".encode(), b""))


def _names(data: bytes, algorithm: Value) -> bytes:
    """The object identifier that an algorithm is named by, or nothing."""
    first = next(inside(data, algorithm, 1), None)
    return first.of(data) if first and first.tag == OID else b""
