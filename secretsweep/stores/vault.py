"""HashiCorp Vault and OpenBao: a field of a path in a key-value engine."""

import re
from collections.abc import Mapping, Sequence

from secretsweep.errors import StoreError
from secretsweep.model import Reference
from secretsweep.stores import Options, Store

NAME = "vault"
NEEDS = "vault"
FIELD = "value"
_ODD = re.compile(r"[^A-Za-z0-9/_.-]+")


def fitted(path: str) -> str:
    """Letters, digits, `/`, `_`, `.` and `-`."""
    return _ODD.sub("-", path).strip("-/")


def reference(path: str, options: Options) -> Reference:
    """KV version 2 until the server says otherwise."""
    return Reference(NAME, path, FIELD, options.mount or "secret", 2)


def connected(options: Options, environ: Mapping[str, str]) -> Store:
    raise StoreError("vault: not built yet")


def grants(references: Sequence[Reference]) -> str:
    """A policy in Vault's HCL."""
    return ""
