"""Helm's template actions: which values each uses, in the scope of the `with`, `range` and `define` around it."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats._mask import templates

KEPT = 512  # files whose actions are remembered by their content
ELEMENT = "*"  # the step to any element of what `range` goes through
Way = tuple[str, ...] | None  # from the context of the template or helper; None when it is not known

_HEAD = lazyre.compile(r"(if|else|end|range|with|define|block|break|continue)\b")
_ASSIGN = lazyre.compile(r"((?:\$\w+\s*,\s*)?\$\w+)\s*:?=\s*")
_STRING = lazyre.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')
_PATH = lazyre.compile(r"(?<![\w.)\]$])(\$\w*)?((?:\.[A-Za-z_]\w*)+)|(?<![\w.)\]$])(\.|\$\w*)(?![\w.])")
_INDEX = lazyre.compile(r'\b(?:index|get)\s+\(?((?:\$\w*)?(?:\.[A-Za-z_]\w*)+|\.|\$\w*)\)?((?:\s+"[^"\n]*")+)')
_INCLUDE = lazyre.compile(r'\b(?:include|template)\s+"([^"\n]*)"\s*(\([^()]*\)|\$?[\w.$]*)')
_PAIR = lazyre.compile(r'"([^"\n]*)"\s+((?:\$\w*)?(?:\.[A-Za-z_]\w*)+|\.|\$\w*)(?=[\s)]|$)')
_NAME = lazyre.compile(r'"([^"\n]*)"')
_NEWLINE = lazyre.compile(rb"\n")


class Reference(NamedTuple):
    """A value that an action uses."""

    way: Way
    name: str  # as it is written
    helper: str  # the `define` that it stands in; "" in the template itself
    line: int
    decides: bool  # it is only a condition


class Include(NamedTuple):
    """A helper that an action calls, and what the helper's context gets: (where there, what of here)."""

    called: str
    given: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    helper: str
    line: int


class Actions(NamedTuple):
    references: tuple[Reference, ...]
    includes: tuple[Include, ...]
    helpers: frozenset[str]


class _Scope(NamedTuple):
    head: str
    dot: Way
    outer: Way  # of an `else`
    helper: str


@lru_cache(KEPT)
def actions(data: bytes) -> Actions:
    """All actions of a file."""
    reader = _Reader()
    ends = [found.start() for found in _NEWLINE.finditer(data)]
    for start, end in templates(data):
        if data[start : start + 2] == b"{{":
            text = data[start + 2 : end - 2].decode("utf-8", "replace").strip("- \t\r\n")
            if not text.startswith("/*"):
                reader.read(text, bisect_left(ends, start) + 1)
    return Actions(tuple(reader.references), tuple(reader.includes), frozenset(reader.helpers))


class _Reader:
    def __init__(self) -> None:
        self.scopes = [_Scope("", (), (), "")]
        self.variables: dict[str, Way] = {}
        self.references: list[Reference] = []
        self.includes: list[Include] = []
        self.helpers: set[str] = set()

    def read(self, text: str, line: int) -> None:
        scope, head = self.scopes[-1], _HEAD.match(text)
        word, rest = (head[1], text[head.end() :].strip()) if head else ("", text)
        if word == "end":
            del self.scopes[max(1, len(self.scopes) - 1) :]
        elif word == "else":
            self.scopes[-1] = scope._replace(dot=scope.outer)
            if rest:
                self.uses(rest, line, True)
        elif word in ("define", "block"):
            name = _NAME.search(rest)
            helper = name[1] if name else ""
            self.helpers.add(helper)
            self.scopes.append(_Scope(word, (), (), helper))
        elif word in ("with", "range"):
            way = self.assigned(rest, ELEMENT if word == "range" else "")
            if way is None:
                self.uses(rest, line, True)
            self.scopes.append(_Scope(word, way, scope.dot, scope.helper))
        elif word == "if":
            self.uses(rest, line, True)
            self.scopes.append(_Scope(word, scope.dot, scope.dot, scope.helper))
        elif not word:
            if _ASSIGN.match(rest) and self.assigned(rest, "") is not None:
                return
            self.uses(rest, line, False)

    def assigned(self, text: str, element: str) -> Way:
        """The way that an expression goes, and the variables before it get; elements of it for `range`."""
        found = _ASSIGN.match(text)
        way = self.simple(text[found.end() :] if found else text)
        if way is not None and element:
            way = (*way, element)
        if found:
            names = [name.strip() for name in found[1].split(",")]
            self.variables[names[-1]] = way
            if len(names) > 1:
                self.variables[names[0]] = None
        return way

    def simple(self, text: str) -> Way:
        """Of an expression that is a path, or one with a default."""
        text = text.partition("|")[0].strip()
        indexed = _INDEX.fullmatch(text)
        if indexed:
            return self.indexed(indexed[1], indexed[2])
        found = _PATH.fullmatch(text)
        return self.way(found[0]) if found else None

    def indexed(self, path: str, keys: str) -> Way:
        way = self.way(path)
        return None if way is None else (*way, *(_NAME.findall(keys)))

    def way(self, path: str) -> Way:
        """`.a.b`, `$.a`, `$x.a`, `.` or `$`."""
        first, *steps = path.split(".")
        base: Way = self.scopes[-1].dot if not first else () if first == "$" else self.variables.get(first)
        return None if base is None else (*base, *(step for step in steps if step))

    def uses(self, text: str, line: int, decides: bool) -> None:
        """Record what an expression uses."""
        helper = self.scopes[-1].helper
        for call in _INCLUDE.finditer(text):
            if (given := self.given(call[2])) is not None:
                self.includes.append(Include(call[1], given, helper, line))
                text = text[: call.start(2)] + " " * len(call[2]) + text[call.end(2) :]
        for indexed in _INDEX.finditer(text):
            self.references.append(Reference(self.indexed(indexed[1], indexed[2]), indexed[0], helper, line, decides))
        text = _STRING.sub(lambda found: " " * len(found[0]), _INDEX.sub(lambda found: " " * len(found[0]), text))
        for found in _PATH.finditer(text):
            way = self.way(found[0])
            if way != () and not (way is None and found[3]):
                self.references.append(Reference(way, found[0], helper, line, decides))

    def given(self, context: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] | None:
        """What a helper's context gets; None when that is not understood."""
        if not context.startswith("("):
            way = self.way(context) if context else None
            return None if way is None else (((), way),)
        pairs = [((key,), self.way(path)) for key, path in _PAIR.findall(context)] if "dict" in context else []
        known = tuple((key, way) for key, way in pairs if way is not None)
        return known if known and len(known) == len(pairs) else None


def steps_below(include: Include, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The ways in a helper that lead to the value at `way` of whoever includes it."""
    for there, here in include.given:
        if len(here) <= len(way) and all(a in (b, ELEMENT) for a, b in zip(here, way, strict=False)):
            yield (*there, *way[len(here) :])
