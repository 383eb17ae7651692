"""CloudFormation and SAM: a dynamic reference where the service takes the password; a default that nobody may know
goes, and its parameter is not echoed. Containers and builds are given the name of the value. Where a resource shows
its properties to everybody, nothing is written, but for functions: no other place gives them a value without a change
of their code.

Syntax: docs.aws.amazon.com, AWSCloudFormation UserGuide, dynamic-references (secretsmanager, ssm-secure), parameters.
"""

from collections.abc import Iterator, Sequence

from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _cloudformation_lists, _fetch, _tasks
from secretsweep.writers._cloudformation import FUNCTIONS, SECURE, SHOWN, shown
from secretsweep.writers._literal import quoted
from secretsweep.writers._places import Document, Step, document, entries, get, text
from secretsweep.writers._tasks import Task

FORMATS = ("cloudformation",)
PARTS = True

_STORES = ("aws-secretsmanager", "aws-ssm")
# What these yield is resolved, what others make of a literal is not known; and how deep their arguments are.
_ARGUMENTS = {"Fn::If": 1, "Fn::Join": 2, "Fn::Sub": 2}


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one reference."""
    template = document(file.data)
    held: list[tuple[Spot, Task, bytes]] = []
    for spot in spots:
        if len(spot.formats) > 1 or spot.encodings:
            yield Refusal(spot, "the template or the value is inside another document", "move it to its own file")
        elif template is None:
            yield Refusal(spot, "the template does not parse", "mend it first")
        else:
            found = _rewritten(spot, file, template)
            if isinstance(found, Task):
                held.append((spot, found, _cloudformation_lists.arn(spot.reference, file.data)))
            else:
                yield found
    if template is not None:
        yield from _tasks.changes(held, template, _tasks.TEMPLATE, file.path)


def _rewritten(spot: Spot, file: File, template: Document) -> Change | Refusal | Task:
    steps = template.place(spot.literal if spot.whole else spot.span)
    if not steps:
        return Refusal(spot, "put together of several texts", "write it as one text with Fn::Sub")
    names, through = _address(steps)
    if names[:1] == ["Parameters"] and len(names) == 3 and names[2] == "Default":
        return _without_default(spot, file, template, steps)
    kind = text(get(steps[2].node, "Type")) if len(steps) > 3 else ""
    place = ".".join((kind, *names[3:]))
    if names[:1] == ["Resources"] and (found := _cloudformation_lists.container(place, steps)):
        return _tasks.refusal(spot, found) or found
    if built := _cloudformation_lists.build(spot, place, steps, template):
        return built
    if spot.reference.store not in _STORES:
        other = f"no reference of CloudFormation reads {spot.reference.store}"
        return Refusal(spot, other, "use --store aws-secretsmanager, or mirror the value there")
    if names[:1] != ["Resources"] or names[2:3] != ["Properties"] or len(names) < 4:
        section = names[2] if names[:1] == ["Resources"] and len(names) > 2 else names[0] if names else "this place"
        return Refusal(spot, f"references are not resolved in {section}", "refer to it in a property of a resource")
    if odd := [function for function in through if function not in _ARGUMENTS]:
        return Refusal(spot, f"no reference is resolved inside of {odd[0]}", "take it out of the function")
    if why := shown(kind, ".".join(names[3:])):
        return Refusal(spot, *why)
    return _resolved(spot, file, kind, names[3:], any(step.node.flow_style for step in steps[:-1]))


def _address(steps: Sequence[Step]) -> tuple[list[str], list[str]]:
    """The keys from the top without functions, and the functions on the way."""
    names: list[str] = []
    through: list[str] = []
    arguments = 0  # levels of a function's arguments that are no address
    for step in steps[1:]:
        function = f"Fn::{step.tag[1:]}" if step.tag.startswith("!") else ""
        if step.name.startswith("Fn::"):
            function = step.name
        elif arguments:
            arguments -= 1
        else:
            names.append(step.name)
        if function:
            through.append(function)
            arguments = _ARGUMENTS.get(function, 9)
    return names, through


def _resolved(spot: Spot, file: File, kind: str, names: Sequence[str], in_flow: bool) -> Change | Refusal:
    reference = spot.reference
    place = f"{kind}.{'.'.join(names)}"
    if reference.store == "aws-ssm":
        if not SECURE.fullmatch(place) or not spot.whole:
            reason = f"CloudFormation does not read SecureString parameters for {place}"
            return Refusal(spot, reason, "use --store aws-secretsmanager, which it reads for every property")
        resolve = f"{{{{resolve:ssm-secure:{reference.path}}}}}"
    else:
        resolve = f"{{{{resolve:secretsmanager:{reference.path}:SecretString}}}}"
    span = quoted(file.data, spot) if spot.whole else spot.span
    written = resolve.encode()
    if spot.whole and spot.form != "block":
        mark = file.data[span.start : span.start + 1] if span != spot.literal else b'"'
        written = mark + written + mark
    elif spot.form == "plain" and (in_flow or spot.span.start == spot.literal.start):
        return Refusal(spot, "the braces of a reference need quotes here", "put the text in quotes")
    where = f" in {reference.scope}" if reference.scope else ""
    visible = FUNCTIONS.fullmatch(place) is not None
    return Change(
        (spot,),
        (FileEdit(file.path, Edit(span, written)),),
        disposition=REVIEW if visible else SAFE,
        needs=(f"Who deploys the stack{where} may read {reference}",),
        warnings=(
            "a later rotation reaches the resource with its next update that changes this property",
            *((SHOWN,) if visible else ()),
        ),
    )


def _without_default(spot: Spot, file: File, template: Document, steps: Sequence[Step]) -> Change | Refusal:
    """The parameter is kept, without what everybody could read."""
    parameter, default = steps[2], steps[3]
    echo = next((step for step in entries(parameter.node) if step.name == "NoEcho"), None)
    if echo is None:
        key, value = template.span(default.key), template.span(default.node)
        mark = file.data[key.start : key.start + 1]
        name = mark + b"NoEcho" + mark if mark in b"\"'" else b"NoEcho"
        colon = file.data[key.end : value.start] if default.tag == "" else b": "
        edits = [Edit(Span(key.start, value.end), name + (colon if not colon.strip(b": ") else b": ") + b"true")]
    else:
        gone = template.without(parameter.node, default)
        if gone is None:
            return Refusal(spot, "the default cannot be taken out alone", "remove it by hand")
        edits = [gone]
        if text(echo.node).lower() != "true":
            edits.append(Edit(template.span(echo.node), b"true"))
    name_of = parameter.name
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in edits),
        disposition=REVIEW,
        needs=(f"Pass {name_of} when the stack is deployed: what `{_fetch.command(spot.reference)}` says",),
        warnings=(f"whoever relied on the default of {name_of} has to pass it from now on",),
    )
