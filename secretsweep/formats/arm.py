"""Azure Resource Manager templates and their parameters: expressions, of which only the literals count."""

import re
from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested, _sections, json
from secretsweep.formats._address import NAMES, pair, text
from secretsweep.model import Blob, Span, Unit

NAME = "arm"
PRIORITY = 32  # above Kubernetes, whose manifests have apiVersion and kind as well
GATES = (
    Gate(r"(?i)\b(?:customData|userData|commandToExecute|secureValue|vaults/secrets)\"", "entry"),
    _gates.PAIR,
)

_SCHEMA = lazyre.compile(
    rb"\"\$schema\"\s*:\s*\"https?://schema\.management\.azure\.com/schemas/[^\"\s]{0,80}"
    rb"(?:deploymentTemplate|deploymentParameters|createUIDefinition)",
    re.IGNORECASE,
)
_HEADER = lazyre.compile(
    rb"^([ \t]*)\"(?:parameters|variables|resources|outputs|functions)\"[ \t]*:[ \t{\[]*\r?\n(?:[ \t]*\r?\n)*([ \t]+)",
    re.MULTILINE,
)
_WORD = lazyre.compile(rb"([A-Za-z_][\w.]*)[ \t\r\n]*\(|'((?:[^']|'')*)'|(\()|(\))")
_TRANSPARENT = frozenset(b"concat base64 string json tolower toupper trim format uricomponent".split())
_PLACE = lazyre.compile(rb"(?<!\{)\{(\d{1,2})\}")  # in the text of a `format`


def owns(path: str, head: bytes) -> bool:
    return (not path or json.owns(path, head)) and _SCHEMA.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal; of an expression those in it, joined as it joins them."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    return list(_named(data, json.units(data)))


def _named(data: bytes, every: list[Unit]) -> Iterator[Unit]:
    """Secure values called by the name beside them, and those of Key Vault secrets as what they are."""
    names: dict[str, str] = {}
    vault: set[str] = set()
    for unit in every:
        parent, _, last = unit.key.rpartition(".")
        if last in NAMES:
            names.setdefault(parent, text(unit.value))
        elif last == "type" and (unit.value == b"secrets" or unit.value.lower().endswith(b"vaults/secrets")):
            vault.add(f"{parent}.properties".lstrip("."))
    for unit in every:
        parent, _, last = unit.key.rpartition(".")
        key = unit.key
        if last == "secureValue" and parent in names:
            key = pair(parent, names[parent])
        elif last == "value" and parent in vault:
            key = f"{parent}.secret.value"
        if not unit.value.startswith(b"[") or unit.value.startswith(b"[["):
            yield unit._replace(key=key)
        elif unit.value.endswith(b"]") and (value := literal(unit.value[1:-1])):
            at = data.find(value, *unit.span)
            span = Span(at, at + len(value)) if at >= 0 else unit.span
            yield unit._replace(span=span, key=key, value=value)


def literal(expression: bytes) -> bytes:
    """What an expression yields as far as it is literal, with `${}` for the rest; nothing when none of it is."""
    pieces: list[bytes] = []
    calls: list[bytes] = []
    hidden = 0  # of the open calls, those whose arguments do not become the value
    formats: set[int] = set()  # depths at which the text of a `format` was read
    found = False
    for word in _WORD.finditer(expression):
        name, string, group, _ = word.groups()
        if name is not None or group:
            called = (name or b"concat").lower()
            hidden += called not in _TRANSPARENT
            if hidden == 1 and called not in _TRANSPARENT and len(calls) not in formats:
                pieces.append(b"${}")
            calls.append(called)
            formats.discard(len(calls))
        elif string is None:
            if calls:
                hidden -= calls.pop() not in _TRANSPARENT
        elif not hidden and len(calls) not in formats:
            string = string.replace(b"''", b"'")
            if calls and calls[-1] == b"format":
                formats.add(len(calls))
                string = _PLACE.sub(rb"${\1}", string)
            pieces.append(string)
            found = True
    return b"".join(pieces) if found else b""


def _entry(data: bytes, at: int) -> tuple[int, int]:
    """The parameter, the variable, the resource …: what belongs together stands anywhere in it."""
    return _sections.around(_entries(data), data, at)


@lru_cache(maxsize=2)
def _entries(data: bytes) -> tuple[int, ...]:
    return _sections.entries(_HEADER, data)


REGIONS = dict.fromkeys(("statement", "siblings", "entry"), _entry)
