"""The token of a Kubernetes service account, by commands that a person runs: the cluster's administration is theirs.

A second Secret gives a second token; deleting the first Secret ends the first one. Nothing passes through here: the
value goes from kubectl into the store by a pipe, and only that the store has another value is seen.

https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
"""

import json
import re
import shlex
from collections.abc import Mapping

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told, _piped
from secretsweep.rotators._plain import Plain

NAME = "kubernetes-token"
NEEDS = ""
GUIDES = ("kubernetes-service-account",)
METHODS = {
    "commands": Method(
        "you run the commands: a second token of the service account, and both work until the first one's Secret goes",
        tried=False,
        by_hand=True,
    )
}
ACCOUNT = "the service account (namespace/name)"
PATIENCE: tuple[float, ...] = ()
OPTIONS = {
    "secret-name": "the Secret that holds the leaked token",
    "new-name": "the Secret for the new one [NAME-token-2]",
}
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def told(asked: Asked) -> Told:
    namespace, name = _account(asked)
    old, new = asked.named("secret-name"), asked.options.get("new-name") or f"{name}-token-2"
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": new,
            "namespace": namespace,
            "annotations": {"kubernetes.io/service-account.name": name},
        },
    }
    read = f"kubectl -n {namespace} get secret {shlex.quote(new)} -o jsonpath='{{.data.token}}' | base64 -d"
    reference = asked.references.get(VALUE)
    commands = {
        "create": (f"printf '%s' {shlex.quote(json.dumps(manifest))} | kubectl apply -f -",),
        "store": (f"{read} | {_piped.into(reference)}",) if reference else (),
        "delete": (f"kubectl -n {namespace} delete secret {shlex.quote(old) if old else '<secret-name>'}",),
    }
    bound = "a bound token (of a Pod, or of `kubectl create token`) ends by itself, or with what it is bound to"
    return Told((bound,), commands)


def connected(asked: Asked, environ: Mapping[str, str]) -> "ByHand":
    _account(asked)
    return ByHand()


def _account(asked: Asked) -> tuple[str, str]:
    namespace, _, name = asked.account.partition("/")
    if not _NAME.fullmatch(namespace) or not _NAME.fullmatch(name):
        raise RotateError(f"kubernetes-token: --account {asked.account}: wants namespace/name")
    return namespace, name


class ByHand(Plain):
    """Nothing is asked."""

    def assess(self) -> str:
        return ""

    def create(self, state: State) -> Mapping[str, Secret]:
        raise RotateError("kubernetes-token: a person runs the commands")

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return "made by a person; the store has another value than the leaked one"

    def works(self, value: Mapping[str, Secret]) -> bool:
        raise RotateError("kubernetes-token: a person says whether it works")

    def delete(self, state: State) -> str:
        return ""
