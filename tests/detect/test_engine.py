"""From bytes to findings, through every wrapping."""

import base64
import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from secretsweep.detect.engine import Engine
from secretsweep.detect.members import Lost
from secretsweep.model import Blob, Finding, Secret
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill

TOKEN = fill("ghp_${alnum:30}${checksum_github}").encode()
PASSWORD = b"Tr0ub4dor&3-x"


def found(engine: Engine, path: str, data: bytes) -> list[Finding]:
    lost: list[Lost] = []
    findings = engine.scan(Blob("", path, data), lost)
    assert lost == []
    return findings


def values(engine: Engine, path: str, data: bytes) -> list[tuple[str, Secret, tuple[str, ...]]]:
    return [(f.rule, f.secret, f.trail) for f in found(engine, path, data)]


def test_a_token_is_found_with_its_exact_place(engine: Engine) -> None:
    [finding] = found(engine, "main.tf", b'locals {\n  t = "\xc3\xa4 ' + TOKEN + b'"\n}\n')
    assert finding.rule == "github-pat"
    assert finding.secret == Secret(TOKEN)
    assert tuple(finding.place) == (2, 10, 2, 50)
    assert tuple(finding.span) == (19, 59)


def test_a_token_inside_a_longer_word_is_none(engine: Engine) -> None:
    assert found(engine, "a.txt", b"x" + TOKEN) == []
    assert found(engine, "a.txt", TOKEN + b"x") == []


def test_a_token_with_a_wrong_checksum_is_none(engine: Engine) -> None:
    assert found(engine, "a.txt", TOKEN[:-1] + (b"a" if TOKEN[-1:] != b"a" else b"b")) == []


def test_a_password_is_found_by_its_key(engine: Engine) -> None:
    text = b'resource "aws_db_instance" "main" {\n  password = "' + PASSWORD + b'"\n}\n'
    [finding] = found(engine, "main.tf", text)
    assert (finding.rule, finding.secret, finding.key) == (
        "generic-password",
        Secret(PASSWORD),
        "resource.aws_db_instance.main.password",
    )


def test_name_and_value_may_stand_on_different_lines(engine: Engine) -> None:
    manifest = (
        b"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      value: " + PASSWORD
    )
    assert values(engine, "pod.yaml", manifest + b"\n") == [("generic-password", Secret(PASSWORD), ())]
    variable = b'variable "db_password" {\n  type    = string\n  default = "' + PASSWORD + b'"\n}\n'
    assert values(engine, "variables.tf", variable) == [("generic-password", Secret(PASSWORD), ())]


def test_a_kubernetes_secret_is_decoded_and_reported_once(engine: Engine) -> None:
    encoded = base64.b64encode(PASSWORD)
    manifest = b"apiVersion: v1\ndata:\n  password: " + encoded + b"\nkind: Secret\nmetadata:\n  name: db\n"
    assert values(engine, "secret.yaml", manifest) == [("generic-password", Secret(PASSWORD), ("base64",))]


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("+", ""), ('"', '\\n" +'), ('  + "', '\\n"'), ("    ", ""), ("> ", "")]
)
def test_a_plus_at_the_edge_of_a_keys_line_is_its_own(engine: Engine, before: str, after: str) -> None:
    body = [fill("${base64:62}", seed) for seed in range(12)]
    lines = [f"+{line}/" if n % 3 == 0 else f"/{line}+" if n % 3 == 1 else f"A{line}A" for n, line in enumerate(body)]
    text = ["-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"]
    written = "\n".join(f"{before}{line}{after}" for line in text) + "\n"
    (found,) = (
        finding for finding in engine.scan(Blob("", "key.txt", written.encode()), []) if "private" in finding.rule
    )
    assert found.secret == Secret("\n".join(text).encode())


