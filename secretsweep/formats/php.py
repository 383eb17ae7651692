"""PHP settings: `define('KEY', 'value')`, array entries, `putenv('KEY=value')`, and the defaults of `env()`."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates
from secretsweep.formats import text as _text
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "php"
PRIORITY = 15
ANCESTORS = False  # no line depends on the indentation above it
GATES = (
    Gate(r"(?i)\bdefine\s{0,4}\(\s{0,4}[\"'][\w\-]{0,60}(?:" + _gates.SECRETIVE + r"|_key|_salt|_pass)[\w\-]"
        r"{0,20}[\"']\s{0,20},\s{0,20}[\"'][^\"'\n]",
         "statement"),
)  # fmt: skip

PATHS = lazyre.compile(
    r"\.(?:php\d?|phtml|inc)(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig|in))*$", re.IGNORECASE
)
_STRING = rb"(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')"
_DEFINE = lazyre.compile(rb"\bdefine\s*\(\s*" + _STRING + rb"\s*,\s*" + _STRING, re.IGNORECASE | re.DOTALL)
_ENV = lazyre.compile(rb"\b(?:env|getenv_docker|getenv)\s*\(\s*[\"'](\w+)[\"']\s*,\s*" + _STRING, re.DOTALL)
_PUTENV = lazyre.compile(
    rb"\bputenv\s*\(\s*(?:\"(\w+)=((?:[^\"\\]|\\.)+)\"|'(\w+)=((?:[^'\\]|\\.)+)')\s*\)", re.IGNORECASE | re.DOTALL
)
_SINGLE = lazyre.compile(rb"\\([\\'])")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Constants, assignments, and defaults of variables."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """The literals that have a name."""
    seen: set[int] = set()
    for found in _DEFINE.finditer(data):
        name = found[1] or found[2] or b""
        yield from _literal(found, 3, text(name), seen)
    for found in _ENV.finditer(data):
        yield from _literal(found, 2, child("env", text(found[1])), seen)
    for found in _PUTENV.finditer(data):
        group, form = (2, "double") if found[2] else (4, "single")
        yield _read(found, group, child("env", text(found[group - 1])), form, seen)
    yield from (unit for unit in _text.units(data) if unit.span.start not in seen)


def _literal(found: re.Match[bytes], group: int, key: str, seen: set[int]) -> Iterator[Unit]:
    """A string in double quotes at `group`, or in single ones at the next."""
    group, form = (group, "double") if found[group] is not None else (group + 1, "single")
    if found[group]:
        yield _read(found, group, key, form, seen)


def _read(found: re.Match[bytes], group: int, key: str, form: str, seen: set[int]) -> Unit:
    """What the group's string says."""
    seen.add(found.start(group))
    value = _text.unescape(found[group]) if form == "double" else _SINGLE.sub(rb"\1", found[group])
    return Unit(Span(*found.span(group)), key, value, form)
