"""Where a literal stands in a document of YAML, and so of JSON: what is around it, with places in bytes."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from secretsweep import lazyre
from secretsweep.formats._mask import mask
from secretsweep.formats._onebyte import to_text
from secretsweep.model import Edit, Span

_PROPERTIES = lazyre.compile(r"(?:[&!]\S*\s+(?:#[^\n]*\s+)*)*")
_STANDARD = "tag:yaml.org,2002:"


class Step(NamedTuple):
    """One level: the entry of the mapping or list above, and its node."""

    name: str  # the key, or `[0]`
    key: Any  # the node of the key; None in a list, and at the top
    node: Any

    @property
    def tag(self) -> str:
        """`!Sub`; "" when there is none of the document's own."""
        tag = str(self.node.tag or "")
        return "" if tag.startswith(_STANDARD) else tag


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. Marks count bytes behind `offset`."""

    data: bytes
    source: str
    offset: int
    roots: tuple[Any, ...]

    def place(self, at: Span) -> tuple[Step, ...]:
        """The steps from the top to the scalar that holds a place, the top itself first; none when no scalar does."""
        for root in self.roots:
            with suppress(RecursionError):  # nested without end: no place that a person would write
                if found := self._below(Step("", None, root), at, set()):
                    return tuple(found)
        return ()

    def _below(self, step: Step, at: Span, seen: set[int]) -> list[Step]:
        node = step.node
        if not self._around(node, at) or id(node) in seen:
            return []
        seen.add(id(node))  # an alias is the same node once more, and may be inside itself
        if isinstance(node.value, str):
            return [step] if self.span(node).covers(at) else []
        for entry in entries(node):
            if found := self._below(entry, at, seen):
                return [step, *found]
        return []

    def _around(self, node: Any, at: Span) -> bool:
        start, end = node.start_mark.index + self.offset, node.end_mark.index + self.offset
        return bool(start <= at.start and at.end <= end)

    def span(self, node: Any) -> Span:
        """A node as it is written, with its quotes, without its tag, its anchor, or what follows it."""
        start, end = node.start_mark.index, node.end_mark.index
        if start < end and self.source[start] in "&!":
            start = _PROPERTIES.match(self.source, start, end).end()  # type: ignore[union-attr]
        if not isinstance(node.value, str) and not node.flow_style and (inside := list(entries(node))):
            last = inside[-1]
            if last.node.start_mark.index > (last.key or node).start_mark.index:  # an alias has its anchor's marks
                end = self.span(last.node).end - self.offset  # the mark of the whole is where the next token begins
        while end > start and self.source[end - 1] in " \t\r\n":
            end -= 1
        return Span(start + self.offset, end + self.offset)

    def column(self, node: Any) -> int:
        """How many bytes stand before a node in its line."""
        return int(node.start_mark.column)

    def newline(self) -> str:
        """The line end of the file."""
        return "\r\n" if b"\r\n" in self.data else "\n"

    def without(self, mapping: Any, entry: Step) -> Edit | None:
        """The edit that takes an entry out of its mapping, with its line; None where that cannot be said."""
        every = list(entries(mapping))
        number = [e.key for e in every].index(entry.key)
        start, end = self.span(entry.key).start, self.span(entry.node).end
        if mapping.flow_style:
            return self._without_comma(every, number, start, end)
        line = self.data.rfind(b"\n", 0, start) + 1
        if not self.data[line:start].strip():
            stop = self.data.find(b"\n", end)
            return Edit(Span(line, len(self.data) if stop < 0 else stop + 1), b"")
        if number + 1 == len(every):
            return None
        return Edit(Span(start, self.span(every[number + 1].key).start), b"")

    def without_all(self, holder: Any, mapping: Step, gone: Sequence[Step]) -> list[Edit] | None:
        """The edits that take entries out of a mapping of `holder`, and the mapping when none is left."""
        every = list(entries(mapping.node))
        keys = {id(entry.key) for entry in gone}
        left = [number for number, entry in enumerate(every) if id(entry.key) not in keys]
        if not left:
            alone = mapping.key is None or len(list(entries(holder))) < 2
            edits = [None if alone else self.without(holder, mapping)]
        elif mapping.node.flow_style and left[-1] + 1 < len(every):
            span = Span(self.span(every[left[-1]].node).end, self.span(every[-1].node).end)
            before = [entry for entry in every[: left[-1]] if id(entry.key) in keys]
            edits = [*(self.without(mapping.node, entry) for entry in before), Edit(span, b"")]
        else:
            edits = [self.without(mapping.node, entry) for entry in gone]
        found = [edit for edit in edits if edit is not None]
        return found if len(found) == len(edits) else None

    def _without_comma(self, every: Sequence[Step], number: int, start: int, end: int) -> Edit | None:
        if number + 1 < len(every):
            span = Span(start, self.span(every[number + 1].key).start)
            between = self.data[end : span.end]
        elif number:
            span = Span(self.span(every[number - 1].node).end, end)
            between = self.data[span.start : start]
        else:
            return Edit(Span(start, end), b"")
        return Edit(span, b"") if not between.strip(b", \t\r\n") else None  # else a comment would go as well


def document(data: bytes) -> Document | None:
    """The file's documents; None when it does not parse."""
    import yaml

    source, offset = to_text(mask(data))
    try:
        roots = tuple(node for node in yaml.compose_all(source, Loader=yaml.CSafeLoader) if node is not None)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        return None
    return Document(data, source, offset, roots)


def entries(node: Any) -> Iterator[Step]:
    """The children of a mapping or a list; of a scalar there are none."""
    if isinstance(node.value, str):
        return
    for number, child in enumerate(node.value):
        if isinstance(child, tuple):
            key, value = child
            yield Step(key.value if isinstance(key.value, str) else "?", key, value)
        else:
            yield Step(f"[{number}]", None, child)


def get(node: Any, *names: str) -> Any:
    """The node at an address below; None when there is none."""
    for name in names:
        node = next((step.node for step in entries(node) if step.name == name), None)
        if node is None:
            return None
    return node


def text(node: Any) -> str:
    """A scalar's value; "" of anything else."""
    return node.value if node is not None and isinstance(node.value, str) else ""
