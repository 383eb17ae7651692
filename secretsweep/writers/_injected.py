"""Vault's Agent injector: it writes a file into the pod, and the container's own script reads its variables from there.

Syntax: developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations, and of the template
github.com/hashicorp/consul-template/blob/main/docs/templating-language.md. A variable of a container cannot come from
a file, so that only a container whose command is a script of a shell is changed.
"""

from collections.abc import Iterator, Mapping, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, FileEdit, Reference, Refusal, Span
from secretsweep.writers import _annotations, _pods
from secretsweep.writers._agents import HEAD, Injected, chosen
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._manifests import Place, Sheet, merged
from secretsweep.writers._nodes import Node, Step

_SHELL = lazyre.compile(rb"(?:/(?:usr/)?bin/)?(?:ba|da|a|k)?sh")
_FLAG = lazyre.compile(rb"-[a-z]+")
_FLAGS = lazyre.compile(rb"-[a-z]*c")
_VARIABLE = lazyre.compile(r"[A-Za-z_]\w*")
_FILE = lazyre.compile(r"[a-z0-9](?:[-a-z0-9]{0,35}[a-z0-9])?")  # 63 with what is before it
_PATH = lazyre.compile(r"[\w./-]+")
_ACTION = lazyre.compile(r"\{\{.*?\}\}")
_ELSEWHERE = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
_INSTEAD = (
    "start the container with `sh -c '. /vault/secrets/NAME || exit 1; exec …'`, "
    "or let an operator (External Secrets, Vault Secrets) make a Secret of it"
)


class _Fixed(Exception):
    """Why a container cannot be changed."""


def rewritten(places: Sequence[Place], sheet: Sheet, cluster: Cluster) -> Iterator[Change | Refusal]:
    """All credentials of one workload, as one change; containers that read no file are left."""
    manifest = places[0].manifest
    template = _pods.template(manifest)
    groups: dict[int, list[Place]] = {}
    for place in places:
        groups.setdefault(id(_container(place).node), []).append(place)
    good: list[Place] = []
    edits: list[FileEdit] = []
    files: dict[str, Mapping[str, Reference]] = {}
    try:
        like = _like(manifest, template, sheet, cluster)
    except _Fixed as why:
        yield from (Refusal(place.spot, str(why), _INSTEAD) for place in places)
        return
    for group in groups.values():
        try:
            file, own = _sourced(group, template, sheet)
        except _Fixed as why:
            yield from (Refusal(place.spot, str(why), _INSTEAD) for place in group)
            continue
        edits += own
        files[file] = {place.steps[-2].node.text("name"): place.spot.reference for place in group}
        good += group
    if not good:
        return
    helm = cluster.renderer(sheet.path, sheet.templated) == "helm"
    added = _annotations.added(manifest, template, like, files, sheet, helm)
    if added is None:
        odd = "the pod's annotations are written in a way that cannot be added to"
        yield from (Refusal(place.spot, odd, _INSTEAD) for place in good)
        return
    role = dict(like.settings).get(f"{HEAD}role", "")
    account = template.get("spec") if template else None
    who = f"service account {account.text('serviceAccountName') or 'default'}" if account else "service account"
    needs = [f"let the Vault role {role} ({who}) read {place.spot.reference}" for place in good]
    spots = tuple(place.spot for place in good)
    yield Change(spots, (*edits, added), (), REVIEW, tuple(dict.fromkeys(needs)))


def _container(place: Place) -> Step:
    """The element of the list of containers that a place is in."""
    at = next(at for at, step in enumerate(place.steps) if step.name in (*_pods.LISTS, "ephemeralContainers"))
    return place.steps[at + 1]


def _like(manifest: Node, template: Node | None, sheet: Sheet, cluster: Cluster) -> Injected:
    """How others log in, or this workload itself."""
    if template is None:
        raise _Fixed("the Vault Agent injector reads annotations of pods, and this is none")
    if cluster.renderer(sheet.path, sheet.templated) == "unknown":
        raise _Fixed("the Vault Agent injector has templates of its own, and so has this file")
    found = chosen(template, sheet.raw(manifest.get("metadata", "namespace")), cluster.injected)
    if isinstance(found, str):
        raise _Fixed(found)
    return found


