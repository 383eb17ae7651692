"""Workloads of a tree that Vault's Agent injector serves, and how they log in.

Syntax: developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.writers import _pods
from secretsweep.writers._nodes import Node

HEAD = "vault.hashicorp.com/"
_LOGIN = lazyre.compile(
    r"vault\.hashicorp\.com/(?:agent-inject|role|service|namespace|auth-(?:path|type|min-backoff|max-backoff|config-\S+)|"
    r"tls-secret|tls-skip-verify|tls-server-name|ca-cert|ca-key|client-cert|client-key|proxy-address)"
)


class Injected(NamedTuple):
    """What a workload tells the injector, apart from what it wants."""

    namespace: str
    settings: tuple[tuple[str, str], ...]


def injected(root: Node) -> Iterator[Injected]:
    """The workload that a manifest is, when the injector serves it."""
    template = _pods.template(root)
    annotations = template.get("metadata", "annotations") if template else None
    if annotations is None or annotations.text(f"{HEAD}agent-inject") != "true":
        return
    told = ((key.value.decode("utf-8", "replace"), value) for key, value in annotations.entries)
    settings = tuple(
        sorted((key, value.value.decode("utf-8", "replace")) for key, value in told if _LOGIN.fullmatch(key))
    )
    yield Injected(root.text("metadata", "namespace"), settings)


def chosen(template: Node, namespace: str, found: Sequence[Injected]) -> Injected | str:
    """How a pod is to log in: as it does already, else as all others do, or why nobody knows."""
    annotations = template.get("metadata", "annotations")
    own = annotations.text(f"{HEAD}role") if annotations else ""
    if own:
        return Injected(namespace, ((f"{HEAD}agent-inject", "true"), (f"{HEAD}role", own)))
    here = [one for one in found if one.namespace == namespace] or [one for one in found if not one.namespace]
    here = here or list(found)
    if len({one.settings for one in here}) > 1:
        return "the workloads that Vault's Agent injector serves log in differently, and this one's way is not known"
    settings = here[0].settings
    if not dict(settings).get(f"{HEAD}role"):
        return "the role that Vault's Agent injector logs in with is not known"
    if any("{{" in value or "'" in value for _, value in settings):
        return "the annotations of Vault's Agent injector are made by a template here"
    return here[0]
