"""Terraform's writer where fixtures do not reach: what is looked up, what is allowed, and what is left alone."""

from collections.abc import Mapping, Sequence

import hcl2
import pytest
from rewrites import ROOT

from secretsweep.formats.terraform import units
from secretsweep.model import Change, Reference, Refusal, Span, Spot, apply_edits
from secretsweep.writers import File, _hcl, _terraform_versions, _terraform_writeonly, terraform, terraform_json
from secretsweep.writers._terraform_source import source

VALUE = b"Tr0ub4dor-and-3"
VAULT = Reference("vault", "iac/db", "value", "secret", 2)
NEW = 'terraform {\n  required_version = ">= 1.11"\n}\n'


class Files:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def spots(path: str, data: bytes, reference: Reference = VAULT) -> list[Spot]:
    found = []
    for unit in units(data):
        if VALUE in unit.value:
            at = data.index(VALUE, unit.span.start)
            span, whole = Span(at, at + len(VALUE)), unit.value == VALUE
            line = data.count(b"\n", 0, at) + 1
            place = (path, span, unit.span, unit.form, unit.key, ("terraform",), ())
            found.append(Spot("id", *place, "rule", "password", "high", whole, line, reference))
    return found


def rewritten(files: Mapping[str, str], path: str = "main.tf", reference: Reference = VAULT) -> list[Change | Refusal]:
    tree = Files(files)
    data = tree.files[path]
    return list(terraform.rewrite(spots(path, data, reference), File(path, data), tree))


def text(files: Mapping[str, str], path: str = "main.tf", reference: Reference = VAULT) -> str:
    """A file after all its changes."""
    edits = [e.edit for one in rewritten(files, path, reference) if isinstance(one, Change) for e in one.edits]
    return apply_edits(files[path].encode(), edits).decode()


def reasons(files: Mapping[str, str], path: str = "main.tf") -> list[str]:
    found = rewritten(files, path)
    assert all(isinstance(one, Refusal) for one in found)
    return [one.reason for one in found if isinstance(one, Refusal)]


def warned(files: Mapping[str, str], path: str = "main.tf") -> str:
    return " ".join(w for one in rewritten(files, path) if isinstance(one, Change) for w in one.warnings)


DATABASE = 'resource "aws_db_instance" "a" {\n  password = "Tr0ub4dor-and-3"\n}\n'


def test_the_table_names_what_the_schemas_name() -> None:
    assert _terraform_writeonly.twin("aws_db_instance", (), "password") == ("password_wo", "password_wo_version")
    assert _terraform_writeonly.twin("aws_transfer_host_key", (), "host_key_body") == ("host_key_body_wo", None)
    assert _terraform_writeonly.twin("kubernetes_secret_v1", (), "data") == ("data_wo", "data_wo_revision")
    nested = _terraform_writeonly.twin("google_monitoring_notification_channel", ("sensitive_labels",), "auth_token")
    assert nested == ("auth_token_wo", "auth_token_wo_version")
    for kind, name in (
        ("aws_secretsmanager_secret_version", "has_secret_string"),
        ("azurerm_subnet", "network_security_group_id"),
        ("helm_release", "set"),
        ("aws_lambda_function", "environment"),
        ("google_monitoring_notification_channel", "auth_token"),
    ):
        assert _terraform_writeonly.twin(kind, (), name) is None


@pytest.mark.parametrize(
    ("constraint", "low", "below"),
    [
        (">= 1.5", (1, 5), None),
        ("~> 1.11", (1, 11), (2,)),
        ("~> 1.11.2", (1, 11, 2), (1, 12)),
        (">= 1.3.0, < 2.0.0", (1, 3, 0), (2, 0, 0)),
        ("1.9.8", (1, 9, 8), (1, 9, 9)),
        ("< 1.6", (0,), (1, 6)),
        ("!= 1.7.0", (0,), None),
    ],
)
def test_constraints_say_what_is_allowed(constraint: str, low: tuple[int, ...], below: tuple[int, ...] | None) -> None:
    assert _terraform_versions.parse(constraint) == (low, below)


