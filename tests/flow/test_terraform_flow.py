"""Where a value of Terraform goes, across the modules of a tree."""

import random
import time

import pytest
from flows import Files, kinds, said, way
from pace import grows

from secretsweep.flow import UNKNOWN, Flow, consumers, terraform
from secretsweep.flow.terraform import DEPTH

ROOT = """\
variable "password" {
  default = "x"
}
locals {
  url = "postgres://app:${var.password}@db/app"
  same = sensitive(var.password)
}
module "db" {
  source   = "./modules/db"
  password = local.same
}
module "far" {
  source   = "terraform-aws-modules/rds/aws"
  password = var.password
}
resource "aws_lambda_function" "api" {
  count = var.password == "" ? 0 : 1
  environment {
    variables = { DB_URL = local.url }
  }
  lifecycle {
    precondition {
      condition = length(var.password) > 8
    }
  }
  provisioner "local-exec" {
    command = "migrate ${local.url}"
  }
}
provider "postgresql" {
  password = var.password
}
output "dsn" {
  value = module.db.dsn
}
"""
MODULE = """\
variable "password" {}
resource "aws_db_instance" "this" {
  password  = var.password
  user_data = <<-EOT
    first
    export PW=${var.password}
    keep=$${var.password}
  EOT
}
output "dsn" {
  value = "u:${aws_db_instance.this.password}"
}
"""
TREE: dict[str, str | bytes] = {"main.tf": ROOT, "modules/db/main.tf": MODULE}


def test_a_default_reaches_all_that_gets_it_in_every_module() -> None:
    assert way(TREE, "terraform", "main.tf", "variable.password.default") == [
        "main.tf:5 locals.url local part",
        "  main.tf:19 resource.aws_lambda_function.api.environment.variables.DB_URL resource-argument",
        "  main.tf:27 resource.aws_lambda_function.api.provisioner.local-exec.command provisioner part",
        "main.tf:6 locals.same local",
        "  main.tf:10 module.db.password module-input",
        "    modules/db/main.tf:3 resource.aws_db_instance.this.password resource-argument",
        "      modules/db/main.tf:11 output.dsn.value output part",
        "        main.tf:34 output.dsn.value output (an output of the root: in the state, and shown to whoever asks)",
        "    modules/db/main.tf:6 resource.aws_db_instance.this.user_data resource-argument part",
        "main.tf:14 module.far.password module-input (the module terraform-aws-modules/rds/aws is not in this tree)",
        "main.tf:17 resource.aws_lambda_function.api.count count part",
        "main.tf:23 resource.aws_lambda_function.api.lifecycle.precondition.condition check part",
        "main.tf:31 provider.postgresql.password provider-argument",
    ]


def test_what_runs_with_it_is_named_once() -> None:
    use = Flow(Files(TREE)).of(("terraform",), "main.tf", "variable.password.default", 2)
    assert [one.consumer for one in consumers(use)] == [
        "aws_lambda_function.api",
        "aws_db_instance.this",
        "module.far",
        "provider.postgresql",
    ]


@pytest.mark.parametrize("path", ["terraform.tfvars", "prod.auto.tfvars", "envs/prod.tfvars"])
def test_a_file_of_variables_is_that_of_its_folder_or_the_one_above(path: str) -> None:
    files = {**TREE, path: 'password = "x"\n'}
    found = way(files, "terraform", path, "password")
    assert len(found) == 13
    assert ("taken to be for the top folder" in found[0]) == (path == "envs/prod.tfvars")


def test_a_file_of_variables_that_could_be_for_two_modules_is_not_followed() -> None:
    files = {"a/v.tf": 'variable "pw" {}\n', "b/v.tf": 'variable "pw" {}\n', "envs/x.tfvars": 'pw = "x"\n'}
    assert way(files, "terraform", "envs/x.tfvars", "pw") == [
        "envs/x.tfvars:1 var.pw unknown (2 folders have a variable pw: which one is meant?)"
    ]


def test_only_the_part_of_an_object_that_holds_the_value_is_followed() -> None:
    files: dict[str, str | bytes] = {
        "v.tf": 'variable "db" {\n  default = { user = "u", password = "x" }\n}\n'
        "locals {\n  all = var.db\n  name = var.db.user\n}\n"
        'resource "a" "b" {\n  login = local.all.user\n  pw = local.all["password"]\n  both = jsonencode(var.db)\n}\n'
    }
    assert way(files, "terraform", "v.tf", "variable.db.default.password") == [
        "v.tf:5 locals.all local",
        "  v.tf:10 resource.a.b.pw resource-argument",
        "v.tf:11 resource.a.b.both resource-argument part",
    ]


