"""SCRAM (RFC 5802, 7677): both ends prove that they know the password, and neither sends it."""

import hashlib
import hmac
import os
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error

from secretsweep.verifiers._troubles import NoAnswer

_MOST = 1_000_000  # rounds that a server may ask for: PostgreSQL wants 4,096, MongoDB 15,000


class Scram:
    """One login. NoAnswer for what no honest server says."""

    def __init__(self, digest: str, user: str, password: bytes) -> None:
        self._digest, self._password = digest, password
        name = user.replace("=", "=3D").replace(",", "=2C")
        self._nonce = b64encode(os.urandom(18)).decode()
        self._bare = f"n={name},r={self._nonce}"
        self._signature = b""

    @property
    def first(self) -> bytes:
        return f"n,,{self._bare}".encode()

    def final(self, said: bytes) -> bytes:
        """The proof, from what the server said first."""
        fields = _fields(said)
        try:
            salt, rounds = b64decode(fields["s"], validate=True), int(fields["i"])
        except (KeyError, ValueError, Error):
            raise NoAnswer("the server does not speak SCRAM") from None
        nonce = fields.get("r", "")
        if not nonce.startswith(self._nonce) or nonce == self._nonce or not 0 < rounds <= _MOST:
            raise NoAnswer("the server asks for a proof that none should be given for")
        salted = hashlib.pbkdf2_hmac(self._digest, self._password, salt, rounds)
        key = self._mac(salted, b"Client Key")
        bare = f"c=biws,r={nonce}"
        signed = f"{self._bare},{said.decode('ascii')},{bare}".encode()
        proof = bytes(a ^ b for a, b in zip(key, self._mac(self._hash(key), signed), strict=True))
        self._signature = self._mac(self._mac(salted, b"Server Key"), signed)
        return f"{bare},p={b64encode(proof).decode()}".encode()

    def known_by(self, said: bytes) -> bool:
        """Whether the server's last words prove that it knows the password, too."""
        given = _fields(said).get("v", "")
        return bool(self._signature) and hmac.compare_digest(given.encode(), b64encode(self._signature))

    def _mac(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, self._digest)

    def _hash(self, data: bytes) -> bytes:
        return hashlib.new(self._digest, data).digest()


def prepared(password: bytes) -> bytes:
    """As SASLprep (RFC 4013) normalises it; what is no text is taken as it is."""
    try:
        return unicodedata.normalize("NFKC", password.decode()).encode()
    except UnicodeDecodeError:
        return password


def _fields(said: bytes) -> dict[str, str]:
    try:
        parts = said.decode("ascii").split(",")
    except UnicodeDecodeError:
        raise NoAnswer("the server does not speak SCRAM") from None
    return {part[0]: part[2:] for part in parts if part[1:2] == "="}
