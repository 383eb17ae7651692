"""A Secret becomes a SealedSecret: all of its keys as ciphertexts, the rest as the template of what it was.

Syntax: github.com/bitnami-labs/sealed-secrets, README ("Overview", "Scopes", "Managing existing secrets") and the
definition of its objects, bitnami.com/v1alpha1.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.formats import _secrets
from secretsweep.model import REVIEW, Change, Refusal, Seal, Secret, Spot
from secretsweep.writers import Tree, _overlays, _sealedtext
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node

STORE = "sealed-secrets"
_SCOPES = "sealedsecrets.bitnami.com/"
_KEY = lazyre.compile(r"[-._a-zA-Z0-9]+")
_NAME = lazyre.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_KNOWN = ("apiVersion", "kind", "metadata", "type", "immutable", *_sealedtext.HOLDERS)
_BY_HAND = "make the SealedSecret with kubeseal"
_INTO = "put the value into a Secret manifest of its own, refer to that, and remediate again"


class Refused(Exception):
    """Why a manifest cannot be sealed."""


def rewrite(spots: Sequence[Spot], sheet: Sheet, tree: Tree, cluster: Cluster) -> Iterator[Change | Refusal]:
    """Every Secret is one change, with all of its keys."""
    groups: dict[int, tuple[Node, list[Spot]]] = {}
    for spot in spots:
        manifest = _manifest(spot, sheet)
        if sheet.path in cluster.patches:
            yield Refusal(spot, "a patch: what it lays over has another structure", "seal the Secret of the base")
        elif manifest is None:
            yield Refusal(spot, "it is in no manifest (a comment?)", _INTO)
        elif manifest.text("kind") != "Secret":
            kind = manifest.text("kind")
            yield Refusal(spot, f"the controller makes Secrets alone, and this is {_an(kind)}", _INTO)
        elif not _among(spot, manifest):
            yield Refusal(spot, "it is not among the Secret's values", "replace it by hand")
        else:
            groups.setdefault(id(manifest), (manifest, []))[1].append(spot)
    for manifest, own in groups.values():
        try:
            yield _changed(manifest, own, sheet, tree, cluster)
        except Refused as why:
            yield from (Refusal(spot, str(why), _BY_HAND) for spot in own)


def _an(kind: str) -> str:
    return f"{'an' if kind[:1] in 'AEIOU' else 'a'} {kind}" if kind else "something else"


def _manifest(spot: Spot, sheet: Sheet) -> Node | None:
    """The manifest around a credential, whatever of it is a literal."""
    place = sheet.place(spot._replace(literal=spot.span))
    return place.manifest if place else None


def _among(spot: Spot, manifest: Node) -> bool:
    holders = [node for name in _sealedtext.HOLDERS if (node := manifest.get(name))]
    return any(value.span.covers(spot.span) for holder in holders for _, value in holder.entries)


def _changed(manifest: Node, spots: Sequence[Spot], sheet: Sheet, tree: Tree, cluster: Cluster) -> Change:
    holders = [entry for name in _sealedtext.HOLDERS if (entry := manifest.entry(name)) and entry[1].entries]
    holders.sort(key=lambda entry: -len(entry[1].entries))  # the others move to the longest one
    label = _label(manifest, sheet, tree, cluster)
    _check(manifest, holders, sheet)
    seals = {
        sheet.raw(key): Seal(f"<ciphertext of {sheet.raw(key)}>", _value(holder.text(), sheet.raw(key), value), label)
        for holder, values in holders
        for key, value in values.entries
    }
    name, spans = manifest.text("metadata", "name"), [spot.span for spot in spots]
    needs = [
        f"delete the Secret {name} from the cluster, where it is, or annotate it with {_SCOPES}managed=true: the "
        "controller does not take over a Secret that it did not make"
    ]
    if not cluster.sealed_secrets:
        needs.insert(0, "install the Sealed Secrets controller: nothing in this tree says that the cluster has it")
    try:
        edits = tuple(_sealedtext.edits(manifest, holders, seals, sheet))
    except _sealedtext.Crowded:
        raise Refused("the manifest begins in the middle of a line") from None
    own = {sheet.raw(key) for _, values in holders for key, v in values.entries if any(map(v.span.covers, spans))}
    warnings = ["the key that opens it is in the cluster alone: back it up, or the values are lost with it"]
    if others := [key for key in seals if key not in own]:
        warnings.append(f"all keys of a Secret go together: {', '.join(others)} of {name} too")
    return Change(
        tuple(spots),
        edits,
        disposition=REVIEW,
        needs=tuple(needs),
        warnings=tuple(warnings),
        seals=tuple(seals.values()),
    )


def _label(manifest: Node, sheet: Sheet, tree: Tree, cluster: Cluster) -> str:
    """What the ciphertexts are bound to, by the scope that annotations say; elsewhere they cannot be opened."""
    if sheet.json or manifest.flow:
        raise Refused("the manifest is JSON or on one line")
    if b"{{" in sheet.data[slice(*manifest.span)]:
        raise Refused("a template makes it, and a ciphertext is for one name and namespace")
    if manifest.text("apiVersion") != "v1":
        raise Refused("it is no Secret of Kubernetes' own")
    name, namespace = manifest.text("metadata", "name"), manifest.text("metadata", "namespace")
    if not _NAME.fullmatch(name) or (namespace and not _NAME.fullmatch(namespace)):
        raise Refused("something else makes its name or namespace" if name else "the manifest has no name")
    annotated = manifest.get("metadata", "annotations")
    scopes = [s for s in ("cluster-wide", "namespace-wide") if annotated and annotated.text(_SCOPES + s) == "true"]
    for overlay in _overlays.over(sheet.path, cluster.kustomizations, tree):
        if overlay.renames:
            raise Refused(f"{overlay.path} gives it another name, which a SealedSecret does not stand")
        if overlay.namespace not in ("", namespace) and "cluster-wide" not in scopes:
            raise Refused(f"{overlay.path} puts it into another namespace, where its ciphertexts could not be opened")
    if "cluster-wide" in scopes:
        return ""
    if not namespace:
        raise Refused(
            "it says no namespace, to which ciphertexts are bound: give its metadata a `namespace`, or the annotation "
            f'{_SCOPES}cluster-wide: "true"'
        )
    return namespace if scopes else f"{namespace}/{name}"


def _check(manifest: Node, holders: Sequence[tuple[Node, Node]], sheet: Sheet) -> None:
    """Refused when its structure cannot be kept."""
    metadata = manifest.get("metadata")
    assert metadata is not None
    keys = [sheet.raw(key) for _, values in holders for key, _ in values.entries]
    others = [sheet.raw(key) for key, _ in manifest.entries if sheet.raw(key) not in _KNOWN]
    if len(set(keys)) < len(keys):
        raise Refused("a key stands there twice")
    if others:
        raise Refused(f"a SealedSecret has no place for its `{others[0]}`")
    if any(values.flow for _, values in holders):
        raise Refused("its keys are written on one line")
    if any(node.marked for _, values in holders for node in (values, *(value for _, value in values.entries))):
        raise Refused("an anchor or a tag is at its values: they stand at other places too")
    if not all(map(_KEY.fullmatch, keys)):
        raise Refused("the name of a key is none that Kubernetes takes")
    copied = sheet.block(metadata, _sealedtext.COPIED).split("\n")
    for name in _sealedtext.COPIED:
        node = metadata.get(name)
        if node and (node.entries or node.marked) and not any(line.startswith(f"  {name}:") for line in copied):
            raise Refused(f"its {name} are written in a way that cannot be copied to the template")


def _value(holder: str, key: str, value: Node) -> Secret:
    """Every byte that the Secret would have."""
    if value.kind != "scalar" or value.span.start == value.span.end:
        raise Refused(f"{key} has no value that is text")
    if holder == "stringData":
        return Secret(value.value)
    plain = _secrets.plain(value.value) if value.value else b""
    if plain is None:
        raise Refused(f"{key} is not the base64 of anything")
    return Secret(plain)
