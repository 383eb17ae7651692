"""Which value of a chart names a Secret that is read instead of another value: the conditions of its templates say so.

`password: {{ .Values.db.pass }}` under `if not .Values.db.existing.name`, and elsewhere a `secretKeyRef` with
`name: {{ .Values.db.existing.name }}` and `key: {{ .Values.db.existing.key }}`: where that is set, the value is used
nowhere. Syntax: helm.sh/docs/chart_template_guide/control_structures, go.dev/pkg/text/template.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import _mask

Path = tuple[str, ...]
_BRACES = lazyre.compile(r"\A\{\{-?\s*|\s*-?\}\}\Z")
_VALUE = lazyre.compile(r"\$?\.Values((?:\.[A-Za-z_]\w*)+)\Z")
_TOKEN = lazyre.compile(r"\(|\)|\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^\s()]+")
_SET = lazyre.compile(r"(\$\w+)\s*:?=\s*(.*)", 16)
_FIELD = lazyre.compile(rb"(?:^|\n)[ \t-]*(name|key):[ \t]*[\"']?$")
_WORDS = frozenset(("tpl", ".", "$", "quote", "squote", "toString", "|"))
_DEEPEST, _LONGEST = 50, 200  # conditions in each other, words of one: more than anybody writes
_HEADS = ("if", "with", "range", "define", "block")


class Choice(NamedTuple):
    """A value that nothing uses when a Secret is named: where to name it and the key in it."""

    value: Path
    name: Path
    key: Path


class _TooDeep(Exception):
    """More conditions than are followed: then nothing is sure."""


class _Mention(NamedTuple):
    path: Path
    falsy: frozenset[Path]  # what is not set where it is put out
    field: str  # `name` or `key` of a reference; "" elsewhere
    alone: bool  # nothing else is in the action
    helper: str = ""  # whose text it is


def choices(templates: Sequence[bytes]) -> tuple[Choice, ...]:
    """All of a chart's."""
    try:
        mentions = [mention for data in templates for mention in _mentions(data)]
    except _TooDeep:
        return ()
    pairs = list(_pairs(mentions))
    if not pairs:
        return ()
    by_path: dict[Path, list[_Mention]] = {}
    for mention in mentions:
        by_path.setdefault(mention.path, []).append(mention)
    found = []
    for value in sorted({m.path for m in mentions if not m.field and not m.helper.lower().endswith("secretname")}):
        if any(value[:size] in by_path for size in range(1, len(value))):
            continue  # what it is in is handed over as a whole, and nobody knows to whom
        ruled = frozenset.intersection(*(m.falsy for m in by_path[value]))
        if not ruled:
            continue
        fitting = [pair for pair in pairs if value not in pair and (pair[0] in ruled or pair[0][:-1] in ruled)]
        named = [pair for pair in fitting if _called(value, pair[0])]
        best = named if len(fitting) > 1 else fitting
        if len(best) == 1 and _rules(best[0], value, mentions):
            found.append(Choice(value, *best[0]))
    return tuple(found)


def _pairs(mentions: Sequence[_Mention]) -> Iterator[tuple[Path, Path]]:
    """The names of Secrets and of their keys that references are made of."""
    names = {m.path for m in mentions if (m.field == "name" and m.alone) or m.helper.lower().endswith("secretname")}
    keys = {m.path for m in mentions if m.field == "key" and m.alone}
    for name in sorted(names):
        if name[-1] == "name" and (*name[:-1], "key") in keys:
            yield name, (*name[:-1], "key")
        elif (*name[:-1], f"{name[-1]}Key") in keys:
            yield name, (*name[:-1], f"{name[-1]}Key")


def _called(value: Path, name: Path) -> bool:
    """Whether the Secret is called like the value."""
    said = name[:-1] if name[-1] == "name" else name
    stem = said[-1].lower().replace("existing", "").replace("secret", "").replace("name", "")
    return bool(stem) and (value[-1].lower().startswith(stem) or stem.startswith(value[-1].lower()))


def _rules(pair: tuple[Path, Path], value: Path, mentions: Sequence[_Mention]) -> bool:
    """Whether it rules nothing else out: one key in a Secret stands for one value."""
    own = {pair[0], pair[0][:-1]}
    others = {m.path for m in mentions if m.falsy & own and m.path != value and not _about(m.path, pair)}
    return not others


