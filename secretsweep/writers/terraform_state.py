"""Terraform's state and plans are never edited: they have a serial and a checksum, and what was in them is known.

developer.hashicorp.com/terraform/language/state/sensitive-data.
"""

from collections.abc import Iterator, Sequence

from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree

FORMATS = ("terraform-state", "terraform-plan", "terraform-planfile")
PARTS = False

STATE = (
    "1. rotate the credential",
    "2. change the configuration to write-only arguments and ephemeral values",
    "3. `terraform apply`: the value leaves the state",
    "4. delete terraform.tfstate.backup and the old versions in the backend: they keep it",
    "5. `git rm --cached` the file, ignore *.tfstate, *.tfstate.*, *.tfplan and .terraform/, and move the state to an "
    "encrypted remote backend (`terraform init -migrate-state`)",
    "6. make anew what was generated (`terraform apply -replace=ADDRESS`); `terraform state rm` rotates nothing",
)
PLAN = (
    "1. rotate the credential",
    "2. change the configuration to write-only arguments and ephemeral values",
    "3. delete the plan wherever it is kept, and ignore *.tfplan: a plan holds all values of the state",
)


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Nothing is written; what is to be done, in order."""
    for spot in spots:
        state = spot.format == "terraform-state"
        what = "the state of Terraform" if state else "a plan of Terraform"
        yield Refusal(spot, f"{what} is not edited by hand", "; ".join(STATE if state else PLAN))