def test_what_is_no_constraint_allows_nothing_new() -> None:
    assert _terraform_versions.parse("latest") is None
    files = {"main.tf": 'terraform {\n  required_version = "latest"\n}\n' + DATABASE}
    assert 'password = data.vault_kv_secret_v2.iac_db.data["value"]' in text(files)


def test_a_pinned_version_counts_more_than_a_constraint() -> None:
    old = 'terraform {\n  required_version = ">= 1.0"\n}\n' + DATABASE
    assert "password_wo " in text({"main.tf": old, ".terraform-version": "1.12.1\n"})
    assert "password_wo" not in text({"main.tf": NEW + DATABASE, ".terraform-version": "1.9.0\n"})


def test_a_caller_with_an_old_version_counts() -> None:
    root = 'terraform {\n  required_version = ">= 1.4"\n}\nmodule "db" {\n  source = "./db"\n}\n'
    assert "password_wo" not in text({"main.tf": root, "db/main.tf": DATABASE}, "db/main.tf")


def wanting(version: str, provider: str = "aws") -> str:
    entry = f'    {provider} = {{\n      source  = "hashicorp/{provider}"\n      version = "{version}"\n    }}\n'
    return f"terraform {{\n  required_providers {{\n{entry}  }}\n}}\n"


def locked(version: str, provider: str = "aws") -> str:
    return (
        f'provider "registry.terraform.io/hashicorp/{provider}" {{\n  version = "{version}"\n  hashes = ["h1:x"]\n}}\n'
    )


@pytest.mark.parametrize(
    ("constraint", "needed", "after"),
    [
        ("~> 5.0", (5, 88), "~> 5.88"),
        (">= 5.0", (5, 88), ">= 5.88"),
        (">= 4.0, < 6.0", (5, 88), ">= 5.88, < 6.0"),
        ("< 6.0", (5, 88), ">= 5.88, < 6.0"),
        ("> 4.1, != 5.90.0", (5, 88), ">= 5.88, != 5.90.0"),
    ],
)
def test_a_constraint_is_raised_within_what_it_allows(constraint: str, needed: tuple[int, ...], after: str) -> None:
    assert _terraform_versions.raised(constraint, needed) == after


def test_a_constraint_that_allows_older_providers_is_raised_with_the_rewrite() -> None:
    after = text({"main.tf": wanting("~> 5.31") + DATABASE})
    assert 'version = "~> 5.88"' in after and "password_wo " in after
    assert 'wants a provider "~> 5.88" from now on' in warned({"main.tf": wanting("~> 5.31") + DATABASE})
    assert 'version = "~> 5.90"' in text({"main.tf": wanting("~> 5.90") + DATABASE})  # new enough
    azure = 'resource "azurerm_key_vault_secret" "a" {\n  value = "Tr0ub4dor-and-3"\n}\n'
    assert 'version = "~> 4.23"' in text({"main.tf": wanting("~> 4.0", "azurerm") + azure})


def test_the_lock_file_says_which_provider_is_used() -> None:
    files = {"main.tf": wanting("~> 5.0") + DATABASE, ".terraform.lock.hcl": locked("5.90.1")}
    assert 'version = "~> 5.0"' in text(files) and "password_wo " in text(files)
    old = files | {".terraform.lock.hcl": locked("5.31.0")}
    assert 'version = "~> 5.88"' in text(old)
    assert "the lock file holds aws at 5.31.0, and this needs 5.88" in warned(old)
    calls = {"main.tf": 'module "db" {\n  source = "./db"\n}\n', "db/main.tf": wanting("~> 5.0") + DATABASE}
    assert 'version = "~> 5.0"' in text(calls | {".terraform.lock.hcl": locked("5.90.1")}, "db/main.tf")


def test_a_store_whose_provider_is_held_back_is_read_by_a_data_source() -> None:
    held = wanting("~> 4.2", "vault") + DATABASE
    assert 'password = data.vault_kv_secret_v2.iac_db.data["value"]' in text({"main.tf": held})
    assert "the provider vault is held below 5.0" in warned({"main.tf": held})


