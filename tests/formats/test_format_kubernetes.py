import base64
import json

import pytest
from format_laws import SAMPLES, extract, values

from secretsweep.formats import kubernetes
from secretsweep.model import Span, Unit

HEAD = b"apiVersion: v1\nkind: Secret\n"


def _below(prefix: str, data: bytes, path: str = "a.yaml") -> list[Unit]:
    return [unit for unit in extract(path, data) if unit.key.startswith(prefix)]


def test_base64_of_a_secret_is_decoded_and_stays_in_its_place() -> None:
    path, data = SAMPLES["kubernetes"]
    at = data.index(b"VHIw")
    assert _below("data", data, path) == [
        Unit(Span(at, at + 20), "data.password", b"Tr0ub4dor&3-x", "plain", ("base64",))
    ]


def test_base64_on_several_lines_is_one_value() -> None:
    data = HEAD + b"data:\n  a: |\n    VHIwdWI0\n    ZG9yJjMteA==\n"
    assert [(u.value, u.trail) for u in _below("data", data)] == [(b"Tr0ub4dor&3-x", ("base64",))]
    unit = _below("data", data)[0]
    assert data[unit.span.start : unit.span.end] == b"VHIwdWI0\n    ZG9yJjMteA=="


def test_stringdata_is_plain() -> None:
    assert [(u.key, u.value, u.trail) for u in _below("stringData", HEAD + b"stringData:\n  a: VHIwdWI0\n")] == [
        ("stringData.a", b"VHIwdWI0", ())
    ]


@pytest.mark.parametrize("text", [b"not base64!", b"abc", b"{{ .Values.x | b64enc }}"])
def test_what_is_no_base64_stays_as_it_is(text: bytes) -> None:
    assert [(u.value, u.trail) for u in _below("data", HEAD + b"data:\n  a: '" + text + b"'\n")] == [(text, ())]


def test_a_configmap_is_not_decoded() -> None:
    data = HEAD.replace(b"Secret", b"ConfigMap") + b"data:\n  a: VHIwdWI0\n"
    assert [(u.value, u.trail) for u in _below("data", data)] == [(b"VHIwdWI0", ())]


def test_every_document_is_judged_by_its_own_kind() -> None:
    other = b"apiVersion: v1\nkind: ConfigMap\ndata:\n  b: VHIwdWI0\n"
    data = HEAD + b"data:\n  a: VHIwdWI0\n---\n" + other
    assert [(u.key, u.value) for u in _below("data", data)] == [("data.a", b"Tr0ub4"), ("data.b", b"VHIwdWI0")]


def test_secrets_in_a_list_are_decoded_and_others_are_not() -> None:
    data = (
        b"apiVersion: v1\nkind: List\nitems:\n- kind: Secret\n  data:\n    a: VHIwdWI0\n"
        b"- kind: ConfigMap\n  data:\n    a: VHIwdWI0\n"
    )
    assert [(u.key, u.value) for u in _below("items", data) if ".data." in u.key] == [
        ("items[0].data.a", b"Tr0ub4"),
        ("items[1].data.a", b"VHIwdWI0"),
    ]


def test_json_manifests_are_the_same() -> None:
    data = b'{"apiVersion": "v1", "kind": "Secret", "data": {"a": "VHIwdWI0"}}'
    assert [(u.key, u.value) for u in _below("data", data, "a.json")] == [("data.a", b"Tr0ub4")]


def test_registry_logins_are_opened_to_the_password() -> None:
    login = base64.b64encode(b"me:Tr0ub4dor").decode()
    config = {"auths": {"reg.example.com": {"username": "me", "password": "Tr0ub4dor", "auth": login}}}
    text = base64.b64encode(json.dumps(config).encode())
    units = _below("data", HEAD + b"data:\n  .dockerconfigjson: " + text + b"\n")
    prefix = 'data.".dockerconfigjson".auths."reg.example.com"'
    assert [(u.key, u.value, u.trail) for u in units] == [
        (prefix + ".password", b"Tr0ub4dor", ("base64", "json")),
        (prefix + ".auth", b"Tr0ub4dor", ("base64", "json", "base64")),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    a: AgBy3i4OJSWK\n",
        b"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  data:\n  - secretKey: password\n",
        b"apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec:\n  provider:\n    vault:\n      path: secret\n",
        HEAD.replace(b"kind", b"spec:\n  a: ENC[AES256_GCM,data:x,type:str]\nkind"),
        HEAD + b"sops:\n  mac: ENC[x]\n  lastmodified: today\n  pgp:\n  - fp: ABCD\n",
    ],
)
def test_references_and_ciphertext_yield_nothing(data: bytes) -> None:
    assert [u.key for u in extract("a.yaml", data) if u.key not in ("apiVersion", "kind")] == []


def test_the_template_of_an_external_secret_may_hold_a_literal() -> None:
    data = (
        b"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n"
        b"spec:\n  target:\n    template:\n      data:\n        a: hunter2\n"
    )
    assert values("a.yaml", data)["spec.target.template.data.a"] == b"hunter2"


def test_an_excerpt_without_its_kind_is_plain_yaml() -> None:
    assert [(u.key, u.value) for u in kubernetes.units(b"data:\n  a: VHIwdWI0\n")] == [("data.a", b"VHIwdWI0")]


@pytest.mark.parametrize("head", [b"kind: Secret\n", b"apiVersion: v1\n", b"my_apiVersion: v1\nmy_kind: x\n", b""])
def test_yaml_without_both_marks_is_not_its_own(head: bytes) -> None:
    assert not kubernetes.owns("a.yaml", head)


def test_other_names_are_not_its_own() -> None:
    assert not kubernetes.owns("a.md", HEAD)
