"""Helm charts: templates are manifests, and values name a Secret where the chart has a value for its name.

Syntax: helm.sh/docs/chart_template_guide, github.com/helmfile/vals (`ref+…`), argocd-vault-plugin.readthedocs.io.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import Change, Edit, FileEdit, Refusal, Spot
from secretsweep.writers import File, Tree, _existing, _sops, _synced, kubernetes
from secretsweep.writers._cluster import Cluster, cluster
from secretsweep.writers._literal import is_scalar, quoted
from secretsweep.writers._manifests import Place, Sheet
from secretsweep.writers._vals import uri

FORMATS = ("helm",)
PARTS = False

_VALUES = lazyre.compile(r"(?:^|/)[\w.-]*values[\w.-]*\.ya?ml(?:\.gotmpl)?$")
_TEMPLATE = lazyre.compile(r"(?:^|/)templates/(?:.*/)?[^/]+$")
_HELMFILE = lazyre.compile(r"(?:^|/)helmfile(?:\.ya?ml(?:\.gotmpl)?$|\.d/)")
_INSTEAD = (
    "give the chart a value for the name of a Secret, or use helmfile with vals, "
    "or hand the value over with --set-string from a secret of CI"
)
_BY_HAND = (
    "with helm-secrets, move it to a values file that sops has encrypted as a whole (helm … -f secrets://FILE); "
    "with helmfile, name it as ref+sops://FILE#/KEY"
)


def hosts(spot: Spot, data: bytes) -> bool:
    """What a manifest holds, a template of one does."""
    return _is_template(spot.path) and kubernetes.hosts(spot, data)


def _is_template(path: str) -> bool:
    return _TEMPLATE.search(path) is not None or not _VALUES.search(path)


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Templates as manifests; values by what the chart or the tree can resolve."""
    if _is_template(file.path):
        yield from kubernetes.rewrite(spots, file, tree)
        return
    try:
        sheet = Sheet(file)
    except Unparsed:
        yield from (Refusal(spot, "the file does not parse", _INSTEAD) for spot in spots)
        return
    around = cluster(tree)
    places: list[Place] = []
    for spot in spots:
        place = sheet.place(spot)
        if why := _objection(spot, place):
            yield Refusal(spot, why, _INSTEAD)
        elif spot.reference.store == _sops.STORE:
            assert place is not None
            yield _resolved(place, file, tree, around)
        else:
            assert place is not None
            places.append(place)
    left: list[Place] = []
    yield from _existing.rewritten(places, sheet, tree, replace(around, classes=()), left)
    for place in left:
        yield _resolved(place, file, tree, around)


def _objection(spot: Spot, place: Place | None) -> str:
    if not _synced.supported(spot.reference.store) and spot.reference.store != _sops.STORE:
        return f"nothing is known that reads {spot.reference.store} for a chart"
    if len(spot.formats) > 1:
        return f"inside a document of {spot.formats[-2]}"
    if place is None:
        return "the literal is not understood"
    return place.objection() or ("the value is encoded" if spot.encodings else "")


def _resolved(place: Place, file: File, tree: Tree, around: Cluster) -> Change | Refusal:
    """A reference that something resolves before Helm sees it; only where the tree has it already."""
    spot = place.spot
    helmfiles = {posixpath.dirname(path) for path in tree.paths() if _HELMFILE.search(path)}
    told = uri(spot.reference, *sorted(helmfiles)) if len(helmfiles) == 1 else uri(spot.reference)
    if spot.reference.store == _sops.STORE and len(helmfiles) > 1:
        return Refusal(spot, "helmfiles are in several folders, and the file's path counts from theirs", _BY_HAND)
    if told and is_scalar(spot) and helmfiles:
        edit = FileEdit(file.path, Edit(quoted(file.data, spot), f'"{told}"'.encode()))
        key = "give helmfile a key for the file where it runs (SOPS_AGE_KEY_FILE, or a login of its KMS)"
        need = key if spot.reference.store == _sops.STORE else "let helmfile log in to the store where it runs"
        return Change((spot,), (edit,), needs=(need,))
    if around.vault_plugin and spot.reference.store == "vault" and is_scalar(spot):
        where = spot.reference
        data = "data/" if where.version == 2 else ""
        text = f'"<path:{where.mount}/{data}{where.path}#{where.field}>"'
        edit = FileEdit(file.path, Edit(quoted(file.data, spot), text.encode()))
        return Change((spot,), (edit,), needs=("let argocd-vault-plugin read the value where Argo CD renders",))
    if spot.reference.store == _sops.STORE:
        return Refusal(spot, "nothing here decrypts a file of sops for Helm", _BY_HAND)
    return Refusal(spot, "the chart is not known to take this value from a Secret", _INSTEAD)