def test_a_local_or_a_variable_becomes_write_only_where_the_provider_can() -> None:
    uses = DATABASE.replace('"Tr0ub4dor-and-3"', "local.pw")
    files = {"main.tf": wanting("~> 5.90") + 'locals {\n  pw = "Tr0ub4dor-and-3"\n}\n' + uses}
    assert "password_wo         = local.pw" in text(files)
    default = 'variable "pw" {\n  default = "Tr0ub4dor-and-3"\n}\n'
    files = {"main.tf": wanting("~> 5.90") + default + uses.replace("local.pw", "var.pw")}
    assert "password_wo         = var.pw" in text(files) and "ephemeral = true" in text(files)


def test_a_provider_that_is_held_back_has_no_write_only_arguments() -> None:
    assert "held below 5.88" in warned({"main.tf": wanting("~> 5.31.0") + DATABASE})


def test_what_is_read_back_keeps_its_name() -> None:
    output = 'output "url" {\n  value = "pg://:${aws_db_instance.a.password}@db"\n}\n'
    files = {"main.tf": NEW + DATABASE, "outputs.tf": output}
    assert "password = data." in text(files)
    assert "output.url.value reads it back" in warned(files)


def test_a_twin_that_is_there_already_is_not_written_twice() -> None:
    both = DATABASE.replace("}", "  password_wo_version = 1\n}")
    assert "password_wo_version is there already" in warned({"main.tf": NEW + both})


@pytest.mark.parametrize("other", ['locals { x = "', "{}"])
def test_a_module_that_cannot_be_read_as_a_whole_keeps_its_arguments(other: str) -> None:
    name = "other.tf" if other.startswith("locals") else "other.tf.json"
    assert "password_wo" not in text({"main.tf": NEW + DATABASE, name: other})


def test_a_variable_whose_uses_do_not_all_take_it_is_not_ephemeral() -> None:
    variable = 'variable "pw" {\n  default = "Tr0ub4dor-and-3"\n}\n'
    for use in (
        'resource "x" "y" {\n  count = var.pw == "" ? 0 : 1\n}\n',
        'resource "x" "y" {\n  lifecycle {\n    precondition {\n      condition = var.pw != ""\n    }\n  }\n}\n',
        'output "o" {\n  value = var.pw\n}\n',
        'locals {\n  a = var.pw\n}\nresource "x" "y" {\n  tags = local.a\n}\n',
        'module "m" {\n  source = "registry/m/x"\n  pw = var.pw\n}\n',
    ):
        new = text({"main.tf": NEW + variable, "use.tf": use})
        assert "sensitive = true" in new and "ephemeral" not in new


def test_a_variable_that_for_each_uses_is_not_sensitive() -> None:
    variable = 'variable "pw" {\n  type    = string\n  default = "Tr0ub4dor-and-3"\n}\n'
    use = 'resource "x" "y" {\n  for_each = toset([var.pw])\n}\n'
    assert text({"main.tf": variable, "use.tf": use}) == 'variable "pw" {\n  type = string\n}\n'


def test_a_variable_that_only_looks_used_does_not_count() -> None:
    variable = 'variable "pw" {\n  default = "Tr0ub4dor-and-3"\n}\n'
    use = 'resource "x" "y" {\n  tags = [var.pw2, my.var.pw, var.pw-x]\n}\n'
    assert "ephemeral = true" in text({"main.tf": NEW + variable, "use.tf": use})


def test_a_cycle_of_locals_ends() -> None:
    cycle = 'locals {\n  a = "${local.b}Tr0ub4dor-and-3"\n  b = local.a\n}\n'
    assert "${ephemeral.vault_kv_secret_v2.iac_db" in text({"main.tf": NEW + cycle})


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("terragrunt.hcl", 'inputs = {\n  password = "Tr0ub4dor-and-3"\n}\n', "Terragrunt's inputs"),
        ("a.pkrvars.hcl", 'password = "Tr0ub4dor-and-3"\n', "a template of Packer"),
        ("main.tf.tmpl", 'password = "Tr0ub4dor-and-3"\n', "what reads this file is not known"),
        ("main.tf", 'x "y" {\n  a = "Tr0ub4dor-and-3"\n', "the file does not parse"),
        ("main.tf", 'password = "Tr0ub4dor-and-3"\n', "it stands outside of all blocks"),
        (
            "main.tf",
            'output "o" {\n  value = "Tr0ub4dor-and-3"\n}\n',
            "an output shows the value, and the state keeps it",
        ),
        ("main.tf", 'check "c" {\n  a = "Tr0ub4dor-and-3"\n}\n', "nothing can be read in a block `check`"),
        ("main.tf", 'variable "v" {\n  default = { a = "Tr0ub4dor-and-3" }\n}\n', "the default is a structure"),
    ],
)
def test_what_is_refused(path: str, content: str, reason: str) -> None:
    assert [one.startswith(reason) for one in reasons({path: content}, path)] == [True]


