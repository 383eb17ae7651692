"""What a hostile name can do to a terminal or to JSON: the one place that disarms it."""

import re
import unicodedata
from itertools import accumulate, takewhile
from typing import TextIO

_SURROGATE = re.compile("[\ud800-\udfff]")
_USERINFO = re.compile(r"(?<=://)[^/\s]*@")


def shown(text: str) -> str:
    """`text` on one line; what does not print (escape sequences, newlines, bidi controls) is escaped."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def data(text: str) -> str:
    """`text` as valid Unicode: bytes of a file name that are no UTF-8 become the text `\\xNN`."""
    return _SURROGATE.sub(lambda match: _escaped(match[0]), text)


def encoded(json: str) -> str:
    """`data` for text that is JSON already, in whose strings a backslash is written twice."""
    return _SURROGATE.sub(lambda match: "\\" + _escaped(match[0]), json)


def place(text: str) -> str:
    """A path or sentence without the user and password of a URL in it."""
    return _USERINFO.sub("", text)


def columns(text: str) -> int:
    """How many columns of a terminal printable `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def shortened(text: str, room: int) -> str:
    """`text`, its middle left out where it is longer than `room`."""
    if columns(text) <= room:
        return text
    keep = max(room - 3, 2)
    end = _fitting(text[::-1], keep // 2)[::-1]
    return f"{_fitting(text, keep - keep // 2)}...{end}"


def speaks_unicode(out: TextIO) -> bool:
    """Whether every character can be written to `out`; a StringIO takes all of them."""
    encoding = getattr(out, "encoding", None)
    return encoding is None or encoding.lower().replace("_", "-").startswith(("utf-", "utf8"))


def _fitting(text: str, room: int) -> str:
    """The longest beginning that fits."""
    totals = accumulate(map(_columns, text))
    return text[: sum(1 for _ in takewhile(lambda total: total <= room, totals))]


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _escaped(char: str) -> str:
    """One character in ASCII; `\\xNN` is a byte (surrogateescape) or a control below 0x80."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if 0x80 <= code <= 0xFF:
        return f"\\u{code:04x}"
    return char.encode("unicode_escape").decode("ascii")
