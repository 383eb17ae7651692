"""Flux: a release takes a value from a Secret by `valuesFrom`, and not from its own manifest.

Syntax: fluxcd.io/flux/components/helm/helmreleases (`valuesFrom`, `targetPath`). A value there is read like one of
`--set`, so that only values without meaning to that are moved.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, Reference, Refusal, Span
from secretsweep.writers import _operator
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._manifests import Place, Sheet, merged
from secretsweep.writers._synced import Wanted
from secretsweep.writers._workloads import apart

_PLAIN = lazyre.compile(rb"(?=[^\s]*[A-Za-z])[A-Za-z0-9_!@#%^&*()+=:;?/.~|<>$-]{4,}")
_TYPED = lazyre.compile(rb"(?i)true|false|null|0x[0-9a-f]+|[-+]?[0-9][0-9_.]*(?:e[-+]?[0-9]+)?")
_STEP = lazyre.compile(r"[A-Za-z_][\w-]*")
_INSTEAD = "keep the release's values in a Secret, and name it under valuesFrom"


def fits(place: Place) -> bool:
    version = place.manifest.text("apiVersion")
    return place.path[:2] == ("spec", "values") and version.startswith("helm.toolkit.fluxcd.io/")


def rewritten(places: Sequence[Place], sheet: Sheet, cluster: Cluster, taken: set[str]) -> Iterator[Change | Refusal]:
    """All credentials of one release, as one change."""
    good = []
    for place in places:
        if why := _objection(place, sheet):
            yield Refusal(place.spot, why, _INSTEAD)
        else:
            good.append(place)
    if good:
        made = _made(good, sheet, cluster, taken)
        if isinstance(made, str):
            yield from (Refusal(place.spot, made, _INSTEAD) for place in good)
        else:
            yield made


def _objection(place: Place, sheet: Sheet) -> str:
    if why := place.objection() or ("the value is encoded" if place.spot.encodings else ""):
        return why
    if not all(isinstance(name, str) and _STEP.fullmatch(name) for name in place.path):
        return "valuesFrom has no way to say this place"
    value = place.node.value
    if not _PLAIN.fullmatch(value) or _TYPED.fullmatch(value):
        return "valuesFrom would read the value otherwise: commas, braces and numbers mean something there"
    return "" if _lines(place, places_gone={id(place.node)}, sheet=sheet) else "the values are written on one line"


def _lines(place: Place, places_gone: set[int], sheet: Sheet) -> Span | None:
    """The lines of the value, and of mappings that would be empty without it: an empty one would hide defaults."""
    going = place.steps[-1]
    for step in reversed(place.steps[2:-1]):
        if any(id(value) not in places_gone for _, value in step.node.entries):
            break
        places_gone.add(id(step.node))
        going = step
    if going.key is None or going.holder.flow:
        return None
    return sheet.lines(going.key, going.node)


def _made(places: Sequence[Place], sheet: Sheet, cluster: Cluster, taken: set[str]) -> Change | str:
    manifest = places[0].manifest
    name = sheet.raw(manifest.get("metadata", "name"))
    values = manifest.entry("spec")[1].entry("values")  # type: ignore[index]  # the places are in it
    if not name or values is None:
        return "the manifest has no name"
    keys: dict[str, Reference] = {}
    targets: dict[str, str] = {}
    for place in places:
        said = [str(step) for step in place.path[2:]]
        keys["-".join(said)] = place.spot.reference
        targets["-".join(said)] = ".".join(said)
    if len(keys) < len(places):
        return "two values would have one key"
    secret = apart(f"{name}-values", cluster.names | taken)
    taken.add(secret)
    metadata = manifest.get("metadata")
    assert metadata is not None
    namespace, labels = sheet.raw(metadata.get("namespace")), sheet.block(metadata, ("labels",))
    wanted = Wanted(
        secret,
        keys,
        namespace,
        labels,
        renderer=cluster.renderer(sheet.path, sheet.templated),
        quote=sheet.quote(metadata),
    )
    if why := _operator.objection(wanted, cluster):
        return why
    gone = {id(place.node) for place in places}
    spans = [span for place in places if (span := _lines(place, gone, sheet))]
    edits = [sheet.edit(span, "") for span in merged(spans)]
    if len(spans) < len(places):
        return "the values are written on one line"
    if not all(id(value) in gone for _, value in values[1].entries):
        pass
    elif (whole := sheet.lines(*values)) is not None:
        edits = [sheet.edit(whole, "")]
    spec = manifest.entry("spec")
    assert spec is not None
    listed = spec[1].entry("valuesFrom")
    column = sheet.column(values[0].span.start)
    if listed and (listed[1].flow or listed[1].marked or not listed[1].items):
        return "valuesFrom is written on one line"
    if listed:
        column = sheet.column(sheet.data.rfind(b"-", 0, listed[1].items[0].span.start)) - 2
    pad = " " * (column + 2)
    called = wanted.spelled(secret)
    text = "".join(
        f"{pad}- kind: Secret\n{pad}  name: {called}\n{pad}  valuesKey: {key}\n{pad}  targetPath: {target}\n"
        for key, target in targets.items()
    )
    if listed:
        end = sheet.line(listed[1].span.end).end
        edits.append(sheet.edit(Span(end, end), text))
    else:
        start = sheet.line(values[0].span.start).start
        edits.append(sheet.edit(Span(start, start), " " * column + "valuesFrom:\n" + text))
    beside, additions = sheet.beside(places[0].root, _operator.manifest(wanted, cluster))
    spots = tuple(place.spot for place in places)
    return Change(spots, (*edits, *beside), additions, REVIEW, _operator.needs(wanted, cluster))
