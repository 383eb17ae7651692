"""Values of a chart that can take its passwords from a Secret: name that Secret, and let the operator make it.

Which keys the chart looks for, its templates say when they are here, or its values. Nothing is taken for granted.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import REVIEW, Addition, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import File, Tree, _charts, _operator
from secretsweep.writers._charts import NAMES_SECRET, Chart, Key, Path
from secretsweep.writers._cluster import Cluster, manifests
from secretsweep.writers._declared import Declared, declared
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
    chart = _charts.read(folder, tree) if folder is not None and places else None
    values = _defaults(folder, sheet, tree) if folder is not None else list(sheet.roots)
    groups: dict[Path, tuple[tuple[Key, ...], list[Place]]] = {}
    for place in places:
        found = _known(place, chart, sheet)
        if found is None:
            left.append(place)
        else:
            groups.setdefault(found.switch, (found.keys, []))[1].append(place)
    for switch, (keys, group) in groups.items():
        made = _made(switch, keys, group, chart, values, sheet, cluster)
        if isinstance(made, str):
            yield from (Refusal(p.spot, made, "make the Secret by hand, and set its name here") for p in group)
            continue
        paths = [tuple(map(str, place.path)) for place in group]
        warnings = _overridden(switch, paths, folder, sheet.path, tree) if folder is not None else ()
        yield replace(made, warnings=tuple(warnings))


def _known(place: Place, chart: Chart | None, sheet: Sheet) -> Declared | None:
    """How a Secret is named for the value: by the templates of the chart, or by the values themselves."""
    if not all(isinstance(name, str) for name in place.path):
        return None
    path = tuple(map(str, place.path))
    switch = _charts.nearest(path, chart.switches) if chart else None
    holding = [keys for keys in chart.secrets if any(key.value == path for key in keys)] if chart else []
    if switch and len(holding) == 1:
        return Declared(switch, holding[0])
    return declared(sheet.roots[0], path)


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
    switch: Path,
    secret: Sequence[Key],
    places: Sequence[Place],
    chart: Chart | None,
    values: Sequence[Node],
    sheet: Sheet,
    cluster: Cluster,
) -> Change | str:
    moved = {tuple(map(str, place.path)): place.spot.reference for place in places}
    keys: dict[str, Reference] = {}
    others: dict[str, str] = {}
    for key in secret:
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
    wanted = Wanted(name, keys, others=others, renderer="helm" if chart else "")
    if why := _operator.objection(wanted, cluster):
        return why
    edits = [sheet.edit(place.node.span, '""') for place in places]
    edits.append(_switched(switch, name, places[0], sheet))
    text = _operator.manifest(wanted, cluster)
    needs = _operator.needs(wanted, cluster)
    if chart:
        condition = f'{{{{- if eq (toString .Values.{".".join(switch)}) "{name}" }}}}'
        text = f"{condition}\n{text}{{{{- end }}}}\n"
        path = posixpath.join(chart.folder, "templates", f"{name}-externalsecret.yaml")
    else:
        path = posixpath.join(posixpath.dirname(sheet.path), f"{name}-externalsecret.yaml")
        needs = (*needs, f"apply {path} in the namespace of the release, before the release")
    addition = Addition(path, text, "the manifest that makes the Secret")
    spots = tuple(place.spot for place in places)
    return Change(spots, tuple(edits), (addition,), REVIEW, needs)


def _named(switch: Path, chart: Chart | None, path: str) -> str:
    """`shop-auth` for the values of `auth` in the chart shop; `shop-auth-prod` for those of `values-prod.yaml`."""
    inside = posixpath.relpath(path, chart.folder or ".") if chart else posixpath.basename(path)
    stem = posixpath.splitext(inside)[0].replace("values", "")
    said = [name for name in switch[:-1] if not NAMES_SECRET.fullmatch(name)] or ["secrets"]
    parts = [chart.name if chart else posixpath.basename(posixpath.dirname(path)), *said, *stem.split("/")]
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
