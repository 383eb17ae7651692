"""What makes the Secret: External Secrets, or the Vault Secrets Operator or the CSI driver where a tree uses those.

Syntax of the latter: developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference, VaultStaticSecret.
"""

import re

from secretsweep import lazyre
from secretsweep.model import Reference
from secretsweep.writers import _confidential, _mounts, _provided, _synced
from secretsweep.writers._cluster import Cluster
from secretsweep.writers._provided import ProviderClass
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
    if why := unwritable(wanted.renderer != "", wanted.name, wanted.namespace):
        return why
    if shown := _confidential.first(wanted.others):
        return f"{shown} would stand in clear beside the reference: it stays, and the Secret is made as a whole"
    if cluster.by_csi(_first(wanted)):
        return _unsynced(wanted, cluster)
    if not by_vault(_first(wanted), cluster):
        return ""
    if wanted.renderer == "unknown":
        return "the Vault Secrets Operator has templates of its own, and so has this file"
    if len(wanted.keys) > 1 or wanted.merged or wanted.others:
        return "the Vault Secrets Operator makes a Secret of one path alone, and this one has more keys"
    return "the Vault Secrets Operator makes no immutable Secrets" if wanted.immutable else ""


def _unsynced(wanted: Wanted, cluster: Cluster) -> str:
    """Why the CSI driver cannot make this Secret."""
    if wanted.merged or wanted.others:
        return "the Secrets Store CSI driver makes a Secret as a whole, and this one has keys that stay"
    if wanted.immutable:
        return "the Secrets Store CSI driver makes no immutable Secrets"
    like = _provided.chosen(_first(wanted), wanted.namespace, cluster.classes)
    return like if isinstance(like, str) else _mounts.objection(wanted.name, cluster)


def _like(wanted: Wanted, cluster: Cluster) -> ProviderClass:
    like = _provided.chosen(_first(wanted), wanted.namespace, cluster.classes)
    assert not isinstance(like, str)  # there was no objection
    return like


def needs(wanted: Wanted, cluster: Cluster) -> tuple[str, ...]:
    """What must be in the cluster."""
    if cluster.by_csi(_first(wanted)):
        who = f"the Vault role {role} (for the" if (role := _provided.role(_like(wanted, cluster))) else "the"
        end = ")" if role else ""
        told = [f"let {who} service accounts of the pods{end} read {ref}" for ref in wanted.keys.values()]
        if not any(one.syncs for one in cluster.classes):
            told.append("let the Secrets Store CSI driver make Secrets: syncSecret.enabled=true in its chart")
        return tuple(told)
    if not by_vault(_first(wanted), cluster):
        return _synced.needs(wanted, cluster)
    auth = cluster.vault_auth or "default"
    return (f"let the role of the VaultAuth {auth} read {_first(wanted)}",)


def kind(cluster: Cluster, wanted: Wanted) -> tuple[str, str]:
    """apiVersion and kind."""
    if cluster.by_csi(_first(wanted)):
        return _like(wanted, cluster).version, "SecretProviderClass"
    if by_vault(_first(wanted), cluster):
        return _VAULT_VERSION, "VaultStaticSecret"
    return _synced.VERSION, "ExternalSecret"


def manifest(wanted: Wanted, cluster: Cluster) -> str:
    """All of it."""
    version, name = kind(cluster, wanted)
    lines = [f"apiVersion: {version}", f"kind: {name}", "metadata:", f"  name: {wanted.spelled(wanted.name)}"]
    if wanted.namespace:
        lines.append(f"  namespace: {wanted.spelled(wanted.namespace)}")
    if wanted.labels:
        lines.append(wanted.labels)
    return "\n".join([*lines, body(wanted, cluster, 0), ""])


def body(wanted: Wanted, cluster: Cluster, column: int) -> str:
    """`spec:` and what is below it, for a mapping at a column; its first line has no pad."""
    pad = " " * column
    if cluster.by_csi(_first(wanted)):
        like, secret = _like(wanted, cluster), wanted.spelled(wanted.name)
        return _provided.body(wanted.keys, like, wanted.type, wanted.metadata, secret, column)
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
        f"    name: {wanted.spelled(wanted.name)}",
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
        f"          text: '{{{{ `{text}` }}}}'" if wanted.renderer else f"          text: '{text}'",
    ]
    return f"\n{pad}".join(lines)


def listed(cluster: Cluster, wanted: Wanted) -> bool:
    """Whether each key is an element of a list of its own."""
    return not by_vault(_first(wanted), cluster) and not cluster.by_csi(_first(wanted))


def head(wanted: Wanted, cluster: Cluster, inner: int) -> str:
    """From `spec:` to `data`, before the elements; what is below `spec` at column `inner`."""
    pad = " " * inner
    return f"spec:\n{_synced.spec(wanted, cluster, pad)}\n{pad}data"


def element(key: str, reference: Reference, wanted: Wanted, cluster: Cluster, inner: int) -> str:
    """One key; its first line has no pad."""
    return _synced.entry(key, reference, wanted, cluster, " " * inner)


def _first(wanted: Wanted) -> Reference:
    return next(iter(wanted.keys.values()))
