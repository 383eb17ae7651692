"""One module an encoding or container; the budgets stand in `budget.py`.

An encoding is a module with

    NAME    the word in a trail (`base64`)
    gates   (words) -> hyperscan expressions for these words and for known beginnings, encoded: a gate for
            every run of base64 characters would report each digest and certificate
    run     (data, at) -> Span: the whole encoded run around a place
    decode  (data) -> bytes | None: the content of a run, or None when it is not this encoding

A container (an archive) is a module with `MAGIC` and `members`.
"""

from functools import cache
from typing import Protocol

from secretsweep import plugins
from secretsweep.model import Span

KEYWORDS = (
    b"password",
    b"PASSWORD",
    b"Password",
    b"passwd",
    b"secret",
    b"SECRET",
    b"Secret",
    b"token",
    b"TOKEN",
    b"api_key",
    b"API_KEY",
    b"apikey",
    b"access_key",
    b"ACCESS_KEY",
    b"private_key",
    b"-----BEGIN ",
    b"chpasswd",
    b"://",
)


class Encoding(Protocol):
    NAME: str

    def gates(self, words: tuple[bytes, ...]) -> tuple[str, ...]: ...  # to recognise these words encoded
    def run(self, data: bytes, at: int) -> Span: ...  # to find the ends of the encoded text
    def decode(self, data: bytes) -> bytes | None: ...  # to undo the encoding


@cache
def encodings() -> dict[str, Encoding]:
    """Every encoding by its name."""
    return {m.NAME: m for m in plugins.modules(__name__, having="run")}
