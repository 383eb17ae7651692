"""Sealed Secrets: a value is encrypted with the certificate of a controller, which alone can open it, in its cluster.

A key of 32 bytes by RSA-OAEP with SHA-256, bound to a label; the value under that key by AES-256-GCM, whose nonce is
zero since a key is for one value: github.com/bitnami-labs/sealed-secrets, docs/developer/crypto.md and its README.
"""

import base64
import datetime
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from secretsweep.errors import StoreError, UsageError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, _library, _names

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

NAME = "sealed-secrets"
NEEDS = "seal"
SEALS = "encrypted where they stand, with the certificate of the cluster's controller"
VARIABLE = "SEALED_SECRETS_CERT"
_ODD = re.compile(r"[^A-Za-z0-9/_.-]+")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FETCH = "`kubeseal --fetch-cert >cert.pem` fetches it"


def fitted(path: str) -> str:
    """Letters, digits, `/`, `_`, `.` and `-`: it is only shown."""
    return _names.segments(path, _ODD, 480)


def reference(path: str, options: Options) -> Reference:
    return Reference(NAME, path)


def connected(options: Options, environ: Mapping[str, str]) -> "Controller":
    """With the certificate that kubeseal would take. UsageError when none is named."""
    with _library.needed(NAME, NEEDS):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    file = options.certificate or environ.get(VARIABLE, "")
    if not file:
        raise UsageError(f"--store {NAME}: no certificate: give --cert FILE or set {VARIABLE}; {_FETCH}")
    if _URL.match(file):
        raise UsageError(f"--store {NAME}: {file}: a certificate is read from a file, so that you see whose; {_FETCH}")
    try:
        certificate = x509.load_pem_x509_certificates(Path(file).read_bytes())[0]
        key = certificate.public_key()
    except OSError as error:
        raise StoreError(f"{NAME}: {file}: the certificate cannot be read: {error.strerror}") from None
    except ValueError:
        raise StoreError(f"{NAME}: {file}: not a certificate in PEM; {_FETCH}") from None
    if not isinstance(key, RSAPublicKey):
        raise StoreError(f"{NAME}: {file}: the controller's keys are RSA, and this one is not; {_FETCH}")
    if certificate.not_valid_after_utc < datetime.datetime.now(datetime.UTC):
        raise StoreError(f"{NAME}: {file}: expired on {certificate.not_valid_after_utc:%Y-%m-%d}; {_FETCH}")
    return Controller(key, certificate.fingerprint(hashes.SHA256()).hex())


def grants(references: Sequence[Reference]) -> str:
    """Whoever may read the Secret that the controller makes, as before."""
    return ""


class Controller:
    """What can be done without its private key."""

    def __init__(self, key: "RSAPublicKey", fingerprint: str) -> None:
        self._key = key
        self._fingerprint = fingerprint

    def sealed(self, secret: Secret, label: str) -> str:
        """In base64: two bytes say how long the sealed key is, then it, then the sealed value."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        digest = hashes.SHA256()
        once = os.urandom(32)
        wrapped = self._key.encrypt(once, padding.OAEP(padding.MGF1(digest), digest, label.encode()))
        value = AESGCM(once).encrypt(bytes(12), secret.reveal(), None)
        return base64.b64encode(len(wrapped).to_bytes(2, "big") + wrapped + value).decode()

    def opened(self, text: str) -> Secret | None:
        """Only the controller can."""
        return None

    def resolved(self, reference: Reference) -> Reference:
        """With the certificate's SHA-256, so that a plan is for one controller."""
        return reference._replace(scope=f"sha256:{self._fingerprint}")

    def close(self) -> None:
        """A certificate is public."""
