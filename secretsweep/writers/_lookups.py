"""The lookups of Ansible that read a store, and what they need. They run on the machine that plays, at each use.

Syntax: docs.ansible.com, collections community.hashi_vault (vault_kv1_get, vault_kv2_get), amazon.aws
(secretsmanager_secret, ssm_parameter), azure.azcollection (azure_keyvault_secret), google.cloud (gcp_secret_manager),
community.sops (sops; a relative path counts from the folder of the playbook).
"""

from collections.abc import Callable

from secretsweep.model import Reference
from secretsweep.writers import _sops


def lookup(reference: Reference, folder: str = "") -> str:
    """The expression; "" for a store that none reads. `folder` is the one that the playbooks are in."""
    if reference.store == _sops.STORE:
        file = _sops.path(reference, folder)
        return f"lookup('community.sops.sops', '{file}', extract='[\"{reference.field}\"]', rstrip=false)"
    found = _LOOKUPS.get(reference.store)
    return found(reference) if found else ""


def need(store: str) -> str:
    return _NEEDS[store]


def _vault(reference: Reference) -> str:
    name = "vault_kv1_get" if reference.version == 1 else "vault_kv2_get"
    where = f"'{reference.path}', engine_mount_point='{reference.mount}'"
    return f"lookup('community.hashi_vault.{name}', {where}).secret.{reference.field}"


def _secretsmanager(reference: Reference) -> str:
    return f"lookup('amazon.aws.secretsmanager_secret', '{reference.path}'{_region(reference)})"


def _ssm(reference: Reference) -> str:
    return f"lookup('amazon.aws.ssm_parameter', '{reference.path}'{_region(reference)})"


def _region(reference: Reference) -> str:
    return f", region='{reference.scope}'" if reference.scope else ""


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
    _sops.STORE: "the collection community.sops and sops where playbooks run, with a key for the file",
}
