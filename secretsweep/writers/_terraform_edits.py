"""The edits of blocks: an argument renamed, a line after it, the marks of a variable. Whole syntactic units alone."""

from collections.abc import Iterator, Sequence

from secretsweep.formats._hclwords import Word
from secretsweep.model import Edit, Span
from secretsweep.writers import _hcl
from secretsweep.writers._hcl import Attribute, Block
from secretsweep.writers._literal import indent_of
from secretsweep.writers._terraform_module import Place
from secretsweep.writers._terraform_writeonly import Twin


def newline(data: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in data else b"\n"


def line_end(data: bytes, at: int) -> int:
    """Where the line of a place ends, before its newline."""
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    return end - (data[end - 1 : end] == b"\r")


def whole_lines(data: bytes, span: Span) -> Span | None:
    """The lines of a range with their newline; None when something else but a comment stands there."""
    start = data.rfind(b"\n", 0, span.start) + 1
    end = line_end(data, span.end)
    if data[start : span.start].strip() or data[span.end : end].strip(b" \t")[:1] not in (b"", b"#", b"/"):
        return None
    after = data.find(b"\n", end)
    return Span(start, len(data) if after < 0 else after + 1)


def is_on_one_line(data: bytes, block: Block) -> bool:
    return b"\n" not in data[slice(*block.inside)]


def added(data: bytes, block: Block, after: Attribute, lines: Sequence[str]) -> Iterator[Edit]:
    """Lines after an attribute; a block on one line becomes one of several."""
    eol, indent = newline(data), indent_of(data, after.span.start)
    if not is_on_one_line(data, block):
        end = line_end(data, after.span.end)
        yield Edit(Span(end, end), b"".join(eol + indent + line.encode() for line in lines))
        return
    indent = indent_of(data, block.start)
    inner = indent + b"  "
    yield Edit(Span(block.inside.start, after.span.start), eol + inner)
    text = b"".join(eol + inner + line.encode() for line in lines) + eol + indent
    yield Edit(Span(after.span.end, block.inside.end), text)


def entered(data: bytes, block: Block, lines: Sequence[str]) -> Iterator[Edit]:
    """Lines behind the last attribute of a block, or in an empty one."""
    if block.attributes:
        yield from added(data, block, block.attributes[-1], lines)
        return
    eol, indent = newline(data), indent_of(data, block.start)
    text = b"".join(eol + indent + b"  " + line.encode() for line in lines)
    end = b"" if data[slice(*block.inside)].strip() else eol + indent
    yield Edit(block.inside if end else Span(block.inside.start, block.inside.start), text + end)


def renamed(place: Place, twin: Twin) -> Iterator[Edit]:
    """An argument as its write-only one; what is not looked at any more must not be ignored either."""
    attribute, block = place.attribute, place.blocks[-1]
    start = attribute.span.start
    yield Edit(Span(start, start + len(attribute.name.encode())), twin.name.encode())
    if twin.counter:
        yield from added(place.data, block, attribute, [f"{twin.counter} = 1"])
    if len(place.blocks) == 1:
        for lifecycle in block.of("lifecycle"):
            if ignored := lifecycle.get("ignore_changes"):
                yield from _without(ignored, attribute.name)


def _without(listed: Attribute, name: str) -> Iterator[Edit]:
    """A list without one of its names."""
    found: tuple[Word, ...] = listed.words
    for number, word in enumerate(found[1:-1], 1):
        before, after = found[number - 1], found[number + 1]
        if word.text != name.encode() or before.kind not in ("[", ",") or after.kind not in (",", "]"):
            continue
        if after.kind == ",":
            yield Edit(Span(word.start, found[number + 2].start), b"")
        elif before.kind == ",":
            yield Edit(Span(before.start, word.end), b"")
        else:
            yield Edit(Span(word.start, word.end), b"")


def marked(data: bytes, block: Block, marks: Sequence[str], without: str = "") -> Iterator[Edit]:
    """A variable or output with marks (`sensitive = true`), and without one of its arguments."""
    lost = block.get(without) if without else None
    lines = []
    for mark in marks:
        has = block.get(mark)
        if has is None:
            lines.append(f"{mark} = true")
        elif _hcl.source(data, has) != b"true":
            yield Edit(has.value, b"true")
    if lost is None and not lines:
        return
    eol, indent = newline(data), indent_of(data, block.start)
    if is_on_one_line(data, block):
        kept = [data[slice(*a.span)] for a in block.attributes if a is not lost]
        inner = [eol + indent + b"  " + text for text in (*kept, *(line.encode() for line in lines))]
        yield Edit(block.inside, b"".join(inner) + (eol + indent if inner else b""))
    elif lost is None:
        first = next((a for a in block.attributes if a.name in ("value", "type")), None) or block.attributes[0]
        yield from added(data, block, first, lines)
    elif lines:
        own = indent_of(data, lost.span.start)
        yield Edit(lost.span, (eol + own).join(line.encode() for line in lines))
    elif gone := whole_lines(data, lost.span):
        yield Edit(gone, b"")
