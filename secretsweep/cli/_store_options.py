"""What a command takes that talks to a secret manager: all but secrets, which come as its own tools take them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from secretsweep.stores import Options

_HELP = {
    "mount": "Mount of Vault's key-value engine [secret].",
    "namespace": "Namespace of Vault Enterprise or OpenBao.",
    "auth": "Login of Vault: token, approle, userpass, jwt, kubernetes [what the environment is set for].",
    "role": "Role of that login, or the ARN of an AWS role to assume.",
    "profile": "Profile of AWS.",
    "region": "Region of AWS; of Google Cloud, where a value is kept in one alone.",
    "key": "KMS key that encrypts, in AWS or Google Cloud.",
    "url": "URL of the store: VAULT_ADDR, an AWS endpoint, an Azure vault.",
    "project": "Project of Google Cloud.",
    "vault_id": "Vault id of ansible-vault that encrypts: `dev`, or with the file of its password `dev@FILE`.",
    "certificate": "File of the sealed-secrets controller's certificate [SEALED_SECRETS_CERT].",
}

_CALLED = {"key": "kms-key", "certificate": "cert"}


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options, and gives them to the command as one `options`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:
        own = {name: given.pop(f"store_{name}") or "" for name in _HELP}
        return command(**given, options=Options(**own))

    found: Callable[..., Any] = gathered
    for name, said in reversed(_HELP.items()):
        found = click.option(f"--{_CALLED.get(name) or name.replace('_', '-')}", f"store_{name}", help=said)(found)
    return found
