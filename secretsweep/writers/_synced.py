"""The manifest by which an operator makes a Secret from what the store holds.

Syntax: external-secrets.io/latest/api/externalsecret (v1), developer.hashicorp.com/vault/docs/deploy/kubernetes/vso
(VaultStaticSecret, secrets.hashicorp.com/v1beta1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from secretsweep.model import Reference
from secretsweep.writers._cluster import Cluster, StoreObject

VERSION = "external-secrets.io/v1"
_MISSING = {  # what the store object is called when there is none, and what it must say
    "vault": ("vault", "provider vault with path {mount}, version v{version}"),
    "memory": ("vault", "provider vault with path {mount}, version v{version}"),
    "aws-secretsmanager": ("aws-secrets-manager", "provider aws with service SecretsManager, region {scope}"),
    "aws-ssm": ("aws-parameter-store", "provider aws with service ParameterStore, region {scope}"),
    "azure-keyvault": ("azure-key-vault", "provider azurekv with vaultUrl {scope}"),
    "gcp-secretmanager": ("gcp-secret-manager", "provider gcpsm with projectID {scope}"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A Secret that is to come from the store."""

    name: str  # of the Secret, as written: templates may be in it
    keys: Mapping[str, Reference]
    namespace: str = ""  # as written
    labels: str = ""  # lines as they stand in a manifest's metadata, deeper than two columns
    merged: bool = False  # into a Secret that has other keys
    type: str = ""
    immutable: bool = False
    metadata: str = ""  # lines of labels and annotations that the Secret has, when it is not what they stand at
    others: Mapping[str, str] = field(default_factory=dict)  # keys whose values are no secrets
    renderer: str = ""  # what puts out the templates of the manifest: `helm`, `unknown`; "" when nothing does
    quote: str = ""  # around names that hold a template, where the manifest has them in quotes

    def spelled(self, name: str) -> str:
        """A name as it is written again: what was a template in quotes may be no YAML without them."""
        return f"{self.quote}{name}{self.quote}" if "{{" in name else name


def supported(store: str) -> bool:
    return store in _MISSING


def chosen(reference: Reference, namespace: str, cluster: Cluster) -> tuple[StoreObject | None, str, str]:
    """The store object, or None; its name and its kind."""
    for store in cluster.stores:
        if store.serves(reference, namespace):
            return store, store.name, store.kind
    return None, _MISSING[reference.store][0], "ClusterSecretStore"


def needs(wanted: Wanted, cluster: Cluster) -> tuple[str, ...]:
    """What must be in the cluster."""
    reference = next(iter(wanted.keys.values()))
    store, name, kind = chosen(reference, wanted.namespace, cluster)
    told = []
    if not cluster.external_secrets:
        told.append("install the External Secrets Operator: nothing in this tree says that the cluster has it")
    elif cluster.outdated:
        told.append("External Secrets Operator 0.16 or later: this tree has older versions of its objects")
    if store is None:
        says = _MISSING[reference.store][1].format(
            mount=reference.mount, version=reference.version, scope=reference.scope or "of the store"
        )
        told.append(f"create the {kind} {name} ({VERSION}): {says}")
    return tuple(told)


def spec(wanted: Wanted, cluster: Cluster, pad: str) -> str:
    """The lines below `spec:` up to `data:`, each with `pad` before it."""
    reference = next(iter(wanted.keys.values()))
    _, name, kind = chosen(reference, wanted.namespace, cluster)
    lines = [
        "refreshInterval: 1h",
        "secretStoreRef:",
        f"  name: {name}",
        f"  kind: {kind}",
        "target:",
        f"  name: {wanted.spelled(wanted.name)}",
        f"  creationPolicy: {'Merge' if wanted.merged else 'Owner'}",
    ]
    if wanted.immutable:
        lines.append("  immutable: true")
    lines += _template(wanted)
    return "\n".join(pad + line for line in lines)


def _template(wanted: Wanted) -> list[str]:
    if not (wanted.type or wanted.others):
        return []
    lines = ["  template:"]
    if wanted.type:
        lines.append(f"    type: {wanted.type}")
    if wanted.metadata:
        lines += ["    metadata:", *("    " + line for line in wanted.metadata.splitlines())]
    if wanted.others:
        lines += ["    mergePolicy: Merge", "    data:"]
        for key, value in wanted.others.items():
            lines += [f"      {key}: {line}" if not at else f"        {line}" for at, line in enumerate(_scalar(value))]
    return lines


def _scalar(value: str) -> list[str]:
    """A value in single quotes, or as a block when it has lines."""
    if "\n" in value:
        return ["|" if value.endswith("\n") else "|-", *value.rstrip("\n").split("\n")]
    return ["'" + value.replace("'", "''") + "'"]


def entry(key: str, reference: Reference, wanted: Wanted, cluster: Cluster, pad: str) -> str:
    """One element of `spec.data`; its first line has no pad before it."""
    store, _, _ = chosen(reference, wanted.namespace, cluster)
    path = reference.path
    if reference.mount and store is not None and not store.scope:
        path = f"{reference.mount}/{path}"  # the store object names no mount
    lines = [f"- secretKey: {key}", "  remoteRef:", f"    key: {path}"]
    if reference.field:
        lines.append(f"    property: {reference.field}")
    return ("\n" + pad).join(lines)
