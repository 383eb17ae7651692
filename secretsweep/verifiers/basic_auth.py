"""Web addresses with user and password: asked without them, which must be refused, then with them."""

import re
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, dead, live, unknown

NAME = "basic-auth"
PROVIDER = "basic-auth"
RULES = ("http-basic-auth-url",)
BESIDE = {"proxy": Beside(near=r"(?i)proxy\w*['\"]?\s*[:=]\s*['\"]?(?P<value>https?://[^\s'\"]+)", optional=True)}
HOSTS = ()
DOCS = ("https://www.rfc-editor.org/rfc/rfc7617", "https://git-scm.com/docs/http-protocol")
NOTE = "a page that anybody may see says nothing; the query of the address is not sent"
_URL = re.compile(r"(?P<scheme>https?)://(?P<user>[^\s:/@]+):(?P<password>[^\s/?#]+)@(?P<rest>[^\s\"'`<>?#]+)")


def where(asked: Asked) -> str:
    try:
        return urlsplit(_parts(asked)[0]).netloc
    except NoAnswer:
        return ""


def verify(asked: Asked, line: Line) -> Answer:
    """GET, twice."""
    url, user, password = _parts(asked)
    headers = {"Accept": "*/*"}
    bare = line.ask("GET", url, headers)
    challenge = bare.headers.get("www-authenticate", "").lower()
    if bare.status != 401 or "basic" not in challenge:
        return unknown("without user and password it does not ask for them", bare.host, bare.status)
    login = b64encode(f"{user}:".encode("utf-8", "surrogateescape") + password).decode()

    def attempt() -> Answer:
        response = line.ask("GET", url, headers | {"Authorization": f"Basic {login}"})
        if 200 <= response.status < 300:
            return live(response.host, response.status, "accepted, and 401 without")
        if response.status == 401:
            return dead(response.host, 401, "refused for this user; one that does not exist is refused alike")
        return unknown("the answer says neither live nor dead", response.host, response.status)

    return line.net.logins.once(f"basic {user}@{url}", asked.secret, attempt)


def _parts(asked: Asked) -> tuple[str, str, bytes]:
    """URL, user, password."""
    proxy = asked.beside.get("proxy")
    if re.search(r"(?i)proxy", asked.key) or (proxy and asked.secret.reveal() in proxy.reveal()):
        raise NoAnswer("it is of a proxy, which is not asked")
    match = _URL.search(asked.literal.reveal().decode("utf-8", "surrogateescape"))
    if match is None or unquote(match["password"]) != unquote(asked.secret.reveal().decode("utf-8", "surrogateescape")):
        raise NoAnswer("its web address cannot be read")
    rest = match["rest"]
    if re.search(r"[${}<>*\\]", rest):
        raise NoAnswer("the host beside it is a template, which only a deployment fills in")
    path = rest.partition("//")[0].rstrip("/,;.)")
    url = f"{match['scheme']}://{path}"
    if path.endswith(".git"):
        url += "/info/refs?service=git-upload-pack"
    password = unquote(match["password"], errors="surrogateescape").encode("utf-8", "surrogateescape")
    return url, unquote(match["user"], errors="surrogateescape"), password
