"""Token-shaped examples without tokens: `ghp_${alnum:36}` is filled when a test runs."""

import random
import re
import string
import uuid
from collections.abc import Callable

from secretsweep.rules import checksum

_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digit": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "loweralnum": string.ascii_lowercase + string.digits,
    "upperalnum": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "secret": string.ascii_letters + string.digits + "!%*+-_.",
}
_HOLE = re.compile(r"\$\{(\w+)(?::(\d+))?\}")


def fill(template: str, seed: int = 0) -> str:
    """`template` with every `${alphabet:count}`, `${uuid}` and `${crc:name}` filled, the same for the same seed.

    A hole of an alphabet never starts or ends with punctuation and always mixes its classes, as real tokens do.
    `${checksum_NAME}` closes the word before it with the check of `rules/checksum.py` called NAME.
    """
    draw = random.Random(f"{seed}:{template}")
    out = ""
    at = 0
    for hole in _HOLE.finditer(template):
        out += template[at : hole.start()]
        out += _filled(hole[1], int(hole[2] or 0), draw, out)
        at = hole.end()
    return out + template[at:]


def _filled(name: str, count: int, draw: random.Random, before: str) -> str:
    if name == "uuid":
        return str(uuid.UUID(int=draw.getrandbits(128), version=4))
    if name.startswith("checksum_"):
        word = re.split(r"[\s\"'=:]", before)[-1]
        close: Callable[[str], str] = checksum.CLOSERS[name.removeprefix("checksum_")]
        return close(word)
    if name not in _ALPHABETS:
        return f"${{{name}}}"  # a variable of the file that the example stands in
    alphabet = _ALPHABETS[name]
    plain = [c for c in alphabet if c.isalnum()]
    classes = [k for k in ([c for c in plain if f(c)] for f in (str.islower, str.isupper, str.isdigit)) if k]
    for _ in range(1000):
        middle = "".join(draw.choice(alphabet) for _ in range(max(count - 2, 0)))
        text = (draw.choice(plain) + middle + draw.choice(plain))[:count]
        if count < 8 or (all(any(c in k for c in text) for k in classes) and len(set(text)) > count // 4):
            return text
    return text
