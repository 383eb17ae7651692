import json as standard

import pytest
from format_laws import extract, values, written
from hypothesis import given
from hypothesis import strategies as st

from secretsweep.formats import json
from secretsweep.model import Span, Unit


def _values(data: bytes) -> dict[str, bytes]:
    return values("a.json", data)


def test_a_literal_has_its_address_and_its_place() -> None:
    data = b'{"db": {"password": "hunter2"}}'
    assert extract("a.json", data) == [Unit(Span(21, 28), "db.password", b"hunter2", "double")]


def test_minified_and_nested_addresses() -> None:
    data = b'{"a":[{"b":"c"},["d","e"],5],"f.g":{"":"h"}}'
    assert _values(data) == {"a[0].b": b"c", "a[1][0]": b"d", "a[1][1]": b"e", "a[2]": b"5", '"f.g".""': b"h"}


def test_escapes_are_undone() -> None:
    data = b'{"a": "\\u0070\\n\\/\\"\\ud83d\\ude00"}'
    assert _values(data) == {"a": 'p\n/"😀'.encode()}
    assert written("a.json", data) == {"a": b'\\u0070\\n\\/\\"\\ud83d\\ude00'}


@given(st.text())
def test_every_string_that_json_writes_is_read_back(value: str) -> None:
    found = json.units(b'{"k": ' + standard.dumps(value).encode() + b"}")
    assert [u.value for u in found] == ([value.encode("utf-8", "surrogatepass")] if value else [])


@given(
    st.recursive(st.text(min_size=1), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
)
def test_every_literal_of_a_document_is_found_in_order(document: object) -> None:
    def leaves(node: object) -> list[str]:
        if isinstance(node, str):
            return [node]
        children = node.values() if isinstance(node, dict) else node
        return [leaf for child in children for leaf in leaves(child)]  # type: ignore[attr-defined]

    text = standard.dumps(document).encode()
    assert [u.value for u in json.units(text)] == [leaf.encode("utf-8", "surrogatepass") for leaf in leaves(document)]


def test_the_value_beside_a_name_is_called_by_it() -> None:
    data = b'{"environment": [{"name": "PW", "value": "a"}, {"value": "b", "name": "Q"}, {"value": "c"}]}'
    assert _values(data) == {
        "environment[0].name": b"PW",
        "environment.PW": b"a",
        "environment.Q": b"b",
        "environment[1].name": b"Q",
        "environment[2].value": b"c",
    }


def test_comments_and_trailing_commas_are_skipped() -> None:
    assert _values(b'{ // "x": "y"\n "a": "b", /* "c": "d" */ "e": "f",\n}') == {"a": b"b", "e": b"f"}


@pytest.mark.parametrize("data", [b'"a": "b",\n', b'"a": "b"\n}\n', b'{"a": "b", "c": {"d":', b'}, "a": "b"'])
def test_lines_out_of_the_middle_are_read(data: bytes) -> None:
    assert _values(data) == {"a": b"b"}


def test_a_string_without_its_end_stops_at_the_line() -> None:
    assert _values(b'{"a": "b\n "c": "d"}') == {"a": b"b", "c": b"d"}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"a": null, "b": true, "c": ""}', b'// "a": "b"', b'{"a"'])
def test_what_holds_no_value_yields_nothing(data: bytes) -> None:
    assert [u for u in extract("a.json", data) if u.key] == []


@pytest.mark.parametrize(
    "path", ["a.json", "terraform.tfstate", "terraform.tfstate.backup", "x.tfvars.json", "n.ipynb"]
)
def test_names_it_owns(path: str) -> None:
    assert json.owns(path, b"")


@pytest.mark.parametrize("head", [b'{"a": 1}', b'\xef\xbb\xbf [\n {"a"', b'["x"]', b"{}"])
def test_heads_it_owns(head: bytes) -> None:
    assert json.owns("x", head)


@pytest.mark.parametrize("head", [b"[section]\n", b"{{ x }}", b"{%", b"a", b"", b"{ a: b }"])
def test_heads_it_does_not_own(head: bytes) -> None:
    assert not json.owns("x", head)


def test_a_test_of_the_shell_is_no_list() -> None:
    assert not json.owns("a.sh", b'[ "$a" = b ] && exit\n')


@pytest.mark.parametrize("into", range(len(b'{"id":1234,"name":"server"},')))
def test_a_part_of_a_long_line_may_begin_anywhere_even_inside_a_string(into: int) -> None:
    line = b'{"id":1234,"name":"server"},' * 60 + b'{"user":"app","password":"Tr0ub4dor&3-x"}]}'
    assert [u.value for u in extract("a.json", line[into:]) if u.key.endswith("password")] == [b"Tr0ub4dor&3-x"]


def test_what_a_template_puts_there_is_one_value() -> None:
    data = b'{"a": {"password": {{ pw | default("hunter2") | to_json }}}, "b": "{{ c }}", "d": {"e": {"f": 1}}}'
    assert [(unit.key, unit.value) for unit in json.units(data)] == [
        ("a.password", b'{{ pw | default("hunter2") | to_json }}'),
        ("b", b"{{ c }}"),
        ("d.e.f", b"1"),
    ]
