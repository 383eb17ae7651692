"""A Secret whose values stand in its manifest: it becomes what the operator makes it from."""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.formats import _secrets
from secretsweep.model import REVIEW, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import Tree, _mounts, _operator
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._manifests import Place, Sheet, merged
from secretsweep.writers._nodes import Node
from secretsweep.writers._synced import Wanted

_HOLDERS = ("data", "stringData")
_REQUIRED = {  # keys without which the API refuses a Secret of a type
    "kubernetes.io/tls": frozenset(("tls.crt", "tls.key")),
    "kubernetes.io/ssh-auth": frozenset(("ssh-privatekey",)),
    "kubernetes.io/dockerconfigjson": frozenset((".dockerconfigjson",)),
    "kubernetes.io/dockercfg": frozenset((".dockercfg",)),
}
_KEY = lazyre.compile(r"[-._a-zA-Z0-9]+")


def fits(place: Place) -> bool:
    path = place.path
    return len(path) == 2 and path[0] in _HOLDERS and place.manifest.text("kind") == "Secret"


def rewritten(places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster) -> Iterator[Change | Refusal]:
    """All credentials of one Secret, as one change."""
    good: list[Place] = []
    for place in places:
        if why := place.objection() or _objection(place, sheet):
            yield Refusal(place.spot, why, "put the value into a Secret of its own by hand")
        else:
            good.append(place)
    if not good:
        return
    made = _made(good, sheet, tree, cluster)
    if isinstance(made, str):
        yield from (Refusal(place.spot, made, "write by hand what makes the Secret") for place in good)
    else:
        yield made


def _objection(place: Place, sheet: Sheet) -> str:
    holder, key = place.path
    if not _KEY.fullmatch(str(key)):
        return "the name of the key is made by a template"
    templated = b"{{" in place.node.value
    wanted = ((), ("base64",)) if templated else ((), ("base64",))[holder == "data" :][:1]
    if place.spot.encodings not in wanted:
        return "the value is encoded once more" if place.spot.encodings else "the value is not the base64 of anything"
    return ""


def _made(places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster) -> Change | str:
    manifest = places[0].manifest
    name = sheet.raw(manifest.get("metadata", "name"))
    entries = [(holder, key, value) for holder in _HOLDERS for key, value in _entries(manifest, holder)]
    keys: dict[str, Reference] = {}
    for place in places:
        name_of_key = str(place.path[1])
        if keys.setdefault(name_of_key, place.spot.reference) != place.spot.reference:
            return f"{name_of_key} holds several credentials"
    if not name or manifest.flow or manifest.get("apiVersion") is None:
        return "the manifest has no name" if not name else "the manifest is written on one line"
    if len({key.value for _, key, _ in entries}) < len(entries):
        return "a key stands there twice"
    rest = [(holder, key, value) for holder, key, value in entries if key.value.decode("utf-8", "replace") not in keys]
    sort = manifest.text("type")
    immutable = manifest.text("immutable") == "true"
    others: dict[str, str] = {}
    whole = not rest
    if rest and (immutable or _REQUIRED.get(sort, frozenset()) & keys.keys()):
        whole = True
        for holder, key, value in rest:
            text = _text(holder, value)
            if text is None:
                return f"{sheet.raw(key)} cannot be told to the operator, and a Secret of this type needs it"
            others[sheet.raw(key)] = text
    metadata = manifest.get("metadata")
    assert metadata is not None
    shown = sheet.block(metadata, ("labels", "annotations"))
    wanted = Wanted(
        name=name,
        keys=keys,
        namespace=sheet.raw(metadata.get("namespace")),
        labels=sheet.block(metadata, ("labels",)),
        merged=not whole,
        type=sort if whole and (others or sort != "Opaque") else "",
        immutable=immutable,
        metadata="" if "indent" in shown else shown,
        others=others,
        renderer=cluster.renderer(sheet.path, sheet.templated),
        quote=sheet.quote(metadata),
    )
    spots = tuple(place.spot for place in places)
    if why := _operator.objection(wanted, cluster):
        return why
    needs = _operator.needs(wanted, cluster)
    warnings = tuple(f"{p.path[1]} ends with a newline here, and without one in the store" for p in places if _ends(p))
    csi = cluster.by_csi(places[0].spot.reference)
    if (wanted.type or csi) and wanted.metadata != shown:
        warnings += ("labels and annotations stay with the manifest, and do not go to the Secret",)
    if not whole:
        gone = _removed(manifest, keys, sheet)
        if gone is None:
            return "its keys are written on one line"
        edits, additions = sheet.beside(places[0].root, _operator.manifest(wanted, cluster))
        return Change(spots, (*gone, *edits), additions, REVIEW, needs, warnings)
    mounts, why = _mounts.everywhere(manifest, name, wanted.spelled(name), sheet, tree, cluster) if csi else ([], "")
    if why:
        return why
    took = f"delete the Secret {name} from the cluster, where it is: a new one is made in its place"
    edits = _replaced(manifest, wanted, sheet, cluster)
    if not edits:
        return "the manifest begins in the middle of a line"
    return Change(spots, (*edits, *mounts), (), REVIEW, (*needs, took), warnings)