def _about(path: Path, pair: tuple[Path, Path]) -> bool:
    """Whether a value is of the choice itself, or none of a credential's neighbours (labels, annotations)."""
    return path in pair or path[-1].lower().endswith(("labels", "annotations", "name", "override"))


def _mentions(data: bytes) -> Iterator[_Mention]:
    """Values that are put out, with what is not set where they are."""
    stack: list[frozenset[Path]] = []
    otherwise: list[frozenset[Path]] = []
    variables: dict[str, object] = {}
    helper = ""
    for start, end in _mask.templates(data):
        text = _BRACES.sub("", data[start:end].decode("utf-8", "replace"))
        head, _, rest = text.partition(" ")
        if text.startswith("/*"):
            continue
        if head in ("with", "range"):
            yield from (_Mention(path, frozenset().union(*stack), "", False) for path in _paths(rest))
        if head == "define":
            helper = rest.strip('"')
        if head in _HEADS:
            tree = _parsed(rest, variables) if head == "if" else None
            if len(stack) == _DEEPEST:
                raise _TooDeep
            stack.append(_ruled_out(tree))
            otherwise.append(_failing(tree))
        elif head == "else":
            if stack:
                inner = rest.removeprefix("if ") if rest.startswith("if ") else ""
                tree = _parsed(inner, variables) if inner else None
                stack[-1] = otherwise[-1] | _ruled_out(tree)
                otherwise[-1] = otherwise[-1] | _failing(tree)
        elif head == "end":
            if stack:
                stack.pop()
                otherwise.pop()
                helper = helper if stack else ""
        elif given := _SET.fullmatch(text):
            variables[given[1]] = _parsed(given[2], {})
        else:
            words = [word for word in _TOKEN.findall(text) if word not in "()"]
            paths = _paths(text)
            field = _FIELD.search(data, max(0, start - 200), start)
            falsy = frozenset().union(*stack)
            alone = len(paths) == 1 and all(_VALUE.match(word) or word in _WORDS for word in words)
            for path in paths:
                yield _Mention(path, falsy, field[1].decode() if field else "", alone, helper)


def _paths(text: str) -> list[Path]:
    return [tuple(value[1].split(".")[1:]) for word in _TOKEN.findall(text) if (value := _VALUE.match(word))]


def _parsed(text: str, variables: dict[str, object]) -> object:
    """A condition: a value's path, a list of a word and what it is given, or None for anything else."""
    stack: list[list[object]] = [[]]
    words = _TOKEN.findall(text)
    for word in words if len(words) <= _LONGEST else ():
        if word == "(":
            stack.append([])
        elif word == ")":
            if len(stack) > 1:
                inner = stack.pop()
                stack[-1].append(inner[0] if len(inner) == 1 else inner)
        elif value := _VALUE.match(word):
            stack[-1].append(tuple(value[1].split(".")[1:]))
        else:
            stack[-1].append(variables.get(word, word))
    whole = stack[0]
    return whole[0] if len(whole) == 1 else whole


def _ruled_out(tree: object) -> frozenset[Path]:
    """What is not set when a condition holds."""
    if isinstance(tree, list) and tree[:1] == ["and"]:
        return frozenset().union(*(_ruled_out(part) for part in tree[1:]))
    if isinstance(tree, list) and tree[:1] == ["not"] and len(tree) == 2:
        return _failing(tree[1])
    return frozenset()


def _failing(tree: object) -> frozenset[Path]:
    """What is not set when a condition does not hold."""
    if isinstance(tree, tuple):
        return frozenset((tree,))
    if isinstance(tree, list) and tree[:1] == ["or"]:
        return frozenset().union(*(_failing(part) for part in tree[1:]))
    if isinstance(tree, list) and tree[:1] == ["and"]:
        paths = [part for part in tree[1:] if isinstance(part, tuple)]
        together = len(paths) == len(tree) - 1 and len({path[:-1] for path in paths}) == 1
        return frozenset(path for path in paths if path[-1] == "name") if together else frozenset()
    return frozenset()
