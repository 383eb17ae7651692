"""References are not values; a literal that a reference falls back to is one."""

import pytest

from secretsweep.detect.references import default, reference


@pytest.mark.parametrize(
    "value",
    [
        "{{ .Values.password }}",
        "${var.password}",
        "var.password",
        "data.vault_kv_secret_v2.db.data.password",
        "local.password",
        "module.db.password",
        "random_password.main.result",
        "aws_secretsmanager_secret_version.x.secret_string",
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "%DB_PASSWORD%",
        "$__file{/run/secrets/db}",
        "$(cat /run/secrets/db)",
        "${{ secrets.DB_PASSWORD }}",
        "{{resolve:secretsmanager:db:SecretString:password}}",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
        "ref+vault://secret/db#password",
        "<path:secret/data/db#password>",
        "op://vault/db/password",
        "projects/acme/secrets/db/versions/latest",
        "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/db)",
        "ENC[AES256_GCM,data:abc,iv:def,type:str]",
        "$ANSIBLE_VAULT;1.1;AES256",
        "/run/secrets/db_password",
        "https://example.org/token",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "sha256:9f86d081884c7d65",
        "true",
        "null",
        "string",
        "lookup('env', 'DB_PASSWORD')",
        "os.environ['DB_PASSWORD']",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_these_are_references(value: str) -> None:
    assert reference(value)


@pytest.mark.parametrize(
    "value",
    ["Tr0ub4dor&3-x", "hunter2", "correcthorse", "P@ss{word}1", "a$b%c^d8", "x/Y+z9==Qw", "trueblue7", "s3cr3t!"],
)
def test_these_are_values(value: str) -> None:
    assert reference(value) == ""


def test_the_default_of_a_reference_is_a_literal() -> None:
    assert default("${DB_PASSWORD:-hunter2}") == "hunter2"
    assert default('{{ .Values.password | default "hunter2" }}') == "hunter2"
    assert default("${DB_PASSWORD}") == ""
    assert default("${A:-${B}}") == ""
