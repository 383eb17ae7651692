"""The volume that a pod must mount so that the Secrets Store CSI driver makes the Secret which the pod reads.

Syntax: secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret. What is in the Secret is read as before.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.flow import UNKNOWN, Use, kubernetes
from secretsweep.formats import Unparsed
from secretsweep.model import Change, Edit, FileEdit, Refusal
from secretsweep.writers import File, Tree, _pods
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node
from secretsweep.writers._provided import DRIVER

_LABEL = lazyre.compile(r"(?=.{1,63}\Z)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")  # what a volume may be called
_ACTION = lazyre.compile(r"\{\{.*?\}\}")
_KEYS = (b"volumes:", b"volumeMounts:")
_LASTING = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Rollout")


def objection(name: str, cluster: Cluster) -> str:
    """Why no volume can be mounted for a Secret of that name; "" when one can."""
    if not _LABEL.fullmatch(_label(name)):
        return "its name cannot be that of a volume"
    if any(one.name == name for one in cluster.classes):
        return f"there is a SecretProviderClass {name} already"
    if cluster.publishes:
        return "volumes of the Secrets Store CSI driver log in with a Secret of their own here (nodePublishSecretRef)"
    return "kustomize gives names here, and does not know the driver's" if cluster.renamed else ""


def _label(name: str) -> str:
    """The volume of a Secret: its name without what a template puts in."""
    return _ACTION.sub("", name).strip("-.") or "secrets"


def mounted(
    root: Node, name: str, sheet: Sheet, spelled: str = "", reading: Node | None = None
) -> list[FileEdit] | str:
    """The edits of a workload, or why it cannot be changed. Volume and class are called like the Secret.

    `reading` is the container that reads it, where that does not stand there yet.
    """
    at = f"{sheet.path}:{sheet.data.count(10, 0, root.span.start) + 1}"
    template = _pods.template(root)
    spec = template.get("spec") if template else None
    if spec is None:
        return f"{at} reads the Secret, and is no pod that could mount the driver's volume"
    every = list(_pods.containers(spec))
    found = (c for c in every if _pods.mentions(c, name, sheet))
    container = reading or next(found, every[0] if every else None)
    label = _label(name)
    if container is None or any(v.text("name") == label for v in getattr(spec.get("volumes"), "items", ())):
        return f"{at} has no container, or a volume of that name already"
    step = _pods.deep(sheet, spec)
    mount = [f"name: {label}", f"mountPath: /mnt/secrets-store/{label}", "readOnly: true"]
    volume = [f"name: {label}", "csi:", f"  driver: {DRIVER}", "  readOnly: true"]
    volume += ["  volumeAttributes:", f"    secretProviderClass: {spelled or name}"]
    edits = (
        _pods.item(sheet, container, "volumeMounts", mount, step),
        _pods.item(sheet, spec, "volumes", volume, step),
    )
    good = [edit for edit in edits if edit is not None]
    if len(good) < len(edits):
        return f"{at} lists its volumes in a way that cannot be added to"
    inner, outer = good
    if inner.edit.span == outer.edit.span and _makes(inner.edit):
        return [FileEdit(inner.path, Edit(inner.edit.span, _both(inner.edit.text, outer.edit.text)))]
    return good


def everywhere(
    secret: Node, name: str, spelled: str, sheet: Sheet, tree: Tree, cluster: Cluster
) -> tuple[list[FileEdit], str]:
    """The edits of all that read a Secret, or why they cannot be made."""
    follower = _follower(tree)  # type: ignore[arg-type]  # every object is its own key
    line = sheet.data.count(10, 0, secret.span.start) + 1
    manifest = follower.manifest(sheet.path, line)
    uses = list(follower.takers(manifest, "")) if manifest else []
    edits: list[FileEdit] = []
    lasting = False
    for use in uses:
        if use.kind == UNKNOWN:
            return [], f"{use.path} may read the Secret, and does not parse"
        if any(inner.kind == "image-pull" for inner in use.children):
            return [], f"{use.path}:{use.line} pulls its images with the Secret, before the driver would make it"
        if use.path in cluster.patches:
            return [], f"{use.path} reads the Secret, and is a patch"
        made = _edits(use, name, spelled, sheet, tree)
        if isinstance(made, str):
            return [], made
        edits += made
        lasting = lasting or use.address.partition("/")[0] in _LASTING
    if not uses:
        return [], "nothing in this tree says which pods read the Secret: the driver makes it for those that mount it"
    return edits, "" if lasting else "only jobs read the Secret: it would be gone when they are"


def _edits(use: Use, name: str, spelled: str, sheet: Sheet, tree: Tree) -> list[FileEdit] | str:
    try:
        other = sheet if use.path == sheet.path else Sheet(File(use.path, tree.read(use.path) or b""))
    except Unparsed:
        return f"{use.path} reads the Secret, and does not parse"
    root = next((one for one in _roots(other) if other.data.count(10, 0, one.span.start) + 1 == use.line), None)
    if root is None:
        return f"{use.path}:{use.line} reads the Secret, and is not understood"
    return mounted(root, name, other, spelled)


def _roots(sheet: Sheet) -> Iterator[Node]:
    for root in sheet.roots:
        yield root
        yield from getattr(root.get("items"), "items", ())


@lru_cache(maxsize=2)
def _follower(tree: Tree) -> kubernetes.Follower:
    return kubernetes.Follower(tree)


def joined(results: Iterable[Change | Refusal]) -> list[Change | Refusal]:
    """Changes that make the same list of a pod, as one: each alone would make it again."""
    found: list[Change | Refusal] = []
    for result in results:
        other = None
        if isinstance(result, Change):
            other = next((one for one in found if isinstance(one, Change) and _lists(one) & _lists(result)), None)
        if other is None:
            found.append(result)
        else:
            assert isinstance(result, Change)
            found[found.index(other)] = _one(other, result)
    return found


def _lists(change: Change) -> set[tuple[str, int]]:
    """Where it makes one."""
    return {(path, edit.span.start) for path, edit in change.edits if _makes(edit)}


def _makes(edit: Edit) -> bool:
    return edit.span.start < edit.span.end and len(_sections(edit.text)) > 2


def _sections(text: bytes) -> list[list[bytes]]:
    """What is before the lists that an edit makes, each list from its key on, and the last line."""
    found: list[list[bytes]] = [[]]
    *lines, last = text.split(b"\n")
    for line in lines:
        if line.strip() in _KEYS:
            found.append([])
        found[-1].append(line)
    return [*found, [last]]


def _both(one: bytes, other: bytes) -> bytes:
    """The lists of both; what is deeper stands first."""
    before, *lists, after = _sections(one)
    for more in _sections(other)[1:-1]:
        same = next((own for own in lists if own[0] == more[0]), None)
        if same is None:
            lists.append(more)
        else:
            same += more[1:]
    lists.sort(key=lambda own: len(own[0].lstrip()) - len(own[0]))
    return b"\n".join(line for part in (before, *lists, after) for line in part)


def _one(first: Change, second: Change) -> Change:
    edits = list(first.edits)
    for path, edit in second.edits:
        here = (e for e in edits if e.path == path and e.edit.span == edit.span and _makes(e.edit))
        same = next(here, None)
        if same is None:
            edits.append(FileEdit(path, edit))
        elif same.edit.text != edit.text:
            edits[edits.index(same)] = FileEdit(path, Edit(edit.span, _both(same.edit.text, edit.text)))
    return Change(
        (*first.spots, *second.spots),
        tuple(dict.fromkeys(edits)),
        tuple(dict.fromkeys((*first.additions, *second.additions))),
        first.disposition,
        tuple(dict.fromkeys((*first.needs, *second.needs))),
        tuple(dict.fromkeys((*first.warnings, *second.warnings))),
    )
