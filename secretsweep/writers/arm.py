"""Azure Resource Manager: a parameter that refers to a key vault, and parameters without defaults.

A parameter file refers by the vault's resource id, which its URL does not say: it is taken from another reference to
the same vault in the tree. Syntax: learn.microsoft.com/azure/azure-resource-manager/templates (key-vault-parameter,
parameters).
"""

import json
import re
from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch
from secretsweep.writers._places import Document, Step, document, entries

FORMATS = ("arm",)
PARTS = False

_VAULT = lazyre.compile(r"https://([\w-]+)\.vault\.")
_ID = lazyre.compile(
    rb"/subscriptions/[\w-]+/resourceGroups/[\w.()-]+/providers/Microsoft\.KeyVault/vaults/([\w-]+)", re.IGNORECASE
)


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Parameters of files, and defaults of templates."""
    template = document(file.data)
    for spot in spots:
        steps = template.place(spot.literal) if template and len(spot.formats) == 1 and not spot.encodings else ()
        names = [step.name for step in steps[1:]]
        if template is None or not steps:
            yield Refusal(spot, "inside another document, or one that does not parse", "make it a parameter")
        elif names[:1] == ["parameters"] and names[2:] == ["defaultValue"]:
            yield _without_default(spot, file, template, steps)
        elif names[:1] == ["parameters"] and names[2:] == ["value"]:
            yield _referring(spot, file, template, steps, tree)
        elif names[:1] == ["parameters"] and "value" in names[2:3]:
            yield Refusal(spot, "a part of a parameter's value", "make it a parameter of its own")
        else:
            yield Refusal(spot, "the template has no references here", "make it a parameter of the type securestring")


def _referring(spot: Spot, file: File, template: Document, steps: Sequence[Step], tree: Tree) -> Change | Refusal:
    if spot.reference.store != "azure-keyvault":
        other = f"parameter files do not refer to {spot.reference.store}"
        return Refusal(spot, other, "use --store azure-keyvault, or pass the parameter on the command line")
    vault = _VAULT.match(spot.reference.scope)
    where = _resource_id(vault[1] if vault else "", file, tree)
    if not where:
        reason = "the resource id of the key vault is not known"
        instead = '"reference": {"keyVault": {"id": "/subscriptions/…/vaults/…"}, "secretName": "…"} for "value"'
        return Refusal(spot, reason, f"write {instead}")
    written = {"keyVault": {"id": where}, "secretName": spot.reference.path}
    span = Span(template.span(steps[3].key).start, template.span(steps[3].node).end)
    edit = Edit(span, f'"reference": {json.dumps(written)}'.encode())
    need = "Enable the key vault for template deployment (enabledForTemplateDeployment), and let who deploys read it"
    return Change((spot,), (FileEdit(file.path, edit),), (), SAFE, (need,))


def _resource_id(vault: str, file: File, tree: Tree) -> str:
    """As another reference to the same vault has it."""
    for path in (file.path, *(p for p in tree.paths() if p.endswith((".json", ".jsonc", ".bicep", ".bicepparam")))):
        for found in _ID.finditer(tree.read(path) or b""):
            if found[1].decode().lower() == vault.lower():
                return found.group().decode()
    return ""


def _without_default(spot: Spot, file: File, template: Document, steps: Sequence[Step]) -> Change | Refusal:
    """The parameter is kept, and it is secure."""
    parameter, default = steps[2], steps[3]
    kind = next((step for step in entries(parameter.node) if step.name == "type"), None)
    gone = template.without(parameter.node, default)
    if kind is None or gone is None or kind.node.value.lower() not in ("string", "securestring"):
        return Refusal(spot, "the default cannot be taken out alone", "remove it by hand")
    edits = [gone]
    if kind.node.value.lower() == "string":
        edits.append(Edit(template.span(kind.node), b'"securestring"'))
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in edits),
        (),
        REVIEW,
        (f"Pass {parameter.name} when it is deployed: what `{_fetch.command(spot.reference)}` says",),
        (f"whoever relied on the default of {parameter.name} has to pass it from now on",),
    )
