"""Jupyter notebooks: the lines of cells and of what they printed, each a JSON string."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import _commandline, _gates, _nested, json, text
from secretsweep.model import Blob, Span, Unit, joined

NAME = "notebook"
PRIORITY = 20
GATES = (_gates.PAIR, _gates.ARGUMENT)

_OWN = lazyre.compile(r"\.ipynb$", re.IGNORECASE)
_ELEMENT = lazyre.compile(r"\[\d+\]\Z")
_LINES = lazyre.compile(r"(?:^|\.)(?:source|text|traceback|evalue|\"?text/[a-z]+\"?)\Z")
_COMMAND = lazyre.compile(rb"\s*(?:!|%(?:env|sx|system)\s)")  # `!mysql -u root`, `%env NAME=value`

_CALL = lazyre.compile(rb"[\"\\]")  # an expression with strings in it, which have units of their own


def owns(path: str, head: bytes) -> bool:
    return _OWN.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """What is assigned in each line; the lines themselves are no values."""
    for unit in units(blob.data):
        key = _ELEMENT.sub("", unit.key)
        if _LINES.search(key):
            yield from _nested.placed(blob.data, unit._replace(key=key), _said(unit.value), joined)
        else:
            yield unit


def units(data: bytes) -> list[Unit]:
    """The strings, unopened."""
    return json.units(data)


def _said(line: bytes) -> Iterator[Unit]:
    """The assignments of a line, or of all lines of a cell in one string."""
    command = _COMMAND.match(line)
    if command and b"\n" not in line.rstrip():
        for unit in _commandline.units(line, Span(command.end(), len(line)), ""):
            yield unit._replace(form="word" if unit.form == "plain" else unit.form)  # bare words are literals there
    else:
        yield from (unit for unit in text.units(line) if unit.form != "plain" or not _CALL.search(unit.value))