def test_base64_is_opened_wherever_it_starts_and_however_it_is_wrapped(engine: Engine) -> None:
    for shift in range(3):
        script = b"#" * shift + b"#!/bin/sh\nexport TOKEN=" + TOKEN + b"\n" + b"# padding " * 20
        encoded = base64.b64encode(script)
        assert [v[1] for v in values(engine, "a.txt", b"user_data: " + encoded)] == [Secret(TOKEN)]
        safe = base64.urlsafe_b64encode(script).rstrip(b"=")
        assert [v[1] for v in values(engine, "a.txt", b"user_data: " + safe)] == [Secret(TOKEN)]
        lines = b"\n".join(b"  " + encoded[i : i + 76] for i in range(0, len(encoded), 76))
        assert [v[1] for v in values(engine, "a.yaml", b"user_data: |\n" + lines + b"\nother: 1\n")] == [Secret(TOKEN)]


def test_layers_are_opened_one_after_the_other(engine: Engine) -> None:
    script = b"#!/bin/sh\nexport TOKEN=" + TOKEN + b"\n"
    packed = base64.b64encode(gzip.compress(script, mtime=0))
    assert values(engine, "a.tf", b'user_data = "' + packed + b'"\n') == [
        ("github-pat", Secret(TOKEN), ("base64", "gzip"))
    ]
    assert values(engine, "a.txt", script.hex().encode()) == [("github-pat", Secret(TOKEN), ("hex",))]


def test_utf_16_text_is_read_and_its_place_counts_in_the_original(engine: Engine) -> None:
    for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        data = mark + ("ok\ntoken " + TOKEN.decode() + "\n").encode(encoding)
        [finding] = found(engine, "a.txt", data)
        assert finding.secret == Secret(TOKEN)
        assert data[finding.span.start : finding.span.end].decode(encoding) == TOKEN.decode()
        assert finding.place.line == 2


def test_members_of_archives_are_read_as_the_files_they_are(engine: Engine) -> None:
    values_yaml = b"auth:\n  rootPassword: " + PASSWORD + b"\n"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as chart:
        info = tarfile.TarInfo("chart/values.yaml")
        info.size = len(values_yaml)
        chart.addfile(info, io.BytesIO(values_yaml))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("charts/chart-1.0.tgz", packed.getvalue())
    [finding] = found(engine, "all.zip", outer.getvalue())
    assert finding.path == "all.zip!charts/chart-1.0.tgz!chart/values.yaml"
    assert (finding.secret, finding.place.line, finding.format) == (Secret(PASSWORD), 2, "helm")


def test_a_private_key_is_the_same_however_its_lines_are_written(engine: Engine) -> None:
    body = [fill("${base64:64}", n) for n in range(6)]
    begin, end = "-----BEGIN " + "RSA PRIVATE KEY-----", "-----END " + "RSA PRIVATE KEY-----"
    lines = [begin, *body, end]
    plain = "\n".join(lines)
    shapes = {
        "id_rsa": plain,
        "a.yaml": "key: |\n" + "\n".join("    " + line for line in lines),
        "a.json": '{"key": "' + "\\n".join(lines) + '\\n"}',
        "a.tf": 'key = "' + "\\n".join(lines) + '"',
    }
    secrets = {name: {f.secret for f in found(engine, name, text.encode() + b"\n")} for name, text in shapes.items()}
    assert set(map(frozenset, secrets.values())) == {frozenset({Secret(plain.encode())})}


def test_references_placeholders_and_names_of_secrets_are_silent(engine: Engine) -> None:
    for path, text in (
        ("main.tf", b'resource "x" "y" {\n  password = var.db_password\n  token = "${data.vault.x}"\n}\n'),
        (
            "values.yaml",
            b"auth:\n  existingSecret: db-credentials\n  passwordKey: postgres-password\n  password: changeme\n",
        ),
        (
            "pod.yaml",
            b"apiVersion: v1\nkind: Pod\nspec:\n  env:\n  - name: DB_PASSWORD\n    valueFrom:\n"
            b"      secretKeyRef:\n        name: db\n        key: password\n",
        ),
        ("stack.yaml", b"Password: '{{resolve:secretsmanager:db:SecretString:password}}'\n"),
        ("a.sh", b'export DB_PASSWORD="$(vault kv get -field=p secret/db)"\nPASSWORD=$1\n'),
        ("site.yml", b"db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162636465\n"),
        ("README.md", b"Set `password` to the password of your database user.\n"),
    ):
        assert values(engine, path, text) == [], path


