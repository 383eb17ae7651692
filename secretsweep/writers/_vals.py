"""What vals resolves: `ref+BACKEND://PATH`. Syntax: github.com/helmfile/vals, its README and its providers."""

from urllib.parse import urlsplit

from secretsweep.model import Reference
from secretsweep.writers import _sops


def uri(reference: Reference, folder: str = "") -> str:
    """The reference, as seen from the folder that vals is started in; "" when vals cannot say it."""
    store, path, scope = reference.store, reference.path, reference.scope
    region = f"?region={scope}" if scope else ""
    if store == "vault":
        return f"ref+vault://{reference.mount}/{path}#/{reference.field}"
    if store == "aws-secretsmanager":
        return f"ref+awssecrets://{path}{region}"
    if store == "aws-ssm" and path.startswith("/"):  # vals puts the slash before the name
        return f"ref+awsssm://{path[1:]}{region}"
    if store == "azure-keyvault" and (host := urlsplit(scope).hostname):
        return f"ref+azurekeyvault://{host.partition('.')[0]}/{path}"
    if store == "gcp-secretmanager" and scope:
        return f"ref+gcpsecrets://{scope}/{path}"
    if store == _sops.STORE:
        return f"ref+sops://{_sops.path(reference, folder)}#/{reference.field}"
    return ""
