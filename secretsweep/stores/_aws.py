"""What both stores of AWS share: the user's own session, tags, and what refusals mean.

The session is boto3's: profiles, SSO, roles of a web identity, a container or an instance work as in AWS's own command.
https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html
"""

import logging
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options
from secretsweep.stores._library import needed

NEEDS = "aws"
_NO_TAG = re.compile(r"[^\w\s.:/=+\-@]")  # what the value of a tag may not hold
_LONGEST_TAG = 256
_ENDPOINTS = {"secretsmanager": "SECRETS_MANAGER", "ssm": "SSM", "sts": "STS"}
_LOGIN = "`aws sso login`, --profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_OVER = frozenset(
    "ExpiredToken ExpiredTokenException UnrecognizedClientException InvalidClientTokenId InvalidSignatureException "
    "IncompleteSignature MissingAuthenticationTokenException SignatureDoesNotMatch".split()
)
_OFTEN = frozenset(
    "Throttling ThrottlingException TooManyRequestsException TooManyUpdates RequestLimitExceeded".split()
)
_KEY = frozenset("DecryptionFailure EncryptionFailure InvalidKeyId KMSInvalidStateException KMSAccessDenied".split())


class Answer(NamedTuple):
    """What a service said: fields, or the code of an expected refusal and its text."""

    fields: Mapping[str, Any]
    code: str = ""
    said: str = ""


class Client:
    """A service in a region."""

    def __init__(self, store: str, client: Any, region: str, failures: tuple[type[Exception], ...]) -> None:
        self._store = store
        self._client = client
        self._failures = failures
        self.region = region

    def ask(
        self, operation: str, on: str, expected: Collection[str] = (), secret: Secret | None = None, **given: Any
    ) -> Answer:
        """Call it. StoreError for what is not expected, without boto's own exception: that one knows what was sent."""
        try:
            return Answer(getattr(self._client, operation)(**given))
        except self._failures as error:
            problem = error
        code, said = _said(problem)
        said = secret.masked_in(said) if secret else said
        if code in expected:
            return Answer({}, code, said)
        raise StoreError(f"{self._store}: {_meant(type(problem).__name__, code, said, on, str(self.url))}")

    def here(self, reference: Reference) -> None:
        """StoreError when the reference belongs to another region."""
        if reference.scope and reference.scope != self.region:
            raise StoreError(f"{self._store}: {reference} is in {reference.scope}: say --region {reference.scope}")

    @property
    def url(self) -> str:
        return str(self._client.meta.endpoint_url)

    def close(self) -> None:
        self._client.close()


def client(store: str, service: str, options: Options, environ: Mapping[str, str]) -> Client:
    """The service as the options and the environment say."""
    with needed(store, NEEDS):
        import boto3
        import botocore.config
        import botocore.exceptions
    logging.getLogger("botocore").setLevel(logging.INFO)  # its debug log holds requests with their values
    failures = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)
    config = botocore.config.Config(connect_timeout=10, read_timeout=30, user_agent_appid="secretsweep")
    try:
        session = boto3.Session(**_given(options, environ))
        region = options.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or session.region_name
        problem = "" if region else "which region? Say --region, or set AWS_REGION or the profile's `region`"
        if region and session.get_credentials() is None:
            problem = f"no credentials: {_LOGIN}"
        if not problem and options.role:
            session = _assumed(store, session, region, options.role, environ, config, failures)
        if not problem:
            url = options.url or _endpoint(service, environ)
            made = session.client(service, region_name=region, endpoint_url=url, config=config)
    except (*failures, ValueError) as error:  # a ValueError is an endpoint that is no URL
        problem = f"{' '.join(str(error).split())}; see --profile, --region and --url"
    if problem:
        raise StoreError(f"{store}: {problem}")
    return Client(store, made, str(region), failures)


def tags(about: Mapping[str, str], secret: Secret) -> list[dict[str, str]]:
    """What is said of a value, in the characters of tags."""
    said = {name: _NO_TAG.sub(" ", secret.masked_in(value))[:_LONGEST_TAG].strip() for name, value in about.items()}
    return [{"Key": name, "Value": value} for name, value in said.items()]


def partition(region: str) -> str:
    """What the ARNs of a region begin with."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _given(options: Options, environ: Mapping[str, str]) -> dict[str, str]:
    """Of the environment only what a profile named in so many words does not replace."""
    if options.profile:
        return {"profile_name": options.profile}
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    keys = {name: environ[name.upper()] for name in names if environ.get(name.upper())}
    return keys if {*names[:2]} <= set(keys) else {}


def _assumed(
    store: str,
    session: Any,
    region: str,
    role: str,
    environ: Mapping[str, str],
    config: Any,
    failures: tuple[type[Exception], ...],
) -> Any:
    """A session of the role."""
    sts = session.client("sts", region_name=region, endpoint_url=_endpoint("sts", environ), config=config)
    asking = Client(store, sts, region, failures)
    answer = asking.ask("assume_role", f"role {role}", RoleArn=role, RoleSessionName="secretsweep")
    found = answer.fields["Credentials"]
    return type(session)(
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
        region_name=region,
    )


def _endpoint(service: str, environ: Mapping[str, str]) -> str | None:
    return environ.get(f"AWS_ENDPOINT_URL_{_ENDPOINTS[service]}") or environ.get("AWS_ENDPOINT_URL") or None


def _said(error: Exception) -> tuple[str, str]:
    """Code and text of a refusal."""
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    found = response.get("Error", {})
    text = found.get("Message") or str(error)
    return str(found.get("Code", "")), " ".join(str(text).split())[:1000]


def _meant(kind: str, code: str, said: str, on: str, url: str) -> str:
    """The refusal with the next step."""
    if kind == "SSLError":
        return f"{url}: TLS failed: {said}; give the authority's certificate in AWS_CA_BUNDLE"
    if "Connect" in kind or "Timeout" in kind or kind == "HTTPClientError":
        return f"{url} cannot be reached: {said}; are --region and --url right?"
    if code in _OVER or "Credential" in kind or "SSO" in kind or "Token" in kind:
        return f"the credentials are not valid, or not any more: {said}; {_LOGIN}"
    if code in _OFTEN:
        return f"{url} is asked too often: {said}; run it again later, it goes on where it was"
    if code in _KEY:
        return f"{on}: {said}; is --kms-key right, and may you use it?"
    return f"{on}: {code + ': ' if code else ''}{said}"
