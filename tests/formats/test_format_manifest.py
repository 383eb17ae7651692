"""Manifests as wholes: where they begin and end, files in them, patches, and literals of actions."""

import base64
import json

import pytest
from format_laws import extract, values
from pace import grows

from secretsweep import formats
from secretsweep.formats import _actions, _manifest, kubernetes
from secretsweep.model import Span, Unit

SECRET = b"apiVersion: v1\nkind: Secret\ndata:\n  a: VHIwdWI0\n"


def region(data: bytes, word: bytes = b"kind: Secret") -> bytes:
    start, end = _manifest.around(data, data.index(word) + len(word))
    return data[start:end]


def test_a_manifest_is_a_document() -> None:
    data = b"a: b\n---\n" + SECRET + b"---\nc: d\n"
    assert region(data).strip() == SECRET.strip()


def test_a_manifest_in_a_list_is_its_item() -> None:
    item = b"- apiVersion: v1\n  data:\n    a: b\n  kind: Secret\n  metadata:\n    name: x\n"
    data = b"kind: List\nitems:\n- kind: ConfigMap\n  data: {}\n" + item + b"- kind: Service\n"
    assert region(data).strip(b"\n") == item.strip(b"\n")


def test_templates_and_comments_do_not_end_an_item() -> None:
    item = b"  - kind: Secret\n{{- if .x }}\n# why\n    data:\n      a: b\n{{- end }}\n"
    assert region(b"raw:\n" + item + b"other: x\n") == item.rstrip(b"\n")


def test_a_large_list_in_json_is_read_by_its_items() -> None:
    item = {"apiVersion": "v1", "data": {"a": "VHIwdWI0", "x": "y" * 1000}, "kind": "Secret"}
    data = json.dumps({"kind": "List", "items": [item] * 2000}).encode()
    assert len(data) > _manifest.SMALL
    at = data.index(b'"Secret"', len(data) // 2) + 8
    start, end = _manifest.around(data, at)
    assert json.loads(data[start:end]) == item


def test_a_secret_among_forty_thousand_takes_as_long_as_one_among_ten() -> None:
    item = b"- apiVersion: v1\n  kind: Secret\n  data:\n    a: b\n"

    def read(data: bytes) -> None:
        for at in range(len(data) - len(item) * 1000, len(data), len(item)):
            _manifest.around(data, at + 32)

    grows(lambda count: b"kind: List\nitems:\n" + item * count, read, 40_000, most=2.5)


def test_a_file_in_a_block_begins_with_its_name() -> None:
    data = b"data:\n  a.xml: |\n    <a>\n      <b/>\n    </a>\n  c: d\n"
    start, end = _manifest.embedded(data, data.index(b"<b/>") + 4)
    assert data[start:end] == b"  a.xml: |\n    <a>\n      <b/>\n    </a>"


def test_what_stands_in_no_block_is_its_line() -> None:
    data = b"data:\n  a: b\n  c: d\n"
    assert _manifest.embedded(data, data.index(b"b\n") + 1) == (6, 12)


def test_the_properties_of_an_item_are_no_part_of_its_first_text() -> None:
    data = b"items:\n- description: |-\n    prose\n  properties:\n    key:\n      a: b\n"
    assert _manifest.embedded(data, data.index(b"a: b") + 2) == (len(data) - 11, len(data) - 1)


def test_a_line_that_the_window_cuts_is_no_name_of_a_file() -> None:
    above = b"          description: |-\n" + b"            x: y\n" * (_manifest.EMBEDDED // 17)
    within = above[len(above) - _manifest.EMBEDDED + 1 :]
    for cut in range(1, 24):  # the header's line loses more and more of its indentation
        data = above + b"          " + b"a" * (len(within) % 17 + cut) + b": b\n"
        at = len(data) - 2
        assert _manifest.embedded(data, at)[0] == len(above)


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("deploy/admin.conf", b"apiVersion: v1\nclusters:\n- cluster:\n"),
        ("home/.kube/config", b""),
        ("prod.kubeconfig", b""),
        ("k/kustomization.yaml", b"resources: []\n"),
        ("patch.yaml", b"- op: add\n  path: /data/x\n"),
        ("patch.json", b'[{"op": "add", "path": "/data/x"}]'),
        ("a.yaml", b"# why\napiVersion: v1\ndata:\n"),
        ("a.yaml", b"data:\n  password: x\n"),
    ],
)
def test_manifests_are_known_by_how_they_begin(path: str, head: bytes) -> None:
    assert formats.owner(path, head).NAME == "kubernetes"


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("README.md", SECRET),
        ("run.sh", b"kubectl apply -f - <<E\napiVersion: v1\n"),
        ("a.yaml", b"data: x\n"),
        ("azuredeploy.json", b'{"resources": [{"type": "a/b", "apiVersion": "2023-01-01"}]}'),
    ],
)
def test_other_files_are_none(path: str, head: bytes) -> None:
    assert not kubernetes.owns(path, head)


