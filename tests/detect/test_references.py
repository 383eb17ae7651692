"""References are not values; what looks like one and is a password stays a value. Both ways, sort by sort."""

import random
import string

import pytest
from pace import grows

from secretsweep.detect.references import default, is_name, reference

REFERENCES = {
    "template": (
        "{{ .Values.password }}",
        "{{ with secret \"database/creds/app\" }}{{ .Data.password }}{{ end }}",
        "{{- with secret `secret/data/db` -}}{{ .Data.data.password }}{{- end }}",
        '{{ key "service/db/password" }}',
        "{{ vault_db_password }}",
        "{% raw %}x{% endraw %}",
        "<%= ENV['DB_PASSWORD'] %>",
        "[[ .db_password ]]",
        "{password}",
        "%{hiera('db::password')}",
        '<+secrets.getValue("db_password")>',
        "db-{{ .Release.Name }}",
    ),
    "variable": (
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "$CI_JOB_TOKEN",
        "$k8sToken",
        "$s3_secret_key",
        "$oauth2_token",
        "%DB_PASSWORD%",
        "%env.DB_PASSWORD%",
        "$(cat /run/secrets/db)",
        "$(DB_PASSWORD)",
        "${{ secrets.DB_PASSWORD }}",
        "${{ secrets.GITHUB_TOKEN }}",
        "((db-password))",
        "((/team/pipeline/db.password))",
        "#{DbPassword}#",
        "#{ENV['DB_PASSWORD']}",
        "@@DB_PASSWORD@@",
        "@db.password@",
        "__DB_PASSWORD__",
        "%(db_password)s",
        "$__file{/etc/secrets/db}",
        "$__vault{kv:db:password}",
        "@{vault:db_password}",
        "$env:DB_PASSWORD",
        "$[variables.dbPassword]",
        "[Environment]::GetEnvironmentVariable('X')",
    ),
    "terraform reference": (
        "var.password",
        "data.vault_kv_secret_v2.db.data.password",
        "local.password",
        "module.db.password",
        "ephemeral.vault_kv_secret_v2.db.data",
        "random_password.main.result",
        "aws_secretsmanager_secret_version.x.secret_string",
        "azurerm_key_vault_secret.db.value",
        "google_secret_manager_secret_version.db.secret_data",
        "onepassword_item.db.password",
    ),
    "function call": (
        "lookup('env', 'DB_PASSWORD')",
        "os.environ['DB_PASSWORD']",
        "os.getenv('DB_PASSWORD')",
        "sensitive(var.password)",
        "parameters('adminPassword')",
        "reference(resourceId('x'))",
        "ENV['DB_PASSWORD']",
    ),
    "secret manager": (
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
        "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/db",
        "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/x",
        "vault:secret/data/db#password",
        ">>vault:database/roles/app#password",
        "ssm:/prod/db/password",
        "<path:secret/data/db#password>",
        "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/db)",
        "@Microsoft.KeyVault(VaultName=x;SecretName=db)",
        "projects/acme/secrets/db/versions/latest",
        "projects/acme/locations/eu/keyRings/r/cryptoKeys/k",
        "//secretmanager.googleapis.com/projects/1/secrets/db",
        "/subscriptions/0c1a/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
        "crn:v1:bluemix:public:secrets-manager:eu-de:a/1::",
        "ocid1.vaultsecret.oc1.eu-frankfurt-1.amaaaaaa",
        "op://vault/db/password",
        "bws://secret/1",
        "keeper://uid/field/password",
        "berglas://bucket/secret",
        "sm://project/secret",
        "secrets://values.enc.yaml",
        "doppler://project/config/DB",
        "infisical://project/DB",
        "chamber://service/key",
        "gcpsm://project/secret",
        "azurekeyvault://vault/secret",
        "ref+vault://secret/db#password",
        "ref+awsssm://prod/db?region=eu-west-1",
        "env:DB_PASSWORD",
    ),
    "encrypted": (
        "ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]",
        "ENC[PKCS7,MIIBeQYJKoZIhvcNAQcD]",
        "ENC(G6N718UuyPE5bHyWKyuLQSm02auQPUtm)",
        "{cipher}682bc583f4641835fa2db009355293665d2647dade3375c0ee201de2a49f7bda",
        "$ANSIBLE_VAULT;1.1;AES256\n6238",
        "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl",
        "-----BEGIN PGP MESSAGE-----\n\nhQIM",
        "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
        "AQICAHh" + "a1B2" * 20,
        "AgB" + "c3D4" * 40,
        "gAAAAA" + "Bk_x" * 20,
    ),
    "public": (
        "{access_key_ID}/20160613/us-east-1/apigateway/aws4_request",
        "AKIAIOSFODNN7EXAMPLE/20160613/us-east-1/s3/aws4_request,",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "sk-ssh-ed25519@openssh.com AAAAGnNr",
        "ecdsa-sha2-nistp256 AAAA",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "age1" + "q3x7" * 14 + "aa",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUR",
        "SHA256:" + "aB3" * 14 + "c",
        "aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
    ),
    "digest": (
        "sha256:9f86d081884c7d65",
        "sha512-" + "aB3d" * 21 + "==",
        "h1:" + "aB3d" * 10 + "aB3=",
        "zh:" + "0a1b" * 16,
        "registry.example.org/app/token@sha256:" + "0a1b" * 16,
    ),
    "path or URL": (
        "/run/secrets/db_password",
        "~/.ssh/id_ed25519",
        "./secrets/db.txt",
        "$HOME/.vault-token",
        "https://example.org/token",
        "https://x.vault.azure.net/secrets/db/0123",
        "memfs://tests/scw-minimal.k8s.local/secrets",
        "file:///etc/secrets/db",
        "secret/data/db",
        "tls/server.key",
        "ghcr.io/acme/token-server:v1.2.3",
        r"C:\secrets\db.txt",
        "unix:/var/run/php-fpm/www.sock",
        "unix:/run/php8.2-fpm/www.sock;",
    ),
    "type or flag": ("true", "null", "string", "SecureString", "required"),
    "version": ("^10.20.30", "~> 5.0", ">=1.2.3", "v1.28.3", "1.0.0-beta.2", "2.0.0-SNAPSHOT", "^3.0.0 || ^4.0.0"),
    "time": ("2026-01-15T10:00:00Z", "24h", "1h30m0s", "PT1H", "P30D", "90 days", "@every 1h30m", "@daily"),
    "address": ("10.0.0.0/16", "192.168.1.10:5432", "00:1A:2b:3c:4d:5e", "fd00::/64", "key-0123456789abcdef0"),
    "pattern": ("^[A-Za-z0-9]{8,}$", "[a-zA-Z0-9_-]{32}", "[0-9a-f]+", "^(?=.*[A-Z]).{12,}$"),
    "format string": ("%s", "Bearer %s", "%s:%s", "secret-%d", "token-{}", "{0}-{1}"),
    "expression": ("config.database.password", "secrets::db::password", "&fi.Secret{", "new Secret(",
                   "creds[self.SECRET_KEY]", "Shards[-1].ShardId", "StreamNames[-1]", "i0.ElementRef", "i2.ɵConsole"),
}  # fmt: skip


