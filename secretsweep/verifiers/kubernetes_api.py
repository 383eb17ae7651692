"""Kubernetes: whose the token or the client certificate is (a SelfSubjectReview), at the server of the same file."""

import os
import re
import ssl
from datetime import UTC, datetime

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, _instance, _keys, dead, live, unknown
from secretsweep.verifiers._http import Response

NAME = "kubernetes-api"
PROVIDER = "kubernetes"
_TOKENS = ("kubernetes-service-account-token",)
RULES = (
    *_TOKENS,
    "kubernetes-kubeconfig-client-key",
    "private-key-rsa",
    "private-key-ec",
    "private-key-pkcs8",
    "private-key-base64-pem",
)
_CA = r"(?i)certificate-authority-data['\"]?\s*[:=]\s*['\"]?(?P<value>LS0tLS1CRUdJTi[A-Za-z0-9+/=]+)"
_CLIENT = r"(?i)client-certificate-data['\"]?\s*[:=]\s*['\"]?(?P<value>LS0tLS1CRUdJTi[A-Za-z0-9+/=]+)"
_SERVER = r"(?i)(?:\bserver['\"]?\s*[:=]|--server[= ])\s*['\"]?(?P<value>https://[^\s'\",]+)"
BESIDE = {
    "server": Beside(near=_SERVER, only=True, optional=True),
    "authority": Beside(near=_CA, only=True, optional=True),
    "certificate": Beside(near=_CLIENT, optional=True),
}
HOSTS = ()
DOCS = (
    "https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/self-subject-review-v1/",
    "https://kubernetes.io/docs/reference/access-authn-authz/authentication/",
)
NOTE = "of a file with several clusters none is asked; client keys want Linux and the extra `seal`"
_PATH = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_BODY = b'{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}'


def fits(asked: Asked) -> bool:
    """Whether it is a token, or a key beside a kubeconfig's client certificate."""
    return asked.rule in _TOKENS or "certificate" in asked.beside


def where(asked: Asked) -> str:
    return _instance.where(asked, "server")


def verify(asked: Asked, line: Line) -> Answer:
    """Ask who one is."""
    context = _trust(asked)
    headers = {"Content-Type": "application/json"}
    if asked.rule not in _TOKENS:
        if over := _over(asked):
            return dead("the certificate itself", "notAfter", f"its certificate ran out on {over}")
        url = _instance.url_of(asked, "server", "server")
        context = context or ssl.create_default_context()
        _show(context, asked)
    else:
        url = _instance.url_of(asked, "server", "server")
        headers["Authorization"] = f"Bearer {asked.secret.reveal().decode('ascii', 'replace')}"
    return _judged(line.ask("POST", url + _PATH, headers, _BODY, context))


def _judged(response: Response) -> Answer:
    document = response.json()
    document = document if isinstance(document, dict) else {}
    if response.status == 201 and document.get("kind") == "SelfSubjectReview":
        status = document.get("status")
        user = status.get("userInfo", {}).get("username") if isinstance(status, dict) else ""
        if not user or user == "system:anonymous":
            return unknown("the server takes it for nobody's", response.host, 201)
        return live(response.host, 201)
    if document.get("kind") != "Status":
        return unknown("it does not speak Kubernetes's API", response.host, response.status)
    said = str(document.get("message", ""))
    if response.status == 401:
        return dead(response.host, 401, "the cluster knows it no more")
    if response.status == 403 and re.search(r'User "(?!system:anonymous")', said):
        return live(response.host, 403, "known, without the permission for this question")
    return unknown("the answer says neither live nor dead", response.host, response.status)


def _trust(asked: Asked) -> ssl.SSLContext | None:
    """The cluster's own authority; None where the file names none."""
    authority = asked.beside.get("authority")
    if authority is None:
        return None
    try:
        return ssl.create_default_context(cadata=_keys.text_of(authority.reveal()).decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise NoAnswer("the authority beside it cannot be read") from None


def _over(asked: Asked) -> str:
    """The day on which its certificate ran out; "" when it did not."""
    found = asked.beside.get("certificate")
    if found is None:
        raise NoAnswer("it takes the certificate that belongs to it, which was not found beside it")
    try:
        key = _keys.private_key(asked.secret.reveal())
    except _keys.Locked:
        raise NoAnswer("it is under a passphrase") from None
    own = [each for each in _keys.certificates(found.reveal()) if _keys.same(key, each)]
    if not own:
        raise NoAnswer("the certificate beside it is not of this key")
    end = own[0].not_valid_after_utc
    return end.date().isoformat() if end < datetime.now(UTC) else ""


def _show(context: ssl.SSLContext, asked: Asked) -> None:
    """Have the certificate shown. OpenSSL reads files only: this one is memory without a name."""
    if not hasattr(os, "memfd_create"):
        raise NoAnswer("a client key is shown on Linux only")
    number = os.memfd_create("key", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(number), "wb") as file:
            file.write(_keys.text_of(asked.beside["certificate"].reveal()) + _keys.text_of(asked.secret.reveal()))
        context.load_cert_chain(f"/proc/self/fd/{number}")
    except (OSError, ValueError):
        raise NoAnswer("the key cannot be read") from None
    finally:
        os.close(number)
