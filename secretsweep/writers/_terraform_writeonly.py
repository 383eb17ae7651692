"""Which arguments of a provider are never kept in the state: looked up in its schema, never guessed.

The table beside this file is made by scripts/schemas/writeonly.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Twin(NamedTuple):
    """The argument that takes the same value and does not keep it, and the one that says when it changed."""

    name: str
    counter: str | None


@cache
def _table() -> dict[str, Any]:
    text = files(__package__ or "").joinpath("_terraform_writeonly.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def twin(resource: str, blocks: Sequence[str], argument: str) -> Twin | None:
    """The write-only argument of a resource for a plain one, in blocks nested so."""
    found = _table()["resources"].get(resource, {}).get(".".join((*blocks, argument)))
    return Twin(*found) if found else None


def is_write_only(resource: str, blocks: Sequence[str], argument: str) -> bool:
    """Whether it is such an argument itself."""
    before = ".".join((*blocks, ""))
    pairs = _table()["resources"].get(resource, {})
    return any(plain.startswith(before) and name == argument for plain, (name, _) in pairs.items())


def ephemerals() -> frozenset[str]:
    """Types of ephemeral blocks that read a store."""
    return frozenset(_table()["ephemeral"])


def made_from(provider: str) -> str:
    """The version of a provider that the table was made from."""
    return str(_table()["versions"].get(provider, ""))