@pytest.mark.parametrize(("sort", "value"), [(sort, value) for sort, values in REFERENCES.items() for value in values])
def test_these_are_references(sort: str, value: str) -> None:
    assert reference(value) == sort


@pytest.mark.parametrize(
    "value",
    [
        "Tr0ub4dor&3-x",
        "hunter2",
        "correcthorse",
        "P@ss{word}1",
        "a$b%c^d8",
        "x/Y+z9==Qw",
        "trueblue7",
        "s3cr3t!",
        # brackets of variables around what no variable is called
        "$ecretPassw0rd",
        "$up3rS3cr3t",
        "@Passw0rd@",
        "%Tr0ub4dor%",
        "__s3cr3tW0rd__",
        "{Passw0rd}",
        "Tr0ub4dor&3}",
        "pa}}ss-W0rd9",
        # schemes without what a resolver wants
        "vault:Tr0ub4dor&3",
        "pass:hunter2",
        "env:hunter2-x",
        "arn-Tr0ub4dor",
        "secret:Tr0ub4dor!",
        "sha256 is my p4ss",
        "{cipher-Tr0ub4dor",
        "ENC-Tr0ub4dor(1)",
        "opTr0ub4dor//x",
        # tokens that begin like a path, or hold slashes
        "/k9Xd2Lq8Zr4Tv7Wb3",
        "/aB3dE9fG/hJ2kL5mN8pQ1",
        "otpauth://totp/acme?secret=x",
        "postgres://app:Tr0ub4dor@db/app",
        # versions, times and addresses with a word behind them
        "1.2.3-Hunter",
        "10.0.0.1-root!",
        "24hours-Party!",
        "v2Tr0ub4dor",
        "2026-Summer!",
        "^Tr0ub4dor$",
        "[Tr0ub4dor]",
        "a%d9Xk2",
        "key-Tr0ub4dor",
        "true-L0ve!",
        "nullPointer9!",
        "ssh-Tr0ub4dor",
        "age1-Tr0ub4dor",
        "&Tr0ub4dor{3}",
        # what is like an element of a list, a socket or an import's alias
        "Tr0ub4dor[-1]",
        "creds[Tr0ub4.dor]",
        "unix:Tr0ub4dor",
        "a1.hunter",
        "ab12.Winter",
    ],
)
def test_these_are_values(value: str) -> None:
    assert reference(value) == ""


