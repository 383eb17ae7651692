"""Google: a token for the service account whose key it is (a JWT signed with it); the token is thrown away."""

import json
import re
import time
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, dead, live, unknown

NAME = "gcp-service-account"
PROVIDER = "google"
LITERAL = False
RULES = ("private-key-pkcs8", "private-key-rsa", "private-key-base64-pem")
BESIDE = {
    "email": Beside(
        keys="client_email$",
        pattern=r"[\w.-]+@[\w.-]+\.gserviceaccount\.com",
        near=r"client_email\\?\"\s*:\s*\\?\"(?P<value>[\w.-]+@[\w.-]+\.gserviceaccount\.com)",
    ),
    "id": Beside(
        keys="private_key_id$",
        pattern="[0-9a-f]{40}",
        near=r"private_key_id\\?\"\s*:\s*\\?\"(?P<value>[0-9a-f]{40})",
        optional=True,
    ),
}
HOSTS = ("oauth2.googleapis.com",)
DOCS = (
    "https://developers.google.com/identity/protocols/oauth2/service-account#httprest",
    "https://cloud.google.com/iam/docs/creating-managing-service-account-keys",
)
NOTE = "wants the extra `seal` (cryptography); whatever `token_uri` says, Google's own host is asked"
_URL = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/userinfo.email"


def fits(asked: Asked) -> bool:
    """Whether an account of Google's stands beside it."""
    return "email" in asked.beside


def where(asked: Asked) -> str:
    return HOSTS[0]


def verify(asked: Asked, line: Line) -> Answer:
    """Ask for a token that opens nothing but the account's own name."""
    email = asked.beside["email"].reveal().decode("ascii", "replace")
    now = int(time.time())
    head = {"alg": "RS256", "typ": "JWT"} | (
        {"kid": asked.beside["id"].reveal().decode()} if "id" in asked.beside else {}
    )
    claims = {"iss": email, "scope": _SCOPE, "aud": _URL, "iat": now, "exp": now + 300}
    signed = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    assertion = f"{signed}.{_part(_signature(asked.secret.reveal(), signed.encode()))}"
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    response = line.ask("POST", _URL, kind, urlencode(form).encode())
    document = response.json()
    document = document if isinstance(document, dict) else {}
    error, said = str(document.get("error", ""))[:40], str(document.get("error_description", ""))
    if response.status == 200 and "access_token" in document:
        return live(response.host, 200)
    if response.status in (400, 401) and error == "invalid_grant":
        if "signature" in said.lower():
            return dead(response.host, error, "the account has no such key any more")
        if "account not found" in said.lower():
            return dead(response.host, error, "there is no such account any more")
        return unknown("refused; this machine's clock may be wrong", response.host, error)
    if response.status in (400, 401) and error == "invalid_client" and "disabled" in said.lower():
        return dead(response.host, error, "the account is disabled")
    return unknown("the answer says neither live nor dead", response.host, error or response.status)


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(pem: bytes, signed: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise NoAnswer("it takes cryptography: pip install 'secretsweep[seal]'") from None
    try:
        key = load_pem_private_key(re.sub(rb"\\+n", b"\n", pem), None)
    except Exception:  # whatever the library says may quote the key
        raise NoAnswer("the key cannot be read") from None
    if not isinstance(key, RSAPrivateKey):
        raise NoAnswer("the key is not one of RSA, as Google's are")
    return key.sign(signed, PKCS1v15(), hashes.SHA256())
