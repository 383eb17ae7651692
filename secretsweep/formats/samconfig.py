"""samconfig.toml and samconfig.yaml: the parameters that `sam deploy` hands to a template."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _sections
from secretsweep.formats import text as lines
from secretsweep.formats._address import text
from secretsweep.model import Blob, Span, Unit

NAME = "samconfig"
PRIORITY = 25
ANCESTORS = False
GATES: tuple[Gate, ...] = (_gates.PAIR,)

PATHS = lazyre.compile(r"(?:^|/)samconfig[\w.-]*\.(?:toml|ya?ml)$", re.IGNORECASE)
_SECTION = lazyre.compile(rb"^\[([\w.\"-]{1,200})\][ \t]*\r?$", re.MULTILINE)
_OVERRIDES = lazyre.compile(rb"^[ \t]*parameter_overrides[ \t]*[=:]", re.MULTILINE)
_NEXT = lazyre.compile(rb"^[ \t]*(?:\[[\w.\"-]{1,200}\][ \t]*\r?$|[a-z_]+[ \t]*(?:=|:(?=\s)))", re.MULTILINE)
_VALUE = rb"(?:\\\"([^\"\\\r\n]*)\\\"|'([^'\r\n]*)'|\"([^\"\r\n]*)\"|([^\s\"',\\\]]+))"
_PARAMETER = lazyre.compile(rb"ParameterKey=(\w+)[, ]+ParameterValue=" + _VALUE + rb"|\b(\w+)=" + _VALUE)


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every assignment, and each parameter by its name."""
    yield from units(blob.data)


def units(data: bytes) -> list[Unit]:
    """The parameters below the section that they stand in, and the other assignments by their lines."""
    sections = [(found.start(), text(found[1])) for found in _SECTION.finditer(data)]
    found: list[Unit] = []
    areas: list[Span] = []
    for override in _OVERRIDES.finditer(data):
        following = _NEXT.search(data, override.end())
        areas.append(Span(override.start(), following.start() if following else len(data)))
        number = bisect_right(sections, (override.start(), "")) - 1
        section = f"{sections[number][1]}." if number >= 0 else ""
        found += _parameters(data, override.end(), areas[-1].end, f"{section}parameter_overrides")
    starts = [area.start for area in areas]
    for unit in lines.units(data):
        number = bisect_right(starts, unit.span.start) - 1
        if number < 0 or unit.span.start >= areas[number].end:
            found.append(unit)
    return found


def _parameters(data: bytes, start: int, end: int, key: str) -> Iterator[Unit]:
    for found in _PARAMETER.finditer(data, start, end):
        group = found.lastindex or 0
        name = found[1] or found[6]
        if group and found.group(group) and name != b"ParameterKey":
            address = f"{key}.{text(name)}"
            form = "plain" if group in (5, 10) else "double"
            yield Unit(Span(*found.span(group)), address, found.group(group), form)


def _section(data: bytes, at: int) -> tuple[int, int]:
    return _sections.around(_starts(data), data, at)


@lru_cache(maxsize=2)
def _starts(data: bytes) -> tuple[int, ...]:
    return tuple(found.start() for found in _SECTION.finditer(data))


REGIONS = dict.fromkeys(("statement", "siblings"), _section)
