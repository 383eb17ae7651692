"""Which operator makes the Secret: External Secrets, or the Vault Secrets Operator where a tree uses that one alone.

Syntax of the latter: developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference, VaultStaticSecret.
"""

import re

from secretsweep import lazyre
from secretsweep.model import Reference
from secretsweep.writers import _synced
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._synced import Wanted

_NAME = lazyre.compile(r"(?=.*[a-zA-Z$])[-\w.${}]+", re.ASCII)  # with variables of Flux or envsubst
_TEMPLATED = lazyre.compile(r"(?:[-\w.${}]|\{\{[^\r\n]*?\}\})+", re.ASCII)
_OTHER = lazyre.compile(r"(?i:true|false|yes|no|on|off|y|n|null)|[\d.]+e\d+|0[xob]\w+|\{.*", re.ASCII)
_VAULT_VERSION = "secrets.hashicorp.com/v1beta1"


def by_vault(reference: Reference, cluster: Cluster) -> bool:
    """Whether the Vault Secrets Operator is the one."""
    return cluster.vault_operator and not cluster.external_secrets and reference.store in ("vault", "memory")


def unwritable(templated: bool, *names: str) -> str:
    """Why these names cannot be written again without quotes; "" when they can. One may be empty."""
    for name in filter(None, names):
        if not (_TEMPLATED if templated else _NAME).fullmatch(name) or (not templated and _OTHER.fullmatch(name)):
            return "a name in the manifest is none that Kubernetes takes, or needs its quotes"
    return ""


def objection(wanted: Wanted, cluster: Cluster) -> str:
    """Why the operator cannot make this Secret; "" when it can."""
    if why := unwritable(wanted.templated, wanted.name, wanted.namespace):
        return why
    if not by_vault(_first(wanted), cluster):
        return ""
    if len(wanted.keys) > 1 or wanted.merged or wanted.others:
        return "the Vault Secrets Operator makes a Secret of one path alone, and this one has more keys"
    return "the Vault Secrets Operator makes no immutable Secrets" if wanted.immutable else ""


def needs(wanted: Wanted, cluster: Cluster) -> tuple[str, ...]:
    """What must be in the cluster."""
    if not by_vault(_first(wanted), cluster):
        return _synced.needs(wanted, cluster)
    auth = cluster.vault_auth or "default"
    return (f"let the role of the VaultAuth {auth} read {_first(wanted)}",)


def kind(cluster: Cluster, wanted: Wanted) -> tuple[str, str]:
    """apiVersion and kind."""
    if by_vault(_first(wanted), cluster):
        return _VAULT_VERSION, "VaultStaticSecret"
    return _synced.VERSION, "ExternalSecret"


def manifest(wanted: Wanted, cluster: Cluster) -> str:
    """All of it."""
    version, name = kind(cluster, wanted)
    lines = [f"apiVersion: {version}", f"kind: {name}", "metadata:", f"  name: {wanted.name}"]
    if wanted.namespace:
        lines.append(f"  namespace: {wanted.namespace}")
    if wanted.labels:
        lines.append(wanted.labels)
    return "\n".join([*lines, body(wanted, cluster, 0), ""])


def body(wanted: Wanted, cluster: Cluster, column: int) -> str:
    """`spec:` and what is below it, for a mapping at a column; its first line has no pad."""
    pad = " " * column
    if not by_vault(_first(wanted), cluster):
        elements = [element(key, ref, wanted, cluster, column + 4) for key, ref in wanted.keys.items()]
        return head(wanted, cluster, column + 2) + ":" + "".join(f"\n{pad}    {text}" for text in elements)
    reference = _first(wanted)
    lines = ["spec:"]
    if cluster.vault_auth:
        lines.append(f"  vaultAuthRef: {cluster.vault_auth}")
    lines += [
        f"  type: kv-v{reference.version or 2}",
        f"  mount: {reference.mount}",
        f"  path: {reference.path}",
        "  refreshAfter: 1h",
        "  destination:",
        f"    name: {wanted.name}",
        "    create: true",
    ]
    if wanted.type:
        lines.append(f"    type: {wanted.type}")
    lines += [f"  {line}" for line in wanted.metadata.splitlines()]
    text = f'{{{{ get .Secrets "{reference.field}" }}}}'
    lines += [
        "    transformation:",
        "      excludeRaw: true",
        "      excludes: ['.*']",
        "      templates:",
        f"        {next(iter(wanted.keys))}:",
        f"          text: '{{{{ `{text}` }}}}'" if wanted.templated else f"          text: '{text}'",
    ]
    return f"\n{pad}".join(lines)


def listed(cluster: Cluster, wanted: Wanted) -> bool:
    """Whether each key is an element of a list of its own."""
    return not by_vault(_first(wanted), cluster)


def head(wanted: Wanted, cluster: Cluster, inner: int) -> str:
    """From `spec:` to `data`, before the elements; what is below `spec` at column `inner`."""
    pad = " " * inner
    return f"spec:\n{_synced.spec(wanted, cluster, pad)}\n{pad}data"


def element(key: str, reference: Reference, wanted: Wanted, cluster: Cluster, inner: int) -> str:
    """One key; its first line has no pad."""
    return _synced.entry(key, reference, wanted, cluster, " " * inner)


def _first(wanted: Wanted) -> Reference:
    return next(iter(wanted.keys.values()))
