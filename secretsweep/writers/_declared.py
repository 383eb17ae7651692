"""Values that say themselves how a chart takes a password from a Secret: its name, and the key for each password.

As grafana does (`admin: {existingSecret: "", userKey: admin-user, passwordKey: admin-password}` beside `adminPassword`)
or many of Bitnami's charts (`auth: {password, existingSecret, existingSecretPasswordKey}`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.writers._charts import NAMES_SECRET, Key, Path
from secretsweep.writers._nodes import Node

_HEADS = lazyre.compile(r"[A-Z]")
_BELOW = ("secretKeys", "existingSecretKeys")


class Declared(NamedTuple):
    """The value that names the Secret, and what must be in that."""

    switch: Path
    keys: tuple[Key, ...]
    settings: tuple[tuple[Path, str], ...] = ()  # what else must be said


def declared(root: Node, path: Path) -> Declared | None:
    """What a values file says about one of its passwords."""
    parent = root.get(*path[:-1]) if path[:-1] else root
    if parent is None:
        return None
    for where, field in _places(path):
        holder = root.get(*where) if where else root
        found = _switch(holder, field) if holder is not None and holder.kind == "mapping" else None
        if holder is None or found is None:
            continue
        keys = tuple(_keys(holder, parent, where, path))
        if any(key.value == path for key in keys) and all(key.value for key in keys):
            return Declared((*where, *found), keys)
    return None


def _places(path: Path) -> Iterator[tuple[Path, str]]:
    """Mappings that may say it, and what the password is called there: `adminPassword` is `password` of `admin`."""
    yield path[:-1], path[-1]
    for split in _HEADS.finditer(path[-1]):
        if at := split.start():
            yield (*path[:-1], path[-1][:at]), path[-1][at].lower() + path[-1][at + 1 :]


def _switch(holder: Node, field: str) -> Path | None:
    for key, value in holder.entries:
        name = key.value.decode("utf-8", "replace")
        if not NAMES_SECRET.fullmatch(name) and name != f"{field}Secret":
            continue
        if value.kind == "scalar":
            return (name,)
        if value.kind == "mapping" and value.get("name") is not None:
            return (name, "name")
    return None


def _keys(holder: Node, parent: Node, where: Path, path: Path) -> Iterator[Key]:
    """Every `…Key` of the mapping with the value that it is about; one without a value is about nothing known."""
    inner = [node for name in _BELOW if (node := holder.get(name)) is not None]
    inner += [
        v for k, v in holder.entries if v.kind == "mapping" and v.get("name") is not None and b"Secret" in k.value
    ]
    for node in (holder, *inner):
        for key, value in node.entries:
            name = key.value.decode("utf-8", "replace")
            if name.endswith("Key") and value.kind == "scalar" and value.value:
                stem = name.removeprefix("existingSecret").removesuffix("Key").removesuffix("Secret")
                yield Key(value.value.decode("utf-8", "replace"), _about(stem, holder, parent, where, path))


def _about(stem: str, holder: Node, parent: Node, where: Path, path: Path) -> Path:
    own = stem[:1].lower() + stem[1:]
    if holder.get(own) is not None:
        return (*where, own)
    if holder is not parent:
        other = where[-1] + stem[:1].upper() + stem[1:]
        if parent.get(other) is not None:
            return (*path[:-1], other)
    return ()
