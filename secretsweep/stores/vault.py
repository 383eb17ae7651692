"""HashiCorp Vault and OpenBao: a field of a path in a key-value engine.

Version 2 creates by check-and-set: no other writer's value is ever lost. Version 1 has no such thing: the path is read
before it is written, and whoever writes in that moment is overwritten. It keeps no metadata either, so what is said of
a value stands in fields beside it. A value that is no UTF-8 is kept as base64, with a field `encoding` that says so.

https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, https://openbao.org/api-docs/secret/kv/kv-v2/
"""

import json
import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _encoded, _names
from secretsweep.stores._library import needed
from secretsweep.stores._vault_errors import Asked, explained, unlabelled
from secretsweep.stores._vault_login import address, login, trust

NAME = "vault"
NEEDS = "vault"
FIELD = "value"
ENCODING = "encoding"
LONGEST = 480  # characters of a path: what a CI variable, a file name or a URL can still carry
_ODD = re.compile(r"[^A-Za-z0-9/_.-]+")
_MOST = 512  # bytes of one custom_metadata value
_WAITS = (0.5, 1, 2, 4)  # seconds, while the server says that it is asked too much
_LABELS = {"root", "update"}  # capabilities of which one writes metadata


def fitted(path: str) -> str:
    """Letters, digits, `/`, `_`, `.` and `-`; no `..`, which a URL would lose."""
    return _names.segments(path, _ODD, LONGEST)


def reference(path: str, options: Options) -> Reference:
    """KV version 2 until the server says otherwise."""
    return Reference(NAME, path, FIELD, options.mount.strip("/") or "secret", 2)


def connected(options: Options, environ: Mapping[str, str]) -> "Vault":
    """Logged in, with the variables that Vault's own command reads."""
    with needed(NAME, NEEDS):
        import hvac
    url = address(options, environ)
    verify, cert = trust(environ)
    if not verify:  # the user has said so: once a request is no news
        warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    namespace = options.namespace or environ.get("VAULT_NAMESPACE") or environ.get("BAO_NAMESPACE") or None
    client = hvac.Client(url=url, token="", verify=verify, cert=cert, timeout=30, namespace=namespace)
    store = Vault(client, hvac.exceptions.VaultError, url)
    store.open(lambda: login(client, options, environ))
    return store


def grants(references: Sequence[Reference]) -> str:
    """A policy in Vault's HCL that reads these paths and nothing else."""
    paths = sorted({_api(reference) for reference in references})
    return "\n".join(f'path {json.dumps(path)} {{\n  capabilities = ["read"]\n}}\n' for path in paths)


def _api(reference: Reference, of: str = "data") -> str:
    """The path that a policy names: version 2 has values and metadata apart."""
    return "/".join((reference.mount, *((of,) if reference.version != 1 else ()), reference.path))


