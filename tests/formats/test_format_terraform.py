import importlib

import pytest
from format_laws import extract, values, written

from secretsweep.formats import terraform
from secretsweep.model import Span, Unit


def _values(data: bytes) -> dict[str, bytes]:
    return values("a.tf", data)


def test_a_literal_has_its_address_and_its_place() -> None:
    data = b'resource "aws_db_instance" "main" {\n  password = "hunter2"\n}\n'
    key = "resource.aws_db_instance.main.password"
    assert extract("a.tf", data) == [Unit(Span(50, 57), key, b"hunter2", "double")]


def test_addresses_follow_blocks_objects_and_lists() -> None:
    data = b"""\
variable "db_password" { default = "a" }
variable "x" {
  default = { inner = "b", "quo.ted" : "c" }
}
locals {
  foo = "d"
}
provider "aws" { secret_key = "e" }
module "db" {
  password = sensitive("f")
  list     = ["g", ["h"], { k = "i" }]
}
output "o" { value = "j" }
resource "t" "n" {
  provisioner "remote-exec" {
    inline = ["k"]
  }
}
db_password = "l"
"""
    assert _values(data) == {
        "variable.db_password.default": b"a",
        "variable.x.default.inner": b"b",
        'variable.x.default."quo.ted"': b"c",
        "locals.foo": b"d",
        "provider.aws.secret_key": b"e",
        "module.db.password": b"f",
        "module.db.list[0]": b"g",
        "module.db.list[1][0]": b"h",
        "module.db.list[2].k": b"i",
        "output.o.value": b"j",
        "resource.t.n.provisioner.remote-exec.inline[0]": b"k",
        "db_password": b"l",
    }


def test_the_value_beside_a_name_is_called_by_it() -> None:
    data = b"""\
env = [{ name = "PW", value = "a" }, { value = base64encode("b"), name = "Q" }]
set {
  name  = "c.d"
  value = "e"
}
"""
    assert _values(data) == {
        "env[0].name": b"PW",
        "env.PW": b"a",
        "env.Q": b"b",
        "env[1].name": b"Q",
        "set.name": b"c.d",
        'set."c.d"': b"e",
    }


def test_escapes_are_undone_and_interpolations_kept() -> None:
    data = b'a = "x\\n\\t\\"\\\\\\u00e9$${y}%%{z}-${var.w}"\n'
    assert _values(data) == {"a": 'x\n\t"\\é${y}%{z}-${var.w}'.encode()}


def test_a_literal_in_an_interpolation_is_one_too() -> None:
    data = b'a = "x${var.y ? "hunter2" : ""}z" # "no"\n'
    assert [u.value for u in extract("a.tf", data)] == [b'x${var.y ? "hunter2" : ""}z', b"hunter2"]


def test_indexes_labels_keys_and_comments_are_no_values() -> None:
    data = (
        b'a = var.m["key"]\nb = local.l[0]["k"].c\n# c = "x"\n// d = "y"\n/* e = "z" */\nf = { "g" = 1, (var.h) = 2 }\n'
    )
    assert extract("a.tf", data) == []


def test_numbers_booleans_and_references_are_no_literals() -> None:
    assert extract("a.tf", b"a = 1\nb = true\nc = null\nd = var.password\ne = -x * (y)\nf = [for z in w : z]\n") == []


def test_heredocs_span_their_body_and_lose_their_indentation() -> None:
    data = b'a = <<EOF\n  one $${x}\ntwo\nEOF\nb = f(<<-END\n    three\n      four\n  END\n)\nc = "d"\n'
    assert _values(data) == {"a": b"one ${x}\ntwo", "b": b"three\n  four", "c": b"d"}
    assert written("a.tf", data)["b"] == b"three\n      four"


def test_objects_in_function_calls_keep_their_keys() -> None:
    data = b'policy = jsonencode({\n  db = { password = "a" }\n})\nt = templatefile("x.tpl", { pw = "b" })\n'
    assert _values(data) == {"policy.db.password": b"a", "t": b"x.tpl", "t.pw": b"b"}


def test_elements_of_a_comprehension_do_not_count() -> None:
    assert _values(b'a = [for x, y in z : "b"]\nc = { for x in y : x => "d" }\n') == {"a": b"b", "c": b"d"}


def test_an_excerpt_with_open_blocks_keeps_its_addresses() -> None:
    data = b'resource "a" "b" {\n  tags = {\n    "k.l" = "c"\n'
    assert _values(data) == {'resource.a.b.tags."k.l"': b"c"}


def test_a_heredoc_without_its_end_goes_to_the_end() -> None:
    assert _values(b"a = <<EOF\n  one\ntwo") == {"a": b"one\ntwo"}


def test_a_string_without_its_end_stops_at_the_line() -> None:
    assert _values(b'a = "b\nc = "d"\n') == {"a": b"b", "c": b"d"}


def test_brackets_too_many_do_nothing() -> None:
    assert _values(b'}\n])\na = "b"\n') == {"a": b"b"}


def test_a_script_in_a_heredoc_is_opened() -> None:
    data = b'resource "i" "w" {\n  user_data = <<-EOF\n    #!/bin/sh\n    export DB_PASSWORD=\'hunter2\'\n  EOF\n}\n'
    unit = extract("a.tf", data)[1]
    assert (unit.key, unit.value, unit.trail) == ("resource.i.w.user_data › DB_PASSWORD", b"hunter2", ("shell",))
    assert data[unit.span.start : unit.span.end] == b"hunter2"


@pytest.mark.parametrize(
    "path", ["a.tf", "a.tofu", "x.auto.tfvars", "p.pkr.hcl", "j.nomad", "terragrunt.hcl", "a.tf.j2"]
)
def test_names_it_owns(path: str) -> None:
    assert terraform.owns(path, b"")


@pytest.mark.parametrize("path", ["a.tfvars.json", "a.tf.json", "a.tfstate", "tf", "a.hcl.md"])
def test_names_it_does_not_own(path: str) -> None:
    assert not terraform.owns(path, b"")


def test_tree_sitter_finds_the_same_literals() -> None:
    tree_sitter = importlib.import_module("tree_sitter")
    grammar = importlib.import_module("tree_sitter_hcl")
    data = b"""\
variable "a" { default = "b${c("d")}e" }
resource "f" "g" {
  h = { i = "j", (k) = "l${m}" }
  n = ["o", "p\\"q", "$${r}"]
  s = t ? "u" : "v"
}
"""
    found, stack = set(), [tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(data).root_node]
    while stack:
        node = stack.pop()
        if node.type in ("string_lit", "quoted_template") and node.parent.type != "block":
            found.add((node.start_byte + 1, node.end_byte - 1))
        stack += node.children
    assert {tuple(u.span) for u in extract("a.tf", data)} == found
