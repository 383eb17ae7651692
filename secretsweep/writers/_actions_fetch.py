"""Steps of a workflow that fetch from a store, and the line that makes them fetch one value more.

Syntax: github.com/hashicorp/vault-action (secrets), github.com/aws-actions/aws-secretsmanager-get-secrets (secret-ids),
github.com/google-github-actions/get-secretmanager-secrets (secrets).
"""

from collections.abc import Sequence
from typing import NamedTuple

from secretsweep.model import Edit, Reference, Span
from secretsweep.writers._places import Document, Step, entries, get, text


class Fetched(NamedTuple):
    """What names the value afterwards, and the line that fetches it."""

    action: str
    expression: str
    edit: Edit


_ACTIONS = {
    "vault": ("hashicorp/vault-action", "secrets"),
    "aws-secretsmanager": ("aws-actions/aws-secretsmanager-get-secrets", "secret-ids"),
    "gcp-secretmanager": ("google-github-actions/get-secretmanager-secrets", "secrets"),
}


def fetched(reference: Reference, steps: Sequence[Step], workflow: Document, name: str) -> Fetched | None:
    """By a step of the same job that runs before, if there is one; `steps` lead to the literal."""
    if reference.store not in _ACTIONS:
        return None
    action, option = _ACTIONS[reference.store]
    own = steps[4].node
    for entry in entries(steps[3].node):
        if entry.node is own:
            return None
        inputs = get(entry.node, "with")
        if not text(get(entry.node, "uses")).startswith(f"{action}@") or inputs is None or get(entry.node, "if"):
            continue
        at = _first_line(workflow, get(inputs, option))
        expression = _expression(reference.store, text(get(entry.node, "id")), text(get(inputs, "exportEnv")), name)
        if at and expression:
            line = at[1] + _line(reference, name) + workflow.newline().encode()
            return Fetched(action, expression, Edit(Span(at[0], at[0]), line))
    return None


def _first_line(workflow: Document, node: object) -> tuple[int, bytes] | None:
    """Where the lines of a block scalar begin, and their indentation."""
    if node is None or getattr(node, "style", None) != "|":
        return None
    span = workflow.span(node)
    start = workflow.data.find(b"\n", span.start, span.end) + 1
    first = workflow.data[start : span.end]
    return (start, first[: len(first) - len(first.lstrip(b" "))]) if start and first.strip() else None


def _expression(store: str, step: str, exports: str, name: str) -> str:
    if store == "aws-secretsmanager":
        return f"env.{name}"
    if step:
        return f"steps.{step}.outputs.{name}"
    return f"env.{name}" if store == "vault" and exports.lower() != "false" else ""


def _line(reference: Reference, name: str) -> bytes:
    if reference.store == "aws-secretsmanager":
        return f"{name}, {reference.path}".encode()
    if reference.store == "gcp-secretmanager":
        return f"{name}:{reference.scope}/{reference.path}".encode()
    data = "data/" if reference.version != 1 else ""
    return f"{reference.mount}/{data}{reference.path} {reference.field} | {name} ;".encode()
