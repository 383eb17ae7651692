"""A literal in an argument: a reference in its place, ephemeral wherever the argument takes it."""

import posixpath

from secretsweep.model import Addition, Refusal, Spot
from secretsweep.writers import _hcl, _sops, _terraform_sinks, _terraform_source, _terraform_versions
from secretsweep.writers._terraform_applied import FILE, Written, apply_reach, at_least
from secretsweep.writers._terraform_draft import Draft
from secretsweep.writers._terraform_edits import entered, marked
from secretsweep.writers._terraform_module import Module, Place
from secretsweep.writers._terraform_reach import Reach, allows, flows, held, keeps
from secretsweep.writers._terraform_sinks import Sink, Takes
from secretsweep.writers._terraform_source import Source
from secretsweep.writers._terraform_variables import own_variable

_SIGN_IN = {
    "vault": "Terraform signs in to Vault where it runs: VAULT_ADDR, and a token or another login that may read it",
    "aws": "the role that Terraform runs with may read it",
    "azurerm": "the identity that Terraform runs with may find the vault and get its secrets",
    "google": "the service account that Terraform runs with may read it (roles/secretmanager.secretAccessor)",
    "sops": "Terraform decrypts the file where it runs: SOPS_AGE_KEY_FILE, or a login of its KMS",
}
_IMPLIED = ("vault", "aws", "azurerm", "google")  # Terraform finds them by their names


def place_value(spot: Spot, place: Place, module: Module, edit: Written) -> Draft | Refusal:
    """The change for a literal in any block but a variable's."""
    where = _terraform_sinks.sink(place)
    if where.takes is Takes.NOTHING:
        return Refusal(spot, where.reason, where.instead)
    if place.top.kind == "provider" and place.top.labels[:1] == (_terraform_source.provider(spot.reference),):
        return own_variable(spot, place, module, edit)
    draft = Draft([spot])
    ephemeral, why = _ephemeral(draft, where, place, module)
    key_vault = _key_vault(spot, module)
    reference = _terraform_source.seen(spot.reference, module.folder)
    source = _terraform_source.source(reference, True, key_vault) if ephemeral else None
    if ephemeral and source is None:
        draft, why = Draft([spot]), f"nothing ephemeral reads {spot.reference.store}"
    elif source and (why := held(module, source.provider, _terraform_versions.reader(source.kind))):
        draft, source = Draft([spot]), None
    source = source or _terraform_source.source(reference, False, key_vault)
    if source is None:
        return Refusal(spot, f"no provider of Terraform reads {spot.reference.store}", "choose another store")
    text = edit(spot, place, source.expression)
    if text is None:
        return Refusal(spot, "it is a part of a text with a form of its own", "move it to an argument of its own")
    draft.edit(place.path, place.top.start, [text])
    _explain(draft, source, place, module, why)
    for block in blocks(source, module):
        draft.additions.append(Addition(posixpath.join(module.folder, FILE), block, "reads it from the store"))
    if source.provider not in _IMPLIED:
        _require(draft, source, module)
    return draft


def _require(draft: Draft, source: Source, module: Module) -> None:
    """The entry that says where the provider comes from, in the block of the module that has the others."""
    for path, data, block in module.providers():
        if not block.get(source.provider):
            top = next(one for one in module.blocks("terraform") if block in one.block.blocks).block
            lines = [f"{source.provider} = {{", *_entry(source, module), "}"]
            draft.edit(path, top.start, entered(data, block, lines))
            return


def _entry(source: Source, module: Module) -> list[str]:
    modern = not allows(module, write_only=False)
    version = _terraform_versions.said(_terraform_versions.floor(source.provider, source.kind, modern))
    return [f'  source  = "{_terraform_source.origin(source.provider)}"', f'  version = ">= {version}"']


def _ephemeral(draft: Draft, where: Sink, place: Place, module: Module) -> tuple[bool, str]:
    """Whether the value may be ephemeral, with the edits for it in the draft; else why not."""
    if where.takes is Takes.EPHEMERAL:
        wants = place.top.kind == "resource" and place.attribute.name.endswith("_wo")
        why = allows(module, wants)
        return not why, why
    if where.takes is Takes.TWIN and where.twin is not None:
        why = keeps(module, place, where.twin)
        if not why:
            apply_reach(draft, Reach.at(module, place, where.twin))
        return not why, why
    if where.takes is Takes.FLOWS:
        why = allows(module, write_only=False)
        further = None if why else flows(module, place)
        if further is not None:
            apply_reach(draft, further)
            return True, ""
        return False, why or f"not every use of {place.address} takes a value that is not kept"
    return False, f"{place.address} takes no ephemeral value"


def _explain(draft: Draft, source: Source, place: Place, module: Module, why: str) -> None:
    if source.is_ephemeral:
        needed = _terraform_versions.reader(source.kind)
        at_least(draft, module, source.provider, needed)
        if module.terraform() == _terraform_versions.ANY:
            draft.needs.append(
                f"Terraform {_terraform_versions.said(_terraform_versions.WRITE_ONLY)} or later: "
                "nothing in the tree says which version is used"
            )
        origin = _terraform_source.origin(source.provider)
        draft.needs.append(f"the provider {origin} >= {_terraform_versions.said(needed)}")
    else:
        kept = _kept(draft.spots[0])
        draft.warnings.append(f"{why}: it is read by a data source, so the state and saved plans keep {kept}")
        draft.needs.append(f"the provider {_terraform_source.origin(source.provider)}")
        if place.top.kind == "locals":
            for output in _outputs(module, f"local.{place.attribute.name}"):
                draft.edit(output.path, output.top.start, marked(output.data, output.top, ("sensitive",)))
    draft.needs.append("`terraform init -upgrade`, when a provider is new or held back by the lock file")
    draft.needs.append(_SIGN_IN[source.provider])
    if source.provider == "aws" and (region := draft.spots[0].reference.scope):
        draft.needs.append(f"the provider aws works in {region}, where the value is")


def _kept(spot: Spot) -> str:
    """What a data source reads, and the state keeps with it."""
    if spot.reference.store != _sops.STORE:
        return "the value"
    return f"every value of {spot.reference.path}: better give it a file of its own, with --path-template"


def _outputs(module: Module, symbol: str) -> list[Place]:
    return [use for use in module.uses(symbol) if use.top.kind == "output" and use.attribute.name == "value"]


def blocks(source: Source, module: Module) -> list[str]:
    """The blocks that are not there yet, and where the provider comes from if no file says that for any."""
    found = list(source.blocks)
    if not module.providers():
        lines = "".join(f"    {line}\n" for line in _entry(source, module))
        required = f"    {source.provider} = {{\n{lines}    }}\n"
        found.insert(0, f"terraform {{\n  required_providers {{\n{required}  }}\n}}")
    return found


def _key_vault(spot: Spot, module: Module) -> str:
    """The address of the module's own block for the vault of a reference."""
    if spot.reference.store != "azure-keyvault":
        return ""
    name = _terraform_source.vault_name(spot.reference)
    for kind in ("resource", "data"):
        for _, data, block in module.blocks(kind, "azurerm_key_vault"):
            single = not block.get("count") and not block.get("for_each")
            if single and len(block.labels) == 2 and _hcl.string(data, block.get("name")) == name:
                return ".".join(("data", *block.labels) if kind == "data" else block.labels)
    return ""
