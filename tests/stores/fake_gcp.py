"""A fake of Google Secret Manager's REST, for the vendor's own client: contract-tested against a fake, not Google's.

https://cloud.google.com/secret-manager/docs/reference/rest
"""

import re
from base64 import b64decode
from typing import Any

from faking import Asked, Said

_PATH = re.compile(
    r"/v1/projects/([a-z0-9-]+)/secrets(?:/([A-Za-z0-9_-]{1,255}))?(/versions/latest)?(:\w+)?(?:\?(.*))?$"
)


class SecretManager:
    def __init__(self) -> None:
        self.secrets: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, list[str]] = {}  # base64
        self.states: dict[str, str] = {}
        self.refusing: dict[str, Said] = {}  # by operation

    def __call__(self, asked: Asked) -> Said:
        found = _PATH.match(asked.path.replace("%3A", ":"))
        if not found:
            return refused(400, "INVALID_ARGUMENT", asked.path)
        if not asked.headers.get("authorization", "").startswith("Bearer "):
            return refused(401, "UNAUTHENTICATED", "no token")
        name, operation = found[2], found[4] or ""
        key = operation or ("create" if asked.method == "POST" else "get")
        if key in self.refusing:
            return self.refusing[key]
        if key == "create":
            return self._create(re.search(r"secretId=([^&]+)", found[5] or ""), asked.body)
        if name not in self.secrets:
            return refused(404, "NOT_FOUND", f"Secret [projects/7/secrets/{name}] not found or has no versions.")
        if key == "get":
            return Said(200, self._shown(name))
        if key == ":addVersion":
            data = asked.body["payload"]["data"]
            if len(b64decode(data)) > 65_536:
                return refused(400, "INVALID_ARGUMENT", "Secret Payload exceeds the maximum size")
            self.versions[name].append(data)
            return Said(200, {"name": f"projects/7/secrets/{name}/versions/{len(self.versions[name])}"})
        return self._accessed(name)

    def _create(self, identity: "re.Match[str] | None", body: dict[str, Any]) -> Said:
        if identity is None or "replication" not in body:
            return refused(400, "INVALID_ARGUMENT", "secretId and replication are required")
        for value in body.get("labels", {}).values():
            if not re.fullmatch(r"[a-z0-9_-]{0,63}", value):
                return refused(400, "INVALID_ARGUMENT", "label")
        if identity[1] in self.secrets:
            return refused(409, "ALREADY_EXISTS", f"Secret [projects/7/secrets/{identity[1]}] already exists.")
        self.secrets[identity[1]] = body
        self.versions[identity[1]] = []
        return Said(200, self._shown(identity[1]))

    def _accessed(self, name: str) -> Said:
        if not self.versions[name]:
            return refused(404, "NOT_FOUND", f"Secret [projects/7/secrets/{name}] not found or has no versions.")
        if state := self.states.get(name):
            said = f"Secret Version [projects/7/secrets/{name}/versions/1] is in {state} state."
            return refused(400, "FAILED_PRECONDITION", said)
        number = len(self.versions[name])
        data = self.versions[name][-1]
        return Said(200, {"name": f"projects/7/secrets/{name}/versions/{number}", "payload": {"data": data}})

    def _shown(self, name: str) -> dict[str, Any]:
        body = self.secrets[name]
        return {**body, "name": f"projects/7/secrets/{name}"}


def refused(status: int, name: str, message: str) -> Said:
    return Said(status, {"error": {"code": status, "status": name, "message": message}})
