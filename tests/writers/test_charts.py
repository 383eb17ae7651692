"""Which value names a Secret instead of another one: what a chart's conditions say, and what they do not."""

import pytest

from secretsweep.formats import Unparsed
from secretsweep.writers import File
from secretsweep.writers._choices import Choice, choices
from secretsweep.writers._confidential import first
from secretsweep.writers._known import _table, known
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node, documents
from secretsweep.writers._settings import settled

REFERENCE = b"""
valueFrom:
  secretKeyRef:
    name: {{ .Values.db.secret.name }}
    key: {{ .Values.db.secret.key }}
"""
DB = Choice(("db", "password"), ("db", "secret", "name"), ("db", "secret", "key"))


@pytest.mark.parametrize(
    "text",
    [
        b"{{- if .Values.db.secret.name }}" + REFERENCE + b"{{- else }}\nvalue: {{ .Values.db.password }}\n{{- end }}",
        REFERENCE + b"{{ if not .Values.db.secret.name }}x: {{ .Values.db.password | b64enc }}{{ end }}",
        REFERENCE + b"{{ if not (or .Values.other .Values.db.secret) }}x: {{ .Values.db.password }}{{ end }}",
        REFERENCE
        + b"{{ if and .Values.db.password (not .Values.db.secret.name) }}x: {{ .Values.db.password }}{{ end }}",
        REFERENCE + b"{{ $x := not .Values.db.secret.name }}{{ if $x }}x: {{ .Values.db.password }}{{ end }}",
        b"{{ if and .Values.db.secret.name .Values.db.secret.key }}"
        + REFERENCE
        + b"{{ else if .Values.db.password }}x: {{ .Values.db.password | quote }}{{ end }}",
    ],
)
def test_a_value_that_is_used_only_without_the_secret_is_the_one(text: bytes) -> None:
    assert choices([text]) == (DB,)


@pytest.mark.parametrize(
    "text",
    [
        REFERENCE + b"x: {{ .Values.db.password }}",  # used in any case
        REFERENCE + b"{{ if .Values.db.secret.name }}x: {{ .Values.db.password }}{{ end }}",  # the other way round
        REFERENCE + b"{{ if not .Values.db.secret.name }}x: {{ .Values.db.password }}{{ end }}"
        b"y: {{ .Values.db.password }}",
        REFERENCE + b"{{ if not .Values.db.secret.name }}x: {{ .Values.db.password }}{{ end }}"
        b"{{ include `other` .Values.db }}",  # handed over
        REFERENCE
        + b"{{ if not .Values.db.secret.name }}x: {{ .Values.db.password }}\ny: {{ .Values.db.user }}{{ end }}",
        REFERENCE + b"{{ if or .Values.a (not .Values.db.secret.name) }}x: {{ .Values.db.password }}{{ end }}",
        b"{{ if not .Values.db.secret.name }}x: {{ .Values.db.password }}{{ end }}",  # no reference is made of it
        REFERENCE + b"{{ with .Values.db }}{{ if not .secret.name }}x: {{ .password }}{{ end }}{{ end }}",
        REFERENCE + b"{{ end }}{{ else }}{{ if not }}{{ ( }}",
    ],
)
def test_a_value_that_may_be_used_all_the_same_is_not(text: bytes) -> None:
    assert choices([text]) == ()


def values(text: str) -> list[Node]:
    return documents(text.encode())


POSTGRES = "auth: {username: %s, password: a, postgresPassword: b}\narchitecture: %s\n"


@pytest.mark.parametrize(
    ("name", "repository", "there"),
    [
        ("postgresql", "https://charts.bitnami.com/bitnami", True),
        ("postgresql", "oci://registry-1.docker.io/bitnamicharts", True),
        ("postgresql", "https://charts.bitnami.com.example.com/bitnami", False),
        ("postgresql", "", False),
        ("pgsql", "https://charts.bitnami.com/bitnami", False),
    ],
)
def test_a_chart_is_known_by_its_name_and_its_repository(name: str, repository: str, there: bool) -> None:
    root = values(POSTGRES % ("shop", "standalone"))
    assert (known(name, repository, (), ("auth", "password"), root) is not None) is there


def test_what_a_chart_would_look_for_depends_on_its_other_values() -> None:
    for user, architecture, needed in (
        ("shop", "replication", [True, True, True]),
        ('""', "standalone", [True, False, False]),
    ):
        root = values(POSTGRES % (user, architecture))
        found = known("postgresql", "https://charts.bitnami.com/bitnami", (), ("auth", "password"), root)
        assert found is not None
        assert [key.needed for key in found.keys] == needed


def test_every_known_chart_says_what_is_needed() -> None:
    for name, chart in _table().items():
        assert chart["from"], name
        for secret in chart["secrets"]:
            assert set(secret) == {"switch", "keys"}
            for key in secret["keys"]:
                assert set(key) <= {"value", "name", "said", "write", "default", "when"}, (name, key)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: {}\n", "a: {b: {c: x}}\n"),
        ("a:\n", "a: {b: {c: x}}\n"),
        ("a:   # nothing\nd: 1\n", "a: {b: {c: x}}   # nothing\nd: 1\n"),
        ("a:\n  d: 1\n", "a:\n  b:\n    c: x\n  d: 1\n"),
        ("a: {d: 1}\n", "a: {b: {c: x}, d: 1}\n"),
        ("a:\n  b:\n    c: ''\n", "a:\n  b:\n    c: x\n"),
        ("d: 1\n", "a:\n  b:\n    c: x\nd: 1\n"),
        ("a: 5\n", None),
        ("a: &x {d: 1}\nb: *x\n", None),
        ("a: {b: [1]}\n", None),
    ],
)
def test_a_value_is_set_in_the_style_of_what_is_there(before: str, after: str | None) -> None:
    sheet = Sheet(File("values.yaml", before.encode()))
    edits = settled(sheet.roots[0], sheet, {("a", "b", "c"): "x"})
    if after is None or edits is None:
        assert edits is after
        return
    text = before
    for _, (span, new) in sorted(edits, key=lambda e: e.edit.span, reverse=True):
        text = text[: span.start] + new.decode() + text[span.end :]
    assert text == after


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("username", "shop", True),
        ("tls.crt", "-----BEGIN CERTIFICATE-----", True),
        ("host", "db.example.com", True),
        ("secret-name", "shop-db", True),
        ("access-key-id", "x", True),
        ("public-key", "ssh-ed25519 AAAA", True),
        ("password", "x", False),
        ("password", "", True),
        ("replicaPassword", "x", False),
        ("API_KEY", "x", False),
        ("tls.key", "x", False),
        ("session-salt", "x", False),
        ("config", "db.password=x", False),
        ("url", "postgres://shop:x@db", False),
        ("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----", False),
    ],
)
def test_what_looks_confidential_is_not_written_down_again(key: str, value: str, shown: bool) -> None:
    assert first({key: value}) == ("" if shown else key)


def test_values_that_do_not_parse_are_none() -> None:
    with pytest.raises(Unparsed):
        documents(b"a: [\n\tb")
