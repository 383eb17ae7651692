"""Task definitions of ECS in files of their own: the environment of a container becomes its secrets.

A file names no region and no account but in the ARN of its execution role, which is of the same account.
Syntax: docs.aws.amazon.com, AmazonECS developerguide, task_definition_parameters (secrets).
"""

import json
from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import Change, Reference, Refusal, Spot
from secretsweep.writers import File, Tree, _tasks
from secretsweep.writers._places import document, get, text
from secretsweep.writers._tasks import Task

FORMATS = ("json",)
PATHS = lazyre.compile(r"(?i)(?:^|/)(?:ecs/[^/]*|[^/]*(?:task|container)[-_.]?def[^/]*)\.json$")
PARTS = False

_VALUE = lazyre.compile(r"containerDefinitions\.\[\d+\]\.environment\.\[\d+\]\.value")
_ROLE = lazyre.compile(r"arn:(aws[\w-]*):iam::(\d{12}):role/.+")


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """The values of a container leave its environment together."""
    definition = document(file.data)
    root = definition.roots[0] if definition and definition.roots else None
    held: list[tuple[Spot, Task, bytes]] = []
    for spot in spots:
        steps = definition.place(spot.literal) if definition else ()
        if get(root, "containerDefinitions") is None if root is not None else True:
            yield Refusal(spot, "nothing is known that resolves references in json", "replace it by hand")
            continue
        inside = _VALUE.fullmatch(".".join(step.name for step in steps[1:]))
        found = _tasks.task(steps, _tasks.PLAIN, 0) if inside else None
        if found is None:
            yield Refusal(spot, "only the environment of a container has secrets", "make it a variable of environment")
        elif refusal := _tasks.refusal(spot, found):
            yield refusal
        elif source := _source(spot.reference, text(get(root, "executionRoleArn"))):
            held.append((spot, found, json.dumps(source).encode()))
        else:
            why = "its ARN is not known: that needs the account in executionRoleArn, and a region"
            yield Refusal(spot, why, "say --region, or use --store aws-ssm, whose parameters have names")
    if definition is not None:
        yield from _tasks.changes(held, definition, _tasks.PLAIN, file.path)


def _source(reference: Reference, role: str) -> str:
    """The ARN; without an account or a region the name, where that is enough."""
    account = _ROLE.fullmatch(role)
    if account and reference.scope and reference.store == "aws-ssm":
        return f"arn:{account[1]}:ssm:{reference.scope}:{account[2]}:parameter/{reference.path.lstrip('/')}"
    if account and reference.scope:
        return f"arn:{account[1]}:secretsmanager:{reference.scope}:{account[2]}:secret:{reference.path}"
    return reference.path if reference.store == "aws-ssm" else ""