def _sourced(places: Sequence[Place], template: Node | None, sheet: Sheet) -> tuple[str, list[FileEdit]]:
    """The file that a container reads, and the edits that make it read that instead of its variables."""
    container = _container(places[0]).node
    script = _script(container)
    if any(place.path[-1] != "value" or "env" not in place.path for place in places):
        raise _Fixed("an argument: the Vault Agent injector brings files, which nothing puts into arguments")
    if not any(step.name == "containers" for step in places[0].steps):
        raise _Fixed("containers that start first do so before the Vault Agent injector's file is there")
    if script is None:
        raise _Fixed("the container's command is no shell script, and could not read the Vault Agent injector's file")
    annotations = template.get("metadata", "annotations") if template else None
    only = annotations.text(f"{HEAD}agent-inject-containers") if annotations else ""
    name = container.text("name")
    if only and name not in only.split(","):
        raise _Fixed("the Vault Agent injector is told to leave this container alone")
    text = sheet.data[slice(*container.span)]
    for place in places:
        variable = place.steps[-2].node.text("name")
        if not _VARIABLE.fullmatch(variable):
            raise _Fixed("the variable's name is none of a shell's")
        probes = [node for probe in _ELSEWHERE if (node := container.get(probe)) is not None]
        asked = any(variable.encode() in sheet.data[slice(*node.span)] for node in probes)
        if b"$(" + variable.encode() + b")" in text or asked:
            raise _Fixed(f"{variable} is also read where no script is")
        if not _PATH.fullmatch(f"{place.spot.reference.mount}/{place.spot.reference.path}"):
            raise _Fixed("the path of the value cannot be said in a template")
    file = f"{name}-env"
    if not _FILE.fullmatch(file) or (annotations and annotations.get(f"{HEAD}agent-inject-secret-{file}") is not None):
        raise _Fixed(f"no file can be called {file}")
    return file, [_read(script, file, sheet), *_without(places, container, sheet)]


def _script(container: Node) -> Node | None:
    """The script of `sh -c`, in the command or after it; None of other commands."""
    command, args = container.get("command"), container.get("args")
    if command is None or command.kind != "list" or not command.items or not _SHELL.fullmatch(command.items[0].value):
        return None
    words = [*command.items[1:], *(args.items if args is not None else ())]
    for at, word in enumerate(words):
        if _FLAGS.fullmatch(word.value):
            script = words[at + 1] if at + 1 < len(words) else None
            fine = script is not None and script.kind == "scalar" and not script.marked and script.value.strip()
            return script if fine else None
        if not _FLAG.fullmatch(word.value):
            return None
    return None


def _read(script: Node, file: str, sheet: Sheet) -> FileEdit:
    """The script reads the file before all else, and does not go on without it."""
    start = script.span.start
    text = f". /vault/secrets/{file} || exit 1"
    if script.block:
        folded = sheet.data[start : start + 1] == b">"
        at = sheet.line(start).end
        while not sheet.data[at : sheet.line(at).end].strip():
            at = sheet.line(at).end
        line = sheet.data[at : sheet.line(at).end]
        pad = line[: len(line) - len(line.lstrip(b" "))].decode()
        at += len(pad)
        return sheet.edit(Span(at, at), f"{text}; " if folded else f"{text}\n{pad}")
    at = start + (sheet.data[start : start + 1] in (b'"', b"'"))
    return sheet.edit(Span(at, at), f"{text}; ")


def _without(places: Sequence[Place], container: Node, sheet: Sheet) -> list[FileEdit]:
    """The variables go, and with the last one their list."""
    env = container.entry("env")
    assert env is not None
    if env[1].flow or env[1].marked or (sheet.templated and len(places) == len(env[1].items)):
        raise _Fixed("the container's variables are written in a way that none can be taken out of")
    if len(places) == len(env[1].items):
        whole = sheet.lines(*env)
        if whole is None:
            raise _Fixed("the container's variables stand in a line with something else")
        return [sheet.edit(whole, "")]
    spans = []
    for place in places:
        item = place.steps[-2].node
        dash = sheet.data.rfind(b"-", 0, item.span.start)
        start = sheet.line(dash).start
        if sheet.data[start:dash].strip(b" ") or sheet.data[dash + 1 : item.span.start].strip(b" "):
            raise _Fixed("the container's variables stand in a line with something else")
        spans.append(Span(start, sheet.line(item.span.end).end))
    return [sheet.edit(span, "") for span in merged(spans)]
