"""Pairs in lists (`Environment: [{Name, Value}]`) that become pairs of a list beside it, which names where values are.

What moves is copied with its comments, and a list that all of its pairs leave is renamed where it stands.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from secretsweep.model import Edit, Span, apply_edits
from secretsweep.writers._places import Document, Step, entries, get, text


class Words(NamedTuple):
    """What the lists and the halves of their pairs are called."""

    values: str
    sources: str
    value: str
    source: str
    name: str


class Pair(NamedTuple):
    """A pair that moves, and what its source is, as it is written there."""

    item: Step
    source: bytes


def moved(document: Document, holder: Any, pairs: Sequence[Pair], words: Words) -> list[Edit] | None:
    """The edits that move pairs of `holder`; None where that cannot be said."""
    values = next((entry for entry in entries(holder) if entry.name == words.values), None)
    sources = next((entry for entry in entries(holder) if entry.name == words.sources), None)
    if values is None or any(_anchored(document, step) for step in (values, *(pair.item for pair in pairs))):
        return None
    known = {text(get(entry.node, words.name)) for entry in entries(sources.node)} if sources else set()
    inside = [_source(document, pair, words) for pair in pairs]
    if any(not edits for edits in inside) or any(text(get(pair.item.node, words.name)) in known for pair in pairs):
        return None
    every = list(entries(values.node))
    moving = [number for number, entry in enumerate(every) if any(entry.node is pair.item.node for pair in pairs)]
    if len(moving) == len(every) and sources is None:
        key = document.span(values.key)
        return [Edit(key, document.data[slice(*key)].replace(words.values.encode(), words.sources.encode()))] + [
            edit for edits in inside for edit in edits
        ]
    if sources is not None and (_anchored(document, sources) or not isinstance(sources.node.value, list)):
        return None
    move = _in_flow if values.node.flow_style else _in_block
    return move(document, holder, values, sources, moving, [e for edits in inside for e in edits], words)


def _anchored(document: Document, step: Step) -> bool:
    """Whether the same node may be meant elsewhere."""
    return b"&" in document.data[step.node.start_mark.index + document.offset : document.span(step.node).start]


def _source(document: Document, pair: Pair, words: Words) -> list[Edit]:
    """A pair with the name of its source; none when it has no value of its own."""
    value = next((entry for entry in entries(pair.item.node) if entry.name == words.value), None)
    others = {entry.name for entry in entries(pair.item.node)} - {words.name, words.value}
    if value is None or others or _anchored(document, value):
        return []
    key = document.span(value.key)
    start = key.end + document.data[key.end :].index(b":") + 1
    after = document.span(value.node).end
    blank = document.data[start:after]
    start += len(blank) - len(blank.lstrip(b" \t"))
    renamed = document.data[slice(*key)].replace(words.value.encode(), words.source.encode())
    return [Edit(key, renamed), Edit(Span(start, after), pair.source)]


def _copied(document: Document, span: Span, edits: Sequence[Edit]) -> bytes:
    own = [Edit(e.span.shifted(-span.start), e.text) for e in edits if span.covers(e.span)]
    return apply_edits(document.data[slice(*span)], own)


def _in_block(
    document: Document, holder: Any, values: Step, sources: Step | None, moving: Sequence[int], edits: Sequence[Edit],
    words: Words,
) -> list[Edit] | None:  # fmt: skip
    every = list(entries(values.node))
    spans = [_lines(document, entry) for entry in every]
    if any(span is None for span in spans) or holder.flow_style or (sources is not None and sources.node.flow_style):
        return None
    own = [span for number, span in enumerate(spans) if number in moving and span]
    newline = document.newline().encode()
    pieces = [_copied(document, span, edits).rstrip(b"\r\n") + newline for span in own]
    if sources is None:
        at = _line_end(document.data, document.span(values.node).end)
        key = document.data[slice(*document.span(values.key))].replace(words.values.encode(), words.sources.encode())
        pieces.insert(0, b" " * document.column(values.key) + key + b":" + newline)
    else:
        last = [_lines(document, entry) for entry in entries(sources.node)]
        if not last or (end := last[-1]) is None:
            return None
        at = end.end
        wanted, had = _column(document.data, end.start), _column(document.data, own[0].start)
        pieces = [_shifted(piece, wanted - had) for piece in pieces]
    joined = b"".join(pieces)
    if document.data[at - 1 : at] != b"\n":
        joined = newline + joined.rstrip(b"\r\n")
    if len(moving) == len(every):
        gone = document.without(holder, values)
        removed = [gone] if gone else []
    else:
        removed = [Edit(span, b"") for span in own]
    return [*removed, Edit(Span(at, at), joined)] if removed else None


def _lines(document: Document, item: Step) -> Span | None:
    """The lines of an item, from the comments above its dash; None when something else stands there."""
    span = document.span(item.node)
    dash = document.data.rfind(b"-", 0, span.start)
    start = document.data.rfind(b"\n", 0, dash) + 1
    if document.data[start:dash].strip() or document.data[dash + 1 : span.start].strip():
        return None
    comment = document.data[start:dash] + b"#"
    while start and document.data.startswith(comment, above := document.data.rfind(b"\n", 0, start - 1) + 1):
        start = above
    return Span(start, _line_end(document.data, span.end))


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end + 1


def _column(data: bytes, start: int) -> int:
    return len(data[start:]) - len(data[start:].lstrip(b" "))


def _shifted(lines: bytes, by: int) -> bytes:
    if by >= 0:
        return b"".join(b" " * by + line for line in lines.splitlines(keepends=True))
    return b"".join(line[min(-by, _column(line, 0)) :] for line in lines.splitlines(keepends=True))


def _in_flow(
    document: Document, holder: Any, values: Step, sources: Step | None, moving: Sequence[int], edits: Sequence[Edit],
    words: Words,
) -> list[Edit] | None:  # fmt: skip
    data, every = document.data, list(entries(values.node))
    spans = [document.span(entry.node) for entry in every]
    key, whole = document.span(values.key), document.span(values.node)
    if b"#" in data[slice(*whole)] and not data.lstrip().startswith(b"{"):
        return None
    lead, trail = data[whole.start + 1 : spans[0].start], data[spans[-1].end : whole.end - 1].rstrip(b",")
    pieces = [_copied(document, spans[number], edits) for number in moving]
    comma = b"," + (data[spans[0].end : spans[1].start].partition(b",")[2] if len(spans) > 1 else lead or b" ")
    if len(moving) == len(every):
        gone = document.without(holder, values)
        removed = [gone] if gone else []
    else:
        removed = _uncommaed(spans, moving)
    if not removed:
        return None
    if sources is not None:
        known = [document.span(entry.node) for entry in entries(sources.node)]
        if not sources.node.flow_style or not known:
            return None
        at = known[-1].end
        return [*removed, Edit(Span(at, at), b"".join(comma + piece for piece in pieces))]
    name = data[slice(*key)].replace(words.values.encode(), words.sources.encode())
    text = name + data[key.end : whole.start] + b"[" + lead + comma.join(pieces) + trail + b"]"
    if holder.flow_style:
        before = data[: key.start].rstrip()
        text = b"," + (data[len(before) : key.start] or b" ") + text
        return [*removed, Edit(Span(whole.end, whole.end), text)]
    at = _line_end(data, whole.end)
    text = b" " * document.column(values.key) + text
    newline = document.newline().encode()
    text = text + newline if data[at - 1 : at] == b"\n" else newline + text
    return [*removed, Edit(Span(at, at), text)]


def _uncommaed(spans: Sequence[Span], moving: Sequence[int]) -> list[Edit]:
    """Items leave with a comma each."""
    left = [number for number in range(len(spans)) if number not in moving]
    edits = [Edit(Span(spans[n].start, spans[n + 1].start), b"") for n in moving if n < left[-1]]
    if left[-1] + 1 < len(spans):
        edits.append(Edit(Span(spans[left[-1]].end, spans[-1].end), b""))
    return edits
