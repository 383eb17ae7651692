"""A variable's default: it goes, and the value comes from the environment, where Terraform runs."""

import posixpath

from secretsweep.formats.terraform import unescape
from secretsweep.model import Addition, Refusal, Spot
from secretsweep.writers import _fetch
from secretsweep.writers._hcl import Attribute
from secretsweep.writers._terraform_applied import FILE, Written, apply_reach
from secretsweep.writers._terraform_draft import Draft
from secretsweep.writers._terraform_edits import marked
from secretsweep.writers._terraform_module import Module, Place
from secretsweep.writers._terraform_reach import allows, reach


def place_default(spot: Spot, place: Place, module: Module) -> Draft | Refusal:
    """The change for the default of a variable of a root module."""
    if len(place.blocks) > 1 or place.attribute.name != "default" or len(place.top.labels) != 1:
        return Refusal(spot, "it is no default of a variable", "replace it by hand")
    name = place.top.labels[0]
    if not place.attribute.is_literal:
        return Refusal(spot, "the default is a structure with other values in it", "give it a variable of its own")
    for call in module.project.callers(module.folder):
        if call.block.get(name) is None:
            why = f"module.{call.block.labels[0]} in {call.path} gives no {name}, and would have none"
            return Refusal(spot, why, f"pass {name} there, then remediate again")
    given = exported(spot, place.data, place.attribute, name, module.folder)
    if not given:
        return Refusal(spot, "no command is known that gives it to the variable", "replace it by hand")
    draft = Draft([spot])
    without_default(draft, place, module)
    if not module.is_called:
        draft.needs.append(given)
    return draft


def without_default(draft: Draft, place: Place, module: Module) -> None:
    """A variable that has no default and is not shown; ephemeral, if all its uses take that."""
    name = place.top.labels[0]
    further = reach(module, f"var.{name}")
    marks = ["sensitive"] if further is None else ["sensitive", "ephemeral"]
    if any(use.attribute.name == "for_each" for use in module.uses(f"var.{name}")):
        marks = []  # it takes nothing sensitive
        draft.warnings.append(f"var.{name} cannot be sensitive: a for_each uses it")
    draft.edit(place.path, place.top.start, marked(place.data, place.top, marks, "default"))
    if further is not None:
        apply_reach(draft, further)
        if not module.is_called:
            draft.needs.append(f"TF_VAR_{name} also for `terraform apply` of a saved plan, which does not hold it")
        return
    for use in module.uses(f"var.{name}"):
        if use.top.kind == "output" and use.attribute.name == "value":
            draft.edit(use.path, use.top.start, marked(use.data, use.top, ("sensitive",)))
    kept = allows(module, write_only=False) or f"not every use of var.{name} takes an ephemeral value"
    draft.warnings.append(f"{kept}: the state keeps what is made from var.{name}")


def exported(spot: Spot, data: bytes, attribute: Attribute, name: str, folder: str) -> str:
    """What to run in a folder before Terraform; of a text that the credential is a part of, the rest is there too."""
    word = attribute.words[0]
    if spot.whole and len(spot.formats) == 1:
        return command(spot, name, folder)
    if word.kind != "string":
        return ""
    return command(spot, name, folder, data[word.start : spot.span.start], data[spot.span.end : word.end])


def command(spot: Spot, name: str, folder: str, before: bytes = b"", after: bytes = b"") -> str:
    """What gives the variable its value; "" when nothing is known that reads the store."""
    reads = _fetch.command(spot.reference, folder)
    value = f"{_quoted(unescape(before))}$({reads}){_quoted(unescape(after))}"
    return f'export TF_VAR_{name}="{value}" wherever Terraform runs' if reads else ""


def _quoted(text: bytes) -> str:
    said = text.decode("utf-8", "replace")
    for special in '\\"$`':
        said = said.replace(special, "\\" + special)
    return said


def own_variable(spot: Spot, place: Place, module: Module, written: Written) -> Draft | Refusal:
    """A provider cannot read from the store what it signs in to the store with: it comes from outside."""
    provider = place.top.labels[0]
    if module.is_called:
        return Refusal(spot, "the provider of a module that others call", "configure the provider in the root module")
    alias = place.top.get("alias")
    said = [provider, place.data[slice(*alias.value)].decode().strip('"') if alias else "", place.attribute.name]
    name = free(module, "_".join(filter(None, said)))
    edit = written(spot, place, f"var.{name}")
    given = command(spot, name, module.folder)
    if edit is None or not given:
        return Refusal(spot, "it is a part of a text with a form of its own", "replace it by hand")
    marks = ["sensitive = true"] if allows(module, write_only=False) else ["sensitive = true", "ephemeral = true"]
    body = "".join(f"  {line}\n" for line in ("type      = string", *marks))
    draft = Draft([spot], needs=[given])
    draft.edit(place.path, place.top.start, [edit])
    block = f'variable "{name}" {{\n{body}}}'
    draft.additions.append(Addition(posixpath.join(module.folder, FILE), block, "is given where Terraform runs"))
    draft.warnings.append(f"better than any key: the short-lived credentials that the provider {provider} finds itself")
    return draft


def free(module: Module, name: str) -> str:
    """A name that no variable of the module has."""
    number, wanted = 1, name
    while module.block("variable", wanted):
        number += 1
        wanted = f"{name}_{number}"
    return wanted
