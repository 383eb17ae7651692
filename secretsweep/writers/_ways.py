"""How a chart takes one of its values from a Secret: as its templates say, as its values say, or as is known of it."""

from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.writers import Tree, _charts, _known
from secretsweep.writers._charts import Chart, Key, Path
from secretsweep.writers._declared import Declared, declared
from secretsweep.writers._manifests import Place
from secretsweep.writers._nodes import Node
from secretsweep.writers._uses import Installed

_HUMP = lazyre.compile(r"(?<=[a-z0-9])([A-Z])")
_ODD = lazyre.compile(r"[^a-z0-9]+")


class Frame(NamedTuple):
    """Values that places stand in."""

    root: Node
    skip: int  # how many steps lead to it
    values: list[Node]  # those that count, its own first
    chart: Chart | None
    installed: list[Installed]
    folder: str | None  # of the chart


def known(place: Place, frame: Frame, tree: Tree) -> Declared | None:
    """How a Secret is named for the value: by the templates of the chart, by the values themselves, or as is known."""
    steps = place.path[frame.skip :]
    if not all(isinstance(name, str) for name in steps):
        return None
    path, chart = tuple(map(str, steps)), frame.chart
    switch = _charts.nearest(path, chart.switches) if chart else None
    holding = [keys for keys in chart.secrets if any(key.value == path for key in keys)] if chart else []
    if switch and len(holding) == 1:
        return Declared(switch, holding[0])
    told = _chosen(path, chart, (), frame.values) if chart else None
    for one in frame.installed if told is None else ():
        if path[: len(one.prefix)] == one.prefix:
            below = _charts.read(one.folder, tree) if one.folder else None
            told = _chosen(path, below, one.prefix, frame.values) if below else None
            told = told or (None if len(set(frame.installed)) > 1 and not one.prefix else _table(path, one, frame))
    return told or declared(frame.root, path)


def _table(path: Path, one: Installed, frame: Frame) -> Declared | None:
    return _known.known(one.name, one.repository, one.prefix, path, frame.values)


def _chosen(path: Path, chart: Chart | None, prefix: Path, values: list[Node]) -> Declared | None:
    """As the conditions of the chart's templates say."""
    for value, name, key in chart.choices if chart else ():
        if (*prefix, *value) == path:
            given = _known.text((*prefix, *key), values)
            called = given or _ODD.sub("-", _HUMP.sub(r"-\1", path[-1]).lower()).strip("-")
            return Declared((*prefix, *name), (Key(called, path),), () if given else (((*prefix, *key), called),))
    return None