def test_a_line_of_another_file_that_would_win_is_not_forgotten() -> None:
    files = {
        "variables.tf": 'variable "pw" {}\n',
        "a.auto.tfvars": 'pw = "Tr0ub4dor-and-3"\n',
        "terraform.tfvars": 'pw = "other"\n',
    }
    assert reasons(files, "a.auto.tfvars") == ["terraform.tfvars sets pw too, and would win"]


def test_an_encoded_value_is_left() -> None:
    data = DATABASE.encode()
    encoded = [spot._replace(encodings=("base64",)) for spot in spots("main.tf", data)]
    (found,) = terraform.rewrite(encoded, File("main.tf", data), Files({"main.tf": DATABASE}))
    assert isinstance(found, Refusal)


def test_json_is_left_to_the_program_that_makes_it() -> None:
    spot = spots("main.tf", DATABASE.encode())[0]
    for path, instead in (("a.tf.json", "refer to the store"), ("a.tfvars.json", "take the entry out")):
        (found,) = terraform_json.rewrite([spot], File(path, b""), Files({}))
        assert isinstance(found, Refusal) and found.instead.startswith(instead)


def test_the_first_key_value_engine_has_blocks_of_its_own() -> None:
    first = VAULT._replace(version=1)
    kept, gone = source(first, ephemeral=False), source(first, ephemeral=True)
    assert kept is not None and gone is not None
    assert kept.blocks == ('data "vault_kv_secret" "iac_db" {\n  path = "secret/iac/db"\n}',)
    assert gone.blocks == ('ephemeral "vault_generic_secret" "iac_db" {\n  path = "secret/iac/db"\n}',)


def test_a_key_vault_of_the_module_is_used() -> None:
    azure = Reference("azure-keyvault", "iac-db", scope="https://shop-kv.vault.azure.net")
    vault = 'data "azurerm_key_vault" "kv" {\n  name = "shop-kv"\n}\n'
    server = 'resource "azurerm_mssql_server" "a" {\n  administrator_login_password = "Tr0ub4dor-and-3"\n}\n'
    (change,) = rewritten({"main.tf": NEW + vault + server}, reference=azure)
    assert isinstance(change, Change)
    assert any("key_vault_id = data.azurerm_key_vault.kv.id" in addition.text for addition in change.additions)


def test_a_name_that_hcl_would_read_as_more_is_quoted() -> None:
    odd = VAULT._replace(path='a/${b}"c')
    found = source(odd, ephemeral=True)
    assert found is not None
    assert 'name  = "a/$${b}\\"c"' in found.blocks[0]


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("terraform_*/*/after/**/*.tf")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_python_hcl2_reads_the_same_blocks(path: object) -> None:
    data = path.read_bytes()  # type: ignore[attr-defined]
    read = hcl2.loads(data.decode().replace("\r\n", "\n"))
    found = _hcl.parse(data)
    for kind in ("resource", "data", "ephemeral", "variable", "module", "output", "provider"):
        theirs = sorted(tuple(_labels(one)) for one in read.get(kind, ()))
        depth = 2 if kind in ("resource", "data", "ephemeral") else 1
        assert sorted(block.labels[:depth] for block in found.of(kind)) == [labels[:depth] for labels in theirs]


def _labels(block: Mapping[str, object]) -> list[str]:
    """The keys that lead to a block's body."""
    name, inner = next(iter(block.items()))
    below = next(iter(inner)) if isinstance(inner, dict) and inner else ""
    return [name.strip('"'), below.strip('"')]
