"""YAML as nodes with the bytes they stand at: what is edited must be found as keys, mappings and lists, not as values.

The events and marks are those of `formats/yaml`: templates are masked to their length, a byte-order mark is minded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.formats._mask import mask
from secretsweep.formats._onebyte import to_bytes, to_text
from secretsweep.formats.yaml import events, kinds
from secretsweep.model import Span

_PROPERTIES = lazyre.compile(r"(?:[&!]\S*\s+(?:#[^\n]*\s+)*)*")
_DEEPEST = 500


@dataclass(slots=True)
class Node:
    """A scalar (neither entries nor items), a mapping or a list."""

    kind: str  # scalar, mapping, list, alias
    span: Span  # with quotes; without trailing white space
    value: bytes = b""  # of a scalar; as written where it holds a template
    flow: bool = False
    block: bool = False  # a scalar of lines: `|` or `>`
    marked: bool = False  # has an anchor or a tag
    entries: list[tuple["Node", "Node"]] = field(default_factory=list)
    items: list["Node"] = field(default_factory=list)

    def get(self, *names: str) -> "Node | None":
        """What stands below these keys."""
        node: Node | None = self
        for name in names:
            entry = node.entry(name) if node else None
            node = entry[1] if entry else None
        return node

    def entry(self, name: str) -> "tuple[Node, Node] | None":
        """The key and the value of an entry."""
        return next(((k, v) for k, v in self.entries if k.value == name.encode()), None)

    def text(self, *names: str) -> str:
        """The scalar below these keys; "" when there is none."""
        node = self.get(*names)
        return node.value.decode("utf-8", "replace") if node and node.kind == "scalar" else ""


class Step(NamedTuple):
    """One node on the way to a place: what holds it, and what it is called there."""

    holder: Node
    name: str | int
    key: Node | None
    node: Node


def documents(data: bytes) -> list[Node]:
    """The root of every document that is not empty. Unparsed when there is no telling."""
    return _Builder(data).documents()


def way(root: Node, place: Span) -> list[Step]:
    """The steps from a root to the scalar at a place; none when the place is elsewhere."""
    found: list[Step] = []
    node: Node | None = root
    while node is not None and node.kind in ("mapping", "list"):
        step = next((s for s in _steps(node) if s.node.span.covers(place)), None)
        if step is None:
            return []
        found.append(step)
        node = step.node
    return found


def walk(node: Node, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The way to every node below, from the outside in."""
    for step in _steps(node):
        here = (*path, step)
        yield here
        yield from walk(step.node, here)


def _steps(node: Node) -> Iterator[Step]:
    for key, value in node.entries:
        yield Step(node, key.value.decode("utf-8", "replace"), key, value)
    for index, item in enumerate(node.items):
        yield Step(node, index, None, item)


class _Builder:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.masked = mask(data)
        self.source, self.offset = to_text(self.masked)

    def documents(self) -> list[Node]:
        scalar, mapping, sequence, closing, alias, _ = kinds()
        roots: list[Node] = []
        open_nodes: list[Node] = []
        keys: list[Node | None] = []
        try:
            for event in events(self.source):
                kind = type(event)
                if kind in closing:
                    self.close(open_nodes.pop(), event)
                    keys.pop()
                elif kind in (scalar, mapping, sequence, alias):
                    node = self.node(event, kind in (mapping, sequence), kind is mapping, kind is alias)
                    if open_nodes:
                        _placed(open_nodes[-1], keys, node)
                    elif node.span.end > node.span.start or node.kind != "scalar":
                        roots.append(node)
                    if node.kind in ("mapping", "list"):
                        open_nodes.append(node)
                        keys.append(None)
                        if len(open_nodes) > _DEEPEST:
                            raise Unparsed("too deep")
        except Unparsed:
            raise
        except Exception as error:  # libyaml's own, and what odd bytes make of it
            raise Unparsed(type(error).__name__) from None
        return roots

    def node(self, event: Any, collection: bool, is_mapping: bool, is_alias: bool) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        marked = bool(getattr(event, "anchor", None)) or bool(getattr(event, "tag", None))
        if is_alias:
            return Node("alias", Span(start + self.offset, end + self.offset), marked=True)
        if collection:
            span = Span(start + self.offset, start + self.offset)
            return Node("mapping" if is_mapping else "list", span, flow=bool(event.flow_style), marked=marked)
        if start < end and self.source[start] in "&!":
            start = _PROPERTIES.match(self.source, start, end).end()  # type: ignore[union-attr]
        if event.style in ("|", ">") or not event.style:
            while end > start and self.source[end - 1] in " \t\r\n":
                end -= 1
        span = Span(start + self.offset, end + self.offset)
        raw = self.data[span.start : span.end]
        templated = self.masked[span.start : span.end] != raw
        value = raw if templated else to_bytes(event.value)
        if templated and event.style in ("'", '"'):
            value = raw[1:-1]
        return Node("scalar", span, value, block=event.style in ("|", ">"), marked=marked)

    def close(self, node: Node, event: Any) -> None:
        if node.flow:
            end = event.end_mark.index + self.offset
        else:
            last = [n.span.end for pair in node.entries for n in pair] + [n.span.end for n in node.items]
            end = max(last, default=node.span.start)
        node.span = Span(node.span.start, max(end, node.span.start))


def _placed(holder: Node, keys: list[Node | None], node: Node) -> None:
    if holder.kind == "list":
        holder.items.append(node)
    elif (key := keys[-1]) is None:
        keys[-1] = node
    else:
        holder.entries.append((key, node))
        keys[-1] = None
