"""What can be seen of a PKCS#12 file (RFC 7292) without its password, and whether everybody knows the password."""

import hashlib
import hmac
from typing import NamedTuple

from secretsweep.decode._asn1 import OCTETS, SEQUENCE, Value, inside, read

_BAGS = bytes.fromhex("060b2a864886f70d010c0a01")  # 1: a key as it is, 2: a key under the password
_HASHES = {
    bytes.fromhex("2b0e03021a"): "sha1",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_KNOWN = ("", "changeit", "changeme", "password")
_MOST = 20_000  # rounds of the key derivation that are tried: keytool does 10,000, OpenSSL 2,048


class _Mac(NamedTuple):
    """How the file proves that its password is right."""

    name: str
    digest: bytes
    salt: bytes
    rounds: int


def label(data: bytes) -> str:
    """`PKCS12`; `OPEN PKCS12` for one whose password everybody knows; "" for one of certificates alone."""
    if _BAGS + b"\1" in data:
        return "OPEN PKCS12"
    if _BAGS + b"\2" not in data:
        return ""
    parsed = _mac(data)
    if parsed and parsed[0].rounds <= _MOST:
        mac, content = parsed
        for password in _KNOWN:
            if hmac.compare_digest(_digest(mac, password, content), mac.digest):
                return "OPEN PKCS12"
    return "PKCS12"


def _mac(data: bytes) -> tuple[_Mac, bytes] | None:
    """The proof, and the bytes that it is about; None in a shape that is not read."""
    outer = read(data, 0, len(data))
    parts = list(inside(data, outer)) if outer else []
    if len(parts) != 3 or parts[2].tag != SEQUENCE:
        return None
    wrapped = list(inside(data, parts[1]))
    octets = read(data, wrapped[1].start, wrapped[1].end) if len(wrapped) == 2 else None
    values = list(inside(data, parts[2]))
    if not octets or octets.tag != OCTETS or len(values) < 2:
        return None
    info = list(inside(data, values[0]))
    name = _HASHES.get(_first(data, info[0])) if len(info) == 2 else None
    if not name:
        return None
    rounds = int.from_bytes(values[2].of(data), "big") if len(values) > 2 else 1
    return _Mac(name, info[1].of(data), values[1].of(data), rounds), octets.of(data)


def _first(data: bytes, algorithm: Value) -> bytes:
    found = next(inside(data, algorithm, 1), None)
    return found.of(data) if found else b""


def _digest(mac: _Mac, password: str, content: bytes) -> bytes:
    """RFC 7292, appendix B: the key of the proof (ID 3), of as many bytes as the hash has; then the HMAC."""
    block = hashlib.new(mac.name).block_size
    text = (password + "\0").encode("utf-16-be")
    key = b"\3" * block + _filled(mac.salt, block) + _filled(text, block)
    for _ in range(max(mac.rounds, 1)):
        key = hashlib.new(mac.name, key).digest()
    return hmac.digest(key, content, mac.name)


def _filled(data: bytes, block: int) -> bytes:
    """As many copies as fill whole blocks."""
    size = -(-len(data) // block) * block
    return (data * (size // len(data) + 1))[:size] if data else b""
