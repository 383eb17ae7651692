"""A match, and which of several matches in the same bytes is the finding: the most particular one."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from secretsweep import formats, lazyre
from secretsweep.decode import base64
from secretsweep.model import CONFIDENCES, SEVERITIES, Rule, Span, joined

_CROWD = 500  # findings in one run that are compared with each other
_AROUND = b" \t\"',#>\\"
_JOINS = lazyre.compile(rb"\A\+[ \t]*[\"']|[\"'][ \t]*\+[ \t]*\Z")
_BREAKS = lazyre.compile(rb"\\r|\\n|[\r\n]+")


class Match(NamedTuple):
    """A finding before it has an object: `span` counts in the text at hand, `value` is what a person rotates."""

    rule: Rule
    value: bytes
    span: Span
    key: str
    format: str
    trail: tuple[str, ...]
    confidence: str
    inner: str = ""  # the address in what was decoded at `span`

    def within(self, span: Span, key: str, fmt: str, *trail: str) -> "Match":
        """The same as a part of an outer text, where it was decoded from `span`."""
        inner = joined(self.key, self.inner)
        return self._replace(span=span, key=key, inner=inner, format=fmt, trail=(*trail, *self.trail))


def without_overlaps(found: list[Match]) -> list[Match]:
    """Of findings that hold the same bytes the most particular; a run may hold several different ones."""
    kept: list[Match] = []
    cluster: dict[tuple[str, bytes, Span], Match] = {}
    end = 0
    for match in sorted(found, key=lambda m: (m.span, -len(m.trail))):  # the best understood of equal ones first
        if match.span.start >= end and cluster:
            kept += _most_particular(list(cluster.values()))
            cluster.clear()
        end = max(end, match.span.end)
        cluster.setdefault((match.rule.id, match.value, match.span), match)
    kept += _most_particular(list(cluster.values()))
    return sorted(kept, key=lambda m: (m.span, m.rule.id, m.value))


def _most_particular(overlapping: list[Match]) -> list[Match]:
    if len(overlapping) > _CROWD:  # different values in one encoded run, more than anybody will compare
        return overlapping
    values = {id(match): canonical(match) for match in overlapping}  # of a long key it takes time
    kept: list[Match] = []
    for match in sorted(overlapping, key=_particular):
        if any(_same(match, other, values) for other in kept):
            continue
        if not any(_tighter(other, match, values) for other in overlapping):
            kept.append(match)
    return kept


def _tighter(one: Match, other: Match, values: Mapping[int, bytes]) -> bool:
    """Whether `one` is the same value at a more exact place, or at the same one without any encoding."""
    if values[id(one)] != values[id(other)] or (other.rule.provider and one.rule.generic):
        return False
    if not other.span.covers(one.span) or _is_login(one):
        return False
    return one.span != other.span or (_opened(other) and not _opened(one))


def _particular(match: Match) -> tuple[int, bool, bool, int, int, int, int, str, Span]:
    return (
        _knowledge(match),
        match.rule.generic,
        not _opened(match),
        CONFIDENCES.index(match.confidence),
        SEVERITIES.index(match.rule.severity),
        -len(match.value),
        match.span.end - match.span.start,  # the place itself rather than the document that it stands in
        match.rule.id,
        match.span,
    )


def _knowledge(match: Match) -> int:
    """How much is known of a value: whose it is; what an encoding held; that it is a login, perhaps still encoded."""
    login = _is_login(match)
    if match.rule.provider and not login:
        return 0
    return 1 if _opened(match) else 2 if login else 3


def _is_login(match: Match) -> bool:
    """Whether it is a login that may be encoded still."""
    return match.rule.kind == "basic-auth" and not _opened(match)


def _same(one: Match, other: Match, values: Mapping[int, bytes]) -> bool:
    if one.span.end <= other.span.start or other.span.end <= one.span.start:
        return False
    if _opened(one) != _opened(other):  # the text of an encoding, and what it says; a token may hold more than that
        said, text = (one, other) if _opened(one) else (other, one)
        return text.rule.generic or said.span.covers(text.span)
    first, second = values[id(one)], values[id(other)]
    if one.rule.kind == other.rule.kind == "private-key":
        return first == second
    return first in second or second in first


def _opened(match: Match) -> bool:
    """Whether an encoding was undone on the way; a document inside a literal and a part of a message are none."""
    return any(step not in _documents() and not step.startswith("part ") for step in match.trail)


@lru_cache(maxsize=1)
def _documents() -> frozenset[str]:
    return frozenset(fmt.NAME for fmt in formats.every())


def _password(login: bytes) -> bytes:
    """The password of `user:password` in base64."""
    if b":" in login:
        return b""
    opened = base64.decode(login.ljust(base64.SHORTEST, b"=")) or b""
    return opened.partition(b":")[2] if opened.isascii() else b""


def canonical(match: Match) -> bytes:
    """The value by which a credential is grouped: a private key is the same however its lines are wrapped, and a login
    in base64 is its password."""
    if match.rule.kind == "basic-auth":
        return _password(match.value) or match.value
    if match.rule.kind != "private-key":
        return match.value
    lines = [line for line in _BREAKS.split(match.value) if line.strip(_AROUND + b"+")]
    if all(line.lstrip(_AROUND).startswith(b"+") for line in lines[1:]):  # a patch, or literals that are joined
        lines[1:] = (line.lstrip(_AROUND)[1:] for line in lines[1:])
    return b"\n".join(map(_unquoted, lines))


def _unquoted(line: bytes) -> bytes:
    """A line without what a language writes around it; a `+` at its edge is base64's own, unless it joins literals."""
    line = line.strip(_AROUND) if not line.rstrip().endswith(b"+") else line.lstrip(_AROUND)
    return _JOINS.sub(b"", line).strip(_AROUND)
