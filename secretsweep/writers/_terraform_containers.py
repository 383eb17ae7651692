"""What ECS, Batch and CodeBuild fetch themselves: the configuration names a value, and never has it.

Documentation: registry.terraform.io/providers/hashicorp/aws, aws_ecs_task_definition (container_definitions),
aws_batch_job_definition (container_properties), aws_codebuild_project (environment_variable); for what stands in the
JSON of the first two see `_tasks`.
"""

import posixpath
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from secretsweep.model import Addition, Edit, Refusal, Spot
from secretsweep.writers import _hcl, _hclpairs, _listed, _tasks, _terraform_source
from secretsweep.writers._hclpairs import Value
from secretsweep.writers._places import Document, Step, document
from secretsweep.writers._tasks import PLAIN, Task
from secretsweep.writers._terraform_applied import FILE
from secretsweep.writers._terraform_draft import Draft
from secretsweep.writers._terraform_edits import added
from secretsweep.writers._terraform_module import Module, Place
from secretsweep.writers._terraform_values import blocks

_ARGUMENTS = (
    ("aws_ecs_task_definition", "container_definitions"),
    ("aws_batch_job_definition", "container_properties"),
)
_TYPES = {"aws-secretsmanager": '"SECRETS_MANAGER"', "aws-ssm": '"PARAMETER_STORE"'}
_STATE = "by hand: take it out of `environment`, and name it in `secrets` with `valueFrom`"


class Contained(NamedTuple):
    """A variable of a container, in an expression of HCL or in a document of JSON."""

    spot: Spot
    place: Place
    task: Task
    holder: Value | None = None
    pair: Value | None = None
    document: Document | None = None
    offset: int = 0  # of the document


def contained(spot: Spot, place: Place) -> Contained | Refusal | None:
    """The variable; None for what is no variable of a container."""
    if place.top.kind != "resource" or (place.top.labels[0], place.attribute.name) not in _ARGUMENTS:
        return None
    role = place.top.get("execution_role_arn")
    said = _hcl.source(place.data, role).decode("utf-8", "replace").strip('"') if role else ""
    heredoc = next((word for word in place.attribute.words if word.kind == "heredoc"), None)
    found = _in_json(spot, place, heredoc.start, heredoc.end, said) if heredoc else _in_hcl(spot, place, said)
    if found is None or spot.reference.store not in _TYPES:
        return None
    return _tasks.refusal(spot, found.task, 2 if heredoc else 1) or found


def _in_hcl(spot: Spot, place: Place, role: str) -> Contained | None:
    first = place.attribute.words[0]
    if first.text != b"jsonencode":
        return None
    ways = _hclpairs.parse(place.data, place.attribute.value).walk()
    way = max((way for way in ways if way[-1].span.covers(spot.literal)), key=len)
    if len(way) < 4 or way[-1].kind or [one.kind for one in way[-4:-1]] != ["{", "[", "{"]:
        return None
    holder, listed, pair, value = way[-4:]
    values, own = holder.entry(PLAIN.values), pair.entry(PLAIN.value)
    if values is None or values.value is not listed or own is None or own.value is not value:
        return None
    if own_role := holder.entry("executionRoleArn"):
        role = place.data[slice(*own_role.value.span)].decode("utf-8", "replace").strip('"')
    step = Step("", None, None)
    return Contained(spot, place, Task(holder, step, role), holder, pair)


_document = lru_cache(maxsize=8)(document)  # the same objects, when asked again


def _in_json(spot: Spot, place: Place, start: int, end: int, role: str) -> Contained | None:
    found = _document(place.data[start:end])
    steps = found.place(spot.literal.shifted(-start)) if found else ()
    role_in = 0 if len(steps) == 4 else -4  # of a job its properties have it
    task = _tasks.task(steps, PLAIN, role_in) if len(steps) > 3 else None
    if found is None or task is None:
        return None
    return Contained(spot, place, task._replace(role=role or task.role), document=found, offset=start)


def drafts(held: Sequence[Contained], module: Module) -> Iterator[Draft | Refusal]:
    """The variables of a container leave its environment together."""
    groups: dict[int, list[Contained]] = {}
    for one in held:
        groups.setdefault(id(one.task.container), []).append(one)
    for group in groups.values():
        sources = [_terraform_source.named(one.spot.reference) for one in group]
        edits = _edits(group, [source.expression for source in sources])
        if edits is None:
            yield from (Refusal(one.spot, "its list has a form of its own", _STATE) for one in group)
            continue
        place = group[0].place
        draft = Draft([one.spot for one in group])
        draft.edit(place.path, place.top.start, edits)
        for one, source in zip(group, sources, strict=True):
            draft.needs.append(_tasks.need(one.spot.reference, one.task.role))
            at = posixpath.join(module.folder, FILE)
            for block in blocks(source, module):
                draft.additions.append(Addition(at, block, "knows its ARN, not its value"))
        yield draft


def _edits(group: Sequence[Contained], templates: Sequence[str]) -> list[Edit] | None:
    first = group[0]
    if first.document is not None:
        pairs = [
            _listed.Pair(one.task.item, b'"%s"' % said.encode()) for one, said in zip(group, templates, strict=True)
        ]
        found = _listed.moved(first.document, first.task.container, pairs, PLAIN)
        return found and [Edit(edit.span.shifted(first.offset), edit.text) for edit in found]
    sources = [(one.pair, _expression(said)) for one, said in zip(group, templates, strict=True) if one.pair]
    return _hclpairs.moved(first.place.data, first.holder, sources, PLAIN) if first.holder else None


def _expression(template: str) -> str:
    """A string with nothing but an interpolation is that."""
    inner = template.removeprefix("${").removesuffix("}")
    return inner if len(template) - len(inner) == 3 and "${" not in inner else f'"{template}"'


def build(spot: Spot, place: Place) -> Draft | Refusal | None:
    """A variable of CodeBuild, which reads the value by its name; None for what is none."""
    top, block = place.top, place.blocks[-1]
    if top.labels[:1] != ("aws_codebuild_project",) or block.kind != "environment_variable":
        return None
    if place.attribute.name != "value" or spot.reference.store not in _TYPES:
        return None
    if not spot.whole or spot.form == "heredoc" or len(spot.formats) > 1 or not place.attribute.is_literal:
        return Refusal(spot, "it is a part of a variable's value", "make it a variable of its own")
    wanted = _TYPES[spot.reference.store]
    edits = [Edit(place.attribute.value, _terraform_source.quote(spot.reference.path).encode())]
    if known := block.get("type"):
        edits.append(Edit(known.value, wanted.encode()))
        more: list[Edit] = []
    else:
        more = list(added(place.data, block, place.attribute, [f"type = {wanted}"]))
    draft = Draft([spot], needs=[f"the project's service role may read {spot.reference}, in the project's own region"])
    draft.edit(place.path, top.start, [*edits, *more])
    return draft
