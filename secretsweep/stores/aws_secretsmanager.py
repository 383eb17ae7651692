"""AWS Secrets Manager: the whole secret string is the value; what is no UTF-8 is a secret binary.

A name is created once: the service refuses a second one, also while a deleted secret waits for its end. The request's
token comes of the name alone, so that a request that is repeated makes one secret, and tells nothing of the value.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _aws, _encoded, _names

NAME = "aws-secretsmanager"
NEEDS = _aws.NEEDS
LIMIT = 65_536  # bytes of a value
LONGEST = 500  # of 512 characters of a name, so that a number fits behind it
_ODD = re.compile(r"[^A-Za-z0-9/_+=.@-]+")
_SPACE = uuid.UUID("6d0c7c0e-0a52-4f0b-9d0e-3c3a0d6a5f10")  # of our tokens, and of nothing else
_SUFFIX = 7  # a hyphen and six characters, which AWS puts behind the name in an ARN
_GONE = "ResourceNotFoundException"
_WAITS = "InvalidRequestException"  # for its deletion


def fitted(path: str) -> str:
    """Letters, digits and `/_+=.@-`; no hyphen before the last six characters, which would look like an ARN's end."""
    name = _names.segments(path, _ODD, LONGEST)
    return f"{name[:-_SUFFIX]}_{name[1 - _SUFFIX :]}" if name[-_SUFFIX : 1 - _SUFFIX] == "-" else name


def reference(path: str, options: Options) -> Reference:
    """In the region that was named; the connection knows it else."""
    return Reference(NAME, path, scope=options.region)


def connected(options: Options, environ: Mapping[str, str]) -> "SecretsManager":
    """In the user's own session."""
    return SecretsManager(_aws.client(NAME, "secretsmanager", options, environ), options.key)


def grants(references: Sequence[Reference]) -> str:
    """A policy of IAM that reads these secrets, and decrypts them where a key of the account's own encrypts."""
    arns = sorted({_arn(reference) for reference in references})
    regions = sorted({reference.scope or "*" for reference in references})
    statements = [
        {"Sid": "Read", "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns},
        {
            "Sid": "DecryptWithTheAccountsOwnKey",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": [f"arn:{_aws.partition(region)}:kms:{region}:*:key/*" for region in regions],
            "Condition": {"StringLike": {"kms:EncryptionContext:SecretARN": arns}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _arn(reference: Reference) -> str:
    """With the six characters that AWS adds; of any account, as the name is of the reader's."""
    region = reference.scope or "*"
    return f"arn:{_aws.partition(region)}:secretsmanager:{region}:*:secret:{reference.path}-??????"


class SecretsManager:
    """A connection to one region."""

    def __init__(self, client: _aws.Client, key: str) -> None:
        self._client = client
        self._key = key

    def get(self, reference: Reference) -> Secret | None:
        """Taken also where the secret waits for its deletion, or has no current value."""
        self._client.here(reference)
        answer = self._client.ask(
            "get_secret_value",
            reference.path,
            (_GONE, _WAITS),
            SecretId=reference.path,
            VersionStage="AWSCURRENT",
        )
        if answer.code == _GONE and "staging label" not in answer.said:
            return None
        if answer.code:
            raise Taken
        if isinstance(binary := answer.fields.get("SecretBinary"), bytes):
            return Secret(binary)
        return _encoded.read(answer.fields.get("SecretString"))

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        """It looks first: a repeated request with the same token is no error to AWS."""
        if len(secret) > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {len(secret)} bytes, of {LIMIT} allowed")
        if self.get(reference) is not None:
            raise Taken
        text, encoding = _encoded.written(secret)
        value = {"SecretBinary": secret.reveal()} if encoding else {"SecretString": text}
        answer = self._client.ask(
            "create_secret",
            reference.path,
            ("ResourceExistsException", _WAITS),
            secret,
            Name=reference.path,
            ClientRequestToken=str(uuid.uuid5(_SPACE, f"{self._client.region}/{reference.path}")),
            Tags=_aws.tags(about, secret),
            **value,
            **({"KmsKeyId": self._key} if self._key else {}),
        )
        if answer.code == _WAITS and "delet" not in answer.said:
            raise StoreError(f"{NAME}: {reference}: {answer.said}")
        if answer.code:
            raise Taken

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        """The old version stays as AWSPREVIOUS. There is no check-and-set: it is read directly before."""
        if len(new) > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {len(new)} bytes, of {LIMIT} allowed")
        if self.get(reference) != old:
            raise Taken
        text, encoding = _encoded.written(new)
        value = {"SecretBinary": new.reveal()} if encoding else {"SecretString": text}
        self._client.ask("put_secret_value", reference.path, (), new, SecretId=reference.path, **value)

    def resolved(self, reference: Reference) -> Reference:
        """With the region of the connection."""
        return reference._replace(scope=reference.scope or self._client.region)

    def close(self) -> None:
        self._client.close()
