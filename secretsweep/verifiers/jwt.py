"""JSON Web Tokens: whether the time in them is over. Nobody is asked."""

import json
import time
from base64 import urlsafe_b64decode
from typing import Any

from secretsweep.verifiers import Answer, Asked, Beside, Line, dead, unknown

NAME = "jwt-expiry"
PROVIDER = ""
RULES = ("jwt-token",)
BESIDE: dict[str, Beside] = {}
HOSTS = ()
DOCS = ("https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4",)
_LEEWAY = 300  # seconds that clocks may differ


def where(asked: Asked) -> str:
    """Nobody."""
    return ""


def verify(asked: Asked, line: Line) -> Answer:
    """Dead when its `exp` is over: whoever checks it must refuse it then. Nothing else is told by the token itself."""
    claims = _claims(asked.secret.reveal())
    if claims is None:
        return unknown("its claims cannot be read")
    end = claims.get("exp")
    if not isinstance(end, int | float) or isinstance(end, bool):
        return unknown("it has no expiry; only the one who checks it knows")
    if end + _LEEWAY < time.time():
        return dead("the token itself", "exp", "its time is over")
    return unknown("its time is not over; only the one who checks it knows")


def _claims(token: bytes) -> dict[str, Any] | None:
    parts = token.split(b".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
