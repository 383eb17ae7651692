"""The address of an instance that stands beside a credential, or that the user named."""

import re
from urllib.parse import urlsplit

from secretsweep.verifiers import Asked
from secretsweep.verifiers._troubles import NoAnswer


def url_of(asked: Asked, name: str, what: str, port: int = 0) -> str:
    """`https://HOST[:PORT]`, without a `/` at its end; with the user's own word before what stands beside. NoAnswer
    when there is none."""
    found = asked.beside.get(name)
    text = found.reveal().decode("utf-8", "replace") if found else ""
    if asked.address:
        text = f"https://{asked.address}"
    if not text:
        raise NoAnswer(f"it takes the {what} that belongs to it, which was not found beside it")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        host, own = parts.hostname or "", parts.port or (0 if parts.scheme == "http" else port)
    except ValueError:
        good = None
    if not good or re.search(r"[${}<>%*]", text):
        raise NoAnswer(f"the {what} beside it is none, or a template")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{own}" if own else "") + parts.path.rstrip("/")


def where(asked: Asked, name: str) -> str:
    """`HOST[:PORT]`, or nothing."""
    try:
        return urlsplit(url_of(asked, name, "address")).netloc
    except NoAnswer:
        return ""
