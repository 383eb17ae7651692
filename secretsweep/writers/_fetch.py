"""The command that prints a value, for each store, and what it needs where it runs.

Vault: developer.hashicorp.com/vault/docs/commands/kv/get (OpenBao's `bao` takes the same); AWS: docs.aws.amazon.com/cli
(secretsmanager get-secret-value, ssm get-parameter); Azure: learn.microsoft.com/cli/azure/keyvault/secret; Google:
cloud.google.com/sdk/gcloud/reference/secrets/versions/access; sops: its own help.
"""

import shlex

from secretsweep.model import Reference
from secretsweep.writers import _sops


def command(reference: Reference, folder: str = "") -> str:
    """It prints the value and perhaps a newline; "" for a store that no command reads. `folder` is where in the tree it
    is given, which counts where the value is in the tree as well."""
    path, scope = shlex.quote(reference.path), shlex.quote(reference.scope)
    match reference.store:
        case "vault" | "memory":
            return f"vault kv get -mount={shlex.quote(reference.mount)} -field={reference.field} {path}"
        case "aws-secretsmanager":
            region = f" --region {scope}" if reference.scope else ""
            return f"aws secretsmanager get-secret-value{region} --secret-id {path} --query SecretString --output text"
        case "aws-ssm":
            region = f" --region {scope}" if reference.scope else ""
            return (
                f"aws ssm get-parameter{region} --name {path} --with-decryption --query Parameter.Value --output text"
            )
        case "azure-keyvault":
            url = shlex.quote(f"{reference.scope.rstrip('/')}/secrets/{reference.path}")
            return f"az keyvault secret show --id {url} --query value --output tsv"
        case "gcp-secretmanager":
            project = f" --project={scope}" if reference.scope else ""
            return f"gcloud secrets versions access latest{project} --secret={path}"
        case _sops.STORE:
            return _sops.read_from(reference, folder)
    return ""


def need(store: str, where: str) -> str:
    """What must be there, `where` it runs."""
    return _NEEDS[store].format(where)


def folds(store: str) -> bool:
    """Whether the command prints values of several lines in another way."""
    return store == "azure-keyvault"  # --output tsv is a table


_VAULT = "have the program vault {}, with VAULT_ADDR and a login (vault login -method=aws, or an agent's token)"
_AWS = "have the program aws {}, with a role that may read it (on EC2: an instance profile, IMDSv2) and a region"
_NEEDS = {
    "memory": "the memory store is for demonstrations: nothing can read it",
    "vault": _VAULT,
    "aws-secretsmanager": _AWS,
    "aws-ssm": _AWS,
    "azure-keyvault": "have the program az {}, logged in as an identity that may get secrets (az login --identity)",
    "gcp-secretmanager": "have the program gcloud {}, with a service account that has secretAccessor on it",
    _sops.STORE: "have the program sops {}, with a key for the file (SOPS_AGE_KEY_FILE, or a login of its KMS)",
}
