"""A value inside one argument of a container, `--password=x`: no shell reads it, Kubernetes expands `$(NAME)` in it.

Syntax: kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container.
"""

from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import Spot
from secretsweep.writers import File
from secretsweep.writers._manifests import Place, Sheet

_WORDS = ("command", "args")
_LISTED = lazyre.compile(r"\b(?:args|command)\b")
_SCRIPT = lazyre.compile(rb"-[A-Za-z]*c")  # `sh -c`, `bash -ec`: what follows is a script
_SPACE = lazyre.compile(rb"\s")
_NAMED = lazyre.compile(r"(?:\A|[\s,;&?])(?:-D(?=\w+\.)|-*)([A-Za-z_][\w.\-]*)[=:][\"']?\Z")
_ODD = lazyre.compile(r"[^A-Za-z0-9]+")


def holds(spot: Spot, data: bytes) -> bool:
    """Whether the literal is a part of an argument which is not a script."""
    if spot.encodings or not _LISTED.search(spot.key):
        return False
    sheet = _sheet(File(spot.path, data))
    place = sheet.place(spot) if sheet else None
    return place is not None and around(place, data) is not None


def around(place: Place, data: bytes) -> tuple[bytes, bytes] | None:
    """What stands before and behind the literal in its argument; None when it is no part of one."""
    if len(place.path) < 2 or place.path[-2] not in _WORDS or not isinstance(place.path[-1], int):
        return None
    literal, span, value = place.spot.literal, place.node.span, place.node.value
    inner = data[slice(*span)]
    start, end = span
    if inner[:1] in (b"'", b'"') and inner[-1:] == inner[:1]:
        start, end = start + 1, end - 1
    before, after = data[start : literal.start], data[literal.end : end]
    if value != data[start:end] or not before + after or _SPACE.search(before + after) or _is_script(place):
        return None
    return before, after


def _is_script(place: Place) -> bool:
    """Whether the word before it says so; the arguments go on where the command ends."""
    at = place.path[-1]
    assert isinstance(at, int)
    words = place.steps[-1].holder.items[:at]
    if not words and place.path[-2] == "args":
        command = place.steps[-2].holder.get("command")
        words = command.items if command else []
    return bool(words) and _SCRIPT.fullmatch(words[-1].value) is not None


def name(place: Place, data: bytes) -> str:
    """A variable for it: `DB_PASSWORD` for `--db-password=x`; "" when it is no part of an argument."""
    found = around(place, data)
    if found is None:
        return ""
    named = _NAMED.search(found[0].decode("utf-8", "replace"))
    return (variable(named[1]) if named else "") or variable(place.spot.kind) or "SECRET_ARGUMENT"


def variable(said: str) -> str:
    """What is said as the name of a variable; "" when it cannot be one."""
    slug = _ODD.sub("_", said).strip("_").upper()
    return "" if slug[:1].isdigit() else slug


@lru_cache(maxsize=2)
def _sheet(file: File) -> Sheet | None:
    """Asked once a literal: the file is parsed once."""
    try:
        return Sheet(file)
    except Unparsed:
        return None