def test_each_self_and_dynamic_blocks_are_followed_within_their_block() -> None:
    files: dict[str, str | bytes] = {
        "v.tf": 'variable "m" {\n  default = { a = "x" }\n}\n'
        'resource "a" "b" {\n  for_each = var.m\n  pw = each.value\n  provisioner "local-exec" {\n'
        '    command = "x ${self.pw}"\n  }\n}\n'
        'resource "a" "other" {\n  pw = each.value\n  dynamic "set" {\n    for_each = var.m\n    content {\n'
        "      v = set.value\n    }\n  }\n}\n"
    }
    assert way(files, "terraform", "v.tf", "variable.m.default.a") == [
        "v.tf:5 resource.a.b.for_each count",
        "  v.tf:6 resource.a.b.pw resource-argument",
        "    v.tf:8 resource.a.b.provisioner.local-exec.command provisioner part",
        "v.tf:14 resource.a.other.dynamic.set.for_each count",
        "  v.tf:16 resource.a.other.dynamic.set.content.v resource-argument",
    ]


def test_an_output_goes_to_the_caller_that_the_value_came_from() -> None:
    call = 'module "m" {\n  source = "../m"\n  pw = "x"\n}\nresource "a" "b" { v = module.m.out }\n'
    module = 'variable "pw" { default = "x" }\noutput "out" { value = var.pw }\n'
    files: dict[str, str | bytes] = {"one/a.tf": call, "two/a.tf": call, "m/a.tf": module}
    one = ["m/a.tf:2 output.out.value output", "  one/a.tf:5 resource.a.b.v resource-argument"]
    two = "  two/a.tf:5 resource.a.b.v resource-argument"
    assert way(files, "terraform", "one/a.tf", "module.m.pw") == one
    assert way(files, "terraform", "m/a.tf", "variable.pw.default") == [*one, two]


def test_a_literal_in_a_resource_goes_where_its_argument_is_read() -> None:
    files: dict[str, str | bytes] = {
        "a.tf": 'resource "a" "b" {\n  pw = "x"\n  other = 1\n}\n'
        'resource "c" "d" {\n  one = a.b.pw\n  two = a.b.other\n  three = a.b[0].pw\n}\n'
    }
    assert way(files, "terraform", "a.tf", "resource.a.b.pw") == [
        "a.tf:6 resource.c.d.one resource-argument",
        "a.tf:8 resource.c.d.three resource-argument",
    ]


def test_packer_and_opentofu_are_followed_too() -> None:
    packer = 'variable "pw" { default = "x" }\nsource "ebs" "x" {\n  ssh_password = var.pw\n}\n'
    assert way({"a.pkr.hcl": packer}, "terraform", "a.pkr.hcl", "variable.pw.default") == [
        "a.pkr.hcl:3 source.ebs.x.ssh_password argument"
    ]
    files: dict[str, str | bytes] = {
        "v.tf": 'variable "pw" {}',
        "a.tofu": 'provider "x" { pw = var.pw }',
        "b.pkr.hcl": packer,
    }
    assert way(files, "terraform", "v.tf", "variable.pw.default") == ["a.tofu:1 provider.x.pw provider-argument"]


@pytest.mark.parametrize(
    ("source", "said_of_it"),
    [
        ('"./gone"', "the module ./gone is not in this tree"),
        ('"./m"', "m has no variable pw"),
        ("var.where", "where the module comes from is not known"),
    ],
)
def test_a_module_that_cannot_be_followed_is_said_to_be(source: str, said_of_it: str) -> None:
    files: dict[str, str | bytes] = {
        "a.tf": f'variable "pw" {{}}\nmodule "m" {{\n  source = {source}\n  pw = var.pw\n}}\n',
        "m/a.tf": 'variable "other" {}\n',
    }
    assert way(files, "terraform", "a.tf", "variable.pw.default") == [f"a.tf:4 module.m.pw module-input ({said_of_it})"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('resource "a" "b" {{\n  x = var.pw\n', "it does not parse (line 1)"),
        ("x = var.pw\n" + " " * 3000 + "\n", "it does not parse in reasonable time"),
        ("x = var.pw\n" + "# a\n" * 600_000, "it is too large to be parsed"),
    ],
)
def test_a_file_that_is_not_understood_is_searched_by_words(text: str, why: str) -> None:
    files: dict[str, str | bytes] = {"v.tf": 'variable "pw" {}\n', "broken.tf": text, "json/a.tf.json": "{}"}
    [found] = way(files, "terraform", "v.tf", "variable.pw.default")
    assert found.endswith(f"var.pw unknown part (what gets it here is unknown: {why})")
    assert way(files, "terraform", "v.tf", "variable.other.default") == []


