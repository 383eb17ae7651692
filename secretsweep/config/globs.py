"""Patterns for paths as .gitignore has them, and for keys."""

import re
from collections.abc import Callable, Iterable
from functools import cache

_PART = re.compile(r"/\*\*/|\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)


def paths(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether one of the patterns matches a path, or a folder above it.

    `*.zip` also matches what is inside the archive: `a.zip!b`.
    """
    texts = [_path(pattern) for pattern in patterns]
    if not texts:
        return lambda path: False
    match = re.compile(_whole(texts), re.DOTALL).fullmatch
    return lambda path: match(path) is not None


def expression(pattern: str) -> str:
    """The same for one pattern as an expression for all of a path, in the syntax that RE2 shares: a pattern that
    somebody else wrote is not for an engine that may take for ever."""
    return f"(?s){_whole([_path(pattern)])}"


def _whole(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(texts)})(?:[/!].*)?"


@cache
def text(pattern: str) -> Callable[[str], bool]:
    """Whether `pattern` matches all of a text; its `*` is anything, `?` one character."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    match = re.compile("".join(parts), re.DOTALL).fullmatch
    return lambda name: match(name) is not None


def _path(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    body = "".join(_part(part[0]) for part in _PART.finditer(pattern.strip("/")))
    return body if anchored else f"(?:.*/)?{body}"


def _part(part: str) -> str:
    match part:
        case "/**/":
            return "/(?:.*/)?"
        case "**/":
            return "(?:.*/)?"
        case "/**":
            return "/.+"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
    if len(part) > 2 and part[0] == "[":
        inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inner[1:]}/]" if inner[0] == "!" else f"[{inner}]"
    return re.escape(part)
