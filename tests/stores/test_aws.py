"""Both stores of AWS against moto: the user's session in all its shapes, and what AWS says no to."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import aws_machine
import boto3
import pytest
from engines import Moto

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Module, Options, Taken, _aws, aws_secretsmanager, aws_ssm

ABOUT = {"managed-by": "secretsweep", "rotation-due": "true", "found-in": "a.tf:1, b.tf:2"}
VALUE = Secret(b"Tr0ub4dor-and-3")
ROLE = "arn:aws:iam::123456789012:role/deployer"


@pytest.fixture
def environ(aws: Moto, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return aws_machine.empty(monkeypatch, aws)


@pytest.fixture(params=[aws_secretsmanager, aws_ssm], ids=lambda module: module.NAME)
def module(request: pytest.FixtureRequest) -> Module:
    found: Module = request.param
    return found


def at(module: Module, path: str = "iac/shop/db", options: Options | None = None) -> Reference:
    return module.reference(module.fitted(path), options or Options())


def arn_of(module: Module, reference: Reference, region: str = "us-east-1") -> str:
    if module is aws_ssm:
        found = boto3.client("ssm", region_name=region).get_parameter(Name=reference.path)["Parameter"]
    else:
        found = boto3.client("secretsmanager", region_name=region).describe_secret(SecretId=reference.path)
    return str(found["ARN"])


def test_the_region_goes_into_the_reference(module: Module, environ: dict[str, str]) -> None:
    assert at(module).scope == ""
    assert module.connected(Options(), environ).resolved(at(module)).scope == "us-east-1"
    options = Options(region="eu-west-1")
    store = module.connected(options, environ)
    reference = store.resolved(at(module, options=options))
    assert reference.scope == "eu-west-1"
    store.create(reference, VALUE, ABOUT)
    assert ":eu-west-1:" in arn_of(module, reference, "eu-west-1")


def test_a_value_of_another_region_is_not_looked_for_here(module: Module, environ: dict[str, str]) -> None:
    store, reference = module.connected(Options(), environ), at(module)._replace(scope="eu-west-1")
    for asked in (lambda: store.get(reference), lambda: store.create(reference, VALUE, ABOUT)):
        with pytest.raises(StoreError, match="say --region eu-west-1"):
            asked()


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_region_comes_from_the_environment(module: Module, environ: dict[str, str], name: str) -> None:
    del environ["AWS_DEFAULT_REGION"]
    assert module.connected(Options(), environ | {name: "eu-north-1"}).resolved(at(module)).scope == "eu-north-1"


def test_a_missing_region_is_told(module: Module, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    del environ["AWS_DEFAULT_REGION"]
    with pytest.raises(StoreError, match=rf"{module.NAME}: which region\? Say --region"):
        module.connected(Options(), environ)


def test_missing_credentials_are_told(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = aws_machine.empty(monkeypatch)
    with pytest.raises(StoreError, match=r"no credentials: `aws sso login`, --profile"):
        module.connected(Options(region="eu-west-1"), environ)


def test_a_profile_is_the_users_own(
    module: Module, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile shop]\nregion = ap-southeast-2\n")
    (tmp_path / "credentials").write_text("[shop]\naws_access_key_id = one\naws_secret_access_key = two\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    del environ["AWS_DEFAULT_REGION"]
    store = module.connected(Options(profile="shop"), environ)
    assert store.resolved(at(module)).scope == "ap-southeast-2"
    store.create(at(module), VALUE, ABOUT)
    assert store.get(at(module)) == VALUE


def test_a_profile_that_is_not_there_is_named(module: Module, environ: dict[str, str]) -> None:
    with pytest.raises(StoreError, match=r"profile \(nope\) could not be found; see --profile"):
        module.connected(Options(profile="nope"), environ)


def test_an_endpoint_that_is_no_url_is_told(module: Module, environ: dict[str, str]) -> None:
    with pytest.raises(StoreError, match=r"Invalid endpoint: not-a-url; see .*--url"):
        module.connected(Options(url="not-a-url"), environ)


def test_a_role_is_assumed(module: Module, environ: dict[str, str]) -> None:
    store: Any = module.connected(Options(role=ROLE), environ)
    store.create(at(module), VALUE, ABOUT)
    assert store.get(at(module)) == VALUE
    assert store._client._client._request_signer._credentials.token  # a session's, which our own keys have not


def test_a_role_that_is_no_role_is_told(module: Module, environ: dict[str, str]) -> None:
    with pytest.raises(StoreError, match=r"role deployer"):
        module.connected(Options(role="deployer"), environ)


def test_the_key_that_encrypts_may_be_chosen(module: Module, environ: dict[str, str]) -> None:
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    module.connected(Options(key=key), environ).create(at(module), VALUE, ABOUT)
    if module is aws_ssm:
        named = [{"Key": "Name", "Values": [at(module).path]}]
        (found,) = boto3.client("ssm").describe_parameters(ParameterFilters=named)["Parameters"]
        assert (found["KeyId"], found["Type"]) == (key, "SecureString")
    else:
        assert boto3.client("secretsmanager").describe_secret(SecretId=at(module).path)["KmsKeyId"] == key


def test_a_policy_names_what_was_made_and_nothing_else(module: Module, environ: dict[str, str]) -> None:
    store = module.connected(Options(), environ)
    references = [store.resolved(at(module, path)) for path in ("iac/shop/db", "iac/shop/db-admin", "iac/shop/d")]
    for reference in references:
        store.create(reference, VALUE, ABOUT)
    policy = json.loads(module.grants(references[:1]))
    (pattern,) = policy["Statement"][0]["Resource"]
    assert [fnmatchcase(arn_of(module, reference), pattern) for reference in references] == [True, False, False]
    assert policy["Statement"][1]["Action"] == "kms:Decrypt"
    (condition,) = policy["Statement"][1]["Condition"]["StringLike"].values()
    assert condition == [pattern]


@pytest.mark.parametrize(
    ("region", "beginning"),
    [("", "arn:aws:*"), ("eu-west-1", "arn:aws:"), ("cn-north-1", "arn:aws-cn:"), ("us-gov-west-1", "arn:aws-us-gov:")],
)
def test_a_policy_is_of_the_partition_of_its_region(module: Module, region: str, beginning: str) -> None:
    policy = json.loads(module.grants([at(module, options=Options(region=region))]))
    for statement in policy["Statement"]:
        for arn in statement["Resource"]:
            assert arn.startswith(beginning.replace("*", arn.split(":")[2] + ":*"))


class Refusing:
    """In the place of boto's client: refuses one operation as AWS does."""

    def __init__(self, inner: Any, operation: str, code: str, message: str) -> None:
        self.inner, self.operation, self.code, self.message = inner, operation, code, message

    def __getattr__(self, name: str) -> Any:
        if name != self.operation:
            return getattr(self.inner, name)

        def refuse(**given: Any) -> Any:
            from botocore.exceptions import ClientError

            error = {"Error": {"Code": self.code, "Message": self.message.format(**given)}}
            raise ClientError(error, name)  # type: ignore[arg-type]

        return refuse


