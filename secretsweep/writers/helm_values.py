"""Values of a chart that hold manifests, or speak of them, and so are taken for manifests: each place as what it is."""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree, helm, kubernetes
from secretsweep.writers._manifests import Sheet

FORMATS = ("kubernetes",)
PATHS = lazyre.compile(r"(?:^|/)[\w.-]*values[\w.-]*\.ya?ml(?:\.gotmpl)?$")
PARTS = False
SEALS = kubernetes.SEALS

hosts = kubernetes.hosts


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Manifests as such; where one more would be needed, a file of values is no place for it."""
    if spots and spots[0].reference.store in SEALS:
        yield from kubernetes.rewrite(spots, file, tree)
        return
    try:
        sheet = Sheet(file)
    except Unparsed:
        yield from kubernetes.rewrite(spots, file, tree)
        return
    inside: list[Spot] = []
    values: list[Spot] = []
    for spot in spots:
        place = sheet.place(spot)
        is_manifest = place is not None and all(place.manifest.get(name) is not None for name in ("apiVersion", "kind"))
        (inside if is_manifest else values).append(spot)
    yield from helm.rewrite(values, file, tree) if values else ()
    alone = bool(sheet.roots) and sheet.roots[0].get("apiVersion") is not None
    for result in kubernetes.rewrite(inside, file, tree) if inside else ():
        if isinstance(result, Change) and not alone and any(a.path == file.path for a in result.additions):
            why = "the manifest stands in values, and another one would be needed beside it"
            yield from (Refusal(spot, why, "write it by hand among the chart's templates") for spot in result.spots)
        else:
            yield result
