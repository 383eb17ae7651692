"""What a tree says of the cluster: which operators it uses, which store objects they read, which names are taken."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import Reference
from secretsweep.writers import Tree, _agents, _provided
from secretsweep.writers._agents import Injected
from secretsweep.writers._nodes import Node, documents
from secretsweep.writers._provided import ProviderClass

EXTERNAL_SECRETS = "external-secrets.io"
_PATHS = lazyre.compile(r"\.(?:ya?ml|tpl)$")
_KUSTOMIZATION = lazyre.compile(r"(?:^|/)(?:kustomization\.ya?ml|Kustomization)$")
_RENDERED = lazyre.compile(r"\.(?:j2|jinja2?|tpl|tmpl|gotmpl|erb)$")
_CHARTS = ("Chart.yaml", "Chart.yml")
_RENAMES = lazyre.compile(rb"(?m)^name(?:Prefix|Suffix):")
_TELLS = lazyre.compile(
    rb"external-secrets|secrets\.hashicorp\.com|vault-secrets-operator|sealed-secrets|kind:\s+[\"']?\w*Secret\b|"
    rb"secrets-store\.csi\.|vault\.hashicorp\.com/agent-inject"
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
    charts: frozenset[str]  # folders of Helm charts
    classes: tuple[ProviderClass, ...] = ()  # of the Secrets Store CSI driver
    publishes: bool = False  # volumes of that driver log in with a Secret of their own
    renamed: bool = False  # kustomize gives things other names
    injected: tuple[Injected, ...] = ()  # workloads that Vault's Agent injector serves

    def by_csi(self, reference: Reference) -> bool:
        """Whether the Secrets Store CSI driver is what brings values here, and reads that store."""
        used = self.external_secrets or (self.vault_operator and reference.store in ("vault", "memory"))
        return not used and bool(_provided.fitting(reference, self.classes))

    def by_agent(self, reference: Reference) -> bool:
        """Whether Vault's Agent injector is what brings values here."""
        used = self.external_secrets or self.vault_operator or self.by_csi(reference)
        return not used and reference.store in ("vault", "memory") and bool(self.injected)

    def renderer(self, path: str, templated: bool) -> str:
        """What puts out the templates of a manifest: `helm`, `unknown`; "" when nothing does."""
        if any(path.startswith(f"{chart}/templates/" if chart else "templates/") for chart in self.charts):
            return "helm"
        return "unknown" if templated or _RENDERED.search(path) else ""


def cluster(tree: Tree) -> Cluster:
    """Read from the tree once."""
    return _read(tree)  # type: ignore[arg-type]  # every object is its own key


@lru_cache(maxsize=2)
def _read(tree: Tree) -> Cluster:
    external = outdated = operator = plugin = sealed = False
    versions: set[str] = set()
    auth = ""
    found: list[StoreObject] = []
    classes: list[ProviderClass] = []
    agents: list[Injected] = []
    publishes = renamed = False
    names: set[str] = set()
    patches: set[str] = set()
    kustomizations: list[str] = []
    charts = frozenset(posixpath.dirname(p) for p in tree.paths() if posixpath.basename(p) in _CHARTS)
    for path in tree.paths():
        is_kustomization = _KUSTOMIZATION.search(path) is not None
        if not is_kustomization and not _PATHS.search(path):
            continue
        data = tree.read(path) or b""
        plugin = plugin or _PLUGIN.search(data) is not None
        if is_kustomization:
            kustomizations.append(path)
            patches.update(_patched(path, data))
            renamed = renamed or _RENAMES.search(data) is not None
        publishes = publishes or b"nodePublishSecretRef" in data
        if not _TELLS.search(data):
            continue
        external = external or b"external-secrets" in data
        versions.update(v.decode() for v in _VERSION.findall(data))
        operator = operator or b"secrets.hashicorp.com" in data or b"vault-secrets-operator" in data
        sealed = sealed or b"sealed-secrets" in data
        for root in manifests(data):
            kind = root.text("kind")
            agents += _agents.injected(root)
            sealed = sealed or kind == "SealedSecret"
            if kind.endswith("Secret"):
                names.add(root.text("metadata", "name"))
                names.add(root.text("spec", "target", "name"))
            elif kind in ("SecretStore", "ClusterSecretStore") and (store := _store(root, kind)):
                found.append(store)
            elif kind == "SecretProviderClass":
                classes += _provided.classes(root)
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
        charts,
        tuple(classes),
        publishes,
        renamed,
        tuple(agents),
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
