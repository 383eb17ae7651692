"""Values of a chart that can take its passwords from a Secret: name that Secret, and let the operator make it.

Which keys the chart looks for, its templates say when they are here, or its values. Nothing is taken for granted.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import REVIEW, Addition, Change, Reference, Refusal
from secretsweep.writers import File, Tree, _charts, _operator, _uses, _ways
from secretsweep.writers._charts import Chart, Path
from secretsweep.writers._cluster import Cluster, manifests
from secretsweep.writers._declared import Declared
from secretsweep.writers._manifests import Place, Sheet
from secretsweep.writers._nodes import Node
from secretsweep.writers._settings import settled
from secretsweep.writers._synced import Wanted
from secretsweep.writers._uses import Installed
from secretsweep.writers._ways import Frame
from secretsweep.writers._workloads import apart

_HUMP = lazyre.compile(r"(?<=[a-z0-9])([A-Z])")
_ODD = lazyre.compile(r"[^a-z0-9]+")
_SECRET = lazyre.compile(r"existing|[sS]ecret$")
_WORD = lazyre.compile(r"[A-Za-z_]\w*")
_KEY = lazyre.compile(r"[-._a-zA-Z0-9]+")
_EMPTY = (b"", b"null", b"~")


def rewritten(
    places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster, left: list[Place]
) -> Iterator[Change | Refusal]:
    """One change for each Secret; places that no chart is known for go to `left`."""
    folder = _charts.of(sheet.path, tree)
    chart = _charts.read(folder, tree) if folder is not None and places else None
    values = _defaults(folder, sheet, tree) if folder is not None else list(sheet.roots)
    installed = list(_uses.below(folder, tree)) if folder is not None else _uses.of(sheet.path, tree)
    if not sheet.roots:
        left += places
        return
    frame = Frame(sheet.roots[0], 0, values, chart, installed, folder)
    yield from _grouped(places, frame, sheet, tree, cluster, left)


def fits(place: Place) -> bool:
    """Whether it is in the values of an application of Argo CD."""
    return place.manifest.text("kind") == "Application" and "valuesObject" in place.path


def application(
    places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster, left: list[Place]
) -> Iterator[Change | Refusal]:
    """The same for values in an application of Argo CD."""
    left += places
    for way, source in _uses.sources(places[0].manifest):
        root = source.get("helm", "valuesObject")
        inside = [p for p in places if root is not None and root.span.covers(p.spot.literal)]
        if root is None or not inside:
            continue
        installed = [Installed(source.text("chart"), source.text("repoURL"), ())]
        left[:] = [place for place in left if place not in inside]
        frame = Frame(root, len(way) + 2, [root], None, installed, None)
        yield from _grouped(inside, frame, sheet, tree, cluster, left)


def _grouped(
    places: Sequence[Place], frame: Frame, sheet: Sheet, tree: Tree, cluster: Cluster, left: list[Place]
) -> Iterator[Change | Refusal]:
    groups: dict[Path, tuple[Declared, list[Place]]] = {}
    for place in places:
        found = _ways.known(place, frame, tree)
        if found is None:
            left.append(place)
        else:
            groups.setdefault(found.switch, (found, []))[1].append(place)
    taken: set[str] = set()
    for found, group in groups.values():
        made = _made(found, group, frame, sheet, cluster, taken)
        if isinstance(made, str):
            yield from (Refusal(p.spot, made, "make the Secret by hand, and set its name here") for p in group)
        elif frame.folder is None:
            yield made
        else:
            paths = [tuple(map(str, place.path)) for place in group]
            yield replace(made, warnings=tuple(_overridden(found.switch, paths, frame.folder, sheet.path, tree)))


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
    found: Declared, places: Sequence[Place], frame: Frame, sheet: Sheet, cluster: Cluster, taken: set[str]
) -> Change | str:
    switch, chart = found.switch, frame.chart
    moved = {tuple(map(str, place.path[frame.skip :])): place.spot.reference for place in places}
    keys: dict[str, Reference] = {}
    others: dict[str, str] = {}
    for key in found.keys:
        if not _KEY.fullmatch(key.name):
            return "a key of the chart's Secret is made by a template"
        if key.value in moved:
            keys[key.name] = moved[key.value]
            continue
        node = next((node for root in frame.values if (node := root.get(*key.value)) is not None), None)
        said = node is not None and node.value not in _EMPTY
        if not said and (key.default is not None or not key.needed):
            others |= {} if key.default is None else {key.name: key.default}
            continue
        if not key.value or node is None or node.kind != "scalar" or b"{{" in node.value or not said:
            return f"the chart's Secret also has the key {key.name}, whose value is not in these values"
        others[key.name] = node.value.decode("utf-8", "replace")
    node = next((node for root in frame.values if (node := root.get(*switch)) is not None), None)
    if node is not None and node.value not in _EMPTY:
        return f"{'.'.join(switch)} names a Secret already: nothing reads this value"
    name = apart(_named(switch, chart, sheet, places[0]), cluster.names | taken)
    taken.add(name)
    wanted = Wanted(name, keys, others=others, renderer="helm" if chart else "", namespace=_namespace(places[0], frame))
    if why := _operator.objection(wanted, cluster):
        return why
    edits = [sheet.edit(place.node.span, '""') for place in places]
    settings = settled(frame.root, sheet, {switch: name, **dict(found.settings)})
    if settings is None:
        return f"something else stands at {'.'.join(switch)}"
    text = _operator.manifest(wanted, cluster)
    needs = _operator.needs(wanted, cluster)
    if chart:
        text = f"{_condition(switch, name)}\n{text}{{{{- end }}}}\n"
        path = posixpath.join(chart.folder, "templates", f"{name}-externalsecret.yaml")
    else:
        path = posixpath.join(posixpath.dirname(sheet.path), f"{name}-externalsecret.yaml")
        needs = (*needs, f"apply {path} in the namespace of the release, before the release")
    addition = Addition(path, text, "the manifest that makes the Secret")
    spots = tuple(place.spot for place in places)
    return Change(spots, (*edits, *settings), (addition,), REVIEW, needs)


def _namespace(place: Place, frame: Frame) -> str:
    """Where an application of Argo CD installs the chart."""
    return place.manifest.text("spec", "destination", "namespace") if frame.skip else ""


def _condition(switch: Path, name: str) -> str:
    """Only where the chart is told of this Secret. What is below another chart may not be there."""
    if all(_WORD.fullmatch(step) for step in switch) and len(switch) < 3:
        return f'{{{{- if eq (toString .Values.{".".join(switch)}) "{name}" }}}}'
    way = " ".join(f'"{step}"' for step in switch)
    return f'{{{{- if eq (toString (dig {way} "" .Values.AsMap)) "{name}" }}}}'


def _named(switch: Path, chart: Chart | None, sheet: Sheet, place: Place) -> str:
    """`shop-auth` for the values of `auth` in the chart shop; `shop-auth-prod` for those of `values-prod.yaml`."""
    path = sheet.path
    inside = posixpath.relpath(path, chart.folder or ".") if chart else posixpath.basename(path)
    stem = posixpath.splitext(inside)[0].replace("values", "")
    above = posixpath.basename(posixpath.dirname(path)).removeprefix("values")
    if place.manifest.get("apiVersion") is not None:  # an application of Argo CD
        stem, above = "", place.manifest.text("metadata", "name")
    steps = [_HUMP.sub(r"-\1", _SECRET.sub("", name)) for name in switch[:-1]]
    said = [step for step in steps if step and step != (chart.name if chart else above)] or ["secrets"]
    parts = [chart.name if chart else above, *said, *stem.split("/")]
    return "-".join(slug for part in parts if (slug := _ODD.sub("-", part.lower()).strip("-")))[:200]
