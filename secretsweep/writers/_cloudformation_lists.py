"""Lists of variables in templates whose service fetches the value itself: containers of ECS and Batch, CodeBuild.

Syntax: docs.aws.amazon.com, AWSCloudFormation UserGuide, aws-properties-ecs-taskdefinition-secret,
aws-properties-batch-jobdefinition-secret, aws-properties-codebuild-project-environmentvariable.
"""

from collections.abc import Sequence

from secretsweep import lazyre
from secretsweep.model import SAFE, Change, Edit, FileEdit, Reference, Refusal, Span, Spot
from secretsweep.writers._places import Document, Step, entries, text
from secretsweep.writers._tasks import TEMPLATE, Task, task

# the last of the steps to what has the execution role: the properties, or what is below them
_CONTAINERS = (
    (lazyre.compile(r"AWS::ECS::TaskDefinition\.ContainerDefinitions\.\[\d+\]\.Environment\.\[\d+\]\.Value"), 3),
    (lazyre.compile(r"AWS::Batch::JobDefinition\.ContainerProperties\.Environment\.\[\d+\]\.Value"), 4),
)
_BUILDS = lazyre.compile(r"AWS::CodeBuild::Project\.Environment\.EnvironmentVariables\.\[\d+\]\.Value")
_TYPES = {"aws-secretsmanager": b"SECRETS_MANAGER", "aws-ssm": b"PARAMETER_STORE"}


def container(place: str, steps: Sequence[Step]) -> Task | None:
    """The container that a value is in the environment of."""
    role_in = next((number for pattern, number in _CONTAINERS if pattern.fullmatch(place)), None)
    return task(steps, TEMPLATE, role_in) if role_in is not None else None


def arn(reference: Reference, data: bytes) -> bytes:
    """What names a value of the stack's own account, in the syntax of the template."""
    kind = "ssm" if reference.store == "aws-ssm" else "secretsmanager"
    name = f"parameter/{reference.path.lstrip('/')}" if kind == "ssm" else f"secret:{reference.path}"
    region = reference.scope or "${AWS::Region}"
    said = f"arn:${{AWS::Partition}}:{kind}:{region}:${{AWS::AccountId}}:{name}".encode()
    return b'{"Fn::Sub": "%s"}' % said if is_json(data) else b"!Sub '%s'" % said


def is_json(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def build(spot: Spot, place: str, steps: Sequence[Step], document: Document) -> Change | Refusal | None:
    """A variable of a project, which CodeBuild reads by the name of the value; None when it is none."""
    if not _BUILDS.fullmatch(place):
        return None
    if spot.reference.store not in _TYPES:
        other = f"CodeBuild does not read {spot.reference.store}"
        return Refusal(spot, other, "use --store aws-secretsmanager or aws-ssm")
    item, value = steps[-2], steps[-1]
    if not spot.whole or spot.form == "block" or value.tag:
        return Refusal(spot, "it is a part of a variable's value", "make it a variable of its own")
    edits = [
        Edit(document.span(value.node), _quoted(spot.reference.path, document, value)),
        *_typed(spot, item, document),
    ]
    need = f"Let the project's service role read {spot.reference}, which is in the region of the project"
    where = tuple(FileEdit(spot.path, edit) for edit in edits)
    return Change((spot,), where, (), SAFE, (need,))


def _quoted(name: str, document: Document, value: Step) -> bytes:
    """The name in the quotes that the value had."""
    start, end = document.span(value.node)
    mark = document.data[start : start + 1]
    return mark + name.encode() + mark if mark in (b"'", b'"') and end - start > 1 else name.encode()


def _typed(spot: Spot, item: Step, document: Document) -> list[Edit]:
    """The type, in the place of the one that is there, or behind the value."""
    wanted, every = _TYPES[spot.reference.store], list(entries(item.node))
    known = next((entry for entry in every if entry.name == "Type"), None)
    if known is not None:
        span = document.span(known.node)
        return [Edit(span, document.data[slice(*span)].replace(text(known.node).encode(), wanted))]
    value = next(entry for entry in every if entry.name == "Value")
    key, at = document.span(value.key), document.span(value.node).end
    mark = document.data[key.start : key.start + 1].strip(b"V")
    if item.node.flow_style:
        said = b"%sType%s" % (mark, mark) + document.data[key.end : document.span(value.node).start]
        before = document.data[: key.start]
        gap = before[len(before.rstrip()) :] or b" "
        return [Edit(Span(at, at), b"," + gap + said + (mark + wanted + mark))]
    line = document.newline() + " " * document.column(value.key)
    end = document.data.find(b"\n", at)
    end = len(document.data) if end < 0 else end - (document.data[end - 1 : end] == b"\r")
    return [Edit(Span(end, end), line.encode() + b"Type: " + wanted)]
