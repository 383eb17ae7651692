"""Kubernetes: the value comes from the store by an operator, which makes the Secret that workloads refer to.

Syntax: external-secrets.io/latest/api/externalsecret, kubernetes.io/docs/concepts/configuration/secret.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from secretsweep.formats import Unparsed
from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import (
    File,
    Tree,
    _arguments,
    _configmaps,
    _existing,
    _generators,
    _mounts,
    _plainsecrets,
    _releases,
    _sealedsecrets,
    _sops_manifests,
    _synced,
    _workloads,
)
from secretsweep.writers._cluster import Cluster, cluster
from secretsweep.writers._manifests import Place, Sheet

FORMATS = ("kubernetes",)
PARTS = False
SEALS = (_sealedsecrets.STORE,)

_BY_HAND = "put the value into a Secret that an operator makes, and refer to that"


def hosts(spot: Spot, data: bytes) -> bool:
    """An argument with a value in it looks like a command line, and no shell reads it."""
    return _arguments.holds(spot, data)


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Every Secret and every workload is one change."""
    try:
        sheet = Sheet(file)
    except Unparsed:
        yield from (Refusal(spot, "the file does not parse, templates left out", _BY_HAND) for spot in spots)
        return
    around = cluster(tree)
    if spots and spots[0].reference.store in SEALS:
        yield from _sealedsecrets.rewrite(spots, sheet, tree, around)
        return
    spots = yield from _sops_manifests.left(spots, sheet, tree)
    groups: dict[tuple[int, str], list[Place]] = {}
    for spot in spots:
        place = sheet.place(spot)
        if why := _objection(spot, file, sheet) or ("" if place else "the literal is in no manifest"):
            yield Refusal(spot, why, _BY_HAND)
            continue
        assert place is not None
        sort = next((name for name, fits in _SORTS if fits(place)), "")
        if file.path in around.patches:
            yield Refusal(spot, "a patch: what it lays over has another structure", "refer to a Secret in the base")
        elif not sort:
            yield Refusal(spot, _unknown(place), _BY_HAND)
        else:
            groups.setdefault((id(place.manifest), sort), []).append(place)
    taken: set[str] = set()
    made = (_rewritten(sort, places, sheet, tree, around, taken) for (_, sort), places in groups.items())
    yield from _mounts.joined(result for results in made for result in results)


_SORTS = (
    ("secret", _plainsecrets.fits),
    ("workload", _workloads.fits),
    ("configmap", _configmaps.fits),
    ("generator", _generators.fits),
    ("release", _releases.fits),
    ("application", _existing.fits),
)


def _rewritten(
    sort: str, places: Sequence[Place], sheet: Sheet, tree: Tree, around: Cluster, taken: set[str]
) -> Iterator[Change | Refusal]:
    without = replace(around, classes=())  # pods that do not mount its volume get nothing of the CSI driver
    match sort:
        case "secret":
            return _plainsecrets.rewritten(places, sheet, tree, around)
        case "workload":
            return _workloads.rewritten(places, sheet, around, taken)
        case "configmap":
            return _configmaps.rewritten(places, sheet, tree, without)
        case "generator":
            return _generators.rewritten(places, sheet, tree, without)
        case "application":
            return _applied(places, sheet, tree, without)
        case _:
            return _releases.rewritten(places, sheet, without, taken)


def _applied(places: Sequence[Place], sheet: Sheet, tree: Tree, around: Cluster) -> Iterator[Change | Refusal]:
    """Values that Argo CD installs a chart with."""
    good = []
    for place in places:
        if why := place.objection() or ("the value is encoded" if place.spot.encodings else ""):
            yield Refusal(place.spot, why, _BY_HAND)
        else:
            good.append(place)
    left: list[Place] = []
    yield from _existing.application(good, sheet, tree, around, left) if good else ()
    yield from (Refusal(p.spot, "the chart is not known to take this value from a Secret", _BY_HAND) for p in left)


def _objection(spot: Spot, file: File, sheet: Sheet) -> str:
    """Why nothing in the file can be rewritten."""
    if not _synced.supported(spot.reference.store):
        return f"no operator is known that reads {spot.reference.store}"
    if len(spot.formats) > 1 and not _arguments.holds(spot, file.data):
        return f"inside a document of {spot.formats[-2]}"
    if sheet.json or file.path.endswith(".json"):
        return "the manifest is JSON"
    return ""


def _unknown(place: Place) -> str:
    kind = place.manifest.text("kind")
    where = ".".join(str(name) for name in place.path if isinstance(name, str))
    return f"nothing is known that refers to a Secret at {where}" + (f" of {kind}" if kind else "")
