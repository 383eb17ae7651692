"""The Serverless Framework: a variable that is read from AWS when the service is packaged.

Syntax: serverless.com/framework/docs/providers/aws/guide/variables (SSM Parameter Store, Secrets Manager through it).
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import SAFE, Change, Edit, FileEdit, Refusal, Spot
from secretsweep.writers import File, Tree
from secretsweep.writers._literal import quoted
from secretsweep.writers._places import document, get, text

FORMATS = ("yaml",)
PATHS = lazyre.compile(r"(?:^|/)serverless(?:[.-][\w-]+)*\.ya?ml$")
PARTS = True

_OLD = lazyre.compile(r"\D{0,3}[12](?:\D|\Z)")
_SHOWN = "the value is read when the service is packaged: it stands in the CloudFormation template, and in what it sets"


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one variable."""
    service = document(file.data)
    version = text(get(service.roots[0], "frameworkVersion")) if service and service.roots else ""
    for spot in spots:
        source = _source(spot)
        steps = service.place(spot.span) if service else ()
        if not source:
            other = f"no variable of the framework reads {spot.reference.store}"
            yield Refusal(spot, other, "use --store aws-ssm or aws-secretsmanager, or pass it as ${env:…}")
        elif not steps or spot.encodings or len(spot.formats) > 1 or spot.form not in ("plain", "single", "double"):
            yield Refusal(
                spot, "inside another document", "make it a value of its own under custom:, and refer to that"
            )
        elif _OLD.match(version):
            yield Refusal(
                spot, f"framework {version} reads such variables in another way", "move to version 3 or later"
            )
        else:
            in_flow = any(step.node.flow_style for step in steps[:-1])
            edit = _edit(spot, file.data, source, in_flow)
            if edit is None:
                yield Refusal(spot, "in an expression, or in need of quotes", "replace it by hand")
                continue
            need = f"Let who deploys the service read {spot.reference} (ssm:GetParameter, kms:Decrypt)"
            where = (FileEdit(file.path, edit),)
            instead = "better set the secret's name, and read it when the function starts"
            yield Change((spot,), where, (), SAFE, (need,), (f"{_SHOWN}; {instead}",))


def _source(spot: Spot) -> str:
    """What stands in the braces; "" for a store that the framework does not read."""
    reference = spot.reference
    region = f"({reference.scope})" if reference.scope else ""
    if reference.store == "aws-ssm":
        return f"ssm{region}:{reference.path}"
    if reference.store == "aws-secretsmanager":
        return f"ssm{region}:/aws/reference/secretsmanager/{reference.path}"
    return ""


def _edit(spot: Spot, data: bytes, source: str, in_flow: bool) -> Edit | None:
    start, end = spot.span
    opened = data.rfind(b"${", spot.literal.start, start)
    if opened >= 0 and data.rfind(b"}", opened, start) < 0:  # the text that a variable falls back to
        if data[start - 1 : start] not in (b"'", b'"') or data[end : end + 1] != data[start - 1 : start]:
            return None
        return Edit(type(spot.span)(start - 1, end + 1), source.encode())
    written = b"${%s}" % source.encode()
    span = quoted(data, spot)
    if span != spot.literal:
        return Edit(spot.span, written)
    if not in_flow:
        return Edit(spot.span, written)
    return Edit(span, b'"' + written + b'"') if spot.whole else None
