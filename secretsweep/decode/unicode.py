"""UTF-16 text becomes UTF-8, so that every pattern sees it; offsets can be mapped back."""

import codecs

NAME = "utf-16"


def encoding(data: bytes) -> str:
    """`utf-16-le`, `utf-16-be`, or "" when it is neither: by its mark, or by a NUL in every second byte."""
    if data.startswith(codecs.BOM_UTF16_LE) and not data.startswith(codecs.BOM_UTF32_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    head = data[:64]
    if len(head) < 4 or 0 not in head:
        return ""
    even, odd = head[0::2], head[1::2]
    if 4 * odd.count(0) >= 3 * len(odd) and all(even):  # most letters are Latin ones, a dash or a sign need not be
        return "utf-16-le"
    if 4 * even.count(0) >= 3 * len(even) and all(odd):
        return "utf-16-be"
    return ""


def to_utf8(data: bytes, name: str) -> bytes:
    """The same text in UTF-8; what is no valid text becomes U+FFFD. A byte-order mark stays (as U+FEFF)."""
    return data.decode(name, "replace").encode()


def offset(text: bytes, at: int, name: str) -> int:
    """The byte offset in the original of offset `at` in its UTF-8 form."""
    return len(text[:at].decode("utf-8", "replace").encode(name))