def _ends(place: Place) -> bool:
    """Whether it is a block of lines, whose last newline belongs to the value."""
    return place.node.block and place.node.value.endswith(b"\n")


def _entries(manifest: Node, holder: str) -> list[tuple[Node, Node]]:
    node = manifest.get(holder)
    return node.entries if node else []


def _text(holder: str, value: Node) -> str | None:
    """What a key holds, when it is text without templates."""
    raw: bytes | None = value.value
    if value.kind != "scalar" or value.marked or b"{{" in value.value:
        return None
    if holder == "data":
        raw = _secrets.plain(value.value) if value.value else b""
    try:
        text = raw.decode() if raw is not None else None
    except UnicodeDecodeError:
        return None
    return None if text is None or "{{" in text or "\r" in text else text


def _removed(manifest: Node, keys: dict[str, Reference], sheet: Sheet) -> list[FileEdit] | None:
    """The lines of the keys go, and those of a mapping that is empty then. None when they cannot."""
    spans = []
    for holder in _HOLDERS:
        entry = manifest.entry(holder)
        if entry is None:
            continue
        own = [(k, v) for k, v in entry[1].entries if k.value.decode("utf-8", "replace") in keys]
        going = [entry] if own and len(own) == len(entry[1].entries) else own
        if own and entry[1].flow and going == own:
            return None
        for key, value in going:
            lines = sheet.lines(key, value)
            if lines is None:
                return None
            spans.append(lines)
    return [sheet.edit(span, "") for span in merged(spans)]


def _replaced(manifest: Node, wanted: Wanted, sheet: Sheet, cluster: Cluster) -> tuple[FileEdit, ...]:
    """The manifest stays, with its metadata and comments; it says something else. Nothing when lines are shared."""
    edits = []
    version, kind = _operator.kind(cluster, wanted)
    for name, text in (("apiVersion", version), ("kind", kind)):
        node = manifest.get(name)
        assert node is not None
        edits.append(sheet.edit(node.span, text))
    going = [entry for name in ("type", "immutable") if (entry := manifest.entry(name))]
    holders = [entry for name in _HOLDERS if (entry := manifest.entry(name))]
    first = next(entry for entry in holders if entry[1].entries)
    going += [entry for entry in holders if entry is not first]
    column = sheet.column(first[0].span.start)
    inner = sheet.column(first[1].entries[0][0].span.start)
    if _operator.listed(cluster, wanted) and not first[1].flow and inner > column:
        edits.append(sheet.edit(first[0].span, _operator.head(wanted, cluster, inner)))
        for key, value in first[1].entries:
            reference = wanted.keys.get(key.value.decode("utf-8", "replace"))
            if reference is None:
                going.append((key, value))
                continue
            text = _operator.element(sheet.raw(key), reference, wanted, cluster, inner)
            edits.append(sheet.edit(Span(key.span.start, value.span.end), text))
        here = {key.value.decode("utf-8", "replace") for key, _ in first[1].entries}
        more = [_operator.element(k, r, wanted, cluster, inner) for k, r in wanted.keys.items() if k not in here]
        end = sheet.line(first[1].span.end).end
        gap = "" if sheet.data[end - 1 : end] == b"\n" else "\n"
        if more:
            edits.append(sheet.edit(Span(end, end), "".join(f"{gap}{' ' * inner}{text}\n" for text in more)))
    else:
        text = _operator.body(wanted, cluster, column)
        edits.append(sheet.edit(Span(first[0].span.start, first[1].span.end), text))
    spans = [sheet.lines(key, value) for key, value in going]
    if None in spans:
        return ()
    return (*edits, *(sheet.edit(span, "") for span in merged([span for span in spans if span])))
