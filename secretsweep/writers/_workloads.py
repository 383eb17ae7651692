"""Containers: a variable takes its value from a Secret, an argument takes it from a variable.

Syntax: kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1 (`env.valueFrom.secretKeyRef`,
`$(NAME)` in `args` and `command`).
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import _arguments, _injected, _mounts, _operator
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._literal import quoted
from secretsweep.writers._manifests import Place, Sheet
from secretsweep.writers._nodes import Node
from secretsweep.writers._synced import Wanted

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_NAME = lazyre.compile(r"[A-Za-z_.-][-\w.]*")
_EXPANDS = (b"$(", b"$$")


def fits(place: Place) -> bool:
    return _container(place) is not None


def _container(place: Place) -> tuple[Node, tuple[str | int, ...]] | None:
    """The container, and where in it the spot stands."""
    path = place.path
    for at, name in enumerate(path[:-2]):
        rest = path[at + 2 :]
        if name in _CONTAINERS and rest and (rest[0] in ("args", "command") or (rest[0] == "env" and len(rest) == 3)):
            return place.steps[at + 1].node, rest
    return None


def rewritten(places: Sequence[Place], sheet: Sheet, cluster: Cluster, taken: set[str]) -> Iterator[Change | Refusal]:
    """All credentials of one workload, as one change."""
    good = []
    for place in places:
        if why := _objection(place):
            yield Refusal(place.spot, *why)
        else:
            good.append(place)
    if not good:
        return
    if cluster.by_agent(good[0].spot.reference):
        yield from _injected.rewritten(good, sheet, cluster)
        return
    manifest = good[0].manifest
    name = sheet.raw(manifest.get("metadata", "name"))
    if not name:
        yield from (Refusal(p.spot, "the manifest has no name", "write the ExternalSecret by hand") for p in good)
        return
    metadata = manifest.get("metadata")
    if odd := _operator.unwritable(sheet.templated, name, sheet.raw(metadata and metadata.get("namespace"))):
        yield from (Refusal(p.spot, odd, "put the value into a Secret by hand") for p in good)
        return
    apart = [[p] for p in good] if _operator.by_vault(good[0].spot.reference, cluster) else [good]
    for group in apart:
        made = _changed(group, sheet, cluster, name, taken)
        if isinstance(made, str):
            yield from (Refusal(p.spot, made, "put the value into a Secret by hand") for p in group)
        else:
            yield made


def _objection(place: Place) -> tuple[str, str] | None:
    if why := place.objection():
        return why, "put the value into a Secret by hand"
    if place.spot.encodings:
        return "the value is encoded", "put the value into a Secret by hand"
    found = _container(place)
    assert found is not None
    container, rest = found
    if any(mark in place.node.value for mark in _EXPANDS):
        return "Kubernetes expands $(…) here, and does not in what comes from a Secret", (
            "give the password a variable of its own from a Secret, and refer to it as $(NAME)"
        )
    if rest[0] == "env":
        name = place.steps[-2].node.text("name")
        if rest[-1] != "value" or not _NAME.fullmatch(name):
            return "the name of the variable is made by a template", "put the value into a Secret by hand"
        return None
    env = container.entry("env")
    if container.flow or container.marked or (env and (env[1].flow or env[1].marked)):
        return "the container is written on one line, or at several places", "put the value into a variable by hand"
    return None


def _changed(places: Sequence[Place], sheet: Sheet, cluster: Cluster, name: str, taken: set[str]) -> Change | str:
    manifest = places[0].manifest
    kind = manifest.text("kind")
    wished = f"{name}-secrets" if kind in ("Deployment", "") else f"{name}-{kind.lower()}-secrets"
    wished = apart(wished, cluster.names | taken)
    taken.add(wished)
    keys: dict[str, Reference] = {}
    metadata = manifest.get("metadata")
    assert metadata is not None
    wanted = Wanted(
        wished,
        keys,
        sheet.raw(metadata.get("namespace")),
        sheet.block(metadata, ("labels",)),
        renderer=cluster.renderer(sheet.path, sheet.templated),
        quote=sheet.quote(metadata),
    )
    secret = wanted.spelled(wished)
    edits: list[FileEdit] = []
    more: dict[int, list[tuple[Node, str, str]]] = {}
    for place in places:
        found = _container(place)
        assert found is not None
        container, rest = found
        is_env = rest[0] == "env"
        holder = place.steps[-2].node
        own = holder.text("name") if is_env else _called(place, sheet)
        key = _key(own, place.spot.reference, keys)
        keys[key] = place.spot.reference
        if is_env:
            edits.append(_env(place, secret, key, sheet))
        else:
            variable = _variable(own, place.spot.reference, key, container, more.get(id(container), []))
            more.setdefault(id(container), []).append((container, variable, key))
            edits.append(_argument(place, variable, sheet))
    edits += (_added(added, secret, sheet) for added in more.values())
    if why := _operator.objection(wanted, cluster):
        return why
    if cluster.by_csi(places[0].spot.reference):
        reading = _container(places[0])
        mounts = _mounts.mounted(manifest, wished, sheet, secret, reading and reading[0])
        if isinstance(mounts, str):
            return mounts
        edits += mounts
    beside, additions = sheet.beside(places[0].root, _operator.manifest(wanted, cluster))
    spots = tuple(place.spot for place in places)
    return Change(spots, (*edits, *beside), additions, REVIEW, _operator.needs(wanted, cluster))


def apart(wished: str, names: frozenset[str] | set[str]) -> str:
    """The name, or with a number what no other Secret is called."""
    number, free = 1, wished
    while free in names:
        number += 1
        free = f"{wished}-{number}"
    return free


def _key(name: str, reference: Reference, keys: dict[str, Reference]) -> str:
    """The key of the Secret: containers may use one name for two values."""
    number, key = 1, name
    while keys.get(key, reference) != reference:
        number += 1
        key = f"{name}_{number}"
    return key


def _argument(place: Place, variable: str, sheet: Sheet) -> FileEdit:
    """The whole element, or the value in one, which keeps its quotes: there is nothing to escape."""
    if _arguments.around(place, sheet.data) is None:
        return sheet.edit(quoted(sheet.data, place.spot), f'"$({variable})"')
    return sheet.edit(place.spot.literal, f"$({variable})")


def _called(place: Place, sheet: Sheet) -> str:
    """A variable for the argument: of the flag in it or before it, or of the command."""
    if named := _arguments.name(place, sheet.data):
        return named
    index = place.path[-1]
    previous = place.steps[-1].holder.items[index - 1] if isinstance(index, int) and index else None
    said = sheet.raw(previous) if previous and sheet.raw(previous).startswith("-") else ""
    return _arguments.variable(said) or "SECRET_ARGUMENT"


def _variable(
    name: str, reference: Reference, key: str, container: Node, added: Sequence[tuple[Node, str, str]]
) -> str:
    env = container.get("env")
    names = {item.text("name") for item in (env.items if env else ())} | {v for _, v, _ in added}
    return apart(name, names).replace("-", "_")


def _env(place: Place, secret: str, key: str, sheet: Sheet) -> FileEdit:
    """`value: x` becomes `valueFrom`, in the style of what is around it."""
    step = place.steps[-1]
    assert step.key is not None
    if step.holder.flow:
        text = f"valueFrom: {{secretKeyRef: {{name: {secret}, key: {key}}}}}"
    else:
        text = _reference(secret, key, " " * sheet.column(step.key.span.start))
    return sheet.edit(Span(step.key.span.start, step.node.span.end), text)


def _reference(secret: str, key: str, pad: str) -> str:
    return f"valueFrom:\n{pad}  secretKeyRef:\n{pad}    name: {secret}\n{pad}    key: {key}"


def _added(variables: Sequence[tuple[Node, str, str]], secret: str, sheet: Sheet) -> FileEdit:
    """Variables for arguments, in front of those that the container has."""
    container = variables[0][0]
    env = container.entry("env")
    first = next(key for key, _ in container.entries if key.value in (b"args", b"command"))
    if env is None:
        pad = " " * sheet.column(first.span.start)
        own = pad + "  "
    else:
        pad = own = " " * (sheet.column(env[0].span.start) + 2)
        if env[1].items:
            dash = sheet.data.rfind(b"-", 0, env[1].items[0].span.start)
            own = " " * sheet.column(dash)
    texts = [f"{own}- name: {name}\n{own}  {_reference(secret, key, own + '  ')}\n" for _, name, key in variables]
    if env is None:
        return sheet.edit(Span(first.span.start, first.span.start), "env:\n" + "".join(texts) + pad)
    end = sheet.line(env[0].span.start).end
    gap = "" if sheet.data[end - 1 : end] == b"\n" else "\n"
    return sheet.edit(Span(end, end), gap + "".join(texts))
