"""Private keys and certificates, read with cryptography. Nothing here is sent, and no error holds what was read."""

import re
from base64 import b64decode
from binascii import Error
from typing import TYPE_CHECKING

from secretsweep.verifiers._troubles import NoAnswer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

PEM = r"-----BEGIN CERTIFICATE-----[\s\\nA-Za-z0-9+/=]{64,20000}-----END CERTIFICATE-----"


class Locked(Exception):
    """A key under a passphrase."""


def text_of(value: bytes) -> bytes:
    """PEM as it is, from one line with `\\n`, indented, or in base64."""
    if not value.lstrip().startswith(b"-----"):
        try:
            value = b64decode(value, validate=False)
        except Error:
            return value
    lines = re.sub(rb"\\+n", b"\n", value).splitlines()
    return b"\n".join(line.strip() for line in lines) + b"\n"


def private_key(value: bytes) -> "PrivateKeyTypes":
    """A key without a passphrase. Locked when it has one; NoAnswer when it cannot be read."""
    _installed()
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    pem = text_of(value)
    if b"ENCRYPTED" in pem[:200]:
        raise Locked
    try:
        if b"BEGIN OPENSSH" in pem:
            return load_ssh_private_key(pem, None)
        return load_pem_private_key(pem, None)
    except TypeError:
        raise Locked from None
    except Exception as error:  # whatever the library says may quote the key
        if "encrypted" in str(error).lower() or "password" in str(error).lower():
            raise Locked from None
        raise NoAnswer("the key cannot be read") from None


def certificates(text: bytes) -> "list[Certificate]":
    """Those of a text that can be read."""
    _installed()
    from cryptography.x509 import load_pem_x509_certificate

    found = []
    for match in re.finditer(PEM.encode(), text_of(text) if b"-----" not in text else text):
        try:
            found.append(load_pem_x509_certificate(text_of(match[0])))
        except Exception:  # noqa: S112 - one that is broken is none
            continue
    return found


def same(key: "PrivateKeyTypes", certificate: "Certificate") -> bool:
    """Whether the certificate is of this key."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        publics = (key.public_key(), certificate.public_key())
        one, other = (p.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for p in publics)
    except Exception:  # a kind that the library does not know
        return False
    return one == other


def _installed() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise NoAnswer("it takes cryptography: pip install 'secretsweep[seal]'") from None
