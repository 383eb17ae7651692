"""ASN.1 in DER (and the BER of old keystores): just enough to tell a private key from everything else."""

from collections.abc import Iterator
from typing import NamedTuple

SEQUENCE, INTEGER, OCTETS, OID = 0x30, 0x02, 0x04, 0x06


class Value(NamedTuple):
    """`start` and `end` are those of the content."""

    tag: int
    start: int
    end: int

    def of(self, data: bytes) -> bytes:
        return data[self.start : self.end]


def read(data: bytes, at: int, stop: int) -> Value | None:
    """The value that begins at `at` and ends within `stop`. One of indefinite length goes on to `stop`."""
    if at + 2 > stop:
        return None
    size, start = data[at + 1], at + 2
    if size == 0x80:
        return Value(data[at], start, stop)
    if size > 0x80:
        count = size & 0x7F
        if count > 4 or start + count > stop:
            return None
        size = int.from_bytes(data[start : start + count], "big")
        start += count
    return Value(data[at], start, start + size) if start + size <= stop else None


def inside(data: bytes, outer: Value, most: int = 12) -> Iterator[Value]:
    """The values in a sequence, at most so many; it ends early when something in it is none."""
    at = outer.start
    for _ in range(most):
        if not (value := read(data, at, outer.end)):
            return
        yield value
        at = value.end