class Vault:
    """A connection; `borrowed` when its token was taken out by a login, and goes back in the end."""

    def __init__(self, client: Any, refused: type[Exception], url: str) -> None:
        self._client = client
        self._refused = refused
        self._url = url
        self._borrowed = False
        self._versions: dict[str, int] = {}

    def open(self, enter: Callable[[], bool]) -> None:
        """Log in, and see that a server is there which knows the token."""
        self._borrowed = bool(self._ask(Asked("auth", "login"), enter))
        asked = Asked("auth/token/lookup-self", "read", optional=True)
        try:
            if not isinstance(self._ask(asked, self._client.auth.token.lookup_self), dict | None):
                raise StoreError(f"vault: {self._url} does not answer as Vault does; is --url or VAULT_ADDR right?")
        except StoreError:
            self.close()
            raise

    def get(self, reference: Reference) -> Secret | None:
        """Taken also where the version was deleted, or there is no such field: what is there is not ours."""
        kv, path, mount = self._client.secrets.kv, reference.path, reference.mount
        if reference.version == 1:
            answer = self._ask(Asked(_api(reference), "read"), lambda: kv.v1.read_secret(path, mount_point=mount))
            data = answer and answer["data"]
        else:
            answer = self._ask(Asked(_api(reference), "read"), lambda: self._version_of(path, mount))
            data = answer and answer["data"]["data"]
        if answer is None:
            return None
        return _encoded.read((data or {}).get(reference.field or FIELD), (data or {}).get(ENCODING))

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        said = {name: _names.text(secret.masked_in(value), _MOST) for name, value in about.items() if value}
        data = _fields(secret, reference.field or FIELD)
        kv, path, mount = self._client.secrets.kv, reference.path, reference.mount
        asked = Asked(_api(reference), "create", secret)
        if reference.version == 1:
            if self.get(reference) is not None:
                raise Taken
            self._ask(asked, lambda: kv.v1.create_or_update_secret(path, said | data, "POST", mount))
            return
        metadata = Asked(_api(reference, "metadata"), "update")
        if not self._may_label(metadata.path):
            raise unlabelled(metadata)
        if self._ask(asked, lambda: kv.v2.create_or_update_secret(path, data, 0, mount)) is None:
            raise Taken
        label = f"/v1/{metadata.path}"  # hvac's own call would also set when versions expire
        self._ask(metadata, lambda: self._client.adapter.post(label, json={"custom_metadata": said}))

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        """By check-and-set on the version that holds `old`; other fields of the path stay."""
        if reference.version == 1:
            raise StoreError(f"vault: {reference}: version 1 of the engine keeps no older value; use version 2")
        kv, path, mount, field = self._client.secrets.kv, reference.path, reference.mount, reference.field or FIELD
        answer = self._ask(Asked(_api(reference), "read"), lambda: self._version_of(path, mount))
        data = dict((answer and answer["data"]["data"]) or {})
        if not answer or _encoded.read(data.get(field), data.get(ENCODING)) != old:
            raise Taken
        data.pop(ENCODING, None)
        data |= _fields(new, field)
        version = int(answer["data"]["metadata"]["version"])
        asked = Asked(_api(reference), "update", new)
        if self._ask(asked, lambda: kv.v2.create_or_update_secret(path, data, version, mount)) is None:
            raise Taken

    def resolved(self, reference: Reference) -> Reference:
        """With the version of the engine that is mounted there."""
        mount = reference.mount
        if mount not in self._versions:
            self._versions[mount] = self._version(mount) or reference.version or 2
        return reference._replace(version=self._versions[mount])

    def close(self) -> None:
        """A token of the user's own stays as it is."""
        if self._borrowed:
            self._borrowed = False
            with suppress(self._refused, OSError):  # a batch token cannot be revoked, and each ends with its lease
                self._client.auth.token.revoke_self()
        self._client.adapter.close()

    def _version_of(self, path: str, mount: str) -> Any:
        """The newest version; of one that was deleted or destroyed what is left, although the server says 404."""
        try:
            return self._client.secrets.kv.v2.read_secret_version(
                path, mount_point=mount, raise_on_deleted_version=True
            )
        except self._refused as refused:
            left = getattr(refused, "json", None)
            if isinstance(left, dict) and (left.get("data") or {}).get("metadata"):
                return left
            raise

    def _version(self, mount: str) -> int:
        """1 or 2; 0 when the token may not know. StoreError when there is no such engine."""
        where = f"sys/internal/ui/mounts/{mount}"
        answer = self._ask(Asked(where, "read", optional=True), lambda: self._client.adapter.get(f"/v1/{where}"))
        found = answer and answer["data"]
        if not found:
            asked = Asked("sys/mounts", "read", optional=True)
            answer = self._ask(asked, self._client.sys.list_mounted_secrets_engines)
            if not answer:
                return 0
            found = answer["data"].get(f"{mount}/")
            if not found:
                raise StoreError(
                    f"vault: {self._url} has nothing mounted at {mount}/: name the mount with --mount, or make it with "
                    f"`vault secrets enable -path={mount} -version=2 kv`"
                )
        if (at := str(found.get("path") or mount).strip("/")) != mount:
            raise StoreError(f"vault: --mount {mount}: the engine is mounted at {at}; the rest belongs to the paths")
        if found["type"] not in ("kv", "generic"):
            raise StoreError(f"vault: --mount {mount}: is a {found['type']} engine, and values want a key-value one")
        return int((found.get("options") or {}).get("version") or 1)

    def _may_label(self, path: str) -> bool:
        """Whether the token may write metadata, as far as it may know that."""
        asked = Asked("sys/capabilities-self", "update", optional=True)
        answer = self._ask(asked, lambda: self._client.sys.get_capabilities(paths=[path]))
        return answer is None or bool(_LABELS & set((answer.get("data") or answer).get(path, _LABELS)))

    def _ask(self, asked: Asked, call: Callable[[], Any]) -> Any:
        """What the server says; None for nothing there, a check-and-set that failed, or an optional thing forbidden.

        What was turned away by a quota was not done, so that it can be asked again. Raised without the library's own
        exception, which knows what was sent.
        """
        for wait in (*_WAITS, 0):
            try:
                return call() or {}
            except (self._refused, OSError) as error:
                problem: Exception = error
            if type(problem).__name__ != "RateLimitExceeded":
                break
            time.sleep(wait)
        if asked.nothing(problem):
            return None
        raise explained(problem, asked, self._url)


def _fields(secret: Secret, field: str) -> dict[str, str]:
    text, encoding = _encoded.written(secret)
    return {field: text, **({ENCODING: encoding} if encoding else {})}
