"""A token of Vault or OpenBao that was made by hand: another one with the same rights, then the old one is revoked.

Revoking a token ends its children and all leases that it made. The new one has no parent: it would end with the login
of whoever rotates. Tokens that a login gave, root tokens and batch tokens are refused: those are rotated otherwise.

https://developer.hashicorp.com/vault/api-docs/auth/token
"""

from collections.abc import Mapping
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators._plain import Plain
from secretsweep.rotators._vault import FORBIDDEN, Vault

NAME = "vault-token"
NEEDS = ""
GUIDES = ("vault-token",)
METHODS = {
    "second-token": Method(
        "a second token with the same policies, and both work until the first is revoked with its children and leases",
        overlap=True,
    )
}
ACCOUNT = ""
PATIENCE: tuple[float, ...] = ()
OPTIONS: dict[str, str] = {}
_PATH = "auth/token/create"


def told(asked: Asked) -> Told:
    return Told(("what the old token has made ends with it: child tokens, and leases such as logins at databases",))


def connected(asked: Asked, environ: Mapping[str, str]) -> "Token":
    return Token(Vault(NAME, asked.url, environ), asked)


class Token(Plain):
    """The administrator's connection."""

    def __init__(self, vault: Vault, asked: Asked) -> None:
        self._vault = vault
        self._old = asked.old

    def assess(self) -> str:
        found = self._found()
        kind = found.get("type")
        problem = ""
        if kind == "batch":
            problem = "a batch token cannot be revoked: it ends by itself, or with its parent"
        elif "root" in found["policies"]:
            problem = "a root token is made anew with `vault operator generate-root`, revoked, and not kept"
        elif not str(found["path"]).startswith(_PATH):
            problem = (
                f"a login at {found['path']} gave it: revoke it (vault token revoke -accessor {found['accessor']}), "
                "and rotate what logs in there"
            )
        elif int(found.get("num_uses") or 0):
            problem = "it may be used so many times only: trying it would use it up"
        elif found["accessor"] == self._vault.own()["accessor"]:
            problem = "it is the token that you work with; be another administrator"
        if problem:
            raise RotateError(f"vault-token: {problem}")
        period = f", period {found['period']} s" if found.get("period") else ""
        return f"{kind} token {found['accessor']} with policies {', '.join(found['policies'])}{period}"

    def prepare(self, state: State) -> None:
        """One that was made and never stored is revoked: nobody has it any more."""
        if "accessor" in state:
            self._revoke(state.pop("accessor"))
        state["old"] = self._found()["accessor"]

    def create(self, state: State) -> Mapping[str, Secret]:
        found = self._found()
        role = str(found["path"]).removeprefix(f"{_PATH}/") if str(found["path"]).startswith(f"{_PATH}/") else ""
        body: dict[str, Any] = {
            "policies": [policy for policy in found["policies"] if policy != "default"],
            "no_default_policy": "default" not in found["policies"],
            "renewable": bool(found.get("renewable")),
            "display_name": str(found.get("display_name") or "").removeprefix("token-"),
            "meta": found.get("meta") or {},
        }
        for name, value in (("period", found.get("period")), ("explicit_max_ttl", found.get("explicit_max_ttl"))):
            if value:
                body[name] = f"{value}s"
        if "period" not in body and found.get("creation_ttl"):
            body["ttl"] = f"{found['creation_ttl']}s"
        path = f"{_PATH}/{role}" if role else f"{_PATH}-orphan"
        made = self._vault.write(path, body).body["auth"]
        state["accessor"] = made["accessor"]
        if not made.get("orphan") and int(self._vault.own().get("ttl") or 0):
            self._revoke(state.pop("accessor"))
            raise RotateError(
                f"vault-token: the token role {role} makes children of your own token, which ends: use a root token, "
                "or `orphan=true` in the role"
            )
        return {VALUE: Secret(made["client_token"].encode())}

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        found = self._vault.token(new[VALUE])
        if found is None:
            raise RotateError("vault-token: the store has another token, which is not honoured; nothing was changed")
        state["accessor"] = found["accessor"]

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return f"token {state['accessor']} made with the same policies"

    def works(self, value: Mapping[str, Secret]) -> bool:
        return self._vault.token(value[VALUE]) is not None

    def delete(self, state: State) -> str:
        self._revoke(state["old"])
        return f"token {state['old']} revoked with its children and leases"

    def _revoke(self, accessor: str) -> None:
        answer = self._vault.write("auth/token/revoke-accessor", {"accessor": accessor}, expected=FORBIDDEN)
        if not answer.fine and "invalid accessor" not in answer.said and answer.status != 404:
            raise RotateError(f"vault-token: {accessor} was not revoked: {answer.status} {answer.said}")

    def _found(self) -> Mapping[str, Any]:
        found = self._vault.token(self._old)
        if found is None:
            raise RotateError(
                f"vault-token: {self._vault.api.url} does not know the leaked token: another server or namespace, or "
                "dead already (`secretsweep verify`)"
            )
        return found
