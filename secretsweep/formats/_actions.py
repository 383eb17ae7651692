"""Literals that an action of a template puts out: `{{ "x" | b64enc }}`, `default "x"`, `coalesce .a "x"`."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.model import Span, Unit

_TEXT = rb'"([^"\\\n{}]+)"'
_LITERAL = lazyre.compile(
    rb"\{\{-?\s*(?:(?:b64enc|quote|squote|print|toString)\s+)?" + _TEXT + rb"\s*(?:\||-?\}\})"
    rb"|\bdefault\s+" + _TEXT + rb"|\bcoalesce\s+[^\"{}\n]{1,200}" + _TEXT + rb"|\bternary\s+" + _TEXT
)


def literals(unit: Unit) -> Iterator[Unit]:
    """Those in a value that is written as it stands."""
    if b"{{" not in unit.value or unit.span.end - unit.span.start != len(unit.value):
        return
    for literal in _LITERAL.finditer(unit.value):
        group = literal.lastindex or 1
        span = Span(*literal.span(group)).shifted(unit.span.start)
        yield Unit(span, unit.key, literal.group(group), "double", unit.trail)
