"""Ansible: a lookup in the place of the value. It is lazy: read at each use, on the machine that runs the playbook.

Syntax: docs.ansible.com, collections community.hashi_vault (vault_kv1_get, vault_kv2_get), amazon.aws
(secretsmanager_secret, ssm_parameter), azure.azcollection (azure_keyvault_secret), google.cloud (gcp_secret_manager).
"""

from collections.abc import Callable, Iterator, Sequence

from secretsweep.model import Change, Edit, FileEdit, Reference, Refusal, Spot
from secretsweep.writers import File, Tree
from secretsweep.writers._literal import is_scalar, quoted, yaml_scalar

FORMATS = ("ansible",)
PARTS = False


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one lookup."""
    for spot in spots:
        lookup = _LOOKUPS.get(spot.reference.store)
        if lookup is None:
            yield Refusal(spot, f"no lookup of Ansible reads {spot.reference.store}", "choose another store")
        elif not is_scalar(spot):
            yield Refusal(spot, "the value is in a block of text or encoded", "move it to a variable of its own")
        else:
            text = yaml_scalar(f"{{{{ {lookup(spot.reference)} }}}}")
            yield Change(
                (spot,),
                (FileEdit(file.path, Edit(quoted(file.data, spot), text)),),
                needs=(_NEEDS[spot.reference.store],),
            )


def _vault(reference: Reference) -> str:
    name = "vault_kv1_get" if reference.version == 1 else "vault_kv2_get"
    where = f"'{reference.path}', engine_mount_point='{reference.mount}'"
    return f"lookup('community.hashi_vault.{name}', {where}).secret.{reference.field}"


def _secretsmanager(reference: Reference) -> str:
    return f"lookup('amazon.aws.secretsmanager_secret', '{reference.path}')"


def _ssm(reference: Reference) -> str:
    return f"lookup('amazon.aws.ssm_parameter', '{reference.path}')"


def _azure(reference: Reference) -> str:
    return f"lookup('azure.azcollection.azure_keyvault_secret', '{reference.path}', vault_url='{reference.scope}')"


def _gcp(reference: Reference) -> str:
    return f"lookup('google.cloud.gcp_secret_manager', key='{reference.path}', project='{reference.scope}')"


_LOOKUPS: dict[str, Callable[[Reference], str]] = {
    "memory": _vault,  # for demonstrations
    "vault": _vault,
    "aws-secretsmanager": _secretsmanager,
    "aws-ssm": _ssm,
    "azure-keyvault": _azure,
    "gcp-secretmanager": _gcp,
}
_NEEDS = {
    "memory": "the memory store is for demonstrations: nothing can read it",
    "vault": "the collection community.hashi_vault and hvac where playbooks run, with VAULT_ADDR and a login",
    "aws-secretsmanager": "the collection amazon.aws and boto3 where playbooks run, with AWS credentials",
    "aws-ssm": "the collection amazon.aws and boto3 where playbooks run, with AWS credentials",
    "azure-keyvault": "the collection azure.azcollection where playbooks run, with a login of Azure",
    "gcp-secretmanager": "the collection google.cloud where playbooks run, with a login of Google Cloud",
}
