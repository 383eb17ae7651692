"""Whether a value that would stand in clear in a new manifest is one to keep to oneself, by its key or by its look.

Strict on purpose: what is taken for confidential is refused, and says so; what is not would be written down again.
"""

from collections.abc import Mapping

from secretsweep import lazyre

_NAMED = lazyre.compile(
    r"(?i)pass(?!ive|through|enger)|pwd|secret|token|credential|cookie|private|key\d*$|api[-_.]?key|"
    r"(?:^|[-_.])(?:auth|dsn|salt|pin|jwt|seed|pat|key)(?:$|[-_.])|\.(?:jks|p12|pfx|keystore|kubeconfig|htpasswd)$"
)
_PUBLIC = lazyre.compile(r"(?i)public[-_.]?key|(?:key|secret|password|token)[-_.]?(?:id|name|file|path)$")
_LOOKS = lazyre.compile(r"PRIVATE KEY-----|://[^\s/:@]*:[^\s/@]+@|(?i:password|secret|token)\S*[\"']?\s*[=:]\s*\S")


def first(values: Mapping[str, str]) -> str:
    """The first key whose value should not stand in clear; "" when all may."""
    return next((key for key, value in values.items() if value.strip() and _is(key, value)), "")


def _is(key: str, value: str) -> bool:
    return _LOOKS.search(value) is not None or (_NAMED.search(key) is not None and not _PUBLIC.search(key))
