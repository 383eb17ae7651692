"""A gate ends at one place: cut a pattern's open tail, because hyperscan reports every end offset.

An open tail (`[^"]{4,}`) costs a Python callback for every further byte and drops the scan from 1,400 to 94 MB/s.
"""

import importlib
from typing import Any, NamedTuple

_parser: Any = importlib.import_module("re._parser")
_c: Any = importlib.import_module("re._constants")
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_PLACES = {"AT_BEGINNING": "^", "AT_BEGINNING_STRING": r"\A", "AT_END": "$", "AT_BOUNDARY": r"\b"}
_WIDEST = 1 << 16
_BODY = 512  # a repeat of more than this is a body (of a key, say): its header alone is the gate


class Shape(NamedTuple):
    """What a gate needs to know of a pattern. Lengths in bytes; `longest` is capped at 65,536."""

    gate: str  # the pattern with its tail cut to the least it can be
    shortest: int
    longest: int
    gate_longest: int
    prefix: str  # the constant characters that every match starts with


def shape(pattern: str) -> Shape:
    """Take a pattern in the syntax that RE2, hyperscan and `re` share apart."""
    tree = _parser.parse(pattern)
    caseless = bool(tree.state.flags & 2)
    least, most = tree.getwidth()
    cut = _cut(_head(list(tree)))
    gate = ("(?i)" if caseless else "") + _text(cut)
    _, gate_most = _parser.parse(gate).getwidth()
    return Shape(gate, least, min(most, _WIDEST), min(gate_most, _WIDEST), "" if caseless else _prefix(list(tree)))


def trigger(pattern: str) -> str:
    """A pattern for addresses as one for raw text: without its anchors, each part with its own case."""
    tree = _parser.parse(pattern)
    caseless = bool(tree.state.flags & 2)
    return f"(?{'i' if caseless else ''}:{_text(_floating(tree))})"


def beginning(pattern: str, width: int) -> str:
    """The least that the first `width` characters of a match are, as a gate that ends at one place."""
    tree = _parser.parse(pattern)
    caseless = bool(tree.state.flags & 2)
    return f"(?{'i' if caseless else ''}:{_text(_first(list(tree), width))})"


