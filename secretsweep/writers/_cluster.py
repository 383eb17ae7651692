"""What a tree says of the cluster: which operators it uses, which store objects they read, which names are taken."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import Reference
from secretsweep.writers import Tree
from secretsweep.writers._nodes import Node, documents

EXTERNAL_SECRETS = "external-secrets.io"
_PATHS = lazyre.compile(r"\.(?:ya?ml|tpl)$")
_KUSTOMIZATION = lazyre.compile(r"(?:^|/)(?:kustomization\.ya?ml|Kustomization)$")
_TELLS = lazyre.compile(
    rb"external-secrets|secrets\.hashicorp\.com|vault-secrets-operator|sealed-secrets|kind:\s+[\"']?\w*Secret\b"
)
_PLUGIN = lazyre.compile(rb"<path:|argocd-vault-plugin")
_VERSION = lazyre.compile(rb"external-secrets\.io/(v\d\w*)")
_SERVICES = {"aws-secretsmanager": "SecretsManager", "aws-ssm": "ParameterStore"}


@dataclass(frozen=True, slots=True)
class StoreObject:
    """A SecretStore or ClusterSecretStore."""

    name: str
    kind: str
    namespace: str
    provider: str  # vault, aws, azurekv, gcpsm
    service: str  # of AWS
    scope: str  # a region, a vault's URL, a project; a mount of Vault

    def serves(self, reference: Reference, namespace: str) -> bool:
        """Whether it reads where the value will be, for a manifest in `namespace`."""
        if self.kind == "SecretStore" and self.namespace and namespace and self.namespace != namespace:
            return False
        if self.provider != _PROVIDERS.get(reference.store):
            return False
        if self.provider == "vault":
            return not self.scope or self.scope.removesuffix("/data") == reference.mount
        if self.service != _SERVICES.get(reference.store, ""):
            return False
        fixed = self.scope.rstrip("/")
        return not fixed or not reference.scope or fixed == reference.scope.rstrip("/")


_PROVIDERS = {
    "vault": "vault",
    "memory": "vault",
    "aws-secretsmanager": "aws",
    "aws-ssm": "aws",
    "azure-keyvault": "azurekv",
    "gcp-secretmanager": "gcpsm",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is known of it."""

    external_secrets: bool  # the External Secrets Operator is in use
    outdated: bool  # with versions of its objects that it does not serve any more
    vault_operator: bool  # the Vault Secrets Operator is in use
    vault_auth: str  # of that operator, when the tree has one
    vault_plugin: bool  # Argo CD replaces `<path:…>`
    sealed_secrets: bool  # the Sealed Secrets controller is in use
    stores: tuple[StoreObject, ...]
    names: frozenset[str]  # of Secrets and of what makes Secrets
    patches: frozenset[str]  # files that are laid over others by kustomize
    kustomizations: tuple[str, ...]


def cluster(tree: Tree) -> Cluster:
    """Read from the tree once."""
    return _read(tree)  # type: ignore[arg-type]  # every object is its own key


@lru_cache(maxsize=2)
def _read(tree: Tree) -> Cluster:
    external = outdated = operator = plugin = sealed = False
    versions: set[str] = set()
    auth = ""
    found: list[StoreObject] = []
    names: set[str] = set()
    patches: set[str] = set()
    kustomizations: list[str] = []
    for path in tree.paths():
        is_kustomization = _KUSTOMIZATION.search(path) is not None
        if not is_kustomization and not _PATHS.search(path):
            continue
        data = tree.read(path) or b""
        plugin = plugin or _PLUGIN.search(data) is not None
        if is_kustomization:
            kustomizations.append(path)
            patches.update(_patched(path, data))
        if not _TELLS.search(data):
            continue
        external = external or b"external-secrets" in data
        versions.update(v.decode() for v in _VERSION.findall(data))
        operator = operator or b"secrets.hashicorp.com" in data or b"vault-secrets-operator" in data
        sealed = sealed or b"sealed-secrets" in data
        for root in manifests(data):
            kind = root.text("kind")
            sealed = sealed or kind == "SealedSecret"
            if kind.endswith("Secret"):
                names.add(root.text("metadata", "name"))
                names.add(root.text("spec", "target", "name"))
            elif kind in ("SecretStore", "ClusterSecretStore") and (store := _store(root, kind)):
                found.append(store)
            elif kind == "VaultAuth" and not auth:
                auth = root.text("metadata", "name")
    outdated = bool(versions) and "v1" not in versions
    found.sort(key=lambda store: (store.kind != "ClusterSecretStore", store.name))
    return Cluster(
        external,
        outdated,
        operator,
        auth,
        plugin,
        sealed,
        tuple(found),
        frozenset(names - {""}),
        frozenset(patches),
        tuple(kustomizations),
    )


def manifests(data: bytes) -> Iterator[Node]:
    """The roots of a file, and the items of its lists; nothing when it does not parse."""
    try:
        roots = documents(data)
    except Unparsed:
        return
    for root in roots:
        yield root
        items = root.get("items")
        if items is not None and root.text("kind").endswith("List"):
            yield from items.items


def _store(root: Node, kind: str) -> StoreObject | None:
    providers = root.get("spec", "provider")
    if providers is None or not providers.entries:
        return None
    key, spec = providers.entries[0]
    scope = next((text for name in ("path", "region", "vaultUrl", "projectID") if (text := spec.text(name))), "")
    if "{{" in scope:
        scope = ""
    where = root.text("metadata", "namespace")
    return StoreObject(
        root.text("metadata", "name"), kind, where, key.value.decode("utf-8", "replace"), spec.text("service"), scope
    )


def _patched(path: str, data: bytes) -> Iterator[str]:
    """The files that a kustomization patches with."""
    folder = posixpath.dirname(path)
    for root in manifests(data):
        for name in ("patches", "patchesStrategicMerge", "patchesJson6902"):
            for item in getattr(root.get(name), "items", ()):
                told = item.text("path") or item.value.decode("utf-8", "replace")
                if told and "\n" not in told:
                    yield posixpath.normpath(posixpath.join(folder, told))
