"""What all changes of Terraform's files have in common: a reference in the place of a literal, and what it renames."""

from collections.abc import Callable

from secretsweep import lazyre
from secretsweep.model import Edit, Span, Spot
from secretsweep.writers import _hcl, _terraform_versions
from secretsweep.writers._terraform_draft import Draft
from secretsweep.writers._terraform_edits import marked, renamed
from secretsweep.writers._terraform_module import Module, Place
from secretsweep.writers._terraform_reach import Reach, held
from secretsweep.writers._terraform_versions import Version

FILE = "secretsweep.tf"
Written = Callable[[Spot, Place, str], Edit | None]  # an expression in the place of a spot
_UNSENT = (
    "log in after the apply: the provider is reported not to send the new argument to an instance that had the old one "
    "(hashicorp/terraform-provider-aws, issue 42582)"
)
_MANAGED = lazyre.compile(r"aws_(?:(?:db|docdb|redshift|rds)_(?:cluster|instance)|redshiftserverless_namespace)")


def apply_reach(draft: Draft, reach: Reach) -> None:
    """Renames and marks, in whatever files they are."""
    for place, twin in reach.renames:
        draft.edit(place.path, place.top.start, renamed(place, twin))
        if twin.counter:
            draft.needs.append(f"{place.address}: raise {twin.counter} with every new value, or nothing is sent")
        if _MANAGED.fullmatch(place.top.labels[0]):
            managed = "manage_admin_password" if "serverless" in place.top.labels[0] else "manage_master_user_password"
            draft.warnings.append(f"{place.address}: with {managed} AWS would make and rotate the password itself")
        if place.top.labels[0] == "aws_db_instance":
            draft.warnings.append(f"{place.address}: {_UNSENT}")
    for module, provider, needed in reach.versions:
        at_least(draft, module, provider, needed)
    for path, data, block in reach.variables:
        draft.edit(path, block.start, marked(data, block, ("sensitive", "ephemeral")))


def at_least(draft: Draft, module: Module, provider: str, needed: Version) -> None:
    """A module asks for a version of a provider, unless its lock file has one that is new enough."""
    locked, said = module.locked(provider), _terraform_versions.said(needed)
    if locked and locked >= needed:
        return
    found = module.constraint(provider)
    if found and module.provider(provider).low < needed:
        one, span = found
        before = one.data[slice(*span)].decode("utf-8", "replace")
        wanted = max(needed, _terraform_versions.modern(provider))
        draft.ask(one.path, span, before, wanted if held(module, provider, wanted) == "" else needed)
    if locked:
        old = _terraform_versions.said(locked)
        draft.warnings.append(
            f"the lock file holds {provider} at {old}, and this needs {said}: terraform init -upgrade"
        )


def value_edit(spot: Spot, place: Place, expression: str) -> Edit | None:
    """The expression in the place of the literal, or in its middle; None when the text has a form of its own."""
    data = place.data
    if spot.form == "heredoc":
        word = next((w for w in place.attribute.words if w.kind == "heredoc" and w.start <= spot.literal.start), None)
        if word is None:
            return None
        if not spot.whole:
            return Edit(spot.span, f"${{{expression}}}".encode())
        raw = data[word.start : word.end].replace(b"\r\n", b"\n")
        if word.text and not raw.lstrip(b" \t").startswith(b"\n") and raw.count(b"\n") == raw.rstrip().count(b"\n") + 1:
            raw = raw.lstrip(b" \t")
        body = data[slice(*spot.literal)].replace(b"\r\n", b"\n")
        if raw not in (body + b"\n",):
            return None
        span = Span(_hcl.begins(data, word), _hcl.ends(data, word))
        return Edit(span, f'"${{{expression}}}\\n"'.encode())
    start, end = spot.literal
    if data[start - 1 : start] != b'"' or data[end : end + 1] != b'"':
        return None
    if spot.whole:
        return Edit(Span(start - 1, end + 1), expression.encode())
    return Edit(spot.span, f"${{{expression}}}".encode()) if spot.literal.covers(spot.span) else None