def _first(items: list[Any], width: int) -> list[Any]:
    out: list[Any] = []
    for op, argument in items:
        if width <= 0:
            break
        name = str(op)
        least = _parser.SubPattern(_parser.State(), [(op, argument)]).getwidth()[0]
        if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[0] > 0:
            one = argument[2].getwidth()[0]
            if width <= least:  # the last item: as often as the width needs
                times = -(-width // max(one, 1))
                argument = (times, times, argument[2])
        elif name == "SUBPATTERN":
            argument = (*argument[:3], _first(list(argument[3]), width))
        elif name == "BRANCH":
            argument = (argument[0], [_first(list(option), width) for option in argument[1]])
        out.append((op, argument))
        width -= least
    return _cut_plain(out)


def _cut_plain(items: list[Any]) -> list[Any]:
    """Without optional parts at the end."""
    while items and str(items[-1][0]) in ("MAX_REPEAT", "MIN_REPEAT") and items[-1][1][0] == 0:
        items = items[:-1]
    return items


def samples(pattern: str, most: int = 2000) -> list[str]:
    """Names that the pattern matches: every alternative, each optional part with and without."""
    return sorted(set(_samples(_parser.parse(pattern), most)))


def _samples(items: Any, most: int) -> list[str]:
    out = [""]
    for op, argument in items:
        name = str(op)
        if name == "LITERAL":
            choices = [chr(argument)]
        elif name == "IN":
            choices = [_one_of(argument)]
        elif name == "ANY":
            choices = ["_"]
        elif name == "BRANCH":
            choices = [text for option in argument[1] for text in _samples(option, most)]
        elif name == "SUBPATTERN":
            choices = _samples(argument[3], most)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            inner = _samples(argument[2], most)
            choices = [""] * (argument[0] == 0) + [text * max(argument[0], 1) for text in inner]
        else:
            choices = [""]
        out = [left + right for left in out for right in choices][:most]
    return out


def _one_of(items: Any) -> str:
    """A character that a set allows; the separator of words where it may."""
    allowed = {chr(argument) for op, argument in items if str(op) == "LITERAL"}
    if str(items[0][0]) == "NEGATE" or "_" in allowed:
        return "_"
    first = next((argument for op, argument in items if str(op) == "RANGE"), None)
    return min(allowed) if allowed else chr(first[0]) if first else "_"


def _floating(items: Any) -> list[Any]:
    """The sequence without the anchors in it."""
    out = []
    for op, argument in items:
        name = str(op)
        if name == "AT":
            continue
        if name == "SUBPATTERN":
            argument = (*argument[:3], _floating(argument[3]))
        elif name == "BRANCH":
            argument = (argument[0], [_floating(option) for option in argument[1]])
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            argument = (*argument[:2], _floating(argument[2]))
        out.append((op, argument))
    return out


def _head(items: list[Any]) -> list[Any]:
    """The sequence up to a body, when at least eight characters stand before it."""
    before = 0
    for index, (op, argument) in enumerate(items):
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[1] > _BODY and argument[1] != _c.MAXREPEAT:
            if before >= 8:
                return [*items[:index], (op, (min(argument[0], 1), argument[1], argument[2]))]
        elif name == "SUBPATTERN" and argument[3].getwidth()[1] > _BODY:
            inner = _head(list(argument[3]))
            if len(inner) < len(list(argument[3])):
                sub = _parser.SubPattern(argument[3].state, inner)
                return [*items[:index], (op, (argument[0], argument[1], argument[2], sub))]
        before += _parser.SubPattern(_parser.State(), [items[index]]).getwidth()[0]
    return items


def _cut(items: list[Any]) -> list[Any]:
    """The same sequence, ending where the shortest match of its last item ends."""
    while items:
        op, argument = items[-1]
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, _, inner = argument
            items = items[:-1]
            if least:
                exact = _parser.SubPattern(argument[2].state, _cut(list(inner)) if least == 1 else list(inner))
                return [*items, (op, (least, least, exact))]
        elif name == "SUBPATTERN":
            inner = _cut(list(argument[3]))
            if not inner:
                items = items[:-1]
                continue
            sub = _parser.SubPattern(argument[3].state, inner)
            return [*items[:-1], (op, (argument[0], argument[1], argument[2], sub))]
        elif name == "BRANCH":
            options = [_parser.SubPattern(o.state, _cut(list(o))) for o in argument[1]]
            return [*items[:-1], (op, (argument[0], options))]
        elif name == "AT":
            items = items[:-1]
        else:
            return items
    return items


def _prefix(items: list[Any]) -> str:
    out = ""
    for op, argument in items:
        name = str(op)
        if name == "LITERAL":
            out += chr(argument)
        elif name == "SUBPATTERN":
            inner = _prefix(list(argument[3]))
            out += inner
            if len(inner) < len(list(argument[3])):
                break
        else:
            break
    return out


def _text(items: Any) -> str:
    return "".join(_item(str(op), argument) for op, argument in items)


def _item(name: str, argument: Any) -> str:
    if name == "LITERAL":
        return _char(argument)
    if name == "NOT_LITERAL":
        return f"[^{_char(argument)}]"
    if name == "ANY":
        return "."
    if name == "IN":
        return _set(argument)
    if name == "AT":
        return _PLACES[str(argument)]
    if name == "BRANCH":
        return "(?:" + "|".join(_text(option) for option in argument[1]) + ")"
    if name == "SUBPATTERN":
        _, added, _, inner = argument
        return f"(?{'i' if added & 2 else ''}:{_text(inner)})"
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = argument
        bound = f"{{{least}}}" if least == most else f"{{{least},{'' if most == _c.MAXREPEAT else most}}}"
        return f"(?:{_text(inner)}){bound}"
    raise ValueError(f"a gate cannot hold {name}")


def _set(items: Any) -> str:
    out = ""
    for op, argument in items:
        name = str(op)
        if name == "NEGATE":
            out = "^" + out
        elif name == "LITERAL":
            out += _char(argument)
        elif name == "RANGE":
            out += f"{_char(argument[0])}-{_char(argument[1])}"
        else:
            out += _CATEGORIES[str(argument)]
    return f"[{out}]"


def _char(code: int) -> str:
    char = chr(code)
    return char if char.isascii() and char.isalnum() else f"\\x{code:02x}"