@pytest.mark.parametrize("seed", range(40))
def test_a_random_strong_password_is_never_a_reference(seed: int) -> None:
    """Of letters and digits, of base64, and with the special characters that generators use."""
    rng = random.Random(seed)
    plain = string.ascii_letters + string.digits
    for alphabet in (plain, plain + "+/", plain + "-_", plain + "!@#$%^&*()-_=+[]{}<>:?"):
        for length in (12, 16, 20, 24, 32, 40, 64):
            for _ in range(8):
                value = "".join(rng.choice(alphabet) for _ in range(length))
                assert reference(value) == "", value


@pytest.mark.parametrize("piece", "a a. a/ ${ {{ 1. aB1 a: 0a: %s a- ( [a-z] @ 1h \t} ${a:- try( $( a::a".split(" "))
def test_no_value_takes_long(piece: str) -> None:
    def read(text: str) -> None:
        reference.__wrapped__(text)  # what is remembered takes no time
        default(text)

    grows(lambda count: piece * count + "!", read, 20_000)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("${DB_PASSWORD:-hunter2}", "hunter2"),
        ("${db-password:-hunter2}", "hunter2"),
        ('${DB_PASSWORD:-"hunter2"}', "hunter2"),
        ("${DB_PASSWORD:='hunter2'}", "hunter2"),
        ("${DB_PASSWORD-hunter2}", "hunter2"),
        ("${spring.datasource.password:hunter2}", "hunter2"),
        ("${DB_PASSWORD:hunter2}", "hunter2"),
        ("${DB_PASSWORD:123456}", "123456"),
        ('{{ .Values.password | default "hunter2" }}', "hunter2"),
        ('{{ default "hunter2" .Values.password }}', "hunter2"),
        ("{{ db_password | default('hunter2', true) }}", "hunter2"),
        ('getenv("DB_PASSWORD", "hunter2")', "hunter2"),
        ('coalesce(var.password, "hunter2")', "hunter2"),
    ],
)
def test_the_default_of_a_reference_is_a_literal(text: str, literal: str) -> None:
    assert default(text) == literal


@pytest.mark.parametrize(
    "text",
    [
        "${DB_PASSWORD}",
        "${A:-${B}}",
        "${ssm:/prod/db/password}",
        "${vault:secret/db#password}",
        "${env:DB_PASSWORD}",
        "${self:custom.password}",
        "${VAR:0:8}",
        "${VAR:?is not set}",
        "${VAR:+set}",
        "${oc.env:DB_PASSWORD}",
        '{{ lookup("env", "DB_PASSWORD") }}',
    ],
)
def test_what_is_no_default(text: str) -> None:
    assert default(text) == ""


def test_a_name_has_its_digits_at_the_ends_of_words() -> None:
    assert all(map(is_name, ("db_password2", "k8sToken", "env.DB_PASSWORD", "oauth2_token", "x509-cert", "v1beta1")))
    assert not any(map(is_name, ("Passw0rd", "s3cr3t", "a1b2c3", "Tr0ub4dor", "")))
