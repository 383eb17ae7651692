"""Keys and keystores in DER made of noise: their structure is real, their numbers belong to nobody."""

import hashlib
import hmac
import random

_DRAW = random.Random(11)
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
EC = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
ED25519 = bytes.fromhex("300506032b6570")
DATA = bytes.fromhex("06092a864886f70d010701")


def noise(size: int) -> bytes:
    return bytes((_DRAW.randrange(1, 128),)) + _DRAW.randbytes(size - 1)


def value(tag: int, *content: bytes) -> bytes:
    """One value; the length in the form that its size needs."""
    body = b"".join(content)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes(-(-len(body).bit_length() // 8), "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def integer(size: int) -> bytes:
    return value(2, noise(size))


def pkcs1(size: int = 256) -> bytes:
    sizes = (size, 3, size, *[size // 2] * 5)
    return value(0x30, b"\2\1\0", *(integer(n) for n in sizes))


def sec1() -> bytes:
    named = value(0xA0, bytes.fromhex("06082a8648ce3d030107"))
    return value(0x30, b"\2\1\1", value(4, noise(32)), named, value(0xA1, value(3, b"\0\4" + noise(64))))


def pkcs8(algorithm: bytes, key: bytes) -> bytes:
    return value(0x30, b"\2\1\0", algorithm, value(4, key))


def encrypted() -> bytes:
    scheme = value(0x30, bytes.fromhex("06092a864886f70d01050d"), value(0x30, b"\x06\2\x2a\3", value(0x30, noise(40))))
    return value(0x30, scheme, value(4, noise(1232)))


def certificate() -> bytes:
    named = value(0x30, value(0x31, value(0x30, bytes.fromhex("0603550403"), value(12, b"example"))))
    public = value(0x30, RSA, value(3, b"\0" + value(0x30, integer(256), integer(3))))
    body = value(0x30, b"\2\1\1", RSA, named, value(0x30), named, public)
    return value(0x30, body, RSA, value(3, b"\0" + noise(256)))


def public() -> bytes:
    return value(0x30, RSA, value(3, b"\0" + value(0x30, integer(256), integer(3))))


def pkcs12(password: str | None, bag: int = 2) -> bytes:
    """With a proof of the password, as of 2,048 rounds of SHA-256 (RFC 7292, appendix B)."""
    bags = value(0x30, value(0x30, bytes.fromhex("060b2a864886f70d010c0a01") + bytes((bag,)), value(0xA0, noise(900))))
    content = value(0x30, value(0x30, DATA, value(0xA0, value(4, bags))))
    mac = b""
    if password is not None:
        salt = noise(8)
        text = (password + "\0").encode("utf-16-be")
        key = b"\3" * 64 + salt * 8 + (text * 64)[: -(-len(text) // 64) * 64]
        for _ in range(2048):
            key = hashlib.sha256(key).digest()
        info = value(0x30, value(0x30, bytes.fromhex("0609608648016503040201"), b"\5\0"), _digest(key, content))
        mac = value(0x30, info, value(4, salt), b"\2\2\x08\0")
    return value(0x30, b"\2\1\3", value(0x30, DATA, value(0xA0, value(4, content))), mac)


def _digest(key: bytes, content: bytes) -> bytes:
    return value(4, hmac.digest(key, content, "sha256"))


def jks(password: str, tag: int = 1, magic: bytes = b"\xfe\xed\xfe\xed") -> bytes:
    """A keystore of one entry after a certificate, or of certificates alone (`tag` 2)."""
    out = magic + (2).to_bytes(4, "big") + (2).to_bytes(4, "big")
    for kind in (2, tag):
        out += kind.to_bytes(4, "big") + b"\0\4name" + bytes.fromhex("0000019b0f3c2a11")
        out += (b"\0\5X.509" if kind == 2 else b"") + (300).to_bytes(4, "big") + noise(300)
        out += b"" if kind == 2 else bytes(4)
    return out + hashlib.sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + out).digest()
