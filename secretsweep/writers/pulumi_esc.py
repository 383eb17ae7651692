"""Environments of Pulumi ESC: they read a store when they are opened, with a login that is there already.

Syntax: pulumi.com/docs/esc (environments/syntax; the providers vault-secrets, aws-secrets, aws-parameter-store). Vault
is read as its API is: the path of version 2 has `data` behind the mount, and what it answers has `data` again.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, Edit, FileEdit, Reference, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _pulumi
from secretsweep.writers._places import Document, Step, document, entries

FORMATS = ("yaml",)
PATHS = lazyre.compile(
    r"(?:^|/)(?:pulumi-)?(?:esc|environments?)/(?:[^/]+/)*[^/]+\.ya?ml$|[.-]esc\.ya?ml$|/environment\.ya?ml$"
)
PARTS = True

_LOGINS = {"vault": "vault", "aws-secretsmanager": "aws", "aws-ssm": "aws"}
_HOLDER = "secretsweep"
_OWN = frozenset(("environmentVariables", "pulumiConfig", "files"))


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """All of a file is one change: one entry reads what all of them name."""
    found = document(file.data)
    root = found.roots[0] if found and found.roots else None
    values = next((entry for entry in entries(root) if entry.name == "values"), None) if root is not None else None
    if found is None or values is None or not _is_environment(root, values):
        yield from (
            Refusal(s, "nothing is known that resolves references in yaml", "replace it by hand") for s in spots
        )
        return
    every = dict(_walk(values.node, ()))
    held: list[tuple[Spot, Step]] = []
    for spot in spots:
        steps = found.place(spot.literal if spot.whole else spot.span)
        if why := _objection(spot, steps):
            yield Refusal(spot, *why)
        elif _login(every, spot.reference) is None:
            provider = _LOGINS[spot.reference.store]
            why = (
                f"the environment has no login of {provider}",
                f"add fn::open::{provider}-login, then remediate again",
            )
            yield Refusal(spot, *why)
        elif _LOGINS[spot.reference.store] == "aws" and not spot.reference.scope:
            yield Refusal(spot, "aws-secrets wants a region", "say --region")
        else:
            secret = steps[-2] if steps[-1].name == "fn::secret" else steps[-1]
            held.append((spot, secret))
    if held:
        yield _change(held, found, values, every)


def _is_environment(root: Any, values: Step) -> bool:
    """Whether an environment of ESC has these keys, and says something that only ESC does."""
    names = {entry.name for entry in entries(root)}
    own = {entry.name for entry in entries(values.node)}
    return names <= {"values", "imports"} and bool(
        own & _OWN or any("fn::" in path[-1] for path, _ in _walk(values.node, ()))
    )


def _walk(node: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for entry in entries(node):
        yield (*above, entry.name), entry.node
        yield from _walk(entry.node, (*above, entry.name))


def _objection(spot: Spot, steps: Sequence[Step]) -> tuple[str, str] | None:
    names = [step.name for step in steps[1:]]
    if spot.reference.store not in _LOGINS:
        return f"no provider of ESC is written for {spot.reference.store}", "use vault, aws-secretsmanager or aws-ssm"
    inner = names[1:-1] if names[-1:] == ["fn::secret"] else names[1:]
    if names[:1] != ["values"] or any("fn::" in name for name in inner):
        return "an argument of a function", "replace it by hand"
    if not spot.whole or len(spot.formats) > 1 or spot.encodings or spot.form not in ("plain", "single", "double"):
        return "it is a part of a text", "make it a value of its own, and name that as ${…}"
    return None


def _login(every: dict[tuple[str, ...], Any], reference: Reference) -> str | None:
    """The address of what logs in to the store's provider."""
    wanted = f"fn::open::{_LOGINS[reference.store]}-login"
    found = next((path[:-1] for path in every if path[-1] == wanted), None)
    return f"${{{'.'.join(found)}}}" if found else None


def _change(
    held: Sequence[tuple[Spot, Step]], found: Document, values: Step, every: dict[tuple[str, ...], Any]
) -> Change | Refusal:
    holder = _HOLDER
    while (holder,) in every:
        holder += "2"
    names: dict[Reference, str] = {}
    edits: list[Edit] = []
    for spot, place in held:
        name = names.setdefault(spot.reference, _pulumi.name(spot.reference, set(names.values())))
        start = found.span(place.node).start
        said = f"${{{holder}.{name}{_answer(spot.reference)}}}"
        edits.append(Edit(Span(start, found.span(place.node).end), f'"{said}"'.encode()))
    login = _login(every, held[0][0].reference)
    opened = _opened(names, login or "")
    first = next(entries(values.node))
    if values.node.flow_style:
        return Refusal(held[0][0], "the environment is written in one line", "replace it by hand")
    at = found.data.rfind(b"\n", 0, found.span(first.key).start) + 1
    line = f"{' ' * found.column(first.key)}{holder}: {_pulumi.flow(opened)}{found.newline()}"
    edits.append(Edit(Span(at, at), line.encode()))
    spots = tuple(spot for spot, _ in held)
    needs = tuple(dict.fromkeys(f"let the login {login} of the environment read {spot.reference}" for spot in spots))
    return Change(spots, tuple(FileEdit(spots[0].path, edit) for edit in edits), (), REVIEW, needs)


def _opened(names: dict[Reference, str], login: str) -> dict[str, Any]:
    store, region = next((reference.store, reference.scope) for reference in names)
    if store == "vault":
        read = {name: {"path": _path(reference)} for reference, name in names.items()}
        return {"fn::open::vault-secrets": {"login": login, "read": read}}
    if store == "aws-ssm":
        get_ = {name: {"name": reference.path, "decrypt": True} for reference, name in names.items()}
        return {"fn::open::aws-parameter-store": {"region": region, "login": login, "get": get_}}
    by_name = {name: {"secretId": reference.path} for reference, name in names.items()}
    return {"fn::open::aws-secrets": {"region": region, "login": login, "get": by_name}}


def _path(reference: Reference) -> str:
    return (
        f"{reference.mount}/{reference.path}" if reference.version == 1 else f"{reference.mount}/data/{reference.path}"
    )


def _answer(reference: Reference) -> str:
    """Where in the answer the value is."""
    if reference.store != "vault":
        return ""
    return f".{reference.field}" if reference.version == 1 else f".data.{reference.field}"
