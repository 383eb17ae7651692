"""The Secrets Store CSI driver: a SecretProviderClass says what a pod's volume gets, and which Secret is made of that.

Syntax: secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret, and of its providers:
developer.hashicorp.com/vault/docs/platform/k8s/csi/configurations,
github.com/aws/secrets-store-csi-driver-provider-aws,
azure.github.io/secrets-store-csi-driver-provider-azure/docs/getting-started/usage,
github.com/GoogleCloudPlatform/secrets-store-csi-driver-provider-gcp.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from secretsweep.model import Reference
from secretsweep.writers._literal import yaml_scalar
from secretsweep.writers._nodes import Node

GROUP = "secrets-store.csi.x-k8s.io/"
DRIVER = "secrets-store.csi.k8s.io"
_PROVIDERS = {
    "vault": "vault",
    "memory": "vault",
    "aws-secretsmanager": "aws",
    "aws-ssm": "aws",
    "azure-keyvault": "azure",
    "gcp-secretmanager": "gcp",
}
_OBJECTS = ("objects", "secrets")  # the parameters that list what is fetched
_OWN = {"azure": ("keyvaultName",), "aws": ("region",)}  # those that the reference says
_TYPES = {"aws-secretsmanager": "secretsmanager", "aws-ssm": "ssmparameter"}


class ProviderClass(NamedTuple):
    """A SecretProviderClass of the tree, as far as others are like it."""

    version: str
    name: str
    namespace: str
    provider: str
    parameters: tuple[tuple[str, str], ...]  # without the list of what is fetched
    syncs: bool  # it makes a Secret

    @property
    def templated(self) -> bool:
        return any("{{" in value for _, value in self.parameters)


def classes(root: Node) -> Iterator[ProviderClass]:
    """The class that a manifest is, if it is one."""
    version = root.text("apiVersion")
    spec = root.get("spec")
    if not version.startswith(GROUP) or root.text("kind") != "SecretProviderClass" or spec is None:
        return
    provider = spec.text("provider")
    given = spec.get("parameters")
    skipped = (*_OBJECTS, *_OWN.get(provider, ()))
    entries = [(k.value.decode("utf-8", "replace"), v) for k, v in given.entries] if given else []
    parameters = tuple((k, v.value.decode("utf-8", "replace")) for k, v in entries if k not in skipped)
    where = root.text("metadata", "namespace")
    syncs = spec.get("secretObjects") is not None
    yield ProviderClass(version, root.text("metadata", "name"), where, provider, parameters, syncs)


def fitting(reference: Reference, found: Sequence[ProviderClass]) -> list[ProviderClass]:
    """Those that read the store of the reference."""
    return [one for one in found if one.provider == _PROVIDERS.get(reference.store)]


def chosen(reference: Reference, namespace: str, found: Sequence[ProviderClass]) -> ProviderClass | str:
    """The class that a new one is like, or why nobody knows."""
    like = fitting(reference, found)
    here = [one for one in like if one.namespace == namespace] or [one for one in like if not one.namespace] or like
    if any(one.templated for one in here):
        return "the SecretProviderClasses here have parameters that a template makes"
    if len({one.parameters for one in here}) > 1:
        return "the SecretProviderClasses here log in differently, and which way is this one's is not known"
    if reference.store == "azure-keyvault" and not urlsplit(reference.scope).hostname:
        return "the name of the key vault is not known"
    if reference.store == "gcp-secretmanager" and not reference.scope:
        return "the project of the secret is not known"
    return here[0]


def role(like: ProviderClass) -> str:
    """What Vault knows the pods as; "" of other providers."""
    return dict(like.parameters).get("roleName", "") if like.provider == "vault" else ""


def body(keys: Mapping[str, Reference], like: ProviderClass, sort: str, shown: str, spelled: str, column: int) -> str:
    """`spec:` and what is below it, for a mapping at a column; its first line has no pad.

    `shown` are the lines of labels and annotations of the Secret, two columns deep.
    """
    reference = next(iter(keys.values()))
    lines = ["spec:", f"  provider: {like.provider}", "  parameters:"]
    given = dict(_own(reference)) | dict(like.parameters)
    lines += [f"    {name}: {yaml_scalar(value).decode()}" for name, value in given.items()]
    lines.append(f"    {'secrets' if like.provider == 'gcp' else 'objects'}: |")
    if like.provider == "azure":
        lines.append("      array:")
    for key, one in keys.items():
        lines += [f"      {line}" for line in _object(key, one)]
    lines += ["  secretObjects:", f"    - secretName: {spelled}", f"      type: {sort or 'Opaque'}"]
    lines += [f"    {line}" for line in shown.splitlines()]
    lines.append("      data:")
    for key in keys:
        lines += [f"        - objectName: {key}", f"          key: {key}"]
    return f"\n{' ' * column}".join(lines)


def _own(reference: Reference) -> Iterator[tuple[str, str]]:
    """Parameters that the reference says."""
    if reference.store == "azure-keyvault":
        yield "keyvaultName", (urlsplit(reference.scope).hostname or "").partition(".")[0]
    elif reference.store in _TYPES and reference.scope:
        yield "region", reference.scope


def _object(key: str, reference: Reference) -> list[str]:
    """One thing to fetch; the file in the volume is called like the key."""
    if reference.store in _TYPES:
        kind = _TYPES[reference.store]
        return [f'- objectName: "{reference.path}"', f'  objectType: "{kind}"', f'  objectAlias: "{key}"']
    if reference.store == "azure-keyvault":
        inner = [f'objectName: "{reference.path}"', "objectType: secret", f'objectAlias: "{key}"']
        return ["  - |", *(f"    {line}" for line in inner)]
    if reference.store == "gcp-secretmanager":
        name = f"projects/{reference.scope}/secrets/{reference.path}/versions/latest"
        return [f'- resourceName: "{name}"', f'  path: "{key}"']
    data = "data/" if reference.version == 2 else ""
    path = f"{reference.mount}/{data}{reference.path}"
    return [f'- objectName: "{key}"', f'  secretPath: "{path}"', f'  secretKey: "{reference.field}"']
