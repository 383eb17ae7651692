"""Vault or OpenBao: `auth/token/lookup-self` at the address beside it."""

from secretsweep.verifiers import Answer, Asked, Beside, Line, _instance, dead, live, unknown
from secretsweep.verifiers._http import Response

NAME = "vault-token"
PROVIDER = "vault"
RULES = (
    "hashicorp-vault-service-token",
    "hashicorp-vault-batch-token",
    "hashicorp-vault-legacy-token",
    "hashicorp-vault-token-header",
)
ADDRESS = Beside(
    keys=r"(?i)(?:vault|bao)(?:[_.-]?(?:addr(?:ess)?|url|server|endpoint|host))$|vault.*\.(?:server|address|url)$",
    near=r"(?:VAULT|BAO)_ADDR['\"]?\s*[:=]\s*['\"]?(?P<value>https?://[^\s'\"]+)",
    optional=True,
)
NAMESPACE = Beside(keys=r"(?i)(?:vault|bao)[_.-]?namespace$", pattern=r"[\w./-]{1,200}", optional=True)
BESIDE = {"address": ADDRESS, "namespace": NAMESPACE}
HOSTS = ()
DOCS = (
    "https://developer.hashicorp.com/vault/api-docs/auth/token#lookup-a-token-self",
    "https://openbao.org/api-docs/auth/token/",
)
NOTE = "a refusal by a policy, or perhaps of another namespace, is unknown"


def where(asked: Asked) -> str:
    return _instance.where(asked, "address")


def verify(asked: Asked, line: Line) -> Answer:
    """Ask what the token is."""
    url = _instance.url_of(asked, "address", "address of the server")
    token = asked.secret.reveal().decode("utf-8", "replace")
    response = line.ask("GET", f"{url}/v1/auth/token/lookup-self", headers(asked) | {"X-Vault-Token": token})
    document = response.json()
    errors = document.get("errors") if isinstance(document, dict) else None
    if response.status == 200 and isinstance(document, dict) and isinstance(document.get("data"), dict):
        return live(response.host, 200)
    if response.status == 403 and isinstance(errors, list):
        return _refused(response, " ".join(map(str, errors)), token, "namespace" in asked.beside)
    return otherwise(response)


def _refused(response: Response, said: str, token: str, named: bool) -> Answer:
    # a token that is known but may not is told "1 error occurred: * permission denied"; OpenBao says no more of others
    if said != "permission denied" and "invalid token" not in said and "bad token" not in said:
        why = "dead, or a token whose policies do not let it look at itself, or of another namespace"
        return unknown(why, response.host, 403)
    if token.count(".") > 1 and not named:  # hvs.VALUE.NAMESPACE-ID
        return unknown("it is of a namespace, which was not found beside it", response.host, 403)
    return dead(response.host, 403, "the server knows no such token; one bound to other addresses is refused alike")


def headers(asked: Asked) -> dict[str, str]:
    """What every question to such a server has."""
    namespace = asked.beside.get("namespace")
    return {"X-Vault-Namespace": namespace.reveal().decode("utf-8", "replace")} if namespace else {}


def otherwise(response: Response) -> Answer:
    """Of answers that say nothing of the credential."""
    document = response.json()
    if response.status == 503 and isinstance(document, dict):
        return unknown("the server is sealed", response.host, 503)
    return unknown("the answer says neither live nor dead", response.host, response.status)
