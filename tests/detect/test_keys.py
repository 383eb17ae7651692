"""What names say."""

import pytest

from secretsweep.detect.keys import encoded, name, noun, words


def test_words_are_split_at_humps_and_separators() -> None:
    assert words("existingSecretPasswordKey") == ("existing", "secret", "password", "key")
    assert words("DB_PASSWORD") == ("db", "password")
    assert words("AWSSecretAccessKey") == ("aws", "secret", "access", "key")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("variable.db_password.default", "db_password"),
        ("spec.containers[0].env.DB_PASSWORD", "DB_PASSWORD"),
        ("resource.random_password.main.result", "main"),
        ("user_data › export PGPASSWORD", "PGPASSWORD"),
        ("data.password", "password"),
        ("", ""),
    ],
)
def test_the_name_is_the_part_that_says_what_the_value_is(key: str, said: str) -> None:
    assert name(key) == said


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "db_password",
        "DB_PASS",
        "rootPassword",
        "ansible_become_pass",
        "requirepass",
        "mysql_pwd",
        "passwd_1",
    ],
)
def test_these_hold_a_password(key: str) -> None:
    assert noun(key) == "password"


@pytest.mark.parametrize(
    "key",
    [
        "client_secret",
        "API_TOKEN",
        "apiKey",
        "secretAccessKey",
        "jwt_secret",
        "encryption-key",
        "credentials",
        "datadogapikey",
        "config/secret",
        "resource.vault_token.ci.token",
        "token_unencrypted",
        "refreshToken",
        "oidc.clientSecret",
    ],
)
def test_these_hold_a_secret(key: str) -> None:
    assert noun(key) == "secret"


@pytest.mark.parametrize(
    "key",
    [
        "secretName",
        "existingSecret",
        "password_policy",
        "passwordFile",
        "token_ttl",
        "secret_arn",
        "publicKey",
        "sort_key",
        "key",
        "tokenUrl",
        "enable_password",
        "minPasswordLength",
        "secretKeyRef.name",
        "password_hint",
        "metadata.annotations.checksum/secret",
        "monkey",
        "compass",
        "auth.existingSecret",
        "userExistingSecret",
        "auth.existingSecretPasswordKey",
        "passwordSecretRef",
        "oidc.clientSecretArn",
        "apiTokenId",
        "tokenEndpoint",
        "key_type",
        "token_expiry",
        "secretCount",
        "secretsEnabled",
        "password_min_length",
        "password_length",
        "passwordPolicy",
        "token_max_ttl",
        "imagePullSecrets",
        "ingress.tlsSecret",
        "nextToken",
        "Postman-Token",
        "fastcgi_pass",
        "data.google_secret_manager_secret_version.db.secret",
        "resource.google_secret_manager_secret_version.db.secret",
        "spec.template.metadata.annotations.checksum/secret",
        "spec.template.metadata.annotations.checksum/db-secret",
        "",
    ],
)
def test_these_name_or_describe_one_and_hold_none(key: str) -> None:
    assert noun(key) == ""


def test_a_name_can_say_that_its_value_is_base64() -> None:
    assert encoded("PASSWORD_B64")
    assert not encoded("PASSWORD")


def test_whose_password_it_is_may_follow() -> None:
    assert noun("PASSWORD_OF_DB") == noun("passwordForDb") == noun("mail.password_for_user") == "password"
    assert noun("TOKEN_FOR_CI") == "secret"
    assert noun("length_of_password_file") == noun("path_for_password_file") == noun("use_password_for_db") == ""


def test_a_local_of_packer_is_called_as_its_block() -> None:
    assert noun("local.db_password.expression") == "password"
    assert noun("password.expression") == noun("rules.password.expression") == ""
