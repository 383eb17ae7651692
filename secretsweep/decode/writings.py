"""The encoder search: how a value may be written in a file, and whether it is."""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from secretsweep.model import Secret

_SHORT = 4  # bytes: what is shorter stands everywhere
_WORD = 6  # bytes: a shorter value may be a word of any text
_MEMORY = 512 << 20  # bytes that the automaton over thousands of values may take


def standing(secret: Secret, data: bytes) -> str:
    """How a value is written somewhere in `data`; "" when it is not."""
    value = secret.reveal()
    if len(value) < _SHORT:
        return ""
    for how, written in _writings(value):
        if written in data:
            return how
    return ""


def _writings(value: bytes) -> Iterator[tuple[str, bytes]]:
    """The value in every encoding in which it may stand in a file."""
    yield "as it is", value
    text = value.decode("utf-8", "replace")
    yield "escaped", json.dumps(text)[1:-1].encode()
    yield "percent-encoded", quote(text, safe="").encode()
    yield "in hexadecimal digits", value.hex().encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + value)
        cut = whole[(shift * 8 + 5) // 6 :].rstrip(b"=")
        if len(kept := cut[: len(value) * 8 // 6 - 2]) >= 2 * _SHORT:
            yield "in base64", kept
    if value.isascii():
        yield "in UTF-16", text.encode("utf-16-le")


def masked(text: str, secrets: Iterable[Secret], mask: str = "********") -> str:
    """`text` without any of these values, as they are, with escapes, or in base64: the last line of defence before
    something is printed."""
    import re2

    bare = {secret.reveal() for secret in secrets if len(secret) >= _WORD}
    escaped = {json.dumps(value.decode("utf-8", "replace"))[1:-1].encode() for value in bare}
    values = sorted(bare | escaped | {base64.b64encode(value) for value in bare}, key=len, reverse=True)
    if not values:
        return text
    options = re2.Options()
    options.max_mem = _MEMORY
    options.longest_match = True
    options.encoding = re2.Options.Encoding.LATIN1
    pattern = re2.compile(b"|".join(re2.escape(value) for value in values), options)
    return str(pattern.sub(mask.encode(), text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape"))
