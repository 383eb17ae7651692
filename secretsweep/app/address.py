"""The address of a finding in its whole file: excerpts know the names above a place, not the list indexes."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cache

from secretsweep import formats
from secretsweep.model import Blob, Finding, Secret, Unit, joined

LARGEST = 1 << 20  # bytes of a file that is parsed for its addresses
_FLAT = 128 << 10  # the same where addresses are single names
_NESTED = 64  # units that start before a finding and are looked at: those that cover it are among the last


def addresses(blob: Blob, findings: Iterable[Finding]) -> dict[Finding, tuple[str, str]]:
    """(format, address) of each finding; those in files that do not parse are left out."""
    return {
        finding: (fmt, _within(unit.key, finding.inner)) for finding, (fmt, unit) in literals(blob, findings).items()
    }


def literals(blob: Blob, findings: Iterable[Finding]) -> dict[Finding, tuple[str, Unit]]:
    """(format of the file, literal of the whole file that holds it) of each finding."""
    wanted = list(findings)
    if not wanted or len(blob.data) > LARGEST:
        return {}
    fmt = formats.owner(blob.path, blob.data)
    if len(blob.data) > _FLAT and not getattr(fmt, "ANCESTORS", True):
        return {}
    try:
        units = list(fmt.extract(blob))
    except (formats.Unparsed, RecursionError):
        return {}
    units.sort(key=lambda unit: unit.span)
    starts = [unit.span.start for unit in units]
    found = {}
    for finding in wanted:
        last = bisect_right(starts, finding.span.start)
        covering = [u for u in units[max(0, last - _NESTED) : last] if u.span.covers(finding.span)]
        if covering:
            trail = _encodings(finding.trail)
            opened = [u for u in covering if (own := _encodings(u.trail)) == trail[: len(own)]] or covering
            same = [u for u in covering if Secret(u.value) == finding.secret]  # one of several in one encoding
            found[finding] = fmt.NAME, min(same or opened, key=_tightness)
    return found


def unread(blob: Blob) -> str:
    """Why the literals of a file are not known; "" when they are."""
    if b"\0" in blob.data:
        return "the file has NUL bytes, so it is no text"
    if len(blob.data) > LARGEST:
        return f"the file has more than {LARGEST >> 20} MiB, so only its lines were read"
    fmt = formats.owner(blob.path, blob.data)
    if len(blob.data) > _FLAT and not getattr(fmt, "ANCESTORS", True):
        return f"a file of the format {fmt.NAME} with more than {_FLAT >> 10} KiB, so only its lines were read"
    try:
        for _ in fmt.extract(blob):
            pass
    except (formats.Unparsed, RecursionError):
        return f"the file does not parse as {fmt.NAME}"
    return ""


def _encodings(trail: tuple[str, ...]) -> tuple[str, ...]:
    """Without the documents on the way, which an excerpt may take for others."""
    return tuple(step for step in trail if step not in _documents())


@cache
def _documents() -> frozenset[str]:
    return frozenset(fmt.NAME for fmt in formats.every())


def _within(key: str, inner: str) -> str:
    """The address in what was decoded below the one in the file; where only letters were, both are the same."""
    return key if key == inner or key.endswith(f".{inner}") else joined(key, inner)


def _tightness(unit: Unit) -> tuple[int, int, int]:
    return unit.span.end - unit.span.start, -len(unit.trail), -len(unit.key)