def refusing(store: Any, operation: str, code: str, message: str) -> Any:
    store._client._client = Refusing(store._client._client, operation, code, message)
    return store


CREATE = {aws_secretsmanager.NAME: "create_secret", aws_ssm.NAME: "put_parameter"}


@pytest.mark.parametrize(
    ("code", "message", "says"),
    [
        (
            "AccessDeniedException",
            "User x is not authorized to perform: y:Create",
            r"iac/shop/db: AccessDenied.*y:Create",
        ),
        ("ExpiredTokenException", "expired", r"not valid, or not any more: expired; `aws sso login`"),
        ("ThrottlingException", "Rate exceeded", r"asked too often: Rate exceeded; run it again later"),
        ("InvalidKeyId", "no such key", r"iac/shop/db: no such key; is --kms-key right"),
        ("ValidationException", "Value 'Tr0ub4dor-and-3' at 'value' failed", r"Value '••••••••' at 'value' failed"),
    ],
)
def test_what_aws_refuses_is_told_without_the_value(
    module: Module, environ: dict[str, str], code: str, message: str, says: str
) -> None:
    store = refusing(module.connected(Options(), environ), CREATE[module.NAME], code, message)
    with pytest.raises(StoreError, match=says) as raised:
        store.create(at(module), VALUE, ABOUT)
    assert raised.value.__context__ is None
    assert b"Tr0ub4dor-and-3".decode() not in str(raised.value)


def test_who_comes_first_is_not_overwritten(module: Module, environ: dict[str, str]) -> None:
    """Between our look and our request somebody else makes it."""
    code = {"aws-ssm": "ParameterAlreadyExists", "aws-secretsmanager": "ResourceExistsException"}[module.NAME]
    store = refusing(module.connected(Options(), environ), CREATE[module.NAME], code, "it exists")
    with pytest.raises(Taken):
        store.create(at(module), VALUE, ABOUT)


# --- Secrets Manager -------------------------------------------------------------------------------------------------


def test_a_secret_that_waits_for_its_deletion_is_left_alone(environ: dict[str, str]) -> None:
    store, reference = aws_secretsmanager.connected(Options(), environ), at(aws_secretsmanager)
    store.create(reference, VALUE, ABOUT)
    boto3.client("secretsmanager").delete_secret(SecretId=reference.path)
    with pytest.raises(Taken):
        store.get(reference)
    with pytest.raises(Taken):
        store.create(reference, VALUE, ABOUT)
    assert "DeletedDate" in boto3.client("secretsmanager").describe_secret(SecretId=reference.path)


