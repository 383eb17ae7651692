"""CodeBuild: a build reads its variables from Secrets Manager or the Parameter Store by the names of the values.

A variable of the buildspec moves to the mapping of such names, with its name; commands name a variable in the place of
the value. Syntax: docs.aws.amazon.com, codebuild userguide, build-spec-ref (env, phases).
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, Edit, FileEdit, Reference, Refusal, Span, Spot
from secretsweep.writers import File, Tree
from secretsweep.writers._literal import yaml_scalar
from secretsweep.writers._pipeline import Names, named
from secretsweep.writers._places import Document, Step, document, entries, get, text

FORMATS = ("pipeline", "yaml")
PATHS = lazyre.compile(r"(?:^|/)buildspec(?:[.-][\w-]+)*\.ya?ml$")
PARTS = True
HOSTS = True  # commands, and what is in them

_MAPPINGS = {"aws-secretsmanager": "secrets-manager", "aws-ssm": "parameter-store"}
_COMMAND = lazyre.compile(r"phases/[\w-]+/(?:commands|finally)/\[\d+\]")
_NAMED = lazyre.compile(rb"\$(?:env:)?\{?([A-Za-z_]\w*)")
_PLAIN = lazyre.compile(r"[A-Za-z0-9/][\w/+=.@-]*")
_EXPORTED = "CodeBuild does not export what it reads from a store"


class _Moving(NamedTuple):
    spot: Spot
    entry: Step


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """All of a file is one change: what names the values stands in one mapping."""
    spec = document(file.data)
    root = spec.roots[0] if spec and spec.roots else None
    if spec is None or root is None or not isinstance(root.value, list):
        yield from (Refusal(spot, "the buildspec does not parse", "replace it by hand") for spot in spots)
        return
    moving: list[_Moving] = []
    commands: list[tuple[Spot, Step]] = []
    for spot in spots:
        steps = spec.place(spot.span)
        names = [step.name for step in steps[1:]]
        if why := _objection(spot, names, root):
            yield Refusal(spot, *why)
        elif names[:2] == ["env", "variables"]:
            moving.append(_Moving(spot, steps[-1]))
        else:
            commands.append((spot, steps[-1]))
    name = Names({*_taken(root), *(match[1].decode() for match in _NAMED.finditer(file.data))})
    known = {one.spot.reference: one.entry.name for one in moving}
    edits: list[Edit] = []
    done: list[Spot] = []
    added: dict[str, Reference] = {}
    for spot, step in commands:
        called = known.get(spot.reference) or name.of(spot.reference)
        edit = named(spot, file, spec.span(step.node), called)
        if isinstance(edit, Refusal):
            yield edit
            continue
        edits.append(edit)
        done.append(spot)
        if spot.reference not in known:
            added[called] = spot.reference
    further = _moved(spec, root, moving, added)
    if further is None:
        every = [*done, *(one.spot for one in moving)]
        yield from (Refusal(spot, "the mapping env has a form of its own", "replace it by hand") for spot in every)
    elif spots := [*done, *(one.spot for one in moving)]:
        needs = [f"Let the project's service role read {spot.reference}, in the build's own region" for spot in spots]
        where = tuple(FileEdit(file.path, edit) for edit in (*edits, *further))
        yield Change(tuple(spots), where, (), REVIEW, tuple(dict.fromkeys(needs)))


def _objection(spot: Spot, names: Sequence[str], root: Any) -> tuple[str, str] | None:
    """Why a value cannot be read from the store there, and what to do instead."""
    if spot.reference.store not in _MAPPINGS:
        return f"CodeBuild does not read {spot.reference.store}", "use --store aws-secretsmanager or aws-ssm"
    if spot.reference.store == "aws-secretsmanager" and text(get(root, "version")) in ("0.1", "0"):
        return "version 0.1 of the buildspec", "move to version 0.2, or use --store aws-ssm"
    if spot.encodings:
        return "the value is encoded", "make the plain value a variable of env.secrets-manager, and encode it there"
    if names[:2] == ["env", "variables"] and len(names) == 3:
        exported = get(root, "env", "exported-variables")
        if exported is not None and names[2] in {text(entry.node) for entry in entries(exported)}:
            return _EXPORTED, "take the variable out of exported-variables first"
        whole = spot.whole and len(spot.formats) == 1 and spot.form in ("plain", "single", "double")
        return None if whole else ("it is a part of a variable's value", "make it a variable of its own")
    if not _COMMAND.fullmatch("/".join(names)):
        instead = "make it a variable of env.secrets-manager or env.parameter-store, and name that"
        return "no variable of env and no command of a phase", instead
    if text(get(root, "env", "shell")).startswith(("powershell", "pwsh")):
        return "a command of PowerShell", "make it a variable of env.secrets-manager, and name $env:NAME"
    return None


def _taken(root: Any) -> Iterator[str]:
    env = get(root, "env")
    for mapping in entries(env) if env is not None else ():
        yield from (entry.name for entry in entries(mapping.node))


def _moved(spec: Document, root: Any, moving: Sequence[_Moving], added: dict[str, Reference]) -> list[Edit] | None:
    """The edits of `env`; None where they cannot be said."""
    wanted = {one.entry.name: one.spot.reference for one in moving} | added
    if not wanted:
        return []
    mapping = _MAPPINGS[next(iter(wanted.values())).store]
    env = next((entry for entry in entries(root) if entry.name == "env"), None)
    if env is None:
        return _new(spec, root, mapping, wanted)
    if not list(entries(env.node)) or env.node.flow_style:
        return None
    variables = next((entry for entry in entries(env.node) if entry.name == "variables"), None)
    known = next((entry for entry in entries(env.node) if entry.name == mapping), None)
    every = list(entries(variables.node)) if variables is not None else []
    if variables and known is None and moving and len(moving) == len(every) and not variables.node.flow_style:
        key = spec.span(variables.key)
        edits = [Edit(key, spec.data[slice(*key)].replace(b"variables", mapping.encode()))]
        edits += [Edit(spec.span(one.entry.node), _written(one.spot.reference)) for one in moving]
        wanted = added
        last = every[-1] if wanted else None
        return edits + ([_below(spec, last, wanted)] if last else [])
    edits = []
    if variables and moving:
        gone = spec.without_all(env.node, variables, [one.entry for one in moving])
        if gone is None:
            return None
        edits = gone
    if known is not None:
        inside = list(entries(known.node))
        if not inside or known.node.flow_style:
            return None
        return [*edits, _below(spec, inside[-1], wanted)]
    return [*edits, _mapping(spec, env, mapping, wanted)]


def _written(reference: Reference) -> bytes:
    return reference.path.encode() if _PLAIN.fullmatch(reference.path) else yaml_scalar(reference.path)


def _lines(column: int, wanted: dict[str, Reference]) -> list[bytes]:
    return [b" " * column + name.encode() + b": " + _written(reference) for name, reference in wanted.items()]


def _below(spec: Document, last: Step, wanted: dict[str, Reference]) -> Edit:
    """Entries after the last one of a mapping."""
    end = spec.data.find(b"\n", spec.span(last.node).end)
    at = len(spec.data) if end < 0 else end - (spec.data[end - 1 : end] == b"\r")
    newline = spec.newline().encode()
    return Edit(Span(at, at), b"".join(newline + line for line in _lines(spec.column(last.key), wanted)))


def _mapping(spec: Document, env: Step, mapping: str, wanted: dict[str, Reference]) -> Edit:
    """A new mapping, before what is first in `env`."""
    first = next(entries(env.node))
    column = spec.column(first.key)
    step = column - spec.column(env.key) or 2
    lines = [b" " * column + mapping.encode() + b":", *_lines(column + step, wanted)]
    return _before(spec, first, lines)


def _new(spec: Document, root: Any, mapping: str, wanted: dict[str, Reference]) -> list[Edit] | None:
    """A new `env`, before the phases."""
    phases = next((entry for entry in entries(root) if entry.name == "phases"), None)
    if phases is None or root.flow_style:
        return None
    lines = [b"env:", b"  " + mapping.encode() + b":", *_lines(4, wanted)]
    return [_before(spec, phases, lines)]


def _before(spec: Document, entry: Step, lines: Sequence[bytes]) -> Edit:
    start = spec.data.rfind(b"\n", 0, spec.span(entry.key).start) + 1
    newline = spec.newline().encode()
    return Edit(Span(start, start), b"".join(line + newline for line in lines))
