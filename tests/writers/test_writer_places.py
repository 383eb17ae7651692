"""Entries leave mappings of YAML and JSON with their lines and commas, and nothing else moves."""

import pytest

from secretsweep.model import Span, apply_edits
from secretsweep.writers._places import Document, Step, document, entries, get


def _document(data: bytes) -> Document:
    found = document(data)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("data", "names", "left"),
    [
        (b"a:\n  x: 1  # one\n  y: 2\n", "x", b"a:\n  y: 2\n"),
        (b"a:\r\n  x: 1\r\n  y: 2\r\n", "y", b"a:\r\n  x: 1\r\n"),
        (b"a:\n  x: |\n    1\n    2\n\n  y: 2\n", "x", b"a:\n\n  y: 2\n"),
        (b"a:\n  x: {z: 1,\n      t: 2}\n  y: 2\n", "x", b"a:\n  y: 2\n"),
        (b"a: {x: 1, y: 2, z: 3}\n", "x", b"a: {y: 2, z: 3}\n"),
        (b"a: {x: 1, y: 2, z: 3}\n", "z", b"a: {x: 1, y: 2}\n"),
        (b"a: {x: 1, y: 2, z: 3}\n", "yz", b"a: {x: 1}\n"),
        (b"a: {x: 1, y: 2, z: 3}\n", "xz", b"a: {y: 2}\n"),
        (b'{"a": {\n  "x": 1,\n  "y": 2\n}, "b": 1}', "y", b'{"a": {\n  "x": 1\n}, "b": 1}'),
        (b'{"a": {"x": 1}, "b": 1}', "x", b'{"b": 1}'),
        (b"b: 1\na:\n  x: 1\n  y: 2\n# end\n", "xy", b"b: 1\n# end\n"),
        (b"\xef\xbb\xbfa:\n  \xc3\xa4: 3\n  x: 1\n", "x", b"\xef\xbb\xbfa:\n  \xc3\xa4: 3\n"),
    ],
)
def test_entries_leave(data: bytes, names: str, left: bytes) -> None:
    parsed = _document(data)
    root = parsed.roots[0]
    mapping = next(entry for entry in entries(root) if entry.name == "a")
    gone = [entry for entry in entries(mapping.node) if entry.name in names]
    edits = parsed.without_all(root, mapping, gone)
    assert edits is not None
    assert apply_edits(data, edits) == left


@pytest.mark.parametrize(
    "data",
    [
        b"a: {x: 1, # one\n  y: 2}\nb: 1\n",  # the comment is of nobody
        b"a:\n  x: 1\n",  # nothing would be left of the file
    ],
)
def test_what_cannot_be_said_is_not_done(data: bytes) -> None:
    parsed = _document(data)
    mapping = next(entry for entry in entries(parsed.roots[0]) if entry.name == "a")
    gone = [entry for entry in entries(mapping.node) if entry.name == "x"]
    assert parsed.without_all(parsed.roots[0], mapping, gone) is None


def test_a_place_is_found_through_lists_tags_anchors_and_quotes() -> None:
    data = "ä: 1\nb:\n  - c: !Sub &here 'secret'\n    d: *here\n".encode()
    parsed = _document(data)
    at = data.index(b"secret")
    steps = parsed.place(Span(at, at + 6))
    assert [step.name for step in steps] == ["", "b", "[0]", "c"]
    assert isinstance(steps[-1], Step)
    assert steps[-1].tag == "!Sub"
    assert data[slice(*parsed.span(steps[-1].node))] == b"'secret'"
    assert get(parsed.roots[0], "b", "[0]", "d") is steps[-1].node
    assert parsed.place(Span(0, 2)) == ()


def test_what_is_nested_without_end_has_no_places() -> None:
    data = b"".join(b" " * depth + b"a:\n" for depth in range(2000)) + b" " * 2000 + b"secret\n"
    assert _document(data).place(Span(len(data) - 7, len(data) - 1)) == ()


def test_aliases_inside_themselves_end() -> None:
    data = b"a: &x\n  - &y [*x, *y, *y]\n  - *x\n  - *x\nb: secret\n"
    parsed = _document(data)
    at = data.index(b"secret")
    assert [step.name for step in parsed.place(Span(at, at + 6))] == ["", "b"]
    assert parsed.place(Span(data.index(b"*y"), data.index(b"*y") + 2)) == ()
    assert parsed.span(parsed.roots[0]).end == len(data) - 1


@pytest.mark.parametrize("data", [b"a: [1\n", b"a: &x [*x]\nb: : :\n"])
def test_what_does_not_parse_is_none(data: bytes) -> None:
    assert document(data) is None