def test_the_refusal_to_create_in_the_deletion_window_is_understood(environ: dict[str, str]) -> None:
    """AWS says it so; moto does not."""
    said = "You can't create this secret because a secret with this name is already scheduled for deletion."
    store = aws_secretsmanager.connected(Options(), environ)
    with pytest.raises(Taken):
        refusing(store, "create_secret", "InvalidRequestException", said).create(at(aws_secretsmanager), VALUE, ABOUT)
    store = aws_secretsmanager.connected(Options(), environ)
    with pytest.raises(StoreError, match="something else"):
        refusing(store, "create_secret", "InvalidRequestException", "something else").create(
            at(aws_secretsmanager), VALUE, ABOUT
        )


def test_a_secret_without_a_value_is_somebody_elses(environ: dict[str, str]) -> None:
    """Terraform makes them so. AWS tells of the staging label; moto does not."""
    said = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    store = aws_secretsmanager.connected(Options(), environ)
    with pytest.raises(Taken):
        refusing(store, "get_secret_value", "ResourceNotFoundException", said).get(at(aws_secretsmanager))


def test_a_rotated_secret_gives_its_current_value(environ: dict[str, str]) -> None:
    store, reference = aws_secretsmanager.connected(Options(), environ), at(aws_secretsmanager)
    store.create(reference, VALUE, ABOUT)
    boto3.client("secretsmanager").put_secret_value(SecretId=reference.path, SecretString="Summer-2024-prod")
    assert store.get(reference) == Secret(b"Summer-2024-prod")


def test_the_token_of_a_request_tells_of_the_name_alone(environ: dict[str, str]) -> None:
    tokens = []
    for value in (b"Tr0ub4dor-and-3", b"Summer-2024-prod"):
        store: Any = aws_secretsmanager.connected(Options(), environ)
        real = store._client._client
        seen = refusing(store, "create_secret", "Seen", "{ClientRequestToken}")
        with pytest.raises(StoreError) as raised:
            seen.create(at(aws_secretsmanager), Secret(value), ABOUT)
        tokens += re.findall(r"[0-9a-f-]{36}", str(raised.value))
        real.close()
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]


@pytest.mark.parametrize(
    ("path", "fitted"),
    [
        ("iac/db-passwd", "iac/db_passwd"),  # as if `-passwd` were what AWS adds to a name
        ("iac/db-password", "iac/db-password"),
        ("iac/db-secret", "iac/db_secret"),
        ("a-b-c-d", "a-b-c-d"),
        ("x-a-b-c-d", "x-a-b-c-d"),
        ("xy-a-b-cd", "xy_a-b-cd"),
    ],
)
def test_no_name_ends_like_an_arn(path: str, fitted: str) -> None:
    assert aws_secretsmanager.fitted(path) == fitted


# --- Parameter Store -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "tier"), [(4096, "Standard"), (4097, "Advanced")])
def test_a_parameter_is_of_the_tier_that_it_needs(environ: dict[str, str], size: int, tier: str) -> None:
    aws_ssm.connected(Options(), environ).create(at(aws_ssm), Secret(b"x" * size), ABOUT)
    named = [{"Key": "Name", "Values": ["/iac/shop/db"]}]
    (found,) = boto3.client("ssm").describe_parameters(ParameterFilters=named)["Parameters"]
    assert (found["Tier"], found["Type"]) == (tier, "SecureString")


@pytest.mark.parametrize(
    ("path", "fitted"),
    [
        ("iac/shop/db", "/iac/shop/db"),
        ("/iac/shop/db", "/iac/shop/db"),
        ("aws/db", "/iac-aws/db"),
        ("SSM-db", "/iac-SSM-db"),
        ("awsome", "/iac-awsome"),
        ("/".join("abcdefghijklmnopq"), "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o-p-q"),
    ],
)
def test_a_parameters_name_is_one_that_aws_takes(path: str, fitted: str) -> None:
    assert aws_ssm.fitted(path) == fitted


def test_who_may_not_read_tags_reads_text(environ: dict[str, str]) -> None:
    store, looks = aws_ssm.connected(Options(), environ), Secret(b"gICAgICAgICAgICAgICAgICA")
    store.create(at(aws_ssm), looks, ABOUT)
    assert refusing(store, "list_tags_for_resource", "AccessDeniedException", "no").get(at(aws_ssm)) == looks


def test_tags_are_not_asked_for_what_cannot_be_encoded(environ: dict[str, str]) -> None:
    store = aws_ssm.connected(Options(), environ)
    store.create(at(aws_ssm), VALUE, ABOUT)
    assert refusing(store, "list_tags_for_resource", "Bug", "asked").get(at(aws_ssm)) == VALUE


@pytest.fixture(autouse=True)
def _own_session() -> Iterator[None]:
    """boto3's own default session remembers an environment."""
    boto3.DEFAULT_SESSION = None
    yield
    boto3.DEFAULT_SESSION = None


def test_a_tag_holds_what_tags_may_hold() -> None:
    assert _aws.tags({"found-in": "a, b; c:3 Tr0ub4dor-and-3 " + "x" * 300}, VALUE) == [
        {"Key": "found-in", "Value": ("a  b  c:3          " + "x" * 300)[:256]}
    ]
