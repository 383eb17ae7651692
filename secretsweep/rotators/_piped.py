"""How a person writes a value that comes through a pipe as the next version of a path, by the store's own command."""

import shlex
from urllib.parse import urlsplit

from secretsweep.model import Reference


def into(reference: Reference) -> str:
    """A command that reads the value from its standard input; a comment where there is none."""
    path = shlex.quote(reference.path)
    region = f" --region {shlex.quote(reference.scope)}" if reference.scope else ""
    if reference.store == "vault" and reference.version != 1:
        field = shlex.quote(reference.field or "value")
        return f"vault kv patch -mount={shlex.quote(reference.mount)} {path} {field}=-"
    if reference.store == "aws-secretsmanager" and not reference.field:
        return f"aws secretsmanager put-secret-value{region} --secret-id {path} --secret-string file:///dev/stdin"
    if reference.store == "aws-ssm":
        return f"aws ssm put-parameter{region} --overwrite --type SecureString --name {path} --value file:///dev/stdin"
    if reference.store == "gcp-secretmanager":
        project = f" --project={shlex.quote(reference.scope)}" if reference.scope else ""
        return f"gcloud secrets versions add {path}{project} --data-file=-"
    if reference.store == "azure-keyvault" and reference.scope:
        vault = shlex.quote((urlsplit(reference.scope).hostname or reference.scope).partition(".")[0])
        return f"az keyvault secret set --vault-name {vault} --name {path} --encoding utf-8 --file /dev/stdin"
    return f"cat  # and write it as the next version of {reference} in {reference.store}"
