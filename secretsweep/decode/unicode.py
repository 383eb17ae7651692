"""UTF-16 and UTF-32 text becomes UTF-8, so that every pattern sees it; offsets can be mapped back."""

import codecs

NAMES = {"utf-16-le": "utf-16", "utf-16-be": "utf-16", "utf-32-le": "utf-32", "utf-32-be": "utf-32"}  # in trails
_MARKS = (  # the longer ones first: that of UTF-16 begins that of UTF-32
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding(data: bytes) -> str:
    """One of NAMES, or "" when it is neither: by its mark, or by NULs where Latin letters have them."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:64]
    if len(head) < 4 or 0 not in head:
        return ""
    if name := _wide(head):
        return name
    even, odd = head[0::2], head[1::2]
    if 4 * odd.count(0) >= 3 * len(odd) and all(even):  # most letters are Latin ones, a dash or a sign need not be
        return "utf-16-le"
    if 4 * even.count(0) >= 3 * len(even) and all(odd):
        return "utf-16-be"
    return ""


def _wide(head: bytes) -> str:
    """UTF-32 without its mark: of four bytes two are always 0, and the one that says a Latin letter never is."""
    columns = [head[n : len(head) - len(head) % 4 : 4] for n in range(4)]
    mostly = [4 * column.count(0) >= 3 * len(column) for column in columns]
    if all(columns[0]) and mostly[1] and not any(columns[2]) and not any(columns[3]):
        return "utf-32-le"
    if all(columns[3]) and mostly[2] and not any(columns[1]) and not any(columns[0]):
        return "utf-32-be"
    return ""


def to_utf8(data: bytes, name: str) -> bytes:
    """The same text in UTF-8; what is no valid text becomes U+FFFD. A byte-order mark stays (as U+FEFF)."""
    return data.decode(name, "replace").encode()


def offset(text: bytes, at: int, name: str) -> int:
    """The byte offset in the original of offset `at` in its UTF-8 form."""
    return len(text[:at].decode("utf-8", "replace").encode(name))
