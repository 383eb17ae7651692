"""The secret id of an AppRole of Vault or OpenBao: another one for the role, then the old one is destroyed.

https://developer.hashicorp.com/vault/api-docs/auth/approle
"""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators._http import quoted
from secretsweep.rotators._plain import Plain
from secretsweep.rotators._vault import FORBIDDEN, Vault, mounted

NAME = "vault-approle"
NEEDS = ""
GUIDES = ("vault-approle",)
METHODS = {
    "second-secret-id": Method(
        "the role gets a second secret id, and both log in until the first is destroyed", overlap=True
    )
}
ACCOUNT = "the AppRole"
PATIENCE: tuple[float, ...] = ()
OPTIONS = {"mount": "where the login is mounted [approle]"}
_MARK = "secretsweep"  # among the metadata of a secret id: the note of the run that made it


def told(asked: Asked) -> Told:
    return Told(("tokens that were got with the old secret id live on until they end: revoke those you do not know",))


def connected(asked: Asked, environ: Mapping[str, str]) -> "AppRole":
    return AppRole(Vault(NAME, asked.url, environ), asked)


class AppRole(Plain):
    """The administrator's connection."""

    def __init__(self, vault: Vault, asked: Asked) -> None:
        self._vault = vault
        self._mount = mounted(asked, "approle")
        self._name = asked.account
        self._path = f"auth/{self._mount}/role/{quoted(asked.account)}"
        self._old = asked.old

    def assess(self) -> str:
        role = self._vault.read(self._path)
        found = self._lookup(self._old)
        if found is None or not self.works({VALUE: self._old}):
            raise RotateError(
                f"vault-approle: the leaked value is no secret id of the role {self._name} at {self._mount}/: another "
                "role or mount (--set mount=…), or dead already (`secretsweep verify`)"
            )
        policies = ", ".join(role.get("token_policies") or ()) or "default"
        return f"secret id {found['secret_id_accessor']} of the role {self._name}, policies: {policies}"

    def prepare(self, state: State) -> None:
        """The old one's accessor. A secret id with the note of a run that crashed is destroyed: nobody has it."""
        found = self._lookup(self._old)
        if found is None:
            raise RotateError("vault-approle: the old secret id is not honoured any more; nothing was changed")
        if "mark" in state:
            for accessor in self._accessors():
                if self._metadata(accessor).get(_MARK) == state["mark"]:
                    self._destroy(accessor)
        state.update(old=found["secret_id_accessor"], mark=secrets.token_hex(8))

    def create(self, state: State) -> Mapping[str, Secret]:
        """With the addresses and the metadata of the old one; life and number of uses are the role's."""
        found = self._lookup(self._old) or {}
        metadata = {**(found.get("metadata") or {}), _MARK: state["mark"]}
        body: dict[str, Any] = {"metadata": json.dumps(metadata)}
        body |= {name: found[name] for name in ("cidr_list", "token_bound_cidrs") if found.get(name)}
        made = self._vault.write(f"{self._path}/secret-id", body).body["data"]
        state["accessor"] = made["secret_id_accessor"]
        return {VALUE: Secret(made["secret_id"].encode())}

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        found = self._lookup(new[VALUE])
        if found is None:
            raise RotateError(f"vault-approle: the store has another value, which is no secret id of {self._name}")
        state["accessor"] = found["secret_id_accessor"]

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return f"secret id {state['accessor']} of the role {self._name} made"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """Whether it logs in; one that may be used so many times only is looked up instead."""
        found = self._lookup(value[VALUE])
        if found is None:
            return False
        if int(found.get("secret_id_num_uses") or 0):
            return True
        text = value[VALUE].reveal().decode("utf-8", "replace")
        body = {"role_id": self._vault.read(f"{self._path}/role-id")["role_id"], "secret_id": text}
        answer = self._vault.write(
            f"auth/{self._mount}/login", body, token=Secret(b""), expected=FORBIDDEN, hide=(value[VALUE],)
        )
        if answer.fine:
            gained = Secret(answer.body["auth"]["client_token"].encode())
            self._vault.write("auth/token/revoke-self", token=gained, expected=FORBIDDEN)  # a batch token stays
            return True
        if "invalid" in answer.said and "cidr" not in answer.said.lower():
            return False
        raise RotateError(f"vault-approle: cannot tell whether it logs in: {answer.status} {answer.said}")

    def delete(self, state: State) -> str:
        self._destroy(state["old"])
        return f"secret id {state['old']} destroyed"

    def _lookup(self, secret: Secret) -> Mapping[str, Any] | None:
        body = {"secret_id": secret.reveal().decode("utf-8", "replace")}
        answer = self._vault.write(f"{self._path}/secret-id/lookup", body, expected=(404, 400), hide=(secret,))
        if answer.status == 400:
            raise RotateError(f"vault-approle: {answer.said}")
        found = (answer.body or {}).get("data")
        return dict(found) if answer.fine and found else None

    def _accessors(self) -> list[str]:
        answer = self._vault.api.ask("LIST", f"v1/{self._path}/secret-id", expected=(404,))
        return list(((answer.body or {}).get("data") or {}).get("keys") or ())

    def _metadata(self, accessor: str) -> Mapping[str, str]:
        body = {"secret_id_accessor": accessor}
        answer = self._vault.write(f"{self._path}/secret-id-accessor/lookup", body, expected=FORBIDDEN)
        return dict(((answer.body or {}).get("data") or {}).get("metadata") or {})

    def _destroy(self, accessor: str) -> None:
        body = {"secret_id_accessor": accessor}
        gone = (*FORBIDDEN, 500)  # what one that is not there is answered, by version
        answer = self._vault.write(f"{self._path}/secret-id-accessor/destroy", body, expected=gone)
        if not answer.fine and accessor in self._accessors():
            raise RotateError(f"vault-approle: {accessor} was not destroyed: {answer.status} {answer.said}")
