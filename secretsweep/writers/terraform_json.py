"""Terraform's JSON: it is made by programs, so the program is what should refer to a store.

developer.hashicorp.com/terraform/language/syntax/json.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree

FORMATS = ("json",)
PATHS = lazyre.compile(r"\.(?:tf|tofu|tfvars)\.json$")
PARTS = True


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Nothing is written; what is to be done."""
    for spot in spots:
        if file.path.endswith(".tfvars.json"):
            instead = "take the entry out, and give it as TF_VAR_name where Terraform runs"
        else:
            instead = "refer to the store in what makes the file, or write the block in a .tf file beside it"
        yield Refusal(spot, "Terraform's JSON is made by programs", instead)
