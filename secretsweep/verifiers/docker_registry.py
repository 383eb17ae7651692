"""Image registries: the login that a Docker config holds, by the registry's own challenge; nothing is pulled."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from urllib.parse import quote, urlsplit

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, dead, live, unknown
from secretsweep.verifiers._http import Response

NAME = "docker-registry"
PROVIDER = "docker-registry"
RULES = ("kubernetes-docker-config-auth",)
BESIDE = {
    "registry": Beside(
        near=r"\\*\"(?=[^\"]*[.:])(?P<value>(?:https?://)?[A-Za-z0-9.-]+(?::\d+)?(?:/v[12]/?)?)\\*\"\s*:\s*\{(?!\s*\\*\"(?:https?:|[\w.-]+\.))"
    ),
    "auth": Beside(near=r"\\*\"auth\\*\"\s*:\s*\\*\"(?P<value>[A-Za-z0-9+/]{8,}={0,2})"),
}
_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")
HOSTS = (
    "registry-1.docker.io",
    "auth.docker.io",
    "ghcr.io",
    "quay.io",
    "registry.gitlab.com",
    "gitlab.com",
    "*.azurecr.io",
)
DOCS = (
    "https://distribution.github.io/distribution/spec/auth/token/",
    "https://docs.docker.com/reference/cli/docker/login/",
)
NOTE = "other registries, and the token servers that they name, are asked with --allow-address"
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


def where(asked: Asked) -> str:
    try:
        return urlsplit(_registry(asked)).netloc
    except NoAnswer:
        return ""


def verify(asked: Asked, line: Line) -> Answer:
    """`/v2/` without a login says whom to ask; that one is asked with it."""
    url, login = _registry(asked), _login(asked)
    bare = line.ask("GET", f"{url}/v2/")
    challenge = bare.headers.get("www-authenticate", "")
    if bare.status != 401 or not challenge:
        return unknown("the registry does not ask for a login", bare.host, bare.status)
    user = b64decode(login).partition(b":")[0].decode("utf-8", "replace")
    headers = {"Authorization": f"Basic {login}"}
    if challenge.lower().startswith("basic"):
        return line.net.logins.once(
            f"docker {user}@{url}", asked.secret, lambda: _basic(line.ask("GET", f"{url}/v2/", headers))
        )
    fields = dict(_CHALLENGE.findall(challenge))
    realm = urlsplit(fields.get("realm", ""))
    if not challenge.lower().startswith("bearer ") or realm.scheme != "https" or "@" in realm.netloc or realm.query:
        return unknown("the registry wants a login of another kind", bare.host, bare.status)
    query = f"service={quote(fields.get('service', ''), safe='')}&account={quote(user, safe='')}"
    ask = f"https://{realm.netloc}{realm.path}?{query}"
    return line.net.logins.once(f"docker {user}@{url}", asked.secret, lambda: _token(line.ask("GET", ask, headers)))


def _basic(response: Response) -> Answer:
    if response.status == 200:
        return live(response.host, 200, "accepted, and 401 without")
    if response.status == 401:
        return dead(response.host, 401, "refused together with its user")
    return unknown("the answer says neither live nor dead", response.host, response.status)


def _token(response: Response) -> Answer:
    document = response.json()
    if response.status == 200 and isinstance(document, dict) and {"token", "access_token"} & set(document):
        return live(response.host, 200)
    if response.status == 401:
        return dead(response.host, 401, "refused together with its user")
    return unknown("the answer says neither live nor dead", response.host, response.status)


def _registry(asked: Asked) -> str:
    """`https://HOST[:PORT]`; the Hub has other names."""
    text = asked.beside["registry"].reveal().decode("ascii", "replace")
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        host = "registry-1.docker.io" if parts.hostname in _HUB else parts.netloc
    except ValueError:
        host = ""
    if not host or parts.hostname in ("auths", "credHelpers", "HttpHeaders"):
        raise NoAnswer("it takes the registry that belongs to it, which was not found beside it")
    return f"{parts.scheme}://{host}"


def _login(asked: Asked) -> str:
    """Base64 of user and password, if it is that of this credential."""
    auth = asked.beside["auth"].reveal()
    value = asked.secret.reveal()
    if auth == value:
        return auth.decode()
    try:
        login = b64decode(auth, validate=True)
    except Error:
        login = b""
    if login.partition(b":")[2] != value:
        raise NoAnswer("its user was not found beside it")
    return b64encode(login).decode()
