"""A file of manifests as writers see it: where a spot stands, and how lines, keys and whole manifests come and go."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import _mask
from secretsweep.model import Addition, Edit, FileEdit, Span, Spot
from secretsweep.writers import File
from secretsweep.writers._nodes import Node, Step, documents, way

_OPENS = lazyre.compile(rb"\{\{-?\s*(?:if|range|with|define|block)\b")
_ENDS = lazyre.compile(rb"\{\{-?\s*end\b")
_PLACED = lazyre.compile(rb"[ ]*\{\{-?\s*(?:include|template|toYaml|tpl)\b[^{}\n]*indent\b[^{}\n]*\}\}\s*$")
_MARK = lazyre.compile(rb"^(?:---(?=[\s#])|\.\.\.(?=\s))", 8)
_PURE = lazyre.compile(
    rb'["\']?\{\{-?\s*(?:(?:quote|squote|b64enc)\s+)?"(?:[^"\\{}]|\\.)*"(?:\s*\|\s*(?:quote|squote|b64enc|toString))*\s*-?\}\}["\']?'
)


class Place(NamedTuple):
    """A spot, the manifest around it, and the way there from the manifest."""

    spot: Spot
    root: Node  # of the document
    manifest: Node
    steps: tuple[Step, ...]

    @property
    def path(self) -> tuple[str | int, ...]:
        return tuple(step.name for step in self.steps)

    @property
    def node(self) -> Node:
        return self.steps[-1].node

    def objection(self) -> str:
        """Why no reference can stand for the scalar; "" when one can."""
        if any(step.node.marked for step in self.steps):
            return "an anchor or a tag is at the value: it stands at other places too"
        if self.node.kind != "scalar":
            return "the literal is not understood"
        if b"{{" in self.node.value and not _PURE.fullmatch(self.node.value):
            return "the value is only a part of what a template puts out"
        return ""


class Sheet:
    """One file, parsed. Unparsed when it does not."""

    def __init__(self, file: File) -> None:
        self.path, self.data = file
        self.roots = documents(self.data)
        self.templated = b"{{" in self.data
        self.json = bool(self.roots) and self.roots[0].flow and self.data[self.roots[0].span.start :][:1] in b"{["

    def place(self, spot: Spot) -> Place | None:
        """Where it stands; None outside of manifests."""
        for root in self.roots:
            steps = way(root, spot.literal) if root.span.covers(spot.literal) else []
            holders = [step.holder for step in steps]
            inner = [at for at, holder in enumerate(holders) if holder.get("kind") is not None]
            bodies = [at for at in inner if holders[at].get("apiVersion") is not None or at == 0]
            if steps:
                at = bodies[-1] if bodies else 0
                return Place(spot, root, holders[at], tuple(steps[at:]))
        return None

    def raw(self, node: Node | None) -> str:
        """A scalar as written, without its quotes."""
        if node is None or node.kind != "scalar":
            return ""
        text = self.data[node.span.start : node.span.end].decode("utf-8", "surrogateescape")
        return text[1:-1] if text[:1] in ("'", '"') and text[-1:] == text[:1] else text

    def quote(self, metadata: Node | None) -> str:
        """The quotes of a name that holds a template: nobody knows whether YAML is read before it is put out."""
        for node in (metadata.get(name) for name in ("name", "namespace")) if metadata else ():
            if node is not None and b"{{" in node.value and self.data[node.span.start] in b"\"'":
                return chr(self.data[node.span.start])
        return ""

    def column(self, at: int) -> int:
        return at - (self.data.rfind(b"\n", 0, at) + 1)

    def line(self, at: int) -> Span:
        """The line of a place, with its newline."""
        end = self.data.find(b"\n", at)
        return Span(self.data.rfind(b"\n", 0, at) + 1, len(self.data) if end < 0 else end + 1)

    def lines(self, key: Node, value: Node) -> Span | None:
        """The whole lines of an entry; None when they hold more than it."""
        start = self.line(key.span.start).start
        end = self.line(max(key.span.end, value.span.end)).end
        return None if self.data[start : key.span.start].strip(b" ") else Span(start, end)

    def block(self, holder: Node, names: Iterable[str]) -> str:
        """The lines of some entries of a mapping as they stand, in two columns; only those that can be copied."""
        found = []
        for key, value in holder.entries:
            if holder.flow or key.value.decode("utf-8", "replace") not in names or value.marked:
                continue
            column = self.column(key.span.start)
            lines = [self.data[slice(*self.line(key.span.start))]]
            at = self.line(key.span.start).end
            while at < len(self.data):
                line = self.data[slice(*self.line(at))]
                if not line.strip() or (len(line) - len(line.lstrip(b" ")) <= column and not _PLACED.match(line)):
                    break
                lines.append(line)
                at += len(line)
            text = b"".join(lines)
            if len(lines) == 1 and value.span.end == value.span.start:
                continue
            if len(_OPENS.findall(text)) != len(_ENDS.findall(text)) or (column != 2 and b"{{" in text):
                continue
            shifted = lines if column == 2 else [b"  " + line[column:] for line in lines]
            found += [line.rstrip().decode("utf-8", "surrogateescape") for line in shifted]
        return "\n".join(found)

    def beside(self, root: Node, text: str) -> tuple[tuple[FileEdit, ...], tuple[Addition, ...]]:
        """A manifest that is put into the file of another one, under the same conditions of a template."""
        if not self.templated:
            return (), (Addition(self.path, text, "the manifest that makes the Secret"),)
        start = root.span.start
        mark = _MARK.search(self.data, start)
        end = mark.start() if mark else len(self.data)
        if not self._depth(start) and not self._depth(end):
            gap = "" if self.data[end - 1 : end] == b"\n" else "\n"
            return (self.edit(Span(end, end), f"{gap}---\n{text}"),), ()
        return (self.edit(Span(start, start), f"{text}---\n"),), ()

    def edit(self, span: Span, text: str) -> FileEdit:
        """In the file's own line ends."""
        new = text.encode("utf-8", "surrogateescape")
        return FileEdit(self.path, Edit(span, new.replace(b"\n", b"\r\n") if b"\r\n" in self.data else new))

    def level(self, inner: Node, outer: Node) -> bool:
        """Whether both are put out under the same conditions of a template."""
        return not self.templated or self._depth(inner.span.start) == self._depth(outer.span.start)

    def _depth(self, at: int) -> int:
        """How many `if`, `range` … of a template are open."""
        actions = [self.data[start:end] for start, end in _mask.templates(self.data) if end <= at]
        return sum(1 for a in actions if _OPENS.match(a)) - sum(1 for a in actions if _ENDS.match(a))


def merged(spans: Sequence[Span]) -> list[Span]:
    """Spans that touch, as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found
