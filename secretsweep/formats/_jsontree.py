"""JSON as a tree of the places of its literals, also out of excerpts and garbage, in linear time."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import json
from secretsweep.formats._address import DEPTH, NAMES, OPEN, VALUES, child, flag, item, pair, text

_TOKEN = lazyre.compile(
    rb'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"?'  # 1: a string; one without its end stops at the line's
    rb"|([{\[])|([}\]])|(:)|(,)"  # 2 opens, 3 closes, 4 after a key, 5 after a value
    rb'|\xef\xbb\xbf|([^\s"{}\[\]:,]+)',  # 6: a number or a word
    re.DOTALL,
)


class Leaf(NamedTuple):
    """Where a literal stands, without its quotes; a verbatim one has no escapes."""

    start: int
    end: int
    quoted: bool
    verbatim: bool = False


class Node:
    """An object or an array, in the order of the file. What has no key, has the key ""."""

    __slots__ = ("array", "entries")

    def __init__(self, array: bool = False) -> None:
        self.array = array
        self.entries: list[tuple[str, Node | Leaf]] = []

    def node(self, key: str) -> "Node | None":
        """The first container called `key`."""
        return next((value for name, value in self.entries if name == key and isinstance(value, Node)), None)

    def nodes(self, key: str) -> "Iterator[Node]":
        """The containers in the container called `key`."""
        found = self.node(key)
        return (value for _, value in found.entries if isinstance(value, Node)) if found else iter(())

    def text(self, key: str, data: bytes) -> str:
        """The literal called `key`, or ""."""
        found = next((value for name, value in self.entries if name == key and isinstance(value, Leaf)), None)
        return written(data, found) if found else ""

    def has(self, *keys: str) -> bool:
        """Whether there is something of each of these names."""
        return {name for name, _ in self.entries}.issuperset(keys)


class Literal(NamedTuple):
    """A literal below some node: `path` is what stands in the file, `address` what a person would write."""

    leaf: Leaf
    path: tuple[str, ...]
    address: str


def value(data: bytes, leaf: Leaf) -> bytes:
    """What a literal stands for."""
    raw = data[leaf.start : leaf.end]
    return json.unescape(raw) if leaf.quoted and not leaf.verbatim else raw


def written(data: bytes, leaf: Leaf) -> str:
    """The same as text."""
    return text(value(data, leaf))


def parse(data: bytes) -> Node:
    """The tree; what stands outside of any bracket are entries of the root."""
    root = Node()
    stack = [root]
    key = ""
    pending: Leaf | None = None  # a literal: only what follows says whether it is a key
    for token in _TOKEN.finditer(data):
        kind = token.lastindex
        if kind == 1 or kind == 6:
            if pending:
                stack[-1].entries.append((key, pending))
                key = ""
            pending = Leaf(*token.span(kind), kind == 1)
        elif kind == 4:
            if pending:
                key, pending = written(data, pending), None
        elif kind is not None:
            if pending:
                stack[-1].entries.append((key, pending))
                key, pending = "", None
            if kind == 2 and len(stack) < OPEN:
                below = stack[-1]
                if len(stack) < DEPTH:
                    below = Node(token.group(2) == b"[")
                    stack[-1].entries.append((key, below))
                stack.append(below)
            elif kind == 3 and len(stack) > 1:
                stack.pop()
            key = ""
    if pending:
        stack[-1].entries.append((key, pending))
    return root


def literals(data: bytes, node: Node, address: str, path: tuple[str, ...] = ()) -> Iterator[Literal]:
    """All literals below a node; those called `value` are named after the `name` beside them."""
    name = next((written(data, leaf) for key, leaf in node.entries if key in NAMES and isinstance(leaf, Leaf)), "")
    previous = ""
    for number, (key, entry) in enumerate(node.entries):
        step = (*path, key or str(number))
        if key:
            where = pair(address, name) if name and key in VALUES else child(address, key)
        else:
            option = flag(previous) if previous else None
            where = child(address, option) if option else item(address, number) if node.array else address
        if isinstance(entry, Node):
            yield from literals(data, entry, where, step)
            previous = ""
            continue
        previous = written(data, entry) if data[entry.start : entry.start + 1] == b"-" else ""
        if entry.end > entry.start and (entry.quoted or data[entry.start : entry.end] not in _WORDS):
            yield Literal(entry, step, where)


_WORDS = frozenset((b"true", b"false", b"null"))
