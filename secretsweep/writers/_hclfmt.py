"""`terraform fmt` aligns the `=` of neighbouring lines, and their comments: what it would say after a rewrite.

Rules: github.com/hashicorp/hcl, hclwrite/format.go (formatCells). A run of lines that was not aligned before is left.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from secretsweep.formats._hclwords import Word, words
from secretsweep.model import Edit, Span, apply_edits
from secretsweep.writers._hcl import begins, ends

_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class _Gap(NamedTuple):
    """White space before a `=` or a comment, and how much of it there should be."""

    start: int
    end: int
    wanted: int

    @property
    def is_right(self) -> bool:
        return self.end - self.start == self.wanted


class _Line(NamedTuple):
    start: int
    end: int  # with all lines of a heredoc
    lead: int  # where what stands before `=` ends, or all when there is no `=`
    sign: int  # where `=` stands, -1 without
    tail: int  # where what stands before the comment ends
    comment: int  # where it begins, -1 without


def aligned(data: bytes, edits: Iterable[Edit]) -> list[Edit]:
    """The edits, and those that keep aligned what was aligned. Their texts may grow, their spans do not."""
    return _aligned(data, _aligned(data, sorted(edits), _signs), _comments)


_Runs = Callable[[bytes], Iterator[list["_Gap"]]]


def _aligned(data: bytes, edits: Sequence[Edit], runs: _Runs) -> list[Edit]:
    before = list(runs(data))
    new = apply_edits(data, edits)
    pieces = list(_pieces(data, edits))
    texts = [edit.text for edit in edits]
    more: list[Edit] = []
    for run in reversed(list(runs(new))):
        old = [_old(pieces, gap) for gap in run]
        kept = [o for o in old if o is not None]
        known = [r for r in before if any(g.start <= o <= g.end for g in r for o in kept)]
        if not kept or all(g.is_right for g in run) or not all(g.is_right for r in known for g in r):
            continue
        for gap, place in zip(reversed(run), reversed(old), strict=True):
            if gap.is_right:
                continue
            if place is not None:
                span = Span(place, place + gap.end - gap.start)
                if data[slice(*span)].strip(b" \t"):  # an edit has a part in it
                    continue
                more.append(Edit(span, b" " * gap.wanted))
                continue
            for piece in pieces:
                if piece.edit >= 0 and piece.new <= gap.start and gap.end <= piece.new + piece.length:
                    at, text = gap.start - piece.new, texts[piece.edit]
                    texts[piece.edit] = text[:at] + b" " * gap.wanted + text[at + gap.end - gap.start :]
    return sorted([*(Edit(e.span, t) for e, t in zip(edits, texts, strict=True)), *more])


class _Piece(NamedTuple):
    new: int  # where it stands in the new text
    length: int
    old: int  # where it stood; of an edit's text: -1
    edit: int  # which one it is the text of, or -1


def _pieces(data: bytes, edits: Sequence[Edit]) -> Iterator[_Piece]:
    at = new = 0
    for number, edit in enumerate(edits):
        yield _Piece(new, edit.span.start - at, at, -1)
        new += edit.span.start - at
        yield _Piece(new, len(edit.text), -1, number)
        new += len(edit.text)
        at = edit.span.end
    yield _Piece(new, len(data) - at, at, -1)


def _old(pieces: Sequence[_Piece], gap: _Gap) -> int | None:
    """Where a gap stood before, when it stood there."""
    for piece in pieces:
        if piece.edit < 0 and piece.new <= gap.start and gap.end <= piece.new + piece.length:
            return piece.old + gap.start - piece.new
    return None


def _signs(data: bytes) -> Iterator[list[_Gap]]:
    """The gaps before `=`, by runs of lines that are aligned with each other."""
    return _runs(data, [(line.start, line.lead, line.sign) for line in _lines(data)])


def _comments(data: bytes) -> Iterator[list[_Gap]]:
    """The gaps before comments. They count from where their lines end, so the signs are to be right already."""
    return _runs(data, [(line.start, line.tail, line.comment) for line in _lines(data)])


def _runs(data: bytes, lines: Iterable[tuple[int, int, int]]) -> Iterator[list[_Gap]]:
    """Of lines (where it begins, where the gap begins, where it ends or -1): those without a gap end a run."""
    run: list[tuple[int, int, int]] = []
    for start, before, after in (*lines, (0, 0, -1)):
        if after >= 0:
            run.append((before, after, len(data[start:before].decode("utf-8", "replace"))))
        elif run:
            widest = max(width for _, _, width in run)
            yield [_Gap(start, end, widest - width + 1) for start, end, width in run]
            run = []


def _lines(data: bytes) -> Iterator[_Line]:
    found: list[Word] = []
    start = 0
    for word in words(data):
        if word.kind != "newline":
            found.append(word)
            continue
        yield _line(data, start, word.start, found)
        found, start = [], word.end
    if found:
        yield _line(data, start, len(data), found)


def _line(data: bytes, start: int, end: int, found: Sequence[Word]) -> _Line:
    if not found:
        return _Line(start, end, start, -1, start, -1)
    tail = ends(data, found[-1])
    rest = data[tail:end]
    comment = end - len(rest.lstrip(b" \t")) if rest.strip() else -1
    for number, word in enumerate(found):
        if word.kind == "=" and number:
            whole = sum(_BRACKETS.get(w.kind, 0) for w in found[number:]) == 0
            lead = ends(data, found[number - 1])
            return _Line(start, end, lead, begins(data, word) if whole else -1, tail, comment)
    return _Line(start, end, tail, -1, tail, comment)