def test_inline_markers_accept_and_a_foreign_repository_cannot(engine: Engine, tmp_path: Path) -> None:
    line = b'password = "' + PASSWORD + b'"  # secretsweep:allow a test database\n'
    assert found(engine, "main.tf", line) == []
    foreign = Engine(load(), tmp_path, trusted=False)
    assert [f.secret for f in found(foreign, "main.tf", line)] == [Secret(PASSWORD)]


def test_what_was_seen_before_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    fresh = Engine(load(), tmp_path)
    versions = [b"# v%d\nauth:\n  password: %s\n  token: ''\n" % (n, PASSWORD) for n in range(5)]
    warm = [found(engine, "values.yaml", v) for v in versions * 2]
    cold = [found(fresh, "values.yaml", v) for v in reversed(versions)]
    assert warm == (cold[::-1]) * 2
    assert len({f.secret for found_ in warm for f in found_}) == 1


def test_a_line_of_many_megabytes_is_read_in_bounded_time_and_said_so(engine: Engine) -> None:
    lost: list[Lost] = []
    engine.scan(Blob("", "a.txt", b"password=x " * 150_000 + TOKEN), lost)
    assert {entry.reason for entry in lost} == {"budget"}


def test_deep_nesting_ends_at_the_budget(engine: Engine) -> None:
    data = TOKEN
    for _ in range(12):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner.zip", data)
        data = packed.getvalue()
    lost: list[Lost] = []
    assert engine.scan(Blob("", "deep.zip", data), lost) == []
    assert {entry.reason for entry in lost} == {"budget"}


def test_why_something_was_dismissed_is_kept_without_its_value(tmp_path: Path) -> None:
    engine = Engine(load(), tmp_path, explain=True)
    assert found(engine, "main.tf", b'password = "changeme"\n') == []
    assert [(d.rule, d.reason, d.path, d.line) for d in engine.dismissed] == [
        ("generic-password", "placeholder", "main.tf", 1)
    ]


def test_a_name_that_says_base64_is_believed(engine: Engine) -> None:
    line = b"db_password_b64: " + base64.b64encode(PASSWORD) + b"\n"
    assert values(engine, "a.yaml", line) == [("generic-password", Secret(PASSWORD), ("base64",))]


def test_remains_of_expressions_and_names_of_pull_secrets_are_silent(engine: Engine) -> None:
    for path, text in (
        ("Vagrantfile", b'host_vars[vm] = ["ansible_ssh_user=vagrant", "ansible_become_pass=vagrant"] + x\n'),
        ("values.yaml", b"global:\n  imagePullSecrets:\n  - pullSecret1\n  - pullSecret2\n"),
        ("etcd.env", b"ETCD_INITIAL_CLUSTER_TOKEN=k8s_etcd\n"),
        ("job.sh", b"grep -oP 'password=\\K.+' file\n"),
    ):
        assert values(engine, path, text) == [], path


def test_what_is_commented_out_is_still_leaked(engine: Engine) -> None:
    text = b'auth:\n  # password: "' + PASSWORD + b"\"  isn't used any more\n  user: x\n"
    assert values(engine, "values.yaml", text) == [("generic-password", Secret(PASSWORD), ())]
    assert values(engine, "values.yaml", b"auth:\n  # password: the password of the database user\n") == []


def test_a_byte_order_mark_is_no_column(engine: Engine) -> None:
    [finding] = found(engine, "a.env", b"\xef\xbb\xbfT=" + TOKEN + b"\n")
    assert tuple(finding.place)[:2] == (1, 3)


def test_a_login_in_base64_counts_by_its_password_and_the_trail_says_so(engine: Engine) -> None:
    login = base64.b64encode(b"ci:" + PASSWORD)
    assert values(engine, "notes.txt", b"Authorization: Basic " + login + b"\n") == [
        ("http-authorization-basic", Secret(PASSWORD), ("base64",))
    ]
