"""The command with which a person, or a pipeline, reads a value from its store."""

import shlex

from secretsweep.model import Reference


def command(reference: Reference) -> str:
    """Prints the value, on standard output."""
    path, scope = shlex.quote(reference.path), shlex.quote(reference.scope) if reference.scope else ""
    region = f" --region {scope}" if scope else ""
    if reference.store == "aws-secretsmanager":
        return f"aws secretsmanager get-secret-value --secret-id {path} --query SecretString --output text{region}"
    if reference.store == "aws-ssm":
        return f"aws ssm get-parameter --name {path} --with-decryption --query Parameter.Value --output text{region}"
    if reference.store == "azure-keyvault":
        where = shlex.quote(f"{reference.scope.rstrip('/')}/secrets/{reference.path}")
        return f"az keyvault secret show --id {where} --query value --output tsv"
    if reference.store == "gcp-secretmanager":
        return f"gcloud secrets versions access latest --secret={path}" + (f" --project={scope}" if scope else "")
    return f"vault kv get -mount={shlex.quote(reference.mount)} -field={shlex.quote(reference.field)} {path}"
