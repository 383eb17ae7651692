"""Parsers count characters, edits count bytes: text with one character for every byte, and the way back."""

import codecs

BOM = codecs.BOM_UTF8
PRIVATE = 0xF700  # a private use area: an escape such as \u01ff in the text cannot be mistaken for a byte
_ODD = [byte for byte in range(256) if not (32 <= byte < 127 or byte in b"\t\n\r")]
_TABLE = "".join(chr(PRIVATE + byte if byte in _ODD else byte) for byte in range(256))
_BACK = {
    PRIVATE + byte: byte if byte < 128 else 0xDC00 + byte for byte in _ODD
}  # surrogateescape's code points


def to_text(data: bytes) -> tuple[str, int]:
    """The text, and the offset of its first byte: 3 behind a byte-order mark, which libyaml miscounts."""
    start = 3 if data.startswith(BOM) else 0
    return codecs.charmap_decode(data[start:] if start else data, "strict", _TABLE)[0], start


def to_bytes(text: str) -> bytes:
    """The bytes that `text` stands for; characters that came from escapes become UTF-8."""
    if text.isascii():
        return text.encode("ascii")
    return text.translate(_BACK).encode("utf-8", "surrogateescape")
