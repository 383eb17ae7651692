"""Containers of ECS and Batch: what stood in their environment is fetched by the agent, with the execution role.

Syntax: docs.aws.amazon.com, AmazonECS developerguide (specifying-sensitive-data, secrets-envvar-*), APIReference
API_Secret; batch userguide (specifying-sensitive-data). A parameter of the task's own region may be called by its name;
a secret is called by its ARN, which may do without the six characters at its end.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from secretsweep.model import REVIEW, Change, FileEdit, Reference, Refusal, Spot
from secretsweep.writers._listed import Pair, Words, moved
from secretsweep.writers._places import Document, Step, entries, get, text

TEMPLATE = Words("Environment", "Secrets", "Value", "ValueFrom", "Name")
PLAIN = Words("environment", "secrets", "value", "valueFrom", "name")
_STORES = ("aws-secretsmanager", "aws-ssm")
_TOGETHER = "make it a value of its own: the agent gives a container whole values"


class Task(NamedTuple):
    """What a value in the environment of a container belongs to."""

    container: Any  # the mapping with the two lists
    item: Step
    role: str  # the address of the execution role


def task(steps: Sequence[Step], words: Words, role_in: int) -> Task | None:
    """Of the steps to a value: `…, container, Environment, [0], Value`. The role is said in the step at `role_in`."""
    names = [step.name for step in steps]
    if names[-3:-2] != [words.values] or names[-1] != words.value or steps[-1].tag not in ("", "!Sub"):
        return None
    said = _role(steps[role_in].node, "ExecutionRoleArn" if words is TEMPLATE else "executionRoleArn")
    return Task(steps[-4].node, steps[-2], said)


def _role(node: Any, name: str) -> str:
    found = get(node, name)
    if found is None:
        return ""
    inner = [text(entry.node) for entry in entries(found)]
    return text(found) or next((one for one in inner if one), "") or name


def refusal(spot: Spot, found: Task, depth: int = 1) -> Refusal | None:
    """Why a value cannot become a secret of its container, which is in a document so deep."""
    if spot.reference.store not in _STORES:
        other = f"containers of ECS are not given secrets of {spot.reference.store}"
        return Refusal(spot, other, "use --store aws-secretsmanager or aws-ssm, or fetch it when the container starts")
    if not spot.whole or spot.form == "block" or spot.encodings or len(spot.formats) > depth:
        return Refusal(spot, "it is a part of a variable's value", _TOGETHER)
    if not found.role:
        return Refusal(spot, "no execution role, with which the agent would read it", "give the task one first")
    return None


def changes(
    held: Sequence[tuple[Spot, Task, bytes]], document: Document, words: Words, path: str
) -> Iterator[Change | Refusal]:
    """The values of a container leave its environment together."""
    groups: dict[int, list[tuple[Spot, Task, bytes]]] = {}
    for one in held:
        groups.setdefault(id(one[1].container), []).append(one)
    for group in groups.values():
        pairs = [Pair(found.item, source) for _, found, source in group]
        edits = moved(document, group[0][1].container, pairs, words)
        if edits is None:
            instead = f"take it out of {words.values}, and name it in {words.sources} with {words.source}"
            yield from (Refusal(spot, "its list has a form of its own", f"by hand: {instead}") for spot, *_ in group)
            continue
        needs = [need(spot.reference, found.role) for spot, found, _ in group]
        spots = tuple(spot for spot, *_ in group)
        yield Change(spots, tuple(FileEdit(path, edit) for edit in edits), (), REVIEW, tuple(dict.fromkeys(needs)))


def need(reference: Reference, role: str) -> str:
    action = "ssm:GetParameters" if reference.store == "aws-ssm" else "secretsmanager:GetSecretValue"
    where = f" in {reference.scope}" if reference.scope else " in the task's own region"
    return f"Let the execution role {role} read {reference}{where} ({action}, kms:Decrypt for a key of your own)"
