"""Azure Key Vault: a secret whose whole value is the value, as whoever Azure's own tools log in.

The service knows no creation alone: setting a secret that exists makes a new version of it, and keeps the old one. So
the name is looked at first; two writers in the same moment make two versions, and neither value is lost. A deleted
secret holds its name until it is purged. What is no UTF-8 is kept as base64, with a tag `encoding` that says so.

https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _encoded, _names
from secretsweep.stores._library import needed

NAME = "azure-keyvault"
NEEDS = "azure"
LIMIT = 25_600  # bytes of the text
LONGEST = 120  # of 127 characters of a name, so that a number fits behind it
ENCODING = "encoding"
_ODD = re.compile(r"[^a-z0-9]+")
_LONGEST_TAG = 256
_HOST = "vault.azure.net"
_LOGIN = "`az login`, or AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET"


def fitted(path: str) -> str:
    """Letters, digits and `-`; small letters, as names that differ in that alone are one name."""
    return _names.flat(path.lower(), _ODD, LONGEST)


def reference(path: str, options: Options) -> Reference:
    """In the vault that was named; the connection knows it else."""
    return Reference(NAME, path, scope=_vault(options.url))


def connected(options: Options, environ: Mapping[str, str]) -> "KeyVault":
    """With DefaultAzureCredential: variables, workload and managed identities, and the logins of Azure's tools."""
    with needed(NAME, NEEDS):
        import azure.identity
        from azure.core.exceptions import AzureError
        from azure.keyvault.secrets import SecretClient
    url = _vault(options.url or environ.get("AZURE_KEYVAULT_URL", "") or environ.get("KEY_VAULT_NAME", ""))
    if not url.startswith("https://"):
        raise StoreError(f"{NAME}: which vault? Say --url https://NAME.{_HOST}, or set AZURE_KEYVAULT_URL")
    credential = azure.identity.DefaultAzureCredential()
    client = SecretClient(url, credential, retry_connect=1, connection_timeout=10, read_timeout=30)
    return KeyVault(client, credential, url, (AzureError, ValueError))


def grants(references: Sequence[Reference]) -> str:
    """Role assignments with Azure's own command, each on one secret."""
    lines = []
    for vault, name in sorted({(reference.scope, reference.path) for reference in references}):
        called = vault.removeprefix("https://").partition(".")[0] or "VAULT"
        scope = f'"$(az keyvault show --name {called} --query id --output tsv)/secrets/{name}"'
        lines.append(
            f'az role assignment create --role "Key Vault Secrets User" --assignee PRINCIPAL --scope {scope}\n'
        )
    return "".join(lines)


def _vault(url: str) -> str:
    """The URL of a vault, of which one may say its host or its name alone."""
    if url and "://" not in url:
        url = f"https://{url if '.' in url else f'{url}.{_HOST}'}"
    return url.rstrip("/")


class KeyVault:
    """A connection to one vault."""

    def __init__(self, client: Any, credential: Any, url: str, failures: tuple[type[Exception], ...]) -> None:
        self._client = client
        self._credential = credential
        self._url = url
        self._failures = failures

    def get(self, reference: Reference) -> Secret | None:
        """Taken also where the secret is disabled, or deleted and not purged, as far as one may know that."""
        self._here(reference)
        name = reference.path
        found, problem = self._try(lambda: self._client.get_secret(name))
        if problem is None:
            return _encoded.read(found.value, (found.properties.tags or {}).get(ENCODING))
        if _status(problem) == 403 and "disabled" in str(problem):
            raise Taken
        if _status(problem) != 404:
            raise self._explained(problem, f"get {name}")
        deleted, _ = self._try(lambda: self._client.get_deleted_secret(name))
        if deleted is not None:
            raise Taken
        return None

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        text, encoding = _encoded.written(secret)
        name, size = reference.path, len(text.encode())
        if size > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {size} bytes, of {LIMIT} allowed")
        if self.get(reference) is not None:
            raise Taken
        tags = {key: secret.masked_in(said)[:_LONGEST_TAG] for key, said in about.items()}
        tags |= {ENCODING: encoding} if encoding else {}
        _, problem = self._try(lambda: self._client.set_secret(name, text, tags=tags))
        if problem is not None:
            raise self._explained(problem, f"set {name}", secret)

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        """Older versions stay. There is no check-and-set: it is read directly before."""
        self._here(reference)
        text, encoding = _encoded.written(new)
        name, size = reference.path, len(text.encode())
        if size > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {size} bytes, of {LIMIT} allowed")
        if self.get(reference) != old:
            raise Taken
        found, problem = self._try(lambda: self._client.get_secret(name))
        if problem is not None:
            raise self._explained(problem, f"get {name}")
        tags = {key: said for key, said in (found.properties.tags or {}).items() if key != ENCODING}
        tags |= {ENCODING: encoding} if encoding else {}
        _, problem = self._try(lambda: self._client.set_secret(name, text, tags=tags))
        if problem is not None:
            raise self._explained(problem, f"set {name}", new)

    def resolved(self, reference: Reference) -> Reference:
        """With the URL of the vault."""
        return reference._replace(scope=reference.scope or self._url)

    def close(self) -> None:
        self._client.close()
        if hasattr(self._credential, "close"):
            self._credential.close()

    def _here(self, reference: Reference) -> None:
        if reference.scope and reference.scope != self._url:
            raise StoreError(f"{NAME}: {reference} is in {reference.scope}: say --url {reference.scope}")

    def _try(self, call: Callable[[], Any]) -> tuple[Any, Exception | None]:
        """The answer, or what was raised: outside of its handler, so that nothing raised later hangs on it."""
        try:
            return call(), None
        except self._failures as error:
            return None, error

    def _explained(self, error: Exception, asked: str, secret: Secret | None = None) -> StoreError:
        said = " ".join(str(getattr(error, "message", None) or error).split())[:500]
        said = secret.masked_in(said) if secret else said
        kind, status = type(error).__name__, _status(error)
        if kind == "ClientAuthenticationError" or status == 401:
            return StoreError(f"{NAME}: {self._url}: no valid login: {said}; {_LOGIN}")
        if kind.startswith("Service"):
            return StoreError(f"{NAME}: {self._url} cannot be reached: {said}; is --url right?")
        if status == 409:
            return StoreError(
                f"{NAME}: {asked}: the name belongs to a deleted secret: recover or purge that one, or name values "
                f"otherwise with --path-template: {said}"
            )
        if status == 429:
            return StoreError(f"{NAME}: {self._url} is asked too often: {said}; run it again later")
        return StoreError(f"{NAME}: {asked}: {said}")


def _status(error: Exception) -> int:
    return int(getattr(error, "status_code", None) or 0)
