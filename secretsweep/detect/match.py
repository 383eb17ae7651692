"""From a hit to the exact bytes: confirm a rule's pattern around a hit, in linear time."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from secretsweep.detect.shape import Shape, shape
from secretsweep.errors import RuleError
from secretsweep.model import Rule, Span

_BACK = 4096  # bytes before a hit in which its match begins
_AHEAD = 20_000  # bytes after a hit in which its match ends: the largest private keys have 13,000


class Compiled(NamedTuple):
    """A rule ready to match."""

    rule: Rule
    shape: Shape
    pattern: Any
    group: int  # 0, or the index of the group `secret`


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.dot_nl = True
    options.max_mem = 64 << 20
    return options


def names(patterns: list[str]) -> Any:
    """All patterns at once: `.Match(text)` gives the indexes of those found in it."""
    found = re2.Set.SearchSet(_options())
    for pattern in patterns:
        found.Add(pattern.encode())
    if patterns:
        found.Compile()
    return found


@lru_cache(maxsize=4096)
def compiled(rule: Rule) -> Compiled:
    """RuleError when the pattern is not in RE2's syntax."""
    try:
        pattern = re2.compile(rule.pattern.encode(), _options())
    except re2.error as error:
        raise RuleError(f"{rule.source}: {rule.id}: {error}") from None
    return Compiled(rule, shape(rule.pattern), pattern, _group(pattern.groupindex))


def _group(index: dict[Any, int]) -> int:
    """RE2 names groups in the type of the pattern."""
    return index.get(b"secret", index.get("secret", 0))


def around(entry: Compiled, data: bytes, at: int) -> Iterator[Span]:
    """The spans of the credential in every match that begins before `at` and reaches it."""
    shape = entry.shape
    low = max(0, at - min(shape.gate_longest + 1, _BACK))
    high = min(len(data), at + min(shape.longest, _AHEAD) + 1)
    window = data[low:high]
    position = 0
    while match := entry.pattern.search(window, position):
        start, end = match.span()
        if low + start >= at:
            return
        position = max(end, start + 1)
        if low + end < at:
            continue
        if not entry.rule.boundary or not (_joined(window, start, low > 0 or start > 0) or _joined(window, end, True)):
            inner = match.span(entry.group)
            if inner[0] >= 0:
                yield Span(low + inner[0], low + inner[1])
        else:
            position = start + 1  # the boundary failed here; a match may begin inside


def _joined(text: bytes, at: int, inside: bool) -> bool:
    """Whether the characters on both sides of `at` continue one word."""
    return inside and 0 < at < len(text) and _word(text[at - 1]) and _word(text[at])


def _word(char: int) -> bool:
    return 48 <= char <= 57 or 65 <= char <= 90 or 97 <= char <= 122 or char == 95
