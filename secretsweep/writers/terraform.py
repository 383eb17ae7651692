"""Terraform and OpenTofu: what takes the value decides what stands in its place.

An argument with a write-only twin becomes that twin, providers and provisioners take ephemeral values, variables lose
their default, and what can do nothing else is read by a data source, with the warning that the state keeps the value.
developer.hashicorp.com/terraform/language/manage-sensitive-data, registry.terraform.io/providers.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence

from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree, _hcl, _terraform_containers, _terraform_tfvars
from secretsweep.writers._terraform_applied import Written, value_edit
from secretsweep.writers._terraform_containers import Contained
from secretsweep.writers._terraform_draft import Draft, changes
from secretsweep.writers._terraform_module import SUFFIXES, Place, Project, parsed
from secretsweep.writers._terraform_values import place_value
from secretsweep.writers._terraform_variables import place_default

FORMATS = ("terraform",)
PARTS = True

_OTHERS = {  # HCL of other programs, and of Terraform where it takes no expressions
    r"\.tfbackend$": (
        "a backend's settings take no expressions",
        "leave it out: the environment or `terraform init -backend-config=…` gives it",
    ),
    r"\.tftest\.hcl$|\.tofutest\.hcl$": ("a test's variables are its own", "give the test a value that is no secret"),
    r"\.pkr(?:vars)?\.hcl$": ("a template of Packer", "declare a sensitive variable, and give it as PKR_VAR_name"),
    r"(?:^|/)terragrunt\.hcl$": ("Terragrunt's inputs", "read it with get_env(), or leave it to the module"),
    r"\.nomad(?:\.hcl)?$": ("a job of Nomad", "read it in a `template` block from Vault or a Nomad variable"),
}


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Spots of one block become one change."""
    yield from rewritten(spots, file, tree, value_edit)


def rewritten(spots: Sequence[Spot], file: File, tree: Tree, edit: Written) -> Iterator[Change | Refusal]:
    """The same, where `edit` says how an expression is written in the place of a spot."""
    why, instead = _not_ours(file.path)
    root = parsed(file.data)
    if not why and root is None:
        why, instead = "the file does not parse", "replace it by hand"
    if why or root is None:
        yield from (Refusal(spot, why, instead) for spot in spots)
        return
    project = Project(tree, file)
    drafts: list[Draft] = []
    held: list[Contained] = []
    for spot in spots:
        found = _placed(spot, file, root, project, edit)
        if isinstance(found, Contained):
            held.append(found)
        elif isinstance(found, Refusal):
            yield found
        else:
            drafts.append(found)
    for further in _terraform_containers.drafts(held, project.module(posixpath.dirname(file.path))):
        if isinstance(further, Refusal):
            yield further
        else:
            drafts.append(further)
    yield from changes(drafts, project)


def _placed(spot: Spot, file: File, root: _hcl.Block, project: Project, edit: Written) -> Draft | Refusal | Contained:
    if spot.encodings:
        return Refusal(spot, "the value is encoded", "read the plain value, and encode it there (base64encode)")
    found = _hcl.at(root, spot.literal.start)
    if found is None:
        return Refusal(spot, "it is no argument of a block", "replace it by hand")
    blocks, attribute = found
    if file.path.endswith(".tfvars"):
        return _terraform_tfvars.place_line(spot, file, attribute, project)
    if not blocks:
        return Refusal(spot, "it stands outside of all blocks", "replace it by hand")
    place = Place(file.path, file.data, blocks, attribute)
    module = project.module(posixpath.dirname(file.path))
    if blocks[0].kind == "variable":
        return place_default(spot, place, module)
    fetched = _terraform_containers.contained(spot, place) or _terraform_containers.build(spot, place)
    return fetched or place_value(spot, place, module, edit)


def _not_ours(path: str) -> tuple[str, str]:
    for pattern, said in _OTHERS.items():
        if re.search(pattern, path):
            return said
    if not path.endswith((*SUFFIXES, ".tfvars")):
        return "what reads this file is not known", "replace it by hand"
    return "", ""
