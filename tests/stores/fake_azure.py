"""A fake of Azure Key Vault, for the vendor's own client: contract-tested against a fake, not against Azure.

It answers as the REST reference says (set, get, get deleted), asks for a token with a challenge, and keeps versions.
https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
"""

import re
from typing import Any

from faking import Asked, Said

HOST = "shop.vault.test"
_PATH = re.compile(r"/(secrets|deletedsecrets)/([0-9a-zA-Z-]{1,127})/?(?:\?|$)")


class KeyVault:
    def __init__(self) -> None:
        self.held: dict[str, list[dict[str, Any]]] = {}  # name -> versions
        self.deleted: set[str] = set()
        self.disabled: set[str] = set()
        self.refusing: Said | None = None
        self.purged_is_secret = False  # who asks may not see deleted secrets

    def __call__(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != "Bearer fake":
            resource = f"https://{asked.headers['host'].partition('.')[2]}"
            challenge = f'Bearer authorization="https://login.vault.test/tenant", resource="{resource}"'
            return Said(401, _error("Unauthorized", "no token"), {"WWW-Authenticate": challenge})
        if self.refusing and asked.method == "PUT":
            return self.refusing
        found = _PATH.match(asked.path)
        if not found or "api-version=" not in asked.path:
            return Said(400, _error("BadParameter", asked.path))
        kind, name = found[1], found[2].lower()
        if kind == "deletedsecrets":
            if self.purged_is_secret:
                return Said(403, _error("Forbidden", "secrets/getDeleted permission"))
            return Said(200, self._shown(name)) if name in self.deleted else _missing(name)
        if asked.method == "PUT":
            return self._set(name, asked.body)
        if name not in self.held or name in self.deleted:
            return _missing(name)
        if name in self.disabled:
            return Said(403, _error("Forbidden", "Operation get is not allowed on a disabled secret."))
        return Said(200, self._shown(name))

    def _set(self, name: str, body: dict[str, Any]) -> Said:
        if name in self.deleted:
            return Said(409, _error("Conflict", f"Secret {name} is currently in a deleted but recoverable state"))
        if len(body["value"]) > 25_600:
            return Said(400, _error("BadParameter", "The value is too large"))
        self.held.setdefault(name, []).append(body)
        return Said(200, self._shown(name))

    def _shown(self, name: str) -> dict[str, Any]:
        versions = self.held[name]
        return {
            "value": versions[-1]["value"],
            "id": f"https://{HOST}/secrets/{name}/{len(versions):032x}",
            "attributes": {"enabled": True, "created": 1795325000, "updated": 1795325000},
            "tags": versions[-1].get("tags") or {},
        }


def _missing(name: str) -> Said:
    return Said(404, _error("SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault."))


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