def test_many_document_marks_are_looked_at_once() -> None:
    def read(count: int) -> None:
        kubernetes.owns("a.yaml", b"---\n\n" * count)
        kubernetes.owns("a.yaml", b"# x\n---\n \n" * count)

    grows(lambda count: count, read, 20_000)


def test_a_file_is_read_as_its_name_says() -> None:
    data = b"apiVersion: v1\nkind: ConfigMap\ndata:\n  app.env: |\n    A_PASSWORD='x y'\n  b.json: '{\"c\": \"d\"}'\n"
    found = values("a.yaml", data)
    assert found['data."app.env" › A_PASSWORD'] == b"x y"
    assert found['data."b.json" › c'] == b"d"


def test_a_patch_names_its_value() -> None:
    data = b"- op: add\n  path: /stringData/a~1b.c\n  value: x\n- op: remove\n  path: /data/y\n"
    assert values("patch.yaml", data)['stringData."a/b.c"'] == b"x"


def test_a_patch_of_data_is_decoded() -> None:
    text = base64.b64encode(b"Tr0ub4dor&3-x")
    data = b"- op: add\n  path: /data/password\n  value: " + text + b"\n"
    assert [(u.value, u.trail) for u in extract("patch.yaml", data) if u.key == "data.password"] == [
        (b"Tr0ub4dor&3-x", ("base64",))
    ]


def test_a_value_beside_a_path_without_an_operation_keeps_its_name() -> None:
    data = b"apiVersion: v1\nkind: X\npaths:\n- path: /data/password\n  value: x\n"
    assert values("a.yaml", data)["paths[0].value"] == b"x"


def test_a_generator_names_its_literals() -> None:
    data = b"secretGenerator:\n- literals:\n  - a.b=x=y\n  - 'c=\"d e\"'\n  - plain\n"
    found = values("kustomization.yaml", data)
    assert found == {
        'secretGenerator[0].literals."a.b"': b"x=y",
        "secretGenerator[0].literals.c": b"d e",
        "secretGenerator[0].literals[2]": b"plain",
    }


@pytest.mark.parametrize(
    ("action", "literal"),
    [
        (b'{{ "x1" | b64enc }}', b"x1"),
        (b'{{- .a | default "x1" | quote }}', b"x1"),
        (b'{{ default "x1" .a }}', b"x1"),
        (b'{{ coalesce .a .b "x1" }}', b"x1"),
        (b'{{ ternary "x1" .b .c }}', b"x1"),
        (b'{{ b64enc "x1" }}', b"x1"),
        (b'{{ required "a password!" .a }}', None),
        (b'{{ include "a.b" . }}', None),
        (b'{{ index .a "b-c" }}', None),
        (b'{{ .a | default (randAlphaNum 8) }}', None),
    ],
)
def test_the_literal_that_an_action_puts_out(action: bytes, literal: bytes | None) -> None:
    found = [u.value for u in _actions.literals(Unit(Span(5, 5 + len(action)), "a", action))]
    assert found == ([literal] if literal else [])
