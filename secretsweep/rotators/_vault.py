"""Vault and OpenBao as their administrator sees them: VAULT_ADDR and VAULT_TOKEN (or BAO_…), as their own command.

https://developer.hashicorp.com/vault/docs/commands#environment-variables
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import Asked
from secretsweep.rotators._http import Answer, Api, quoted

FORBIDDEN = (400, 403, 404)


class Vault:
    """A server, with the administrator's token."""

    def __init__(self, driver: str, url: str, environ: Mapping[str, str]) -> None:
        self.driver = driver
        url = url or _variable(environ, "ADDR")
        if not url:
            raise RotateError(f"{driver}: which server? Set VAULT_ADDR")
        token = _variable(environ, "TOKEN") or _kept(environ)
        if not token:
            raise RotateError(f"{driver}: no administrator's token: VAULT_TOKEN, or `vault login`")
        namespace = _variable(environ, "NAMESPACE")
        self.api = Api(
            driver,
            url,
            "X-Vault-Token",
            Secret(token.encode()),
            further={"X-Vault-Request": "true", **({"X-Vault-Namespace": namespace} if namespace else {})},
            authority=_variable(environ, "CACERT"),
            unchecked=_variable(environ, "SKIP_VERIFY").lower() in ("1", "t", "true"),
        )

    def read(self, path: str, **given: Any) -> Mapping[str, Any]:
        """The `data` of an answer. RotateError when there is none."""
        answer = self.api.ask("GET", f"v1/{path}", **given)
        return dict((answer.body or {}).get("data") or {})

    def write(self, path: str, body: Mapping[str, Any] | None = None, **given: Any) -> Answer:
        return self.api.ask("POST", f"v1/{path}", body or {}, **given)

    def own(self) -> Mapping[str, Any]:
        """What the administrator's token is."""
        return self.read("auth/token/lookup-self")

    def token(self, token: Secret) -> Mapping[str, Any] | None:
        """What a token is; None for one that is not honoured. Asked as itself, else by the administrator: a token
        may be forbidden to look at itself."""
        answer = self.api.ask("GET", "v1/auth/token/lookup-self", token=token, expected=FORBIDDEN)
        if not answer.fine:
            body = {"token": token.reveal().decode("utf-8", "replace")}
            answer = self.write("auth/token/lookup", body, expected=FORBIDDEN, hide=(token,))
        if answer.fine:
            return dict(answer.body["data"])
        if "bad token" in answer.said or "invalid token" in answer.said or answer.status == 404:
            return None
        raise RotateError(f"{self.driver}: cannot tell whether the token is honoured: {answer.status} {answer.said}")


def mounted(asked: Asked, default: str) -> str:
    """Where the engine or the login is mounted, as part of a path."""
    return "/".join(map(quoted, (asked.options.get("mount") or default).strip("/").split("/")))


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"VAULT_{name}") or environ.get(f"BAO_{name}") or ""


def _kept(environ: Mapping[str, str]) -> str:
    file = Path(environ.get("HOME") or os.path.expanduser("~")) / ".vault-token"
    with suppress(OSError, UnicodeError):
        return file.read_text().strip()
    return ""
