"""YAML documents as nodes with their lines: templates masked, aliases followed, nothing built by recursion."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from secretsweep import lazyre
from secretsweep.formats._mask import mask
from secretsweep.formats._onebyte import to_text

LARGEST = 4 << 20  # bytes
DEEPEST = 200  # libyaml's time grows with the square of what is open
KEPT = 256  # files whose nodes are remembered by their content
_OPEN = lazyre.compile(rb"[\[{]")
_NEWLINE = lazyre.compile(r"\n")


class Node:
    """A scalar (`text`), a mapping (`entries`) or a sequence (`items`), and the line that it begins at, from 1."""

    __slots__ = ("entries", "items", "line", "text")

    def __init__(self, line: int, text: str | None = None) -> None:
        self.line, self.text = line, text
        self.entries: list[tuple[str, Node]] = []
        self.items: list[Node] = []

    def get(self, *names: str) -> "Node | None":
        """What is at these names, one below the other."""
        node: Node | None = self
        for name in names:
            node = next((value for key, value in node.entries if key == name), None) if node else None
        return node

    def said(self, *names: str) -> str:
        """The scalar there; "" without one."""
        node = self.get(*names)
        return (node.text or "") if node else ""


class Place(NamedTuple):
    """A node somewhere below another one."""

    node: Node
    steps: tuple[str, ...]


class Document(NamedTuple):
    node: Node
    last: int  # line


@lru_cache(KEPT)
def documents(data: bytes) -> tuple[Document, ...] | None:
    """The documents of a file; None when it cannot be read."""
    if len(data) > LARGEST:
        return None
    masked = mask(data)
    if _deep(masked):
        return None
    source, _ = to_text(masked)
    try:
        return tuple(_composed(source, data.decode("latin-1")[len(data) - len(source) :]))
    except _errors():
        return None


def below(node: Node) -> Iterator[Place]:
    """A node and everything in it, in order, each node once however many aliases it has."""
    seen: set[int] = set()
    waiting = [Place(node, ())]
    while waiting:
        place = waiting.pop()
        if id(place.node) in seen:
            continue
        seen.add(id(place.node))
        yield place
        inner = [Place(value, (*place.steps[-DEEPEST:], key)) for key, value in place.node.entries]
        inner += [Place(item, (*place.steps[-DEEPEST:], f"[{n}]")) for n, item in enumerate(place.node.items)]
        waiting.extend(reversed(inner))


def _deep(data: bytes) -> bool:
    """Whether more flow collections may be open at once than anybody writes."""
    if len(_OPEN.findall(data)) <= DEEPEST:
        return False
    depth = deepest = 0
    for byte in data:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth = max(0, depth - 1)
    return deepest > DEEPEST


def _composed(source: str, raw: str) -> Iterator[Document]:
    """The documents of a text; a scalar that holds a template has the text as written."""
    from yaml import CSafeLoader
    from yaml import events as e

    stack: list[tuple[Node, list[str]]] = []
    anchors: dict[str, Node] = {}
    ends = [found.start() for found in _NEWLINE.finditer(raw)]  # masked, a template may be many lines
    parser: Any = CSafeLoader(source)
    try:
        while (event := parser.get_event()) is not None:
            line = bisect_left(ends, event.start_mark.index) + 1
            if isinstance(event, e.DocumentStartEvent):
                root = Node(line)
                stack, anchors = [(root, [])], {}
            elif isinstance(event, e.DocumentEndEvent):
                yield Document(root.items[0] if root.items else root, line)
            elif isinstance(event, (e.MappingEndEvent, e.SequenceEndEvent)):
                stack.pop()
            elif isinstance(event, e.AliasEvent):
                _put(stack, anchors.get(event.anchor or "", Node(line, "")))
            elif isinstance(event, (e.ScalarEvent, e.MappingStartEvent, e.SequenceStartEvent)):
                node = Node(line, _text(event, source, raw) if isinstance(event, e.ScalarEvent) else None)
                if event.anchor:
                    anchors[event.anchor] = node
                _put(stack, node)
                if node.text is None:
                    stack.append((node, [""] if isinstance(event, e.MappingStartEvent) else []))
                    if len(stack) > DEEPEST:
                        raise ValueError("too deep")
    finally:
        parser.dispose()


def _put(stack: list[tuple[Node, list[str]]], node: Node) -> None:
    """Add a node to the collection that is open. `pending` of a mapping is ["", key] once its key is there."""
    parent, pending = stack[-1]
    if not pending:
        parent.items.append(node)
    elif len(pending) == 1:
        pending.append(node.text or "")
    else:
        parent.entries.append((pending.pop(), node))


def _text(event: Any, source: str, raw: str) -> str:
    start, end = event.start_mark.index, event.end_mark.index
    if source[start:end].isascii() and source[start:end] == raw[start:end]:
        return str(event.value)
    return raw[start:end].strip("\"' \t\r\n").encode("latin-1").decode("utf-8", "replace")


@lru_cache(1)
def _errors() -> tuple[type[Exception], ...]:
    from yaml import YAMLError

    return YAMLError, ValueError, OverflowError
