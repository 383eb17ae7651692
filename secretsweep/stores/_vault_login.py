"""Logins of Vault and OpenBao: from options, variables and files to a token. Options go before the environment.

`--auth METHOD`, with the role in `--role` or VAULT_AUTH_ROLE, and VAULT_AUTH_PATH where the method is not mounted at
its own name (both as GitLab calls them). Without `--auth` it is the first that the environment has something for, in
the order below; a token is VAULT_TOKEN or, last, what `vault login` left in ~/.vault-token.
"""

import json
import os
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secretsweep.errors import StoreError
from secretsweep.stores import Options

METHODS: Mapping[str, tuple[str, ...]] = {
    "token": ("TOKEN",),
    "approle": ("ROLE_ID", "ROLE_ID_FILE"),
    "userpass": ("USERNAME",),
    "jwt": ("JWT", "JWT_FILE", "ID_TOKEN"),
    "kubernetes": ("KUBERNETES_TOKEN_FILE",),
}
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_GITHUB = "ACTIONS_ID_TOKEN_REQUEST_"


def address(options: Options, environ: Mapping[str, str]) -> str:
    """The server's URL."""
    url = options.url or _variable(environ, "ADDR")
    if not url:
        raise StoreError("vault: which server? Say --url https://vault.example.com:8200, or set VAULT_ADDR")
    if not url.startswith(("https://", "http://")):
        raise StoreError(f"vault: {url}: the address begins with https:// (--url, VAULT_ADDR)")
    return url.rstrip("/")


def trust(environ: Mapping[str, str]) -> tuple[bool | str, tuple[str, str] | str | None]:
    """What tells that the server is right, and the certificate that tells who we are."""
    if _variable(environ, "SKIP_VERIFY").lower() in ("1", "t", "true"):
        verify: bool | str = False
    else:
        verify = _variable(environ, "CACERT") or _variable(environ, "CAPATH") or True
    cert, key = _variable(environ, "CLIENT_CERT"), _variable(environ, "CLIENT_KEY")
    for path in (verify, cert, key):
        if isinstance(path, str) and path and not os.path.exists(path):
            raise StoreError(f"vault: {path}: no such file (VAULT_CACERT, VAULT_CLIENT_CERT, VAULT_CLIENT_KEY)")
    return verify, (cert, key) if cert and key else cert or None


def login(client: Any, options: Options, environ: Mapping[str, str]) -> bool:
    """Give the client a token; whether one was taken out for it."""
    method = options.auth or _found(environ)
    if method not in METHODS:
        raise StoreError(f"vault: --auth {method}: no such login here; there are {', '.join(METHODS)}")
    if method == "token":
        client.token = _token(environ)
        return False
    path = _variable(environ, "AUTH_PATH") or method
    if method == "approle":
        role_id = _wanted(_either(environ, "ROLE_ID"), "approle", "VAULT_ROLE_ID (and VAULT_SECRET_ID)")
        client.auth.approle.login(role_id, _either(environ, "SECRET_ID") or None, mount_point=path)
    elif method == "userpass":
        name = _wanted(_variable(environ, "USERNAME"), "userpass", "VAULT_USERNAME")
        password = _wanted(environ.get("VAULT_PASSWORD", ""), "userpass", "VAULT_PASSWORD")
        client.auth.userpass.login(name, password, mount_point=path)
    else:
        role = options.role or _variable(environ, "AUTH_ROLE")
        if method == "kubernetes":
            account = _file(_variable(environ, "KUBERNETES_TOKEN_FILE") or SERVICE_ACCOUNT)
            client.auth.kubernetes.login(_wanted(role, method, "--role"), account, mount_point=path)
        else:
            jwt = _either(environ, "JWT") or _variable(environ, "ID_TOKEN") or _github(environ)
            jwt = _wanted(jwt, method, "VAULT_JWT, VAULT_JWT_FILE or VAULT_ID_TOKEN")
            client.auth.jwt.jwt_login(role or None, jwt, path=path)
    return True


def _found(environ: Mapping[str, str]) -> str:
    for method, names in METHODS.items():
        if any(_variable(environ, name) for name in names):
            return method
    if environ.get(f"{_GITHUB}URL") and _variable(environ, "AUTH_ROLE"):
        return "jwt"
    if not _kept(environ).is_file() and os.path.exists(SERVICE_ACCOUNT):
        return "kubernetes"
    return "token"


def _token(environ: Mapping[str, str]) -> str:
    token = _variable(environ, "TOKEN")
    if not token and _kept(environ).is_file():
        token = _file(str(_kept(environ)))
    return _wanted(token, "token", "VAULT_TOKEN, `vault login` for ~/.vault-token, or another --auth")


def _kept(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or os.path.expanduser("~")) / ".vault-token"


def _github(environ: Mapping[str, str]) -> str:
    """The token that a GitHub job with `id-token: write` gets for the asking; VAULT_JWT_AUDIENCE says for whom."""
    url, bearer = environ.get(f"{_GITHUB}URL", ""), environ.get(f"{_GITHUB}TOKEN", "")
    if not url.startswith(("https://", "http://127.0.0.1:")) or not bearer:
        return ""
    if audience := _variable(environ, "JWT_AUDIENCE"):
        url += f"{'&' if '?' in url else '?'}audience={urllib.parse.quote(audience, safe='')}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {bearer}"})  # noqa: S310 checked above
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        try:
            return str(json.load(answer)["value"])
        except (ValueError, KeyError, TypeError):
            return ""


def _variable(environ: Mapping[str, str], name: str) -> str:
    """As Vault calls it, else as OpenBao does."""
    return environ.get(f"VAULT_{name}") or environ.get(f"BAO_{name}") or ""


def _either(environ: Mapping[str, str], name: str) -> str:
    """A variable, or the content of the file that it names."""
    if value := _variable(environ, name):
        return value
    path = _variable(environ, f"{name}_FILE")
    return _file(path) if path else ""


def _file(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
    raise StoreError(f"vault: {path}: {why}; the login wants it")


def _wanted(value: str, method: str, names: str) -> str:
    if not value:
        raise StoreError(f"vault: --auth {method}: wants {names}")
    return value
