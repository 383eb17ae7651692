"""A credential in a ConfigMap moves to a Secret, and whoever reads it there changes with it.

Syntax: kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1 (`env`, `envFrom`, projected volumes).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import REVIEW, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import File, Tree, _operator
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._manifests import Place, Sheet, merged
from secretsweep.writers._nodes import Step, walk
from secretsweep.writers._synced import Wanted
from secretsweep.writers._workloads import apart

_PATHS = lazyre.compile(r"\.(?:ya?ml|tpl)$")
_INSTEAD = "move it to a Secret by hand, together with those who read it"


class _Fixed(Exception):
    """Something reads the ConfigMap in a way that cannot be changed."""


def fits(place: Place) -> bool:
    return len(place.path) == 2 and place.path[0] == "data" and place.manifest.text("kind") == "ConfigMap"


def rewritten(places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster) -> Iterator[Change | Refusal]:
    """All credentials of one ConfigMap, as one change."""
    good = []
    for place in places:
        if why := place.objection() or ("the value is encoded" if place.spot.encodings else ""):
            yield Refusal(place.spot, why, _INSTEAD)
        else:
            good.append(place)
    if not good:
        return
    try:
        yield _moved(good, sheet, tree, cluster)
    except _Fixed as fixed:
        yield from (Refusal(place.spot, str(fixed), _INSTEAD) for place in good)


def _moved(places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster) -> Change:
    manifest = places[0].manifest
    name = sheet.raw(manifest.get("metadata", "name"))
    keys: dict[str, Reference] = {}
    gone: list[Span] = []
    entry = manifest.entry("data")
    assert entry is not None
    for place in places:
        key = place.steps[-1].key
        lines = sheet.lines(key, place.node) if key is not None else None
        if lines is None or entry[1].flow:
            raise _Fixed("its keys are written on one line")
        if keys.setdefault(str(place.path[1]), place.spot.reference) != place.spot.reference:
            raise _Fixed(f"{place.path[1]} holds several credentials")
        gone.append(lines)
    if not name or manifest.text("immutable") == "true":
        raise _Fixed("the ConfigMap is immutable" if name else "the manifest has no name")
    if len(keys) == len(entry[1].entries):
        whole = sheet.lines(*entry)
        gone = [whole] if whole else gone
    metadata = manifest.get("metadata")
    assert metadata is not None
    wanted = Wanted(
        apart(f"{name}-secrets", cluster.names),
        keys,
        sheet.raw(metadata.get("namespace")),
        sheet.block(metadata, ("labels",)),
        renderer=cluster.renderer(sheet.path, sheet.templated),
        quote=sheet.quote(metadata),
    )
    if why := _operator.objection(wanted, cluster):
        raise _Fixed(why)
    edits = [sheet.edit(span, "") for span in merged(gone)]
    consumers = list(_consumers(name, wanted, sheet, tree))
    if not consumers:
        raise _Fixed("nothing in this tree says who reads the ConfigMap")
    beside, additions = sheet.beside(places[0].root, _operator.manifest(wanted, cluster))
    spots = tuple(place.spot for place in places)
    needs = _operator.needs(wanted, cluster)
    return Change(spots, (*edits, *consumers, *beside), additions, REVIEW, needs)


def _consumers(name: str, wanted: Wanted, sheet: Sheet, tree: Tree) -> Iterator[FileEdit]:
    """What must change where the ConfigMap is read."""
    for path in _reading(tree):  # type: ignore[arg-type]  # every object is its own key
        data = sheet.data if path == sheet.path else tree.read(path) or b""
        if name.encode("utf-8", "surrogateescape") not in data:
            continue
        try:
            other = sheet if path == sheet.path else Sheet(File(path, data))
        except Unparsed:
            raise _Fixed(f"{path} may read the ConfigMap, and does not parse") from None
        for root in other.roots:
            where = other.raw(root.get("metadata", "namespace"))
            if where and wanted.namespace and where != wanted.namespace:
                continue
            for way in walk(root):
                yield from _reader(name, wanted, other, way)


@lru_cache(maxsize=2)
def _reading(tree: Tree) -> tuple[str, ...]:
    """Files in which some ConfigMap is read."""
    return tuple(p for p in tree.paths() if _PATHS.search(p) and b"onfigMap" in (tree.read(p) or b""))


def _reader(name: str, wanted: Wanted, sheet: Sheet, way: tuple[Step, ...]) -> Iterator[FileEdit]:
    step = way[-1]
    node, key = step.node, step.key
    if key is None or node.kind != "mapping" or sheet.raw(node.get("name")) != name:
        return
    at = f"{sheet.path}:{sheet.data.count(10, 0, key.span.start) + 1}"
    if step.name == "configMapKeyRef":
        read = sheet.raw(node.get("key"))
        if read in wanted.keys:
            called = node.get("name")
            assert called is not None
            yield sheet.edit(key.span, "secretKeyRef")
            yield sheet.edit(called.span, wanted.spelled(wanted.name))
        elif "{{" in read:
            raise _Fixed(f"{at} reads a key whose name is made by a template")
    elif step.name == "configMapRef":
        yield _all(wanted, sheet, step, at)
    elif step.name == "configMap":
        items = node.get("items")
        read_keys = {sheet.raw(item.get("key")) for item in items.items} if items else None
        if read_keys is None or read_keys & wanted.keys.keys():
            yield _volume(name, wanted, sheet, step, way, at)


def _all(wanted: Wanted, sheet: Sheet, step: Step, at: str) -> FileEdit:
    """`envFrom` takes all of the ConfigMap: all of the Secret follows."""
    item = step.holder
    assert step.key is not None
    dash = sheet.data.rfind(b"-", 0, item.span.start)
    if item.flow or len(item.entries) != 1 or sheet.data[dash + 1 : item.span.start].strip():
        raise _Fixed(f"{at} takes all of the ConfigMap in a way that cannot be copied")
    pad = " " * sheet.column(dash)
    end = sheet.line(item.span.end).end
    gap = "" if sheet.data[end - 1 : end] == b"\n" else "\n"
    return sheet.edit(Span(end, end), f"{gap}{pad}- secretRef:\n{pad}    name: {wanted.spelled(wanted.name)}\n")


def _volume(name: str, wanted: Wanted, sheet: Sheet, step: Step, way: Sequence[Step], at: str) -> FileEdit:
    """The files of a volume come from both."""
    assert step.key is not None
    simple = [key.value for key, _ in step.node.entries] == [b"name"] and "sources" not in [s.name for s in way]
    if not simple or step.holder.flow or any(s.node.marked for s in way):
        raise _Fixed(f"{at} mounts the ConfigMap in a way that cannot be copied")
    pad = " " * sheet.column(step.key.span.start)
    text = f"projected:\n{pad}  sources:\n"
    for sort, called in (("configMap", name), ("secret", wanted.name)):
        text += f"{pad}    - {sort}:\n{pad}        name: {wanted.spelled(called)}\n"
    return sheet.edit(Span(step.key.span.start, step.node.span.end), text.removesuffix("\n"))
