"""As much of BSON (bsonspec.org) as a login needs. A type that it does not need ends the reading."""

import struct
from typing import Any

_DEEPEST = 8


def encoded(document: dict[str, Any]) -> bytes:
    """Of whole numbers, text, bytes and documents."""
    body = b"".join(_element(name, value) for name, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def _element(name: str, value: Any) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    if isinstance(value, bytes):
        return b"\x05" + key + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogateescape") + b"\0"
        return b"\x02" + key + struct.pack("<i", len(data)) + data
    return b"\x03" + key + encoded(value)


def decoded(data: bytes, depth: int = 0) -> dict[str, Any]:
    """A document; ValueError for what is none."""
    if len(data) < 5 or depth > _DEEPEST:
        raise ValueError("no document")
    end = struct.unpack("<i", data[:4])[0] - 1
    if not 4 <= end < len(data):
        raise ValueError("no document")
    found: dict[str, Any] = {}
    at = 4
    while at < end:
        kind = data[at]
        name, zero, _ = data[at + 1 : end].partition(b"\0")
        if not zero:
            raise ValueError("no name")
        at += len(name) + 2
        value, size = _value(kind, data[at:end], depth)
        found[name.decode("utf-8", "replace")] = value
        at += size
    return found


_FIXED = {0x01: "<d", 0x08: "<?", 0x09: "<q", 0x10: "<i", 0x11: "<Q", 0x12: "<q"}


def _value(kind: int, data: bytes, depth: int) -> tuple[Any, int]:
    try:
        if kind in _FIXED:
            return struct.unpack_from(_FIXED[kind], data)[0], struct.calcsize(_FIXED[kind])
        if kind in (0x0A, 0x06):
            return None, 0
        if kind == 0x07:
            return data[:12], 12
        size = struct.unpack_from("<i", data)[0]
    except struct.error:
        raise ValueError("cut off") from None
    if not 0 <= size <= len(data):
        raise ValueError("cut off")
    if kind == 0x02:
        return data[4 : 3 + size].decode("utf-8", "replace"), 4 + size
    if kind == 0x05:
        return data[5 : 5 + size], 5 + size
    if kind in (0x03, 0x04):
        inner = decoded(data[:size], depth + 1)
        return (list(inner.values()) if kind == 0x04 else inner), size
    raise ValueError("a type that no answer has")
