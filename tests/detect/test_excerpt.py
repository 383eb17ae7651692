"""An excerpt holds what a verdict depends on, and nothing that another version of the file could change."""

from hypothesis import given
from hypothesis import strategies as st

from secretsweep.detect.excerpt import cut

YAML = b"""\
kind: Deployment
spec:
  # a comment
  containers:
  - name: web
    env:
    - name: OTHER
      value: x
    - name: DB_PASSWORD
      value: secret
    - name: LAST
      value: y
"""


def test_a_statement_is_its_line_below_its_ancestors() -> None:
    part = cut(YAML, YAML.index(b"value: secret") + 6, "statement", True)
    assert part.text == (b"spec:\n  containers:\n  - name: web\n    env:\n    - name: DB_PASSWORD\n      value: secret")
    assert YAML[part.start : part.end] == b"      value: secret" == part.text[part.offset :]


def test_siblings_are_the_item_that_the_name_stands_in() -> None:
    part = cut(YAML, YAML.index(b"DB_PASSWORD") + 5, "siblings", True)
    assert YAML[part.start : part.end] == b"    - name: DB_PASSWORD\n      value: secret"


def test_siblings_reach_up_to_the_dash_when_the_value_comes_first() -> None:
    data = b"env:\n  - value: secret\n    name: DB_PASSWORD\n  - value: y\n"
    part = cut(data, data.index(b"DB_PASSWORD") + 5, "siblings", False)
    assert data[part.start : part.end] == b"  - value: secret\n    name: DB_PASSWORD"


def test_a_value_below_its_key_belongs_to_the_statement() -> None:
    data = b"a: 1\npassword: |\n  line one\n  line two\nb: 2\n"
    part = cut(data, data.index(b"password:") + 9, "statement", False)
    assert data[part.start : part.end] == b"password: |\n  line one\n  line two"


def test_a_document_lies_between_two_rules() -> None:
    data = b"a: 1\n---\nkind: Secret\ndata: {}\n---\nb: 2\n"
    part = cut(data, data.index(b"kind: Secret") + 12, "document", True)
    assert part.text == b"kind: Secret\ndata: {}\n"


def test_a_heredoc_ends_at_its_word() -> None:
    data = b"user_data = <<-EOF\n  password=x\n  EOF\nother = 1\n"
    part = cut(data, data.index(b"\n") + 1, "heredoc", False)
    assert data[part.start : part.end] == b"user_data = <<-EOF\n  password=x\n  EOF"


def test_a_block_ends_at_the_bracket_in_its_column() -> None:
    data = b'variable "p" {\n  default = "x"\n}\nvariable "q" {\n}\n'
    part = cut(data, 12, "block", False)
    assert data[part.start : part.end] == b'variable "p" {\n  default = "x"\n}'


@given(
    st.binary(max_size=400),
    st.integers(0, 400),
    st.sampled_from(["statement", "siblings", "document", "block", "heredoc"]),
)
def test_any_bytes_give_an_excerpt_that_ends_in_its_place(data: bytes, at: int, region: str) -> None:
    part = cut(data, min(at, len(data)), region, True)
    assert 0 <= part.start <= part.end <= len(data)
    assert part.text[part.offset :] == data[part.start : part.end]


def test_a_value_in_base64_is_not_mistaken_for_an_assignment_without_its_value() -> None:
    data = b"data:\n  password: aGVsbG8=\n    deeper: 1\n"
    part = cut(data, data.index(b":", 8) + 1, "statement", True)
    assert (part.start, part.end) == (6, data.index(b"=") + 1)
    opened = b"password =\n    x\n"
    part = cut(opened, opened.index(b"=") + 1, "statement", True)
    assert opened[part.start : part.end] == opened
