"""A secret that an application made for itself: the key of its sessions, tokens and cookies.

A new one is made in the shape of the old, and stored; there is no service that could be asked about either. So no
machine proves the end: a person says that the application refuses what the old one signed (`--refused`).
"""

import base64
import binascii
import re
import secrets
import string
import uuid
from collections.abc import Mapping

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators._plain import Plain

NAME = "generated-secret"
NEEDS = ""
GUIDES = (
    "signing-secret",
    "django-secret-key",
    "flask-secret-key",
    "laravel-app-key",
    "rails-secret-key-base",
    "symfony-app-secret",
    "wordpress-keys",
)
METHODS = {
    "replace": Method(
        "a new value takes the place of the old: every session, cookie and token that the old one signed ends",
        tried=False,
    ),
    "keep-old": Method(
        "the old value goes to a second path, so that the application can accept both until old sessions have ended; "
        "whoever has the leaked one can forge sessions until then",
        tried=False,
        reversible=True,
        previous=True,
    ),
}
ACCOUNT = ""
PATIENCE: tuple[float, ...] = ()
OPTIONS = {"lost": "yes: what is encrypted with the old value may become unreadable"}
_KEEPING = {
    "django-secret-key": "SECRET_KEY_FALLBACKS = [the value at {path}] (Django 4.1 and later)",
    "flask-secret-key": "SECRET_KEY_FALLBACKS = [the value at {path}] (Flask 3.1 and later)",
    "laravel-app-key": "APP_PREVIOUS_KEYS to the value at {path} (Laravel 11 and later)",
    "rails-secret-key-base": "config.action_dispatch.cookies_rotations with keys from the value at {path}",
}
_OTHERS = "what checks signatures to accept the value at {path}, too, and to sign with the new one only"
_ENCRYPTS = ("laravel-app-key",)
_LEAST = 32  # characters; a shorter one could be guessed
_HEX, _SYMBOLS = re.compile(rb"[0-9a-f]+|[0-9A-F]+"), string.punctuation
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def told(asked: Asked) -> Told:
    if asked.method == "replace":
        return Told(("everybody logs in again once the application runs with the new value",))
    reference = asked.references.get(VALUE)
    path = f"{reference.path}-previous" if reference else "its path with -previous"
    return Told((f"set {_KEEPING.get(asked.guide, _OTHERS).format(path=path)}; take it out again for --watched",))


def connected(asked: Asked, environ: Mapping[str, str]) -> "Generated":
    if asked.guide in _ENCRYPTS and asked.method == "replace" and asked.options.get("lost") != "yes":
        raise RotateError(
            "generated-secret: columns and files that the application encrypted with this value would be lost: "
            "--method keep-old, or --set lost=yes when there are none"
        )
    return Generated(asked.old)


class Generated(Plain):
    """The old value, whose shape the new one has."""

    def __init__(self, old: Secret) -> None:
        self._old = old

    def assess(self) -> str:
        return f"made by the application itself: {_made(self._old)[1]}"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _made(self._old)[0]}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return "made in the shape of the old one; the application honours it when it has loaded it"

    def works(self, value: Mapping[str, Secret]) -> bool:
        raise RotateError("generated-secret: there is nobody to ask")

    def delete(self, state: State) -> str:
        return ""


def _made(old: Secret) -> tuple[Secret, str]:
    """A new value, and what its shape is called. RotateError for what is made otherwise."""
    value = old.reveal().strip()
    if value.startswith((b"-----BEGIN", b"eyJ")):
        what = "a key pair" if value.startswith(b"-") else "a token"
        raise RotateError(f"generated-secret: it is {what}, and no secret that can be made by chance alone")
    try:
        text = value.decode("ascii")
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) < 8:
        raise RotateError("generated-secret: the value is too short, or no text: its shape cannot be told")
    prefix = "base64:" if text.startswith("base64:") else ""
    if prefix and (count := _bytes(text[len(prefix) :])):
        return Secret(prefix.encode() + base64.b64encode(secrets.token_bytes(count))), f"base64: of {count} bytes"
    if _UUID.fullmatch(text):
        new = str(uuid.uuid4())
        return Secret((new.upper() if text.isupper() else new).encode()), "a UUID"
    if _HEX.fullmatch(value) and len(text) % 2 == 0:
        made = secrets.token_hex(max(len(text), _LEAST) // 2)
        return Secret((made.upper() if text.isupper() else made).encode()), "hexadecimal digits"
    if len(text) % 4 == 0 and (text.endswith("=") or "+" in text or "/" in text) and (count := _bytes(text)):
        return Secret(base64.b64encode(secrets.token_bytes(max(count, _LEAST * 3 // 4)))), "base64"
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    alphabet = "".join(kind for kind in kinds if set(kind) & set(text)) + "".join(s for s in _SYMBOLS if s in text)
    alphabet = alphabet if len(alphabet) >= len(string.ascii_lowercase) else string.ascii_letters + string.digits
    made = "".join(secrets.choice(alphabet) for _ in range(max(len(text), _LEAST)))
    return Secret(made.encode()), "characters of the same kinds"


def _bytes(text: str) -> int:
    """How many bytes a text in base64 holds; 0 when it is none."""
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return 0
