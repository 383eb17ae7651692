"""AWS Systems Manager Parameter Store: a SecureString, whose whole value is the value.

Put without overwriting: the service itself keeps what is there. It holds text alone, so a value that is no UTF-8 is
kept as base64, with a tag `encoding` that says so; for its readers that is the base64.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

import json
import re
from collections.abc import Mapping, Sequence

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _aws, _encoded, _names

NAME = "aws-ssm"
NEEDS = _aws.NEEDS
STANDARD = 4096  # bytes of a value in the standard tier, which costs nothing
LIMIT = 8192  # in the advanced one
LONGEST = 900  # of 1011 characters of a name, of which its ARN's beginning is a part
LEVELS = 15
ENCODING = "encoding"
_ODD = re.compile(r"[^A-Za-z0-9_.-]+")
_RESERVED = ("aws", "ssm")  # no name begins so
_SLASH = "/"


def fitted(path: str) -> str:
    """`/`, then letters, digits and `_.-` in at most 15 levels; never `/aws…` nor `/ssm…`."""
    levels = _names.segments(path, _ODD, LONGEST).split(_SLASH)
    name = _SLASH.join((*levels[: LEVELS - 1], *filter(None, ["-".join(levels[LEVELS - 1 :])])))
    return _SLASH + (_names.cut(f"iac-{name}", LONGEST) if name.lower().startswith(_RESERVED) else name)


def reference(path: str, options: Options) -> Reference:
    """In the region that was named; the connection knows it else."""
    return Reference(NAME, path, scope=options.region)


def connected(options: Options, environ: Mapping[str, str]) -> "ParameterStore":
    """In the user's own session."""
    return ParameterStore(_aws.client(NAME, "ssm", options, environ), options.key)


def grants(references: Sequence[Reference]) -> str:
    """A policy of IAM that reads these parameters, and decrypts them where a key of the account's own encrypts."""
    arns = sorted({_arn(reference) for reference in references})
    regions = sorted({reference.scope or "*" for reference in references})
    statements = [
        {"Sid": "Read", "Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:GetParameters"], "Resource": arns},
        {
            "Sid": "DecryptWithTheAccountsOwnKey",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": [f"arn:{_aws.partition(region)}:kms:{region}:*:key/*" for region in regions],
            "Condition": {"StringLike": {"kms:EncryptionContext:PARAMETER_ARN": arns}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _arn(reference: Reference) -> str:
    """Of any account, as the name is of the reader's."""
    region = reference.scope or "*"
    return f"arn:{_aws.partition(region)}:ssm:{region}:*:parameter/{reference.path.lstrip(_SLASH)}"


class ParameterStore:
    """A connection to one region."""

    def __init__(self, client: _aws.Client, key: str) -> None:
        self._client = client
        self._key = key

    def get(self, reference: Reference) -> Secret | None:
        self._client.here(reference)
        path = reference.path
        answer = self._client.ask("get_parameter", path, ("ParameterNotFound",), Name=path, WithDecryption=True)
        if answer.code:
            return None
        text = answer.fields["Parameter"]["Value"]
        return _encoded.read(text, self._encoding(path) if _encoded.may_be_encoded(text) else "")

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        self._client.here(reference)
        text, encoding = _encoded.written(secret)
        size = len(text.encode())
        if size > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {size} bytes, of {LIMIT} allowed")
        if re.search(r"\{\{.*\}\}", text, re.DOTALL):  # the service would look for a parameter of that name
            raise StoreError(
                f"{NAME}: {reference}: a value with {{{{…}}}} cannot be kept here: take aws-secretsmanager"
            )
        said = {**about, **({ENCODING: encoding} if encoding else {})}
        answer = self._client.ask(
            "put_parameter",
            reference.path,
            ("ParameterAlreadyExists",),
            secret,
            Name=reference.path,
            Value=text,
            Type="SecureString",
            Tier="Advanced" if size > STANDARD else "Standard",
            Overwrite=False,
            Tags=_aws.tags(said, secret),
            **({"KeyId": self._key} if self._key else {}),
        )
        if answer.code:
            raise Taken

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        """The service keeps older versions. There is no check-and-set: it is read directly before."""
        if self.get(reference) != old:
            raise Taken
        text, encoding = _encoded.written(new)
        size = len(text.encode())
        if size > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {size} bytes, of {LIMIT} allowed")
        path = reference.path
        if encoding != (self._encoding(path) if encoding or _encoded.may_be_encoded(text) else ""):
            raise StoreError(f"{NAME}: {reference}: text and bytes cannot follow each other here: take a new path")
        self._client.ask(
            "put_parameter",
            path,
            (),
            new,
            Name=path,
            Value=text,
            Type="SecureString",
            Tier="Advanced" if size > STANDARD else "Standard",
            Overwrite=True,
            **({"KeyId": self._key} if self._key else {}),
        )

    def resolved(self, reference: Reference) -> Reference:
        """With the region of the connection."""
        return reference._replace(scope=reference.scope or self._client.region)

    def close(self) -> None:
        self._client.close()

    def _encoding(self, path: str) -> str:
        """What the tag says; nothing when one may not know. Asked only of what could be base64 of ours."""
        answer = self._client.ask(
            "list_tags_for_resource", path, ("AccessDeniedException",), ResourceType="Parameter", ResourceId=path
        )
        return next((tag["Value"] for tag in answer.fields.get("TagList", ()) if tag["Key"] == ENCODING), "")
