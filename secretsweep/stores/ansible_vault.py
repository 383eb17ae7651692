"""ansible-vault: a value is encrypted with a password, and the ciphertext stands where the value stood.

AES-256 in counter mode under keys of PBKDF2, and an HMAC of what came out; all of it in hexadecimal digits, once more
each: docs.ansible.com, Ansible Vault, "Format of files encrypted with Ansible Vault".
"""

import hashlib
import hmac
import os
import re
from binascii import Error, hexlify, unhexlify
from collections.abc import Mapping, Sequence

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, _library, _names, _vault_password
from secretsweep.stores._vault_password import DEFAULT, Identity

NAME = "ansible-vault"
NEEDS = "seal"
SEALS = "encrypted where they stand, with the vault password"
_ODD = re.compile(r"[^A-Za-z0-9/_.-]+")
_HEADER = re.compile(r"\$ANSIBLE_VAULT;1\.[12];AES256(?:;[^\n;]*)?")
_ROUNDS = 10_000  # the format's own; nothing in a ciphertext says another number
_KEY, _BLOCK, _WIDTH = 32, 16, 80


def fitted(path: str) -> str:
    """Letters, digits, `/`, `_`, `.` and `-`: it is only shown."""
    return _names.segments(path, _ODD, 480)


def reference(path: str, options: Options) -> Reference:
    return Reference(NAME, path)


def connected(options: Options, environ: Mapping[str, str]) -> "Vault":
    """With the password that Ansible itself would encrypt with."""
    with _library.needed(NAME, NEEDS):
        import cryptography.hazmat.primitives.ciphers  # noqa: F401
    return Vault(_vault_password.found(NAME, options.vault_id, environ))


def grants(references: Sequence[Reference]) -> str:
    """Who has the password reads everything that it encrypts."""
    return ""


class Vault:
    """What one password encrypts and decrypts."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def sealed(self, secret: Secret, label: str) -> str:
        """In the format's version 1.1, or with the name of a vault id in 1.2."""
        salt = os.urandom(_KEY)
        encrypts, signs, counter = self._keys(salt)
        value = secret.reveal()
        missing = _BLOCK - len(value) % _BLOCK
        inner = _stream(encrypts, counter, value + bytes([missing]) * missing)
        digest = hmac.digest(signs, inner, "sha256")
        text = hexlify(b"\n".join(map(hexlify, (salt, digest, inner)))).decode()
        name = self._identity.name
        header = "$ANSIBLE_VAULT;1.1;AES256" if name == DEFAULT else f"$ANSIBLE_VAULT;1.2;AES256;{name}"
        return "\n".join([header, *(text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH))])

    def opened(self, text: str) -> Secret | None:
        """StoreError when another password encrypted it."""
        header, _, rest = text.partition("\n")
        try:
            salt, digest, inner = map(unhexlify, unhexlify("".join(rest.split())).split(b"\n"))
        except (Error, ValueError):
            salt = digest = inner = b""
        if not inner or not _HEADER.fullmatch(header):
            raise StoreError(f"{NAME}: what was encrypted is not whole any more")
        encrypts, signs, counter = self._keys(salt)
        if not hmac.compare_digest(hmac.digest(signs, inner, "sha256"), digest):
            raise StoreError(f"{NAME}: another password encrypted it than that of {self._identity.source}")
        value = _stream(encrypts, counter, inner)
        return Secret(value[: -value[-1]])

    def resolved(self, reference: Reference) -> Reference:
        """With the vault id."""
        return reference._replace(scope=self._identity.name)

    def close(self) -> None:
        self._identity = self._identity._replace(password=Secret(b""))

    def _keys(self, salt: bytes) -> tuple[bytes, bytes, bytes]:
        password = self._identity.password.reveal()
        assert password, "closed"
        made = hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 2 * _KEY + _BLOCK)
        return made[:_KEY], made[_KEY : 2 * _KEY], made[2 * _KEY :]


def _stream(key: bytes, counter: bytes, data: bytes) -> bytes:
    """AES in counter mode, which is its own inverse."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    cipher = Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor()
    return bytes(cipher.update(data) + cipher.finalize())
