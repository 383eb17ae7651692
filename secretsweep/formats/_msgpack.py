"""MessagePack as a tree of the places of its strings, as far as it makes sense."""

from contextlib import suppress

from secretsweep.formats._address import DEPTH, text
from secretsweep.formats._jsontree import Leaf, Node

_SIZES = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4}  # of a string, of bytes
_FIXED = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_EXTENDED = {0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
_COUNTS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}  # bytes of the count, entries of an item


class Broken(Exception):
    """The bytes end, or nest too deep."""


def parse(data: bytes, start: int, end: int) -> Node | Leaf:
    """What stands in `data[start:end]`; what comes after a mistake is left out."""
    root = Node()
    with suppress(Broken):
        _value(data, start, end, root, "", 0)
    return root.entries[0][1] if root.entries else Node()


def _value(data: bytes, at: int, end: int, below: Node, key: str, depth: int) -> int:
    """Add the value at `at`, and tell where it ends."""
    if at >= end or depth > DEPTH:
        raise Broken
    code = data[at]
    at += 1
    if 0xA0 <= code <= 0xBF or code in _SIZES:
        size = code & 0x1F
        if code in _SIZES:
            size, at = _number(data, at, end, _SIZES[code])
        if at + size > end:
            raise Broken
        below.entries.append((key, Leaf(at, at + size, code not in (0xC4, 0xC5, 0xC6), True)))
        return at + size
    if 0x80 <= code <= 0x9F or code in _COUNTS:
        count, each = code & 0x0F, 2 if code < 0x90 else 1
        if code in _COUNTS:
            width, each = _COUNTS[code]
            count, at = _number(data, at, end, width)
        return _items(data, at, end, below, key, depth, count, mapping=each == 2)
    below.entries.append((key, Leaf(at, at, False)))  # a number or a word: its place in a list counts
    if code in (0xC7, 0xC8, 0xC9):
        size, at = _number(data, at, end, 1 << (code - 0xC7))
        return at + 1 + size
    return at + _FIXED.get(code, 0) + _EXTENDED.get(code, 0)


def _items(
    data: bytes, at: int, end: int, below: Node, key: str, depth: int, count: int, *, mapping: bool
) -> int:
    node = Node(not mapping)
    below.entries.append((key, node))
    for _ in range(min(count, end - at)):
        name = ""
        if mapping:
            names = Node()
            at = _value(data, at, end, names, "", DEPTH)
            found = names.entries[0][1] if names.entries else None
            name = text(data[found.start : found.end]) if isinstance(found, Leaf) else ""
        at = _value(data, at, end, node, name, depth + 1)
    return at


def _number(data: bytes, at: int, end: int, width: int) -> tuple[int, int]:
    if at + width > end:
        raise Broken
    return int.from_bytes(data[at : at + width], "big"), at + width
