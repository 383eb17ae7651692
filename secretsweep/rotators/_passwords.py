"""New passwords: from the system's own randomness, in characters that need no escape anywhere they are written."""

import secrets
import string

from secretsweep.model import Secret

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 40  # 238 bits


def password(length: int = _LENGTH, alphabet: str = _ALPHABET) -> Secret:
    """Begins with a letter, has a capital, a small letter and a digit, so that every policy's least is met."""
    while True:
        made = "".join(secrets.choice(alphabet) for _ in range(length))
        kinds = (str.isupper, str.islower, str.isdigit)
        if made[0].isalpha() and all(any(map(kind, made)) for kind in kinds):
            return Secret(made.encode())
