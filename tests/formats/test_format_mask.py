import pytest

from secretsweep.formats._mask import mask, templates


@pytest.mark.parametrize(
    "data", [b"", b"a: {b: c}\n", b"a: ${b}\n", b"a: {{ b\n", b"n=${#list[@]}\n", b"a: 5 < 6 %> 7"]
)
def test_what_holds_no_template_stays_the_same_object(data: bytes) -> None:
    assert mask(data) is data


@pytest.mark.parametrize(
    ("data", "masked"),
    [
        (b"a: {{ b }}\n", b"a: xxxxxxx\n"),
        (b'a: "{{ b }}"\n', b'a: "xxxxxxx"\n'),
        (b"{{ a }}: b\n", b"xxxxxxx: b\n"),
        (b"- {{ a }}\n", b"- xxxxxxx\n"),
        (b"a: {{ b | quote }} # c\n", b"a: xxxxxxxxxxxxxxx # c\n"),
        (b"a: '{{ \"}}\" }}'\n", b"a: 'xxxxxxxxxx'\n"),
        (b"a: {{ `{{ b }}` }}\n", b"a: xxxxxxxxxxxxxxx\n"),
        (b"# {{ if a }} - b\n", b"# xxxxxxxxxx - b\n"),
    ],
)
def test_a_template_becomes_filler_of_its_length(data: bytes, masked: bytes) -> None:
    assert mask(data) == masked


@pytest.mark.parametrize(
    "line", [b"{{- if .a }}", b"  {{ toYaml .b | indent 4 }}", b"{% for a in b %}", b"{# a #}", b"<% a %>"]
)
def test_a_line_of_templates_alone_becomes_newlines(line: bytes) -> None:
    assert mask(b"a: b\n" + line + b"\nc: d\n") == b"a: b\n" + b"\n" * len(line) + b"\nc: d\n"


def test_a_condition_before_an_entry_leaves_the_entry_where_it_stood() -> None:
    data = b"a:\n  {{- if .b }}c: d{{- end }}\n"
    assert mask(data) == b"a:\n" + b"\n" * 12 + b"  c: d" + b" " * 10 + b"\n"


def test_what_is_placed_below_a_key_leaves_the_key_empty() -> None:
    data = b'labels: {{- include "x" . | nindent 4 }}\n    a: b\n'
    assert mask(data) == b"labels: " + b" " * 32 + b"\n    a: b\n"


def test_a_condition_that_begins_a_block_scalar_keeps_its_indentation() -> None:
    masked = mask(b"a: |\n  {{ if b }}\n    c\n  {{ end }}\n  d\n")
    assert masked.startswith(b"a: |\n  x\n")
    assert masked.endswith(b"\n    c\n" + b"\n" * 12 + b"  d\n")


def test_the_length_never_changes() -> None:
    for data in (b"{{ a }}{% b %}\n", b"x{{\n\n}}y", b"{{ a\n b }}: c", b"%{ if a }b%{ endif }\n"):
        assert len(mask(data)) == len(data)


def test_an_opener_without_its_closer_is_no_template() -> None:
    assert templates(b"a {{ b }} {{ c") == [(2, 9)]


def test_a_closer_very_far_away_belongs_to_something_else() -> None:
    assert templates(b"{{" + b" " * 9000 + b"}}") == []
