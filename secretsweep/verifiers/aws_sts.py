"""AWS: GetCallerIdentity of STS, signed by botocore; it needs no permission, and CloudTrail records it."""

import logging
import re
from xml.etree import ElementTree

from secretsweep.model import Secret
from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, dead, live, unknown
from secretsweep.verifiers._http import Response

NAME = "aws-sts"
PROVIDER = "aws"
LITERAL = False
RULES = ("aws-access-key-id", "aws-secret-access-key")
BESIDE = {
    "id": Beside(rules=("aws-access-key-id",), near=r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b", optional=True),
    "key": Beside(rules=("aws-secret-access-key",), optional=True),
    "session": Beside(rules=("aws-session-token", "aws-sts-session-token"), keys="(?i)session_?token$", optional=True),
}
_PARTITIONS = {  # one host each: an id does not tell its partition
    "sts.us-east-1.amazonaws.com": "us-east-1",
    "sts.us-gov-west-1.amazonaws.com": "us-gov-west-1",
    "sts.cn-north-1.amazonaws.com.cn": "cn-north-1",
}
HOSTS = tuple(_PARTITIONS)
DOCS = (
    "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
)
NOTE = "dead when the three partitions (commercial, GovCloud, China) refuse it; wants the extra `aws`"
_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_DEAD = {
    "InvalidClientTokenId": "AWS knows no such key id, or it is inactive",
    "ExpiredToken": "its time is over",
    "ExpiredTokenException": "its time is over",
}


def where(asked: Asked) -> str:
    """The first that is asked."""
    return HOSTS[0]


def verify(asked: Asked, line: Line) -> Answer:
    """Each partition until one knows it."""
    own = asked.rule == "aws-access-key-id"
    key_id = asked.secret if own else asked.beside.get("id")
    key = asked.beside.get("key") if own else asked.secret
    if key_id is None or key is None:
        raise NoAnswer(
            f"it takes the {'secret key' if own else 'key id'} that belongs to it, which was not found beside it"
        )
    session = asked.beside.get("session")
    temporary = key_id.reveal().startswith(b"ASIA")
    if temporary and session is None:
        raise NoAnswer("it is temporary, and takes the session token that belongs to it, which was not found beside it")
    answer = unknown("nothing was asked")
    for host, region in _PARTITIONS.items():
        headers = _signed(host, region, key_id, key, session if temporary else None)
        answer = _judged(line.ask("POST", f"https://{host}/", headers, _BODY))
        if answer.state != "dead" or answer.status.startswith("Expired"):
            break
    return answer


def _judged(response: Response) -> Answer:
    code = _code(response)
    if response.status == 200 and b"GetCallerIdentityResult" in response.body:
        account = re.search(rb"<Account>(\d{12})</Account>", response.body)
        return live(response.host, 200, f"of account {account[1].decode()}" if account else "accepted")
    if code in _DEAD and response.status in (400, 403):
        return dead(response.host, code, _DEAD[code])
    if code == "SignatureDoesNotMatch":
        why = "the key id is known and active, but has another secret key; or this machine's clock is wrong"
        return unknown(why, response.host, code)
    return unknown("the answer says neither live nor dead", response.host, code or response.status)


def _code(response: Response) -> str:
    """Of an error; "" when there is none."""
    if not response.whole or b"<!" in response.body:  # no document type, no entities
        return ""
    try:
        root = ElementTree.fromstring(response.body)  # noqa: S314 - what could harm is refused above
    except ElementTree.ParseError:
        return ""
    found = next((e.text or "" for e in root.iter() if e.tag.rpartition("}")[2] == "Code"), "")
    return found if re.fullmatch(r"[A-Za-z]{1,64}", found) else ""


def _signed(host: str, region: str, key_id: Secret, key: Secret, session: Secret | None) -> dict[str, str]:
    try:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
    except ImportError:
        raise NoAnswer("it is signed by boto3: pip install 'secretsweep[aws]'") from None
    logging.getLogger("botocore").setLevel(logging.INFO)  # its debug log holds headers, of which one is a secret
    texts = [secret.reveal().decode("utf-8", "replace") for secret in (key_id, key)]
    token = session.reveal().decode("utf-8", "replace") if session else None
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": host}
    request = AWSRequest("POST", f"https://{host}/", headers=headers, data=_BODY)
    SigV4Auth(Credentials(*texts, token), "sts", region).add_auth(request)
    return {name: value for name, value in request.headers.items() if name.lower() != "host"}
