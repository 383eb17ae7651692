"""Templates are no YAML: same-length filler in their place, so that a parser's offsets stay true."""

import re

from secretsweep import lazyre

_OPEN = lazyre.compile(rb"\{\{|\{%|(?<!\$)\{#|<%|%\{(?=~?\s?(?:if|else|endif|for|endfor)\b)")
_CLOSE = {b"{{": b"}}", b"{%": b"%}", b"{#": b"#}", b"<%": b"%>", b"%{": b"}"}
_NOTE = lazyre.compile(rb"\{\{-?\s?/\*.*?\*/\s?-?\}\}", re.DOTALL)
# Quotes may hold braces, as in {{ `{{ $labels.pod }}` }}: piece by piece (Python 3.11.2 has possessive repeats wrong).
_PIECE = lazyre.compile(rb'[^"`}]+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|\}(?!\})', re.DOTALL)
_CONTROL = lazyre.compile(
    rb"\{\{-?\s*(?:(?:if|else|end|range|with|define|block(?=\s+\")|break|continue)(?=[\s}\-(])|/\*|\$\w+\s*:?=)|\{[%#]|<%[^=]|%\{"
)
_PLACED = lazyre.compile(rb"\bn?indent\b|\btoYaml\b")
_ENTRY = lazyre.compile(rb"\s*(?:-\s|[\w.\"'/-]+:\s)")
_HEADER = lazyre.compile(rb"(?:^|[\s:])[|>][-+0-9]{0,2}[ \t]*(?:#.*)?\r?$")
_CONTENT = lazyre.compile(rb"\n( *)[^\s]")
_ELSE = lazyre.compile(rb"[{<%]{2}-?\s*el")
_SEPARATES = frozenset((b'"', b"'", b"[", b"]", b"{", b"}", b","))
NEAR = 4096  # bytes of a line before a template that are looked at
LONGEST = 8192  # bytes of one template; a closer farther away belongs to something else


def templates(data: bytes) -> list[tuple[int, int]]:
    """Where templates stand, in order, without overlap."""
    found: list[tuple[int, int]] = []
    unclosed: set[bytes] = set()
    at = 0
    while opener := _OPEN.search(data, at):
        kind, start = opener.group(), opener.start()
        at = opener.end()
        if kind in unclosed:
            continue
        end = data.find(_CLOSE[kind], at)
        if end < 0:
            unclosed.add(kind)
            continue
        if end - start > LONGEST:
            continue
        at = end + len(_CLOSE[kind])
        if kind == b"{{":
            at = _action(data, start) or at
        found.append((start, at))
    return found


def _action(data: bytes, start: int) -> int:
    """The end of the `{{ … }}` at `start`, however many braces stand in its quotes; 0 when it has none near."""
    stop = start + LONGEST
    if note := _NOTE.match(data, start, stop):
        return note.end()
    at = start + 2
    while piece := _PIECE.match(data, at, stop):
        at = piece.end()
    return at + 2 if data.startswith(b"}}", at) and at + 2 <= stop else 0


def mask(data: bytes) -> bytes:
    """`data` itself when it holds no template, else bytes of the same length that hold none.

    A line of nothing but templates becomes newlines: harmless in mappings and in block scalars alike.
    """
    if not any(opener in data for opener in _CLOSE):
        return data
    spans = templates(data)
    if not spans:
        return data
    out = bytearray(data)
    for line in _lines(data, spans):
        _fill(data, out, line)
    return bytes(out)


def _lines(data: bytes, spans: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The templates that share a line, together."""
    lines: list[list[tuple[int, int]]] = []
    previous = -1
    for span in spans:
        if previous >= 0 and data.find(b"\n", previous, span[0]) < 0:
            lines[-1].append(span)
        else:
            lines.append([span])
        previous = span[1]
    return lines


def _fill(data: bytes, out: bytearray, spans: list[tuple[int, int]]) -> None:
    """Overwrite the templates of one line."""
    begin = data.rfind(b"\n", 0, spans[0][0]) + 1
    end = data.find(b"\n", spans[-1][1])
    end = len(data) if end < 0 else end
    prefix = data[begin : spans[0][0]]
    ends = [span[0] for span in spans[1:]] + [end]
    blank = not prefix.strip()
    if blank and all(not data[span[1] : stop].strip() for span, stop in zip(spans, ends, strict=True)):
        stop = spans[-1][1]
        filler = prefix + b"x" if _begins_block(out, begin, len(prefix), end) else b""
        out[begin:stop] = filler + b"\n" * (stop - begin - len(filler))
        return
    indent = 0 if prefix.lstrip().startswith(b"#") else len(prefix) - len(prefix.lstrip(b" "))
    for position, ((start, stop), until) in enumerate(zip(spans, ends, strict=True)):
        if prefix.lstrip().startswith(b"#"):
            out[start:stop] = b"x" * (stop - start)
            continue
        _replace(out, (begin, start, stop, until), data, indent, until == end, position == 0 and blank)


def _begins_block(out: bytearray, begin: int, indent: int, end: int) -> bool:
    """Whether the line is the first one of a block scalar, whose indentation it then decides."""
    header = out[out.rfind(b"\n", 0, max(0, begin - 1)) + 1 : max(0, begin - 1)]
    if not _HEADER.search(header) or len(header) - len(header.lstrip(b" ")) >= indent:
        return False
    following = _CONTENT.search(out, end)
    return following is None or len(following.group(1)) >= indent


def _replace(
    out: bytearray, at: tuple[int, int, int, int], data: bytes, indent: int, is_last: bool, is_first: bool
) -> None:
    """Overwrite a template that shares its line with other text."""
    begin, start, stop, until = at
    near = max(begin, start - NEAR)
    action, rest = data[start:stop], data[stop:until]
    control = _CONTROL.match(action) is not None
    bare = rest.lstrip(b" \t")
    entry = control and _ENTRY.match(rest + b"\n" if is_last else rest) and _outside_quotes(out, near, start)
    if entry or (control and is_first):
        first = begin if is_first else start
        stop += len(rest) - len(bare)
        if stop - first > indent:
            out[first:stop] = b"\n" * (stop - first - indent) + b" " * indent
            return
    filler = b"x"
    if control or _PLACED.search(action):
        ends_line = is_last and (not bare.strip() or bare.startswith(b"#"))
        separates = control and bytes(out[near:start]).rstrip()[-1:] in _SEPARATES
        if (ends_line or separates) and _outside_quotes(out, near, start):
            filler = b" "
    out[start:stop] = filler * (stop - start)
    if filler == b" " and not ends_line and _ELSE.match(action):
        out[start : start + 1] = b","  # two alternatives in a flow sequence are two elements


def _outside_quotes(out: bytearray, begin: int, end: int) -> bool:
    return out.count(b'"', begin, end) % 2 == 0 and out.count(b"'", begin, end) % 2 == 0
