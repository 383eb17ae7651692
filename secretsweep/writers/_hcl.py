"""The blocks and attributes of an HCL file with their byte ranges, out of the words that the format reads.

Syntax: github.com/hashicorp/hcl, hclsyntax/spec.md (bodies, attributes, blocks).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from secretsweep.formats._hclwords import Word, words
from secretsweep.model import Span

_OPENS, _CLOSES = "([{", ")]}"


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """`name = value`. A value may be of many lines."""

    name: str
    span: Span  # from the name to the end of the value
    value: Span
    words: tuple[Word, ...]  # of the value

    @property
    def is_literal(self) -> bool:
        """The value is one quoted string or one heredoc."""
        return len(self.words) == 1 and self.words[0].kind in ("string", "heredoc")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """`kind "label" { … }`; the file itself has no kind."""

    kind: str
    labels: tuple[str, ...]
    start: int
    inside: Span  # between the braces
    attributes: list[Attribute] = field(default_factory=list)
    blocks: list["Block"] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.inside.end + 1

    def get(self, name: str) -> Attribute | None:
        return next((a for a in self.attributes if a.name == name), None)

    def of(self, kind: str, *labels: str) -> Iterator["Block"]:
        """Its blocks of a kind, with these labels."""
        return (b for b in self.blocks if b.kind == kind and b.labels[: len(labels)] == labels)

    def walk(self, above: tuple["Block", ...] = ()) -> Iterator[tuple[tuple["Block", ...], Attribute]]:
        """Every attribute below, with the blocks around it from the outermost."""
        for attribute in self.attributes:
            yield above, attribute
        for block in self.blocks:
            yield from block.walk((*above, block))


class Malformed(Exception):
    """Not a file of blocks and attributes."""


def parse(data: bytes) -> Block:
    """The file as a block. Malformed when it is something else."""
    reader = _Reader(data, list(words(data)))
    try:
        return reader.body(Block("", (), 0, Span(0, len(data))))
    except RecursionError:
        raise Malformed from None


def at(file: Block, place: int) -> tuple[tuple[Block, ...], Attribute] | None:
    """The attribute whose value holds a place, and the blocks around it."""
    return next((found for found in file.walk() if found[1].value.start <= place < found[1].value.end), None)


def string(data: bytes, attribute: Attribute | None) -> str:
    """The value of an attribute that is a plain string; "" of others."""
    if attribute is None or not attribute.is_literal or attribute.words[0].kind != "string":
        return ""
    word = attribute.words[0]
    return data[word.start : word.end].decode("utf-8", "replace")


def source(data: bytes, attribute: Attribute) -> bytes:
    """The value as it is written."""
    return data[slice(*attribute.value)]


def ends(data: bytes, word: Word) -> int:
    """Where a word ends, with its closing quote or the line that ends the heredoc."""
    if word.kind == "string":
        return word.end + (data[word.end : word.end + 1] == b'"')
    if word.kind == "heredoc":
        stop = data.find(b"\n", word.end)
        line = data[word.end : len(data) if stop < 0 else stop]
        return word.end + len(line.rstrip(b"\r"))
    return word.end


def begins(data: bytes, word: Word) -> int:
    """Where a word begins, with its opening quote or the heredoc's mark."""
    if word.kind == "string":
        return word.start - 1
    return data.rfind(b"<<", 0, word.start) if word.kind == "heredoc" else word.start


class _Reader:
    def __init__(self, data: bytes, found: list[Word]) -> None:
        self.data, self.words, self.at = data, found, 0

    def body(self, block: Block) -> Block:
        """What stands in a block, to its brace or to the end of the file; the block with its true end."""
        pending: list[Word] = []
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word.kind in ("name", "string"):
                pending.append(word)
            elif word.kind == "=" and len(pending) == 1:
                block.attributes.append(self.attribute(pending.pop()))
            elif word.kind == "{" and pending and pending[0].kind == "name":
                kind, *labels = (self.data[w.start : w.end].decode("utf-8", "replace") for w in pending)
                inner = Block(kind, tuple(labels), pending[0].start, Span(word.end, word.end))
                block.blocks.append(self.body(inner))
                pending = []
            elif word.kind == "}" and block.kind and not pending:
                whole = Span(block.inside.start, word.start)
                return Block(block.kind, block.labels, block.start, whole, block.attributes, block.blocks)
            elif word.kind != "newline" or pending:
                raise Malformed
        if block.kind or pending:
            raise Malformed
        return block

    def attribute(self, name: Word) -> Attribute:
        """From its `=` to the newline or brace that ends it."""
        depth, value = 0, []
        while self.at < len(self.words):
            word = self.words[self.at]
            if not depth and (word.kind == "newline" or word.kind == "}"):
                break
            depth += (word.kind in _OPENS) - (word.kind in _CLOSES)
            if word.kind != "newline":
                value.append(word)
            self.at += 1
        if not value or depth:
            raise Malformed
        span = Span(begins(self.data, value[0]), ends(self.data, value[-1]))
        label = self.data[name.start : name.end].decode("utf-8", "replace")
        return Attribute(label, Span(name.start, span.end), span, tuple(value))
