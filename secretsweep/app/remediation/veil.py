"""What of a file is not shown beside a change: credentials that were found, and all that may be one.

A diff shows lines that nobody asked for. Their literals may be credentials that were accepted, that a rule was switched
off for, or that nothing recognises. Lines that change keep what something may be called, lines beside them do not.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from secretsweep import formats, lazyre
from secretsweep.decode import unicode
from secretsweep.detect.doubts import doubtful, looks_doubtful
from secretsweep.formats import text as plain_text
from secretsweep.model import Blob, Edit, Secret, Span, Unit

MASK = b"********"
MARK = "…".encode()
_WORD = lazyre.compile(rb"[^\s\"'`=:,;(){}\[\]<>|&]{6,256}")
_LINE = lazyre.compile(rb"\S[^\r\n]*")  # of a literal, without its indentation


def veil(path: str, data: bytes, found: Iterable[tuple[int, int]], edits: Sequence[Edit]) -> list[Edit]:
    """Edits that hide, in the file as it is: `found`, and what is in doubt."""
    known = _joined(found)
    doubts = _joined(_doubts(path, data, known, _touched(data, edits)))
    lines = (Span(*line.span()) for span in doubts for line in _LINE.finditer(data, *span))
    return sorted([*(Edit(span, MASK) for span in known), *(Edit(span, MARK) for span in lines)])


def beside(hidden: Iterable[Edit], edits: Sequence[Edit]) -> list[Edit]:
    """Those of the hiding edits, or of their parts, that no other edit touches."""
    cuts = [edit.span for edit in edits]
    return [Edit(span, hide.text) for hide in hidden for span in _without([hide.span], cuts)]


def doubted(path: str, data: bytes) -> Iterator[Secret]:
    """Values that are called a credential and look like one, though none was found there."""
    for unit in _units(path, data):
        value = _text(unit.value)
        if len(unit.value) < 256 and doubtful(unit.key, value, unit.form) and looks_doubtful(value.strip()):
            yield Secret(unit.value)


def _doubts(path: str, data: bytes, known: Sequence[Span], touched: Sequence[Span]) -> Iterator[Span]:
    """Literals and words; where a credential was found in one, that is what it is about."""
    taken = list(known)
    for unit in _units(path, data):
        if _meets(known, unit.span):
            continue
        value = _text(unit.value)
        changes = _meets(touched, unit.span)
        one = not any(map(str.isspace, value.strip()))
        if doubtful(unit.key, value, unit.form) or (one and looks_doubtful(value.strip(), unit.key, changes)):
            yield unit.span
        if one:
            taken.append(unit.span)
    judged = _joined(taken)
    for word in _WORD.finditer(data):
        span = Span(*word.span())
        if not _meets(judged, span) and looks_doubtful(_text(word[0]).rstrip(".!?")):
            yield span


def _units(path: str, data: bytes) -> list[Unit]:
    """Every literal; by lines where the file does not parse."""
    if unicode.NAMES.get(unicode.encoding(data), ""):  # spans count in another text
        return []
    try:
        return [unit for unit in formats.owner(path, data).extract(Blob("", path, data)) if unit.value]
    except (formats.Unparsed, RecursionError):
        return [unit for unit in plain_text.units(data) if unit.value]


def _touched(data: bytes, edits: Iterable[Edit]) -> list[Span]:
    """The lines that change; what comes between two lines changes none of them."""
    found = []
    for (start, end), text in edits:
        if start == end and (
            (text.endswith(b"\n") and data[start - 1 : start] in (b"", b"\n"))
            or (text.startswith((b"\n", b"\r\n")) and data[end : end + 1] in (b"", b"\n", b"\r"))
        ):
            continue
        stop = data.find(b"\n", end)
        found.append(Span(data.rfind(b"\n", 0, start) + 1, len(data) if stop < 0 else stop))
    return _joined(found)


def _joined(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """In order; those that overlap as one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start == end:
            continue
        if found and start < found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return found


def _meets(spans: Sequence[Span], span: Span) -> bool:
    """Whether one of the sorted, disjoint spans overlaps this one."""
    at = bisect_right(spans, span.start, key=lambda one: one.end)
    return at < len(spans) and spans[at].start < span.end


def _without(spans: Iterable[Span], cuts: Iterable[Span]) -> Iterator[Span]:
    """What of the spans lies in none of the disjoint cuts; an empty cut parts the span that it stands in."""
    ordered = sorted(cuts)
    for start, end in spans:
        for cut in ordered[bisect_right(ordered, start, key=lambda one: one.end) :]:
            if cut.start >= end:
                break
            if start < cut.start:
                yield Span(start, cut.start)
            start = max(start, cut.end)
        if start < end:
            yield Span(start, end)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
