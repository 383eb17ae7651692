"""Pairs move from one list to another with their lines, commas and comments, and nothing else moves."""

import pytest

from secretsweep.model import Span, apply_edits
from secretsweep.writers import _hclpairs
from secretsweep.writers._listed import Pair, Words, moved
from secretsweep.writers._places import document, entries, get

WORDS = Words("env", "secrets", "value", "from", "name")


def _moved(text: str, *gone: str) -> str:
    data = text.encode()
    template = document(data)
    assert template is not None
    holder = get(template.roots[0], "c")
    items = list(entries(get(holder, "env")))
    pairs = [Pair(item, b"'HERE'") for item in items if get(item.node, "name").value in gone]
    edits = moved(template, holder, pairs, WORDS)
    return apply_edits(data, edits).decode() if edits else ""


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        ("c:\n  env:\n  - name: a\n    value: 1\n", "a", "c:\n  secrets:\n  - name: a\n    from: 'HERE'\n"),
        (
            "c:\r\n  env:\r\n  - name: a\r\n    value: 1 # one\r\n  - name: b\r\n    value: 2",
            "a",
            "c:\r\n  env:\r\n  - name: b\r\n    value: 2\r\n  secrets:\r\n  - name: a\r\n    from: 'HERE' # one",
        ),
        (
            "c:\n  env:\n    - {name: a, value: 1}\n  secrets:\n  - name: x\n    from: y\n  z: 1\n",
            "a",
            "c:\n  secrets:\n  - name: x\n    from: y\n  - {name: a, from: 'HERE'}\n  z: 1\n",
        ),
        (
            'c: {"env": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}, {"name": "d", "value": "3"}]}',
            "ad",
            'c: {"env": [{"name": "b", "value": "2"}], "secrets": [{"name": "a", "from": \'HERE\'}, '
            '{"name": "d", "from": \'HERE\'}]}',
        ),
        ("c:\n  env: [{name: a, value: 1}]\n  z: 1\n", "a", "c:\n  secrets: [{name: a, from: 'HERE'}]\n  z: 1\n"),
    ],
)
def test_pairs_move(before: str, gone: str, after: str) -> None:
    assert _moved(before, *gone) == after


@pytest.mark.parametrize(
    "text",
    [
        "c:\n  env: &all\n  - name: a\n    value: 1\nd: *all\n",  # another container has the same list
        "c:\n  env:\n  - &one\n    name: a\n    value: 1\n  - name: b\n    value: 1\nd: *one\n",
        "c:\n  env:\n  - name: a\n    value: 1\n    more: 2\n",  # no pair
        "c:\n  env:\n  - name: a\n    value: 1\n  secrets:\n  - name: a\n    from: x\n",  # it would be there twice
        "c:\n  env:\n  - name: a\n    value: 1\n  - name: b\n    value: 1\n  secrets: []\n",
        "c:\n  env:\n  - name: a\n    value: 1\n  - name: b\n    value: 1\n  secrets: {a: b}\n",
        "c:\n  env: [{name: a, value: 1}, # one\n    {name: b, value: 2}]\n",
    ],
)
def test_other_forms_are_left(text: str) -> None:
    assert _moved(text, "a") == ""


def _in_hcl(text: str, *gone: str) -> str:
    data = text.encode()
    span = Span(data.index(b"=") + 2, len(data))
    ways = list(_hclpairs.parse(data, span).walk())
    pairs = [
        way[-1] for way in ways if (own := way[-1].entry("name")) and data[slice(*own.value.span)].decode()[1] in gone
    ]
    holder = next(way[-1] for way in ways if way[-1].entry("env"))
    edits = _hclpairs.moved(data, holder, [(pair, "HERE") for pair in pairs], WORDS)
    return apply_edits(data, edits).decode() if edits else ""


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        (
            'x = f([{ env = [{ name = "a", value = "1" }] }])\n',
            "a",
            'x = f([{ secrets = [{ name = "a", from = HERE }] }])\n',
        ),
        (
            'x = {\n  env = [{ name = "a", value = "1" }, { name = "b", value = "2" }]\n  y   = 1\n}\n',
            "a",
            'x = {\n  env = [{ name = "b", value = "2" }]\n  secrets = [{ name = "a", from = HERE }]\n  y   = 1\n}\n',
        ),
        (
            'x = {\n  env : [\n    {"name": "a", "value": "1"},\n    {"name": "b", "value": "2"}\n  ],\n  y : 1\n}\n',
            "b",
            'x = {\n  env : [\n    {"name": "a", "value": "1"},\n  ],\n  secrets : [\n    {"name": "b", "from": HERE}\n'
            "  ],\n  y : 1\n}\n",
        ),
        (
            'x = {\n  env = [\n    { name = "a", value = "1" },\n  ]\n  secrets = [{ name = "z", from = y }]\n}\n',
            "a",
            "",  # one has lines of its own, the other has not
        ),
        (
            'x = {\n  env = [{ name = "a" }, { name = "b", value = "2" }], secrets = [{ name = "z" }]\n}\n',
            "b",
            'x = {\n  env = [{ name = "a" }], secrets = [{ name = "z" }, { name = "b", from = HERE }]\n}\n',
        ),
        ('x = { env = [{ name = "a", value = "1", more = 2 }] }\n', "a", ""),
        ('x = { env = concat([{ name = "a", value = "1" }], y) }\n', "a", ""),
    ],
)
def test_pairs_move_in_hcl(before: str, gone: str, after: str) -> None:
    assert _in_hcl(before, *gone) == after
