import json

import pytest
from format_laws import extract, values, written
from pace import grows

from secretsweep.formats._nested import sniff


def test_a_file_in_a_block_scalar_is_opened_in_place() -> None:
    data = b"data:\n  app.properties: |\n    a = b\n    password = hunter2\n"
    unit = next(u for u in extract("a.yaml", data) if u.value == b"hunter2")
    assert (unit.key, unit.trail) == ('data."app.properties" › password', ("properties",))
    assert data[unit.span.start : unit.span.end] == b"hunter2"


def test_the_same_value_twice_in_a_block_has_two_places() -> None:
    data = b"x: |\n    a: hunter2\n    b:\n      c: hunter2\n"
    found = [(u.key, u.span) for u in extract("a.yaml", data) if u.value == b"hunter2"]
    assert [(key, data[s.start : s.end], s.start) for key, s in found] == [
        ("x › a", b"hunter2", 12),
        ("x › b.c", b"hunter2", 36),
    ]


def test_json_in_json_keeps_the_trail_and_the_outer_place() -> None:
    inner = json.dumps({"password": 'hun"ter2'})
    data = json.dumps({"a": json.dumps({"b": inner})}).encode()
    unit = next(u for u in extract("a.json", data) if u.value == b'hun"ter2')
    assert (unit.key, unit.trail) == ("a › b › password", ("json", "json"))
    assert unit.span.start >= 6


def test_json_in_a_quoted_scalar() -> None:
    assert values("a.yaml", b'a: \'{"password": "hunter2"}\'\n')["a › password"] == b"hunter2"


def test_a_command_line_in_a_scalar() -> None:
    data = b"run: mysql -u root -phunter2 app\n"
    assert values("a.yaml", data)["run › mysql.password"] == b"hunter2"
    assert written("a.yaml", data)["run › mysql.password"] == b"hunter2"


def test_a_manifest_in_a_configmap() -> None:
    data = b"a: |\n  apiVersion: v1\n  kind: Secret\n  data:\n    b: VHIwdWI0\n"
    unit = extract("a.yaml", data)[-1]
    assert (unit.key, unit.value, unit.trail) == ("a › data.b", b"Tr0ub4", ("kubernetes", "base64"))
    assert data[unit.span.start : unit.span.end] == b"VHIwdWI0"


def test_a_connection_string_is_taken_apart() -> None:
    data = b"dsn: Server=db;User Id=me;Password=hunter2;\nurl: postgres://db/x?user=me&password=hunter2\n"
    found = values("a.yaml", data)
    assert (found["dsn › Password"], found["url › password"]) == (b"hunter2", b"hunter2")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"#!/bin/bash\nx\n", "shell"),
        (b"set -e\nexport A=b\n", "shell"),
        (b'{"a": 1}', "json"),
        (b'\n [{"a": 1}]', "json"),
        (b"#cloud-config\npassword: x\n", "cloud-init"),
        (b"a: b\nc:\n  d: e\n", "yaml"),
        (b"apiVersion: v1\nkind: Secret\n", "kubernetes"),
        (b"a = b\nc = d\n", "text"),
        (b"mysql -phunter2 x", "shell"),
        (b"--password=hunter2", "shell"),
        (b"#!/usr/bin/python\na = 'b'\n", "text"),
    ],
)
def test_what_a_literal_looks_like(value: bytes, kind: str) -> None:
    assert sniff(value) == kind


@pytest.mark.parametrize(
    "value",
    [
        b"", b"hunter2", b"Tr0ub4dor&3-x", b"two words", b"-----BEGIN X-----\na=b\n", b"$ANSIBLE_VAULT;1.1\n61=\n",
        b"http://example.com", b"{{ .Values.x }}", b"first\nsecond\n", b"[section]", b"{a}", b"me:x", b"a=b",
    ],
)  # fmt: skip
def test_most_literals_are_no_documents(value: bytes) -> None:
    assert sniff(value) == ""


def test_depth_is_limited() -> None:
    text = '"hunter2"'
    for _ in range(8):
        text = json.dumps({"a": text})
    assert max(len(unit.trail) for unit in extract("a.json", text.encode())) == 4


def test_a_large_document_in_a_string_takes_no_quadratic_time() -> None:
    def nested(count: int) -> tuple[int, bytes]:
        inner = json.dumps({f"key{n}": f"value{n}" for n in range(count)})
        return count, json.dumps({"a": inner}).encode()

    def read(made: tuple[int, bytes]) -> None:
        assert len(extract("a.json", made[1])) == made[0] + 1

    grows(nested, read, 20_000)
