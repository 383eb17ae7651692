"""Pods in manifests: where their specification is, and how volumes, mounts and annotations are added to it.

Syntax: kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1.
"""

from collections.abc import Iterator, Sequence

from secretsweep.model import FileEdit, Span
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node, walk

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Rollout")
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(_KINDS, ("spec", "template")),
}
LISTS = ("containers", "initContainers")


def template(manifest: Node) -> Node | None:
    """What holds a pod's `metadata` and `spec`; None of other kinds."""
    way = _TEMPLATES.get(manifest.text("kind"))
    if way is None:
        return None
    return manifest.get(*way) if way else manifest


def containers(spec: Node) -> Iterator[Node]:
    """All of them, those of the application first."""
    for name in LISTS:
        yield from getattr(spec.get(name), "items", ())


def mentions(node: Node, secret: str, sheet: Sheet) -> bool:
    """Whether something below refers to a Secret of that name."""
    for way in walk(node):
        step = way[-1]
        if step.node.kind != "scalar" or sheet.raw(step.node) != secret:
            continue
        above = way[-2].name if len(way) > 1 else ""
        if step.name == "secretName" or (step.name == "name" and above in ("secretKeyRef", "secretRef", "secret")):
            return True
    return False


def dash(sheet: Sheet, item: Node) -> int:
    """The column of the dash of a list's item."""
    return sheet.column(sheet.data.rfind(b"-", 0, item.span.start))


def deep(sheet: Sheet, spec: Node) -> int:
    """How much deeper than its key a list begins here."""
    entry = spec.entry("containers")
    if entry is None or entry[1].flow or not entry[1].items:
        return 2
    return max(dash(sheet, entry[1].items[0]) - sheet.column(entry[0].span.start), 0)


def item(sheet: Sheet, holder: Node, name: str, lines: Sequence[str], step: int) -> FileEdit | None:
    """One item more in a list, which is made when it is not there. None where there is no telling how."""
    entry = holder.entry(name)
    if entry is None:
        return key(sheet, holder, [f"{name}:", *_dashed(lines, " " * step)])
    if entry[1].flow or entry[1].marked or not entry[1].items or not sheet.level(entry[0], holder):
        return None
    pad = " " * dash(sheet, entry[1].items[0])
    end = sheet.line(entry[0].span.end).end
    return sheet.edit(Span(end, end), "".join(f"{line}\n" for line in _dashed(lines, pad)))


def _dashed(lines: Sequence[str], pad: str) -> list[str]:
    return [f"{pad}{'  ' if at else '- '}{line}" for at, line in enumerate(lines)]


def key(sheet: Sheet, holder: Node, lines: Sequence[str]) -> FileEdit | None:
    """One entry more in a mapping: the same edit twice overlaps itself, so that no key is made twice."""
    if holder.kind != "mapping" or holder.flow or holder.marked or not holder.entries:
        return None
    pad = " " * sheet.column(holder.entries[0][0].span.start)
    if not sheet.templated:
        end = sheet.line(max(n.span.end for n in holder.entries[-1])).end
        text = "".join(f"\n{pad}{line}" for line in lines)
        if sheet.data[end - 1 : end] != b"\n":
            return sheet.edit(Span(end - 1, end), sheet.data[end - 1 : end].decode("latin-1") + text)
        start = end - 2 if sheet.data[end - 2 : end - 1] == b"\r" else end - 1
        return sheet.edit(Span(start, end), f"{text}\n")
    for before, _ in holder.entries:
        line = sheet.line(before.span.start).start
        if sheet.level(before, holder) and not sheet.data[line : before.span.start].strip(b" "):
            own = before.value.decode("utf-8", "surrogateescape")
            if sheet.data[slice(*before.span)] == before.value:
                return sheet.edit(before.span, f"\n{pad}".join([*lines, own]))
    return None
