"""What MySQL and MariaDB keep of a password, computed here, so that no statement and no log has the value.

https://dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html: `$A$005$`, 20 bytes of salt, and the
SHA-256 crypt of 5000 rounds (https://www.akkadia.org/drepper/SHA-crypt.txt) in its own base64.
"""

import secrets
import string
from hashlib import sha1, sha256

from secretsweep.model import Secret

NATIVE, SHA2 = "mysql_native_password", "caching_sha2_password"
_ALPHABET = "./" + string.digits + string.ascii_uppercase + string.ascii_lowercase
_SALTS = string.ascii_letters + string.digits  # needs no escape in a statement
_ROUNDS = 5000
_ORDER = (
    (0, 10, 20), (21, 1, 11), (12, 22, 2), (3, 13, 23), (24, 4, 14), (15, 25, 5), (6, 16, 26), (27, 7, 17), (18, 28, 8),
    (9, 19, 29),
)  # fmt: skip


def kept(plugin: str, password: Secret) -> str:
    """The text for `AS '…'` of that plugin. ValueError for a plugin that is not known here."""
    value = password.reveal()
    if plugin == NATIVE:
        return "*" + sha1(sha1(value, usedforsecurity=False).digest(), usedforsecurity=False).hexdigest().upper()
    if plugin == SHA2:
        salt = "".join(secrets.choice(_SALTS) for _ in range(20))
        return f"$A$005${salt}{_crypt(value, salt.encode())}"
    raise ValueError(plugin)


def _crypt(value: bytes, salt: bytes) -> str:
    """43 characters. The salt may be longer than crypt's own 16."""
    other = sha256(value + salt + value).digest()
    first = sha256(value + salt + _repeated(other, len(value)))
    length = len(value)
    while length:
        first.update(other if length & 1 else value)
        length >>= 1
    digest = first.digest()
    p = _repeated(sha256(value * len(value)).digest(), len(value))
    s = _repeated(sha256(salt * (16 + digest[0])).digest(), len(salt))
    for number in range(_ROUNDS):
        part = sha256(p if number & 1 else digest)
        if number % 3:
            part.update(s)
        if number % 7:
            part.update(p)
        part.update(digest if number & 1 else p)
        digest = part.digest()
    text = "".join(_encoded(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in _ORDER)
    return text + _encoded(digest[31] << 8 | digest[30], 3)


def _repeated(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _encoded(number: int, characters: int) -> str:
    return "".join(_ALPHABET[number >> 6 * place & 63] for place in range(characters))
