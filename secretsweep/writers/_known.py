"""Well-known charts that take their passwords from a Secret: which value names it, and which keys they look for there.

From the charts' own templates and values: github.com/{prometheus-community,grafana,argoproj}/*helm*, bitnami/charts,
oauth2-proxy/manifests, jenkinsci/helm-charts, DataDog/helm-charts. A chart is known by its name and its repository.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from secretsweep.writers._charts import Key, Path
from secretsweep.writers._declared import Declared
from secretsweep.writers._nodes import Node

_EMPTY = (b"", b"null", b"~", b"false")


@cache
def _table() -> dict[str, Any]:
    text = files(__package__).joinpath("_known_charts.json").read_text()
    return dict(json.loads(text))


def known(name: str, repository: str, prefix: Path, path: Path, values: list[Node]) -> Declared | None:
    """How the chart takes the value at a path, in values where its own ones stand below a prefix."""
    chart = _table().get(name)
    where = repository.partition("://")[2] or repository
    if chart is None or not any(where == one or where.startswith(f"{one}/") for one in chart["from"]):
        return None
    for secret in chart["secrets"]:
        if any((*prefix, *_path(key["value"])) == path for key in secret["keys"]):
            made = [_key(key, prefix, values) for key in secret["keys"]]
            keys = tuple(key for key, _ in made)
            settings = tuple(setting for _, more in made for setting in more)
            return Declared((*prefix, *_path(secret["switch"])), keys, settings)
    return None


def _key(told: dict[str, Any], prefix: Path, values: list[Node]) -> tuple[Key, tuple[tuple[Path, str], ...]]:
    name = str(told["name"])
    settings: tuple[tuple[Path, str], ...] = ()
    if said := told.get("said"):
        where = (*prefix, *_path(said))
        if given := text(where, values):
            name = given
        elif told.get("write"):
            settings = ((where, name),)
    when, _, is_said = told.get("when", "").partition("=")
    got = text((*prefix, *_path(when)), values) if when else "true"
    needed = got == is_said if is_said else bool(got)
    return Key(name, (*prefix, *_path(told["value"])), told.get("default"), needed), settings


def text(path: Path, values: list[Node]) -> str:
    """A scalar of the first values that say it; "" when none does."""
    node = next((node for root in values if (node := root.get(*path)) is not None), None)
    if node is None or node.kind != "scalar" or node.value in _EMPTY:
        return ""
    return node.value.decode("utf-8", "replace")


def _path(dotted: str) -> Path:
    return tuple(dotted.split("."))
