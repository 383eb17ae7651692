"""Vault or OpenBao: a login with role id and secret id at the address beside them; its token is revoked at once."""

from contextlib import suppress

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, _instance, dead, live, unknown
from secretsweep.verifiers.vault_token import ADDRESS, NAMESPACE, headers, otherwise

NAME = "vault-approle"
PROVIDER = "vault"
RULES = ("hashicorp-vault-approle-secret-id",)
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
BESIDE = {
    "address": ADDRESS,
    "namespace": NAMESPACE,
    "role": Beside(keys=r"(?i)role[_.-]?id$", pattern=r"[\w.-]{1,100}", near=rf"(?i)role[_.-]?id\W+(?P<value>{_UUID})"),
    "mount": Beside(keys=r"(?i)approle[_.-]?(?:mount|path)$", pattern=r"[\w/-]{1,100}", optional=True),
}
HOSTS = ()
DOCS = (
    "https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle",
    "https://openbao.org/api-docs/auth/approle/",
)
NOTE = "there is no question without a login: it takes one use of a secret id whose uses are limited"


def where(asked: Asked) -> str:
    return _instance.where(asked, "address")


def verify(asked: Asked, line: Line) -> Answer:
    """Log in once, and revoke what that gave."""
    import json

    url = _instance.url_of(asked, "address", "address of the server")
    names = {name: secret.reveal().decode("utf-8", "replace") for name, secret in asked.beside.items()}
    mount = names.get("mount", "approle").strip("/").removeprefix("auth/")
    body = json.dumps(
        {"role_id": names["role"], "secret_id": asked.secret.reveal().decode("utf-8", "replace")}
    ).encode()
    account = f"approle {names['role']}@{url}/{mount}"

    def attempt() -> Answer:
        response = line.ask("POST", f"{url}/v1/auth/{mount}/login", headers(asked), body)
        document = response.json()
        errors = str(document.get("errors")) if isinstance(document, dict) else ""
        auth = document.get("auth") if isinstance(document, dict) else None
        token = auth.get("client_token") if isinstance(auth, dict) else None
        if response.status == 200 and isinstance(token, str):
            with suppress(NoAnswer):
                line.ask("POST", f"{url}/v1/auth/token/revoke-self", headers(asked) | {"X-Vault-Token": token})
            return live(response.host, 200)
        if response.status == 400 and "invalid secret id" in errors.lower():
            return dead(response.host, 400, "no secret id of the role beside it")
        if response.status == 400 and "invalid role or secret id" in errors.lower():
            return dead(response.host, 400, "refused together with the role id beside it")
        if response.status in (403, 404):
            return unknown(
                "there is no such AppRole login here, or not in this namespace", response.host, response.status
            )
        return otherwise(response)

    return line.net.logins.once(account, asked.secret, attempt)
