"""kustomize: what a secretGenerator held in clear, the operator makes under the same name, without a hash behind it.

Syntax: kubectl.docs.kubernetes.io/references/kustomize/kustomization/secretgenerator.
"""

import posixpath
from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, Addition, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import Tree, _operator
from secretsweep.writers._cluster import Cluster, manifests
from secretsweep.writers._manifests import Place, Sheet
from secretsweep.writers._nodes import Node
from secretsweep.writers._synced import Wanted

_LITERAL = lazyre.compile(rb"([-._a-zA-Z0-9]+)=([\"']?)(.*)\2", 16)
_KNOWN = frozenset(("name", "literals", "namespace", "type", "behavior", "options"))
_INSTEAD = "write the ExternalSecret by hand, and take the generator out"


def fits(place: Place) -> bool:
    path = place.path
    return len(path) == 4 and path[0] == "secretGenerator" and path[2] == "literals"


def rewritten(places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster) -> Iterator[Change | Refusal]:
    """All credentials of one file of kustomize, one change for each generator."""
    groups: dict[int, list[Place]] = {}
    for place in places:
        groups.setdefault(id(place.steps[1].node), []).append(place)
    for group in groups.values():
        made = _made(group, sheet, tree, cluster)
        if isinstance(made, str):
            yield from (Refusal(place.spot, made, _INSTEAD) for place in group)
        else:
            yield made


def _made(places: Sequence[Place], sheet: Sheet, tree: Tree, cluster: Cluster) -> Change | str:
    generator = places[0].steps[1].node
    name = sheet.raw(generator.get("name"))
    if why := _objection(generator, name, sheet, tree, cluster):
        return why
    moved = {id(place.node): place.spot for place in places}
    keys: dict[str, Reference] = {}
    others: dict[str, str] = {}
    for item in generator.get("literals").items:  # type: ignore[union-attr]  # the places are in it
        found = _LITERAL.fullmatch(item.value)
        if found is None or item.marked or b"{{" in item.value:
            return "a literal of the generator is not understood"
        key = found[1].decode()
        if (spot := moved.get(id(item))) is None:
            others[key] = found[3].decode("utf-8", "replace")
        elif spot.encodings or spot.literal.end - spot.literal.start != len(found[3]):
            return f"the value of {key} is not the whole literal"
        else:
            keys[key] = spot.reference
    sort = generator.text("type")
    namespace = sheet.raw(generator.get("namespace"))
    wanted = Wanted(name, keys, namespace, type="" if sort == "Opaque" else sort, others=others)
    if why := _operator.objection(wanted, cluster):
        return why
    gone = _gone(places[0], sheet)
    file = f"{name}-externalsecret.yaml"
    listed = _listed(file, places[0].root, sheet)
    path = posixpath.join(posixpath.dirname(sheet.path), file)
    if gone is None or listed is None:
        return "the lists of the file are written on one line"
    if tree.read(path) is not None:
        return f"{path} is there already"
    addition = Addition(path, _operator.manifest(wanted, cluster), "the manifest that makes the Secret")
    spots = tuple(place.spot for place in places)
    edits = (sheet.edit(gone, ""), listed)
    return Change(spots, edits, (addition,), REVIEW, _operator.needs(wanted, cluster))


def _objection(generator: Node, name: str, sheet: Sheet, tree: Tree, cluster: Cluster) -> str:
    if not name or generator.flow:
        return "the generator is written on one line" if name else "the generator has no name"
    used = {key.value.decode("utf-8", "replace") for key, _ in generator.entries}
    options = generator.get("options")
    if used - _KNOWN or generator.text("behavior") not in ("", "create"):
        return "the generator also takes files, or changes another one"
    if options and [key.value for key, _ in options.entries] != [b"disableNameSuffixHash"]:
        return "the generator has labels or annotations of its own"
    for path in cluster.kustomizations:
        for root in manifests(tree.read(path) or b"") if path != sheet.path else ():
            if any(item.text("name") == name for item in getattr(root.get("secretGenerator"), "items", ())):
                return f"{path} generates a Secret of that name too"
    return ""


def _gone(place: Place, sheet: Sheet) -> Span | None:
    """The lines of the generator; of all generators when it is the only one."""
    top = place.steps[0]
    if len(top.node.items) == 1 and top.key is not None:
        return sheet.lines(top.key, top.node)
    generator = place.steps[1].node
    dash = sheet.data.rfind(b"-", 0, generator.span.start)
    start = sheet.line(dash).start
    if sheet.data[start:dash].strip(b" "):
        return None
    return Span(start, sheet.line(generator.span.end).end)


def _listed(file: str, root: Node, sheet: Sheet) -> FileEdit | None:
    """The new file among the resources."""
    entry = root.entry("resources")
    if entry is None:
        start = sheet.line(root.entries[0][0].span.start).start
        top = next((k for k, _ in root.entries if k.value not in (b"apiVersion", b"kind", b"namespace")), None)
        start = sheet.line(top.span.start).start if top else start
        return sheet.edit(Span(start, start), f"resources:\n  - {file}\n")
    items = entry[1].items
    if entry[1].flow and items:
        return sheet.edit(Span(items[-1].span.end, items[-1].span.end), f", {file}")
    if entry[1].flow or not items:
        return None
    last = items[-1]
    pad = " " * sheet.column(sheet.data.rfind(b"-", 0, items[0].span.start))
    end = sheet.line(last.span.end).end
    gap = "" if sheet.data[end - 1 : end] == b"\n" else "\n"
    return sheet.edit(Span(end, end), f"{gap}{pad}- {file}\n")