def test_the_syntax_in_json_is_said_not_to_be_followed() -> None:
    files: dict[str, str | bytes] = {
        "v.tf": 'variable "pw" {}\nvariable "other" {}\n',
        "a.tf.json": '{\n  "provider": {"x": {"password": "${var.pw}"}}\n}\n',
    }
    assert way(files, "terraform", "v.tf", "variable.pw.default") == [
        "a.tf.json:2 var.pw unknown part (what gets it here is unknown: the syntax in JSON is not followed)"
    ]
    assert way(files, "terraform", "v.tf", "variable.other.default") == []


def test_cycles_are_cut() -> None:
    files: dict[str, str | bytes] = {
        "a.tf": 'locals {\n  a = local.b\n  b = local.a\n}\nmodule "me" {\n  source = "./"\n  v = var.v\n}\n'
        'variable "v" {}\nmodule "m" {\n  source = "./m"\n  v = var.v\n}\n',
        "m/a.tf": 'variable "v" {}\nmodule "up" {\n  source = "../"\n  v = var.v\n}\n',
    }
    assert way(files, "terraform", "a.tf", "locals.a") == [
        "a.tf:3 locals.b local",
        "  a.tf:2 locals.a local (goes on as shown above)",
    ]
    found = way(files, "terraform", "a.tf", "variable.v.default")
    assert len(found) < 10


def test_a_long_chain_ends_with_a_note() -> None:
    text = "locals {\n" + "".join(f"  a{n} = local.a{n - 1}\n" for n in range(1, 500)) + "}\n"
    found = way({"a.tf": text}, "terraform", "a.tf", "locals.a0")
    assert len(found) == DEPTH + 1
    assert found[-1].endswith(f"(not followed further than {DEPTH} steps)")


def test_a_lattice_of_modules_stays_small() -> None:
    def lattice(depth: int) -> dict[str, str | bytes]:
        return {
            f"m{n}/a.tf": 'variable "v" {}\n'
            + "".join(f'module "c{k}" {{\n  source = "../m{n + 1}"\n  v = var.v\n}}\n' for k in range(2))
            for n in range(depth)
        }

    def followed(files: dict[str, str | bytes]) -> list[str]:
        return way(files, "terraform", "m0/a.tf", "variable.v.default")

    found = followed(lattice(40))
    assert len(found) <= terraform.WIDTH + DEPTH * 2
    assert any(" unknown (more than 5,000 places" in line for line in found)
    grows(lattice, followed, 160)


def test_files_are_read_and_parsed_no_more_often_for_ten_times_the_variables() -> None:
    def seconds(count: int) -> float:
        variables = "".join(f'variable "v{n}" {{ default = "x" }}\n' for n in range(count))
        uses = "".join(f'resource "a" "b{n}" {{ v = var.v{n} }}\n' for n in range(count))
        tree = Files({"v.tf": variables, "m.tf": uses})
        flow = Flow(tree)
        flow.of(("terraform",), "v.tf", "variable.v0.default", 1)
        start = time.process_time()
        for n in range(count):
            [use] = flow.of(("terraform",), "v.tf", f"variable.v{n}.default", 1).children
            assert use.address == f"resource.a.b{n}.v"
        assert max(tree.read_of.values()) < 5
        return time.process_time() - start

    assert seconds(10_000) < 40 * max(seconds(1_000), 0.01)


def test_what_is_unused_goes_nowhere_and_what_is_escaped_is_no_reference() -> None:
    files: dict[str, str | bytes] = {
        "a.tf": 'variable "pw" {}\n# var.pw\n'
        'resource "a" "b" {\n  x = "$${var.pw}"\n  y = "var.pw"\n  z = my.var.pw\n}\n'
    }
    use = Flow(Files(files)).of(("terraform",), "a.tf", "variable.pw.default", 1)
    assert use.children == ()
    assert use.note == "nothing in the tree takes it from here"


def test_nothing_raises_on_files_with_mistakes() -> None:
    chance = random.Random(7)
    sources = [ROOT.encode(), MODULE.encode()]
    for _ in range(150):
        mutated = []
        for source in sources:
            data = bytearray(source)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(data))
                data[at : at + chance.randint(0, 6)] = bytes(
                    chance.choices(b'{}[]()"$%.=\n\xff\x00 avx<-', k=chance.randint(0, 5))
                )
            mutated.append(bytes(data))
        flow = Flow(Files({"main.tf": mutated[0], "modules/db/main.tf": mutated[1]}))
        for address in (
            "variable.password.default",
            "locals.url",
            "module.db.password",
            "output.dsn.value",
            "",
            "a[",
            "module",
        ):
            list(said(flow.of(("terraform",), "main.tf", address, 1).children))


def test_a_format_that_nobody_follows_is_said_to_be_one() -> None:
    use = Flow(Files({})).of(("ini",), "a.ini", "password", 1)
    assert use.note == "where values of ini files go is not known"
    assert UNKNOWN not in kinds(use)
