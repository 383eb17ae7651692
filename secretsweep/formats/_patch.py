"""Patches and generators of kustomize: `path: /data/password` names its `value`, and a literal is `name=value`."""

import re
from collections.abc import Iterable, Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _secrets
from secretsweep.formats._address import child, text
from secretsweep.model import Span, Unit

GATE = Gate(r"(?i)\bpath[\"']?\s{0,4}:\s{0,4}[\"']?/[\w./~\-]{0,200}" + _gates.SECRETIVE, "siblings")

_OP = lazyre.compile(rb"[\"']?\bop[\"']?\s*:\s*[\"']?(?:add|replace|test|remove|copy|move)\b")
_POINTER = lazyre.compile(rb"[\"']?\bpath[\"']?\s*:\s*[\"']?/")
_OPERATION = lazyre.compile(r"(.*?)(?:\[\d+\]\.|\A)(op|path|value)((?:[.\[].*)?)\Z", re.DOTALL)
_LITERAL = lazyre.compile(r"(?:(.*)\.)?literals\[\d+\]\Z", re.DOTALL)
_PAIR = lazyre.compile(rb"([A-Za-z_.][\w.\-]*)=([\"']?)(.+)\2\Z", re.DOTALL)
_TEXT = lazyre.compile(rb"[\x20-\x7e\s]+")


def is_patch(head: bytes) -> bool:
    """Whether a text holds operations of JSON Patch."""
    return b"op" in head and b"path" in head and _OP.search(head) is not None and _POINTER.search(head) is not None


def named(units: Iterable[Unit]) -> Iterator[Unit]:
    """Units with the names that patches and generators give to them."""
    every = list(units)
    pointers = _pointers(every)
    for unit in every:
        if found := _LITERAL.match(unit.key):
            yield from _literal(unit, found[1] or "")
            continue
        operation = _OPERATION.match(unit.key) if pointers else None
        if operation and operation[2] == "value" and (pointer := pointers.get(_of(unit.key, operation))):
            yield _addressed(unit, operation, pointer)
        else:
            yield unit


def _of(key: str, operation: re.Match[str]) -> str:
    return key[: operation.start(2)]


def _pointers(units: list[Unit]) -> dict[str, str]:
    """The pointer of each operation, by the operation's address."""
    paths: dict[str, str] = {}
    operations = set()
    for unit in units:
        operation = _OPERATION.match(unit.key)
        if operation and not operation[3]:
            if operation[2] == "path" and unit.value[:1] == b"/":
                paths[_of(unit.key, operation)] = text(unit.value)
            elif operation[2] == "op":
                operations.add(_of(unit.key, operation))
    return {prefix: pointer for prefix, pointer in paths.items() if prefix in operations}


def _addressed(unit: Unit, operation: re.Match[str], pointer: str) -> Unit:
    """`value` under the address that the pointer says; base64 where it is the data of a Secret."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    key = operation[1]
    for step in steps:
        key = child(key, step)
    unit = unit._replace(key=key + operation[3])
    if steps[0] == "data" and not operation[3]:
        decoded = _secrets.plain(unit.value)
        if decoded and _TEXT.fullmatch(decoded):
            return unit._replace(value=decoded, trail=(*unit.trail, "base64"))
    return unit


def _literal(unit: Unit, above: str) -> Iterator[Unit]:
    found = _PAIR.match(unit.value)
    if found is None or unit.span.end - unit.span.start != len(unit.value):
        yield unit
        return
    key = child(f"{above}.literals" if above else "literals", text(found[1]))
    span = Span(*found.span(3)).shifted(unit.span.start)
    yield unit._replace(span=span, key=key, value=found[3], form="single" if found[2] else unit.form)
