"""Java's keystores (JKS, JCEKS, BouncyCastle's BKS) with a private or secret key in them; they become PEM-like text,
which the rules know. Truststores, which hold certificates alone, are none."""

import hashlib
import re

from secretsweep import lazyre
from secretsweep.decode.der import armoured
from secretsweep.model import Span

NAME = "keystore"
_MAGIC = lazyre.compile(rb"(?:\xfe\xed\xfe\xed|\xce\xce\xce\xce)\0\0\0[\1\2]")
_BKS = lazyre.compile(rb"\0\0\0[\1\2]\0\0\0\x14.{20}\0\0[\0-\x7f].", re.DOTALL)
_KNOWN = ("changeit", "changeme", "password", "")
_WHITE = b"Mighty Aphrodite"  # what Java's own class puts between the password and the content
_ENTRIES = 10_000
_PRIVATE, _CERTIFICATE, _SECRET = 1, 2, 3


def gates(words: tuple[bytes, ...]) -> tuple[str, ...]:
    return (
        r"\A(?:\xfe\xed\xfe\xed|\xce\xce\xce\xce)\x00\x00\x00[\x01\x02]",
        r"\A\x00\x00\x00[\x01\x02]\x00\x00\x00\x14",
    )


def run(data: bytes, at: int) -> Span:
    """The whole file."""
    return Span(0, len(data))


def decode(data: bytes) -> bytes | None:
    if _MAGIC.match(data):
        if not _has_key(data):
            return None
        return armoured("OPEN JAVA KEYSTORE" if data[:1] == b"\xfe" and _is_open(data) else "JAVA KEYSTORE", data)
    if _BKS.match(data):
        return armoured("JAVA KEYSTORE", data) if _bks_has_key(data) else None
    return None


def _has_key(data: bytes) -> bool:
    """The entries in order, up to the first that is no certificate."""
    count, at = int.from_bytes(data[8:12], "big"), 12
    for _ in range(min(count, _ENTRIES)):
        tag = int.from_bytes(data[at : at + 4], "big")
        if tag in (_PRIVATE, _SECRET):
            return True
        if tag != _CERTIFICATE:
            return False
        at += 6 + int.from_bytes(data[at + 4 : at + 6], "big") + 8  # the alias, the date
        if data[7] == 2:
            at += 2 + int.from_bytes(data[at : at + 2], "big")  # the type of the certificate
        at += 4 + int.from_bytes(data[at : at + 4], "big")
        if at >= len(data):
            return False
    return False


def _is_open(data: bytes) -> bool:
    """Whether a password that everybody knows fits the last 20 bytes."""
    body, proof = data[:-20], data[-20:]
    return any(_proof(p, body) == proof for p in _KNOWN)


def _proof(password: str, body: bytes) -> bytes:
    return hashlib.sha1(password.encode("utf-16-be") + _WHITE + body, usedforsecurity=False).digest()


def _bks_has_key(data: bytes) -> bool:
    """Entries of BouncyCastle: type (1 certificate, 2 key, 3 secret, 4 sealed key), alias, date, chain, content."""
    at = 8 + 20 + 4
    for _ in range(_ENTRIES):
        kind = data[at : at + 1]
        if kind != b"\1":
            return kind in (b"\2", b"\3", b"\4")
        at += 3 + int.from_bytes(data[at + 1 : at + 3], "big") + 8
        chain = int.from_bytes(data[at : at + 4], "big")
        if chain:  # a certificate has none
            return False
        at += 4
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        at += 4 + int.from_bytes(data[at : at + 4], "big")
        if at >= len(data):
            return False
    return False
