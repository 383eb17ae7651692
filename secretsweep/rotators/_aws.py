"""The administrator's session at AWS, and what its refusals are, without what was sent.

The session is boto3's: profiles, SSO, roles, a container or an instance work as in AWS's own command.
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators._library import needed

NEVER = "never"
_REGION = "us-east-1"  # of IAM's and STS's global addresses
_REFUSED = frozenset("InvalidClientTokenId SignatureDoesNotMatch UnrecognizedClientException AuthFailure".split())
_CLOCK = ("expired", "not yet current", "skew")  # words of a SignatureDoesNotMatch that is about the time
_NAMES = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


class Answer(NamedTuple):
    """What came back; `code` is the refusal that the caller expected, or ""."""

    fields: Mapping[str, Any]
    code: str = ""


class Client:
    """One service; `time` is the server's own clock as of its last answer."""

    def __init__(self, driver: str, client: Any, failures: tuple[type[Exception], ...]) -> None:
        self._driver = driver
        self._client = client
        self._failures = failures
        self.time = datetime.now(UTC)

    def ask(self, operation: str, on: str, expected: Collection[str] = (), **given: Any) -> Answer:
        """RotateError for what is not expected, without boto's own exception: that one knows what was sent."""
        problem: Exception | None = None
        answer: Mapping[str, Any] = {}
        try:
            answer = getattr(self._client, operation)(**given)
        except self._failures as error:
            problem = error
        response = answer if problem is None else getattr(problem, "response", None) or {}
        stamp = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if stamp:
            self.time = parsedate_to_datetime(stamp)
        if problem is None:
            return Answer(answer)
        found = response.get("Error", {})
        code = str(found.get("Code", ""))
        said = " ".join(str(found.get("Message") or problem).split())[:500]
        if code in expected and not any(word in said for word in _CLOCK):
            return Answer({}, code)
        raise RotateError(f"{self._driver}: {operation} of {on}: {code + ': ' if code else ''}{said}")

    def close(self) -> None:
        self._client.close()


class Session:
    """Whom the environment names."""

    def __init__(self, driver: str, extra: str, url: str, environ: Mapping[str, str]) -> None:
        with needed(driver, extra):
            import boto3
            import botocore.config
            import botocore.exceptions
        self._driver = driver
        self._url = url or environ.get("AWS_ENDPOINT_URL") or None
        self._failures = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)
        self._config = botocore.config.Config(connect_timeout=10, read_timeout=30, user_agent_appid="secretsweep")
        keys = {name: environ[name.upper()] for name in _NAMES if environ.get(name.upper())}
        problem = ""
        try:
            self._boto = boto3.Session(**(keys if {*_NAMES[:2]} <= set(keys) else {}))
            self.region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or self._boto.region_name
            self.region = self.region or _REGION
            credentials = self._boto.get_credentials()
            if credentials is None:
                problem = "no administrator's credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            else:
                self.key = str(credentials.get_frozen_credentials().access_key)
        except self._failures as error:
            problem = " ".join(str(error).split())
        if problem:
            raise RotateError(f"{driver}: {problem}")
        self._clients: list[Client] = []

    def client(self, service: str, **keys: str) -> Client:
        """A service of it, or of the keys that are given."""
        made = self._boto.client(service, region_name=self.region, endpoint_url=self._url, config=self._config, **keys)
        found = Client(self._driver, made, self._failures)
        self._clients.append(found)
        return found

    def own(self) -> str:
        """The administrator's account."""
        return str(self.client("sts").ask("get_caller_identity", "the administrator").fields["Account"])

    def identity(self, name: str, secret: Secret) -> Answer:
        """Whom a key belongs to, as STS says; the code of its refusal when it is not honoured."""
        text = secret.reveal().decode("utf-8", "replace")
        sts = self.client("sts", aws_access_key_id=name, aws_secret_access_key=text, aws_session_token="")
        try:
            return sts.ask("get_caller_identity", name, _REFUSED)
        finally:
            sts.close()

    def close(self) -> None:
        for client in self._clients:
            client.close()


def last_used(answer: Answer) -> str:
    """When, and for which service; NEVER; or that one may not know."""
    if answer.code:
        return f"not known ({answer.code})"
    found = answer.fields.get("AccessKeyLastUsed", {})
    if not found.get("LastUsedDate"):
        return NEVER
    return f"{found['LastUsedDate'].isoformat()} for {found.get('ServiceName')} in {found.get('Region')}"


def source(event: Mapping[str, Any]) -> str:
    """The address that CloudTrail says a call came from."""
    try:
        return str(json.loads(event.get("CloudTrailEvent") or "{}").get("sourceIPAddress") or "?")
    except ValueError:
        return "?"
