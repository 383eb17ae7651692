import pytest
from format_laws import extract, values, written

from secretsweep.formats import Unparsed, yaml
from secretsweep.model import Span, Unit


def _values(data: bytes) -> dict[str, bytes]:
    return values("a.yaml", data)


def test_a_plain_value_has_its_address_and_its_place() -> None:
    assert extract("a.yaml", b"db:\n  password: hunter2 # why\n") == [Unit(Span(16, 23), "db.password", b"hunter2")]


def test_quotes_and_escapes_are_undone() -> None:
    data = b"""a: "x\\n\\u00e9\\"y"\nb: 'it''s'\n"""
    assert _values(data) == {"a": 'x\né"y'.encode(), "b": b"it's"}
    assert written("a.yaml", data) == {"a": b'x\\n\\u00e9\\"y', "b": b"it''s"}


def test_bytes_beyond_ascii_count_as_bytes() -> None:
    data = "ä: öß\npassword: “pä”\n".encode()
    assert written("a.yaml", data) == _values(data) == {"ä": "öß".encode(), "password": "“pä”".encode()}


def test_invalid_utf8_and_nul_bytes_are_values_too() -> None:
    assert _values(b"a: x\xff\x00y\n") == {"a": b"x\xff\x00y"}


def test_lists_count_and_awkward_keys_are_quoted() -> None:
    data = b"a:\n  - b\n  - c d: [e, f]\ndata:\n  app.properties: g\n"
    assert _values(data) == {"a[0]": b"b", 'a[1]."c d"[0]': b"e", 'a[1]."c d"[1]': b"f", 'data."app.properties"': b"g"}


def test_the_value_beside_a_name_is_called_by_it() -> None:
    data = b"env:\n- name: DB_PASSWORD\n  value: hunter2\n- value: later\n  name: TOKEN\n"
    assert [(u.key, u.value) for u in extract("a.yaml", data)] == [
        ("env[0].name", b"DB_PASSWORD"),
        ("env.DB_PASSWORD", b"hunter2"),
        ("env.TOKEN", b"later"),
        ("env[1].name", b"TOKEN"),
    ]


@pytest.mark.parametrize(
    "data", [b"value: x\n", b"- value: x\n", b"a: {name: n, valueFrom: {secretKeyRef: {key: k}}}\n"]
)
def test_a_value_without_a_name_keeps_its_address(data: bytes) -> None:
    assert not any(key.endswith((".n", ".x")) for key in _values(data))


def test_the_element_after_a_flag_is_called_by_it() -> None:
    assert _values(b"args: [--password, hunter2, -v]\n") == {
        "args[0]": b"--password",
        "args.password": b"hunter2",
        "args[2]": b"-v",
    }


def test_tags_show_in_the_form() -> None:
    units = extract("a.yaml", b"a: !vault |\n  x\n  y\nb: !Ref Secret\nc: !!str 5\nd: &here z\ne: *here\n")
    assert [(u.key, u.value, u.form) for u in units] == [
        ("a", b"x\ny", "tag:!vault"),
        ("b", b"Secret", "tag:!Ref"),
        ("c", b"5", "plain"),
        ("d", b"z", "plain"),
    ]


def test_a_block_scalar_spans_its_content_alone() -> None:
    data = b"a: |-  # why\n\n    one\n      two\n\nb: >\n  three\n  four\n"
    assert _values(data) == {"a": b"one\n  two", "b": b"three four"}
    assert written("a.yaml", data) == {"a": b"one\n      two", "b": b"three\n  four"}


def test_every_document_of_a_stream_is_read() -> None:
    assert [(u.key, u.value) for u in extract("a.yaml", b"a: b\n---\na: c\n...\n---\n- d\n")] == [
        ("a", b"b"),
        ("a", b"c"),
        ("[0]", b"d"),
    ]


def test_a_value_with_a_template_stays_as_it_is_written() -> None:
    data = b'a: {{ .Values.x }}\nb: "y\\n{{ .z }}"\n{{ .k }}: "v\\"w"\n'
    assert _values(data) == {"a": b"{{ .Values.x }}", "b": b"y\\n{{ .z }}", '"{{ .k }}"': b'v"w'}


@pytest.mark.parametrize("data", [b"", b"\n", b"# only\n", b"a:\n", b"a: ''\n", b"a: {}\n", b"- \n"])
def test_what_holds_no_value_yields_nothing(data: bytes) -> None:
    assert extract("a.yaml", data) == []


@pytest.mark.parametrize("data", [b"a: b: c\n", b"\ta: b\n", b"a: *nowhere\n}\n", b"a: 'b\n", b"a\nb: c\n"])
def test_what_is_no_yaml_yields_nothing_but_unparsed(data: bytes) -> None:
    with pytest.raises(Unparsed):
        extract("a.yaml", data)


def test_brackets_that_an_excerpt_left_open_are_closed() -> None:
    assert _values(b"a:\n  b: [ 'c',\n") == {"a.b[0]": b"c"}


def test_depth_beyond_every_document_is_refused_at_once() -> None:
    with pytest.raises(Unparsed):
        yaml.units(b"[" * 100_000)


@pytest.mark.parametrize("path", ["a.yaml", "a.yml", "a.yml.j2", "b/a.yaml.tpl", "top.sls", "x.eyaml", "A.YML"])
def test_names_it_owns(path: str) -> None:
    assert yaml.owns(path, b"")


@pytest.mark.parametrize("path", ["a.json", "yaml", "a.yaml.md", "a.tf", "myyaml"])
def test_names_it_does_not_own(path: str) -> None:
    assert not yaml.owns(path, b"")
