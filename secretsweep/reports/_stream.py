"""How a large JSON document is written piece by piece, indented by one and valid UTF-8."""

import json
import re
from collections.abc import Iterator
from typing import TextIO

from secretsweep.reports import _safe

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_indented = json.JSONEncoder(ensure_ascii=False, indent=1)


def line(out: TextIO, value: object) -> None:
    """One value on one line: what a .jsonl file is made of."""
    _put(out, _compact.encode(value) + "\n")


def document(out: TextIO, value: object) -> None:
    """The whole document; an Iterator in it becomes an array whose items are written one by one."""
    _write(out, value, "\n")
    out.write("\n")


def _write(out: TextIO, value: object, margin: str) -> None:
    inner = margin + " "
    if isinstance(value, Iterator):
        opening = "["
        for item in value:
            out.write(opening + inner)
            _write(out, item, inner)
            opening = ","
        out.write("[]" if opening == "[" else margin + "]")
    elif isinstance(value, dict) and any(isinstance(part, Iterator) for part in value.values()):
        opening = "{"
        for name, part in value.items():
            out.write(f'{opening}{inner}"{name}": ')
            _write(out, part, inner)
            opening = ","
        out.write(margin + "}")
    else:
        _put(out, _indented.encode(value).replace("\n", margin))


def _put(out: TextIO, text: str) -> None:
    text = _safe.encoded(text)
    out.write(text if _safe.speaks_unicode(out) else _NOT_ASCII.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]
