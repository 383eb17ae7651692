"""On which line of a TOML file a key is set: tomllib does not say."""

import re

_HEADER = re.compile(r"\s*\[(\[)?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_NOISE = re.compile(r"[\s\"']")


def find(text: str, table: str, key: str, index: int = 0) -> int:
    """The line, from 1, of `key` in `table` ("" is the top), or of the table itself; 1 when it is not to be found.

    `index` counts the `[[table]]` of an array. `key` may stand in its table, or dotted in one above it.
    """
    wanted = f"{table}.{key}".strip(".")
    current, seen, header, inside = "", -1, 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if match := _HEADER.match(line):
            current = _NOISE.sub("", match[2])
            if current == table:
                seen += 1
                header = number if seen == index else header
        elif match := _KEY.match(line):
            here = f"{current}.{_NOISE.sub('', match[1])}".strip(".")
            if here == wanted and (current != table or seen in (-1, index)):
                return number
            inside = _open(line[match.end() :])
    return header or 1


def _open(value: str) -> str:
    """The quotes of a text that goes on below."""
    return next((quotes for quotes in ('"""', "'''") if value.count(quotes) == 1), "")
