"""The only holder of plaintext: it never prints itself."""

import hashlib
import hmac
from typing import TextIO

SCRYPT_COST = 2**12  # n; with r=8, p=1 about 8 ms and 4 MiB a guess: once per credential is cheap, a dictionary is not


class Secret:
    """A credential's value. Equality and hash are by value, so grouping needs no digest."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The plaintext. Only stores, verifiers, rotators and the encoder search may call this; a test greps for it."""
        return self._value

    def fingerprint(self, salt: bytes) -> str:
        """32 hex digits: scrypt of the value, so that a leaked report does not let a password be guessed fast."""
        return hashlib.scrypt(self._value, salt=salt, n=SCRYPT_COST, r=8, p=1, dklen=16).hex()

    def keyed(self, key: bytes) -> str:
        """32 hex digits: HMAC-SHA-256 under a key that the caller keeps to itself."""
        return hmac.new(key, self._value, hashlib.sha256).hexdigest()[:32]

    def seal(self, salt: bytes, text: bytes) -> bytes:
        """`text` enciphered so that only who has this value can read it, which the same call does: a stream of
        SHAKE-256 under a key of scrypt. A salt is for one text."""
        key = hashlib.scrypt(self._value, salt=salt, n=SCRYPT_COST, r=8, p=1, dklen=32)
        stream = hashlib.shake_256(b"secretsweep/seal" + key).digest(len(text))
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))

    @property
    def is_word(self) -> bool:
        """Whether names may hold the same by chance: `flask`, the password of a URL, in `docker-flask/app.env`."""
        return self._value.isalpha() or len(self._value) < 8

    def masked_in(self, text: str) -> str:
        """`text` without this value: a path or an address may hold it too."""
        value = self._value.decode("utf-8", "surrogateescape")
        return text.replace(value, "••••••••") if value and value in text else text

    def show(self, terminal: TextIO) -> None:
        """Write the plaintext to a terminal; to anything else a ValueError."""
        if not terminal.isatty():
            raise ValueError("a secret is shown on a terminal only")
        terminal.write(self._value.decode("utf-8", "backslashreplace").encode("unicode_escape").decode("ascii"))

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Secret({len(self._value)} bytes)"

    def __reduce__(self) -> tuple[type["Secret"], tuple[bytes]]:
        """Worker processes hand findings to their parent through a pipe; nothing pickles to a file."""
        return Secret, (self._value,)
