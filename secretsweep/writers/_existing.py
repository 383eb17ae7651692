"""Values of a chart that can take its passwords from a Secret: name that Secret, and let the operator make it.

Only for a chart whose templates are here: they say which keys it looks for. Nothing is taken for granted of others.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import REVIEW, Addition, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import File, Tree, _charts, _operator
from secretsweep.writers._charts import Chart, Path
from secretsweep.writers._cluster import Cluster, manifests
from secretsweep.writers._manifests import Place, Sheet
from secretsweep.writers._nodes import Node
from secretsweep.writers._synced import Wanted
from secretsweep.writers._workloads import apart

_ODD = lazyre.compile(r"[^a-z0-9]+")
_KEY = lazyre.compile(r"[-._a-zA-Z0-9]+")
_EMPTY = (b"", b"null", b"~")


def rewritten(
    places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster, left: list[Place]
) -> Iterator[Change | Refusal]:
    """One change for each Secret; places that no chart is known for go to `left`."""
    folder = _charts.of(sheet.path, tree)
    if folder is None or not places:
        left += places
        return
    chart = _charts.read(folder, tree)
    values = _defaults(folder, sheet, tree)
    groups: dict[Path, list[Place]] = {}
    for place in places:
        path = tuple(map(str, place.path))
        switch = None if any(isinstance(name, int) for name in place.path) else _charts.nearest(path, chart.switches)
        if switch is None or not any(key.value == path for keys in chart.secrets for key in keys):
            left.append(place)
        else:
            groups.setdefault(switch, []).append(place)
    for switch, group in groups.items():
        made = _made(switch, group, chart, values, sheet, cluster)
        if isinstance(made, Change):
            paths = [tuple(map(str, place.path)) for place in group]
            made = replace(made, warnings=tuple(_overridden(switch, paths, folder, sheet.path, tree)))
        if isinstance(made, str):
            yield from (Refusal(p.spot, made, "make the Secret by hand, and set its name here") for p in group)
        else:
            yield made


def _defaults(folder: str, sheet: Sheet, tree: Tree) -> list[Node]:
    """The values that count, those of the file first."""
    found = list(sheet.roots)
    path = posixpath.join(folder, "values.yaml")
    if path != sheet.path and (data := tree.read(path)):
        try:
            found += Sheet(File(path, data)).roots
        except Unparsed:
            return found
    return found


def _overridden(switch: Path, paths: Sequence[Path], folder: str, path: str, tree: Tree) -> Iterator[str]:
    """Other values files of the chart, when this one has the defaults that they override."""
    if path != posixpath.join(folder, "values.yaml"):
        return
    for other in tree.paths():
        if other == path or not other.startswith(folder) or "values" not in posixpath.basename(other):
            continue
        for root in manifests(tree.read(other) or b""):
            if root.get(*switch) is None and any(node.value for p in paths if (node := root.get(*p))):
                yield f"{other} has values of its own, which nothing reads until it sets {'.'.join(switch)}"


def _made(
    switch: Path, places: Sequence[Place], chart: Chart, values: Sequence[Node], sheet: Sheet, cluster: Cluster
) -> Change | str:
    moved = {tuple(map(str, place.path)): place.spot.reference for place in places}
    secrets = [keys for keys in chart.secrets if any(key.value in moved for key in keys)]
    if len(secrets) > 1:
        return "the chart makes several Secrets of these values"
    keys: dict[str, Reference] = {}
    others: dict[str, str] = {}
    for key in secrets[0]:
        if not _KEY.fullmatch(key.name):
            return "a key of the chart's Secret is made by a template"
        if key.value in moved:
            keys[key.name] = moved[key.value]
            continue
        node = next((node for root in values if (node := root.get(*key.value)) is not None), None)
        if not key.value or node is None or node.kind != "scalar" or b"{{" in node.value:
            return f"the chart's Secret also has the key {key.name}, whose value is not in these values"
        others[key.name] = node.value.decode("utf-8", "replace")
    node = next((node for root in values if (node := root.get(*switch)) is not None), None)
    if node is not None and node.value not in _EMPTY:
        return f"{'.'.join(switch)} names a Secret already: nothing reads this value"
    name = apart(_named(switch, chart, sheet.path), cluster.names)
    wanted = Wanted(name, keys, others=others, templated=True)
    if why := _operator.objection(wanted, cluster):
        return why
    edits = [sheet.edit(place.node.span, '""') for place in places]
    edits.append(_switched(switch, name, places[0], sheet))
    condition = f'{{{{- if eq (toString .Values.{".".join(switch)}) "{name}" }}}}'
    text = f"{condition}\n{_operator.manifest(wanted, cluster)}{{{{- end }}}}\n"
    path = posixpath.join(chart.folder, "templates", f"{name}-externalsecret.yaml")
    addition = Addition(path, text, "the manifest that makes the Secret")
    spots = tuple(place.spot for place in places)
    return Change(spots, tuple(edits), (addition,), REVIEW, _operator.needs(wanted, cluster))


def _named(switch: Path, chart: Chart, path: str) -> str:
    """`shop-auth` for the values of `auth` in the chart shop; `shop-auth-prod` for those of `values-prod.yaml`."""
    inside = posixpath.relpath(path, chart.folder or ".")
    stem = posixpath.splitext(inside)[0].replace("values", "")
    parts = [chart.name, *(switch[:-1] or ("secrets",)), *stem.split("/")]
    return "-".join(slug for part in parts if (slug := _ODD.sub("-", part.lower()).strip("-")))[:200]


def _switched(switch: Path, name: str, place: Place, sheet: Sheet) -> FileEdit:
    """The name of the Secret: where the file has the value, else beside the first password."""
    holder: Node | None = sheet.roots[0].get(*switch[:-1]) if switch[:-1] else sheet.roots[0]
    assert holder is not None
    entry = holder.entry(switch[-1])
    if entry is not None:
        at = entry[0].span.end
        colon = sheet.data.find(b":", at) + 1
        if entry[1].span.end > entry[1].span.start:
            return sheet.edit(entry[1].span, name)
        return sheet.edit(Span(colon, colon), f" {name}")
    first = holder.entries[0][0]
    gap = ", " if holder.flow else "\n" + " " * sheet.column(first.span.start)
    return sheet.edit(Span(first.span.start, first.span.start), f"{switch[-1]}: {name}{gap}")
