"""Lists and objects in an expression of HCL, with their places; and pairs that move from one list of an object to
another one beside it. `terraform fmt` wants what stands in lines of its own to stay so.

Syntax: github.com/hashicorp/hcl, hclsyntax/spec.md (collection values): elements of objects are separated by commas or
newlines, those of tuples by commas.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from secretsweep.formats._hclwords import Word, words
from secretsweep.model import Edit, Span, apply_edits
from secretsweep.writers._hcl import begins, ends
from secretsweep.writers._hclfmt import aligned
from secretsweep.writers._listed import Words

_OPENS, _CLOSES = ("[", "{", "("), ("]", "}", ")")


@dataclass(slots=True, eq=False)
class Value:
    """A list, an object, or anything else; what is in the arguments of functions is in `items` too."""

    kind: str  # "[", "{", "(", or "" of what has no parts
    span: Span
    items: list["Value"] = field(default_factory=list)
    entries: list["Entry"] = field(default_factory=list)

    def entry(self, name: str) -> "Entry | None":
        return next((entry for entry in self.entries if entry.name == name), None)

    def walk(self, above: tuple["Value", ...] = ()) -> Iterator[tuple["Value", ...]]:
        """Every value below, with those around it from the outermost."""
        here = (*above, self)
        yield here
        for one in (*self.items, *(entry.value for entry in self.entries)):
            yield from one.walk(here)


@dataclass(slots=True, eq=False)
class Entry:
    name: str
    key: Span  # with its quotes
    value: Value


@lru_cache(maxsize=8)
def parse(data: bytes, span: Span) -> Value:
    """What is written in a range: the same objects, when asked again."""
    found = [_shifted(word, span.start) for word in words(data[slice(*span)])]
    reader = _Reader(data, found)
    return Value("(", span, reader.several(""))


def _shifted(word: Word, by: int) -> Word:
    return Word(word.kind, word.start + by, word.end + by, word.text)


class _Reader:
    def __init__(self, data: bytes, found: list[Word]) -> None:
        self.data, self.words, self.at = data, found, 0

    def several(self, closing: str) -> list[Value]:
        """Values up to a bracket that closes: an expression of several words is as many values."""
        found = []
        while self.at < len(self.words) and self.words[self.at].kind != closing:
            if self.words[self.at].kind not in (",", "newline"):
                found.append(self.value())
            else:
                self.at += 1
        return found

    def value(self) -> Value:
        word = self.words[self.at]
        self.at += 1
        if word.kind not in _OPENS:
            return Value("", Span(begins(self.data, word), ends(self.data, word)))
        closing = _CLOSES[_OPENS.index(word.kind)]
        value = Value(word.kind, Span(word.start, word.end))
        if word.kind == "{":
            value.entries = self.entries()
        else:
            value.items = self.several(closing)
        end = self.words[self.at].end if self.at < len(self.words) else value.span.end
        self.at += 1
        value.span = Span(word.start, end)
        return value

    def entries(self) -> list[Entry]:
        found: list[Entry] = []
        while self.at < len(self.words) and self.words[self.at].kind != "}":
            key = self.words[self.at]
            self.at += 1
            signed = self.at < len(self.words) and self.words[self.at].kind in ("=", ":")
            if key.kind not in ("name", "string") or not signed:
                continue
            self.at += 1
            parts = []
            while self.at < len(self.words) and self.words[self.at].kind not in (",", "newline", "}"):
                parts.append(self.value())
            if parts:
                whole = parts[0] if len(parts) == 1 else Value("", Span(parts[0].span.start, parts[-1].span.end), parts)
                name = self.data[key.start : key.end].decode("utf-8", "replace")
                found.append(Entry(name, Span(begins(self.data, key), ends(self.data, key)), whole))
        return found


def moved(data: bytes, holder: Value, pairs: Sequence[tuple[Value, str]], names: Words) -> list[Edit] | None:
    """The edits that move pairs (each with the expression that is its source); None where that cannot be said."""
    values, sources = holder.entry(names.values), holder.entry(names.sources)
    if values is None or values.value.kind != "[" or (sources and sources.value.kind != "["):
        return None
    every = values.value.items
    moving = [number for number, item in enumerate(every) if any(item is pair for pair, _ in pairs)]
    inside: list[Edit] = []
    for pair, source in pairs:
        value = pair.entry(names.value)
        if value is None or {entry.name for entry in pair.entries} != {names.name, names.value}:
            return None
        inside += [_renamed(data, value.key, names.value, names.source), Edit(value.value.span, source.encode())]
    if len(moving) == len(every) and sources is None:
        return [_renamed(data, values.key, names.values, names.sources), *inside]
    if any(item.kind != "{" for item in every) or (sources and not sources.value.items):
        return None
    spans = [_lines(data, item.span) for item in every]
    if all(spans):
        own = [span for number, span in enumerate(spans) if number in moving and span]
        pieces = [_copied(data, span, inside) for span in own]
        return _by_lines(data, values, sources, own, pieces, len(moving) == len(every), names)
    pieces = [_copied(data, every[number].span, inside) for number in moving]
    return _in_line(data, values, sources, moving, pieces, names)


def _renamed(data: bytes, key: Span, old: str, new: str) -> Edit:
    return Edit(key, data[slice(*key)].replace(old.encode(), new.encode()))


def _copied(data: bytes, span: Span, edits: Sequence[Edit]) -> bytes:
    own = [Edit(e.span.shifted(-span.start), e.text) for e in edits if span.covers(e.span)]
    return apply_edits(data[slice(*span)], aligned(data[slice(*span)], own))


def _lines(data: bytes, span: Span) -> Span | None:
    """The lines of an item with its comma and the comments above; None when something else stands there."""
    start = data.rfind(b"\n", 0, span.start) + 1
    end = data.find(b"\n", span.end) + 1
    rest = data[span.end : end].strip()
    rest = rest.removeprefix(b",").lstrip()
    if not end or data[start : span.start].strip() or rest[:1] not in (b"", b"#", b"/"):
        return None
    comments = tuple(data[start : span.start] + mark for mark in (b"#", b"//"))
    while start and data.startswith(comments, above := data.rfind(b"\n", 0, start - 1) + 1):
        start = above
    return Span(start, end)


def _by_lines(
    data: bytes, values: Entry, sources: Entry | None, own: Sequence[Span], pieces: list[bytes], all_go: bool,
    names: Words,
) -> list[Edit] | None:  # fmt: skip
    removed = [Edit(span, b"") for span in own]
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    indent = _indent(data, values.key.start)
    if all_go:
        whole = _lines(data, Span(values.key.start, values.value.span.end))
        if whole is None:
            return None
        removed = [Edit(whole, b"")]
    if sources is not None:
        last = sources.value.items[-1].span
        where = _lines(data, last)
        if where is None:
            return None
        comma = [] if data[last.end :].lstrip(b" \t").startswith(b",") else [Edit(Span(last.end, last.end), b",")]
        return [*removed, *comma, Edit(Span(where.end, where.end), b"".join(pieces))]
    end = values.value.span.end
    stop = data.find(b"\n", end) + 1
    rest = data[end:stop].strip()
    comma_after = b"," if rest.startswith(b",") else b""
    if not stop or rest.removeprefix(b",").lstrip()[:1] not in (b"", b"#", b"/"):
        return None
    name = data[slice(*values.key)].replace(names.values.encode(), names.sources.encode())
    sign = data[values.key.end : values.value.span.start].strip()
    gap = b" " + sign + b" " if sign == b"=" else data[values.key.end : values.value.span.start]
    text = indent + name + gap + b"[" + newline + b"".join(pieces) + indent + b"]" + comma_after + newline
    return [*removed, Edit(Span(stop, stop), text)]


def _indent(data: bytes, at: int) -> bytes:
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _in_line(
    data: bytes, values: Entry, sources: Entry | None, moving: Sequence[int], pieces: list[bytes], names: Words
) -> list[Edit] | None:
    every = [item.span for item in values.value.items]
    left = [number for number in range(len(every)) if number not in moving]
    if not left or b"\n" in data[slice(*values.value.span)]:
        return None
    removed = [Edit(Span(every[n].start, every[n + 1].start), b"") for n in moving if n < left[-1]]
    if left[-1] + 1 < len(every):
        removed.append(Edit(Span(every[left[-1]].end, every[-1].end), b""))
    if sources is not None:
        at = sources.value.items[-1].span.end
        return [*removed, Edit(Span(at, at), b"".join(b", " + piece for piece in pieces))]
    name = data[slice(*values.key)].replace(names.values.encode(), names.sources.encode())
    sign = data[values.key.end : values.value.span.start].strip()
    gap = b" " + sign + b" " if sign == b"=" else data[values.key.end : values.value.span.start]
    text = name + gap + b"[" + b", ".join(pieces) + b"]"
    end = values.value.span.end
    rest = data[end : data.find(b"\n", end)].strip()
    own_line = not data[data.rfind(b"\n", 0, values.key.start) + 1 : values.key.start].strip()
    if own_line and rest in (b"", b","):
        newline = b"\r\n" if b"\r\n" in data else b"\n"
        at = end + len(data[end:].partition(b",")[0]) + 1 if rest else end
        return [*removed, Edit(Span(at, at), newline + _indent(data, values.key.start) + text + rest)]
    return [*removed, Edit(Span(end, end), b", " + text)]
