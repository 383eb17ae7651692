"""What an Authorization header says: a login in base64, or a scheme and a token."""

import base64
import binascii
import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats._address import child
from secretsweep.model import Span, Unit

_SCHEME = lazyre.compile(rb"(Basic|Bearer|Token|ApiKey|Bot|GenieKey|Splunk|SSWS|Key)(\\?[ \t]+)(?=\S)", re.IGNORECASE)


def plain(text: bytes) -> bytes | None:
    """The printable text behind base64; None when it is none."""
    try:
        found = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if found.isascii() and found.decode().isprintable() else None


def login(text: bytes) -> bytes | None:
    """The password in base64 of `user:password`; None when it is none."""
    return (plain(text) or b"").partition(b":")[2] or None


def authorization(span: Span, key: str, value: bytes, form: str = "plain") -> Iterator[Unit]:
    """The credential in a header's value that stands verbatim at the end of `span`."""
    scheme = _SCHEME.match(value)
    if not scheme:
        if value:
            yield Unit(span, key, value, form)
        return
    rest = value[scheme.end() :]
    place = Span(span.end - len(rest), span.end)
    if scheme[1].lower() != b"basic":
        yield Unit(place, child(key, "token"), rest, form)
    elif password := login(rest):
        yield Unit(place, child(key, "password"), password, form, ("base64",))
    elif b" " in rest:  # `Basic user password`, as some HTTP clients take it
        _, _, word = rest.partition(b" ")
        yield Unit(Span(place.end - len(word.lstrip()), place.end), child(key, "password"), word.lstrip(), form)
