"""Which stretches of a JSON file are judged as one, found in one pass however many places are asked for."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

from secretsweep import lazyre

LARGEST = 4 << 20  # bytes of a region that are parsed at once; in a larger one the lines stand for themselves
_LINE = 4 << 10  # bytes of a line around a place outside of all regions
_MARGIN = 1 << 10
_TOKEN = lazyre.compile(
    rb'"([^"\\]*)"\s*:\s*([{\[])'  # 1: the key of 2, a container
    rb'|"[^"\\]*(?:\\.[^"\\]*)*"|([{\[])|[}\]]',  # 3: a container without a key
    re.DOTALL,
)

Region = Callable[[bytes, int], tuple[int, int]]
Stretches = tuple["array[int]", "array[int]"]  # the starts, and the ends


def within(stretches: Stretches, data: bytes, at: int) -> tuple[int, int]:
    """The stretch that holds the byte before a place, or a part of its line."""
    starts, ends = stretches
    at = max(at - 1, 0)
    number = bisect_right(starts, at) - 1
    if number >= 0 and at < ends[number] and ends[number] - starts[number] <= LARGEST:
        return starts[number], ends[number]
    return _line(data, at)


@lru_cache(maxsize=1)  # the places of one text are asked for one after the other
def children(data: bytes, parents: frozenset[bytes], wholes: frozenset[bytes] = frozenset()) -> Stretches:
    """Every container in one that is called like one of `parents`, and those called like one of `wholes`, with their
    keys: the outermost of them."""
    starts, ends = array("Q"), array("Q")
    holds = [False]  # for each open container whether what is in it are stretches
    depth = 0  # containers that are open inside the stretch at hand
    for token in _TOKEN.finditer(data):
        kind = token.lastindex
        if kind is None:
            if data[token.start()] == 34:  # a string
                continue
            if depth:
                depth -= 1
                if not depth:
                    ends.append(token.end())
            elif len(holds) > 1:
                holds.pop()
        elif depth:
            depth += 1
        elif holds[-1] or (kind == 2 and token[1] in wholes):
            starts.append(token.start())
            depth = 1
        elif len(holds) < 10_000:
            holds.append(kind == 2 and token[1] in parents)
    if depth:
        ends.append(len(data))
    return starts, ends


@lru_cache(maxsize=1)
def indented(data: bytes, indent: int) -> Stretches:
    """The blocks that begin and end at an indentation, of a file that was written with one: no bracket is counted."""
    pad = b"\n" + b" " * indent
    starts, ends = array("Q"), array("Q")
    at = 0
    while (start := data.find(pad, at)) >= 0:
        start += len(pad)
        if data[start : start + 1] not in (b"{", b'"'):
            at = start
            continue
        at = data.find(pad + b"}", start)
        if at < 0:
            break
        at += len(pad) + 1
        starts.append(start)
        ends.append(at)
    return starts, ends


def _line(data: bytes, at: int) -> tuple[int, int]:
    stretch = at - at % _LINE
    low, high = max(0, stretch - _MARGIN), min(len(data), stretch + _LINE + _MARGIN)
    start, end = data.rfind(b"\n", low, at) + 1, data.find(b"\n", at, high)
    return start or low, high if end < 0 else end
