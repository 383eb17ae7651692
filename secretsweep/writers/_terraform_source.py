"""Where Terraform reads a value from: an ephemeral block or a data source of the store's provider.

Documentation: registry.terraform.io/providers, hashicorp/{vault,aws,azurerm,google} and carlpett/sops, ephemeral
resources and data sources of the types named here. Which types are ephemeral is looked up in the table of the
providers' schemas.
"""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from secretsweep import lazyre
from secretsweep.model import Reference
from secretsweep.writers import _sops, _terraform_writeonly

_ODD = lazyre.compile(r"[^A-Za-z0-9]+")


class Source(NamedTuple):
    """A block that reads a value, and the expression that stands for it."""

    provider: str
    blocks: tuple[str, ...]
    expression: str
    is_ephemeral: bool
    kind: str


class _Reader(NamedTuple):
    provider: str
    kind: str
    arguments: dict[str, str]  # as they are written
    value: str  # what is added to the address
    helpers: tuple[str, ...] = ()  # blocks that the arguments need


def label(reference: Reference) -> str:
    """The name of the block: the path, in letters that HCL has."""
    name = _ODD.sub("_", reference.path).strip("_").lower()
    return name if name[:1].isalpha() else f"secret_{name}"


def source(reference: Reference, ephemeral: bool, key_vault: str = "") -> Source | None:
    """How to read a reference; None when nothing reads it. `key_vault`: a block of the module that is its vault."""
    make = _EPHEMERAL.get(reference.store) if ephemeral else _DATA.get(reference.store)
    if make is None:
        return None
    reader = make(reference, key_vault)
    if ephemeral and reader.kind not in _terraform_writeonly.ephemerals() | _DOCUMENTED:
        return None
    word = "ephemeral" if ephemeral else "data"
    name = label(reference)
    block = f'{word} "{reader.kind}" "{name}" {{\n{_body(reader.arguments)}}}'
    address = f"{word}.{reader.kind}.{name}{reader.value}"
    return Source(reader.provider, (*reader.helpers, block), address, ephemeral, reader.kind)


def named(reference: Reference) -> Source:
    """The ARN of a value of AWS, as the text of a template, without a look at the value."""
    if reference.store == "aws-ssm":
        reader = _ssm_ephemeral(reference, "")
        return Source("aws", reader.helpers, reader.arguments["arn"][1:-1], False, reader.kind)
    block = f'data "aws_secretsmanager_secret" "{label(reference)}" {{\n  name = {quote(reference.path)}\n}}'
    kind = "aws_secretsmanager_secret"
    return Source("aws", (block,), f"${{data.{kind}.{label(reference)}.arn}}", False, kind)


def provider(reference: Reference) -> str:
    return _PROVIDERS.get(reference.store, "")


def origin(provider: str) -> str:
    """Where Terraform gets it."""
    return f"carlpett/{provider}" if provider == "sops" else f"hashicorp/{provider}"


def seen(reference: Reference, folder: str) -> Reference:
    """The reference as a module in a folder has it: a file of the tree counts from there."""
    if reference.store != _sops.STORE:
        return reference
    return reference._replace(path=_sops.path(reference, folder))


def _body(arguments: dict[str, str]) -> str:
    widest = max(map(len, arguments))
    return "".join(f"  {name.ljust(widest)} = {value}\n" for name, value in arguments.items())


def quote(text: str) -> str:
    """A string of HCL."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + plain.replace("${", "$${").replace("%{", "%%{") + '"'


def _vault(reference: Reference, _: str) -> _Reader:
    value = f".data[{quote(reference.field)}]"
    if reference.version == 1:
        return _Reader("vault", "vault_kv_secret", {"path": quote(f"{reference.mount}/{reference.path}")}, value)
    arguments = {"mount": quote(reference.mount), "name": quote(reference.path)}
    return _Reader("vault", "vault_kv_secret_v2", arguments, value)


def _vault_ephemeral(reference: Reference, key_vault: str) -> _Reader:
    if reference.version == 1:
        arguments = {"path": quote(f"{reference.mount}/{reference.path}")}
        return _Reader("vault", "vault_generic_secret", arguments, f".data[{quote(reference.field)}]")
    return _vault(reference, key_vault)


def _secretsmanager(reference: Reference, _: str) -> _Reader:
    kind, value = "aws_secretsmanager_secret_version", ".secret_string"
    return _Reader("aws", kind, {"secret_id": quote(reference.path)}, value)


def _ssm(reference: Reference, _: str) -> _Reader:
    return _Reader("aws", "aws_ssm_parameter", {"name": quote(reference.path)}, ".value")


def _ssm_ephemeral(reference: Reference, _: str) -> _Reader:
    """By its ARN: the account is asked for, the region too unless it is known."""
    path = reference.path if reference.path.startswith("/") else f"/{reference.path}"
    words = {
        "aws_partition": "${data.aws_partition.secretsweep.partition}",
        "aws_region": reference.scope or "${data.aws_region.secretsweep.region}",
        "aws_caller_identity": "${data.aws_caller_identity.secretsweep.account_id}",
    }
    partition, region, account = words.values()
    helpers = tuple(f'data "{kind}" "secretsweep" {{}}' for kind, word in words.items() if word.startswith("${"))
    arn = f'"arn:{partition}:ssm:{region}:{account}:parameter{path}"'
    return _Reader("aws", "aws_ssm_parameter", {"arn": arn}, ".value", helpers)


def _azure(reference: Reference, key_vault: str) -> _Reader:
    """The vault is found by its name, whatever its resource group is, unless the module has it."""
    helpers: tuple[str, ...] = ()
    name = vault_name(reference)
    if not key_vault:
        address = f"key_vault_{_ODD.sub('_', name)}"
        arguments = {"type": quote("Microsoft.KeyVault/vaults"), "name": quote(name)}
        helpers = (f'data "azurerm_resources" "{address}" {{\n{_body(arguments)}}}',)
        key_vault = f"data.azurerm_resources.{address}.resources[0]"
    arguments = {"name": quote(reference.path), "key_vault_id": f"{key_vault}.id"}
    return _Reader("azurerm", "azurerm_key_vault_secret", arguments, ".value", helpers)


def vault_name(reference: Reference) -> str:
    """Of Azure's vault, out of its URL."""
    host = urlsplit(reference.scope).hostname or reference.scope
    return host.partition(".")[0]


def _gcp(reference: Reference, _: str) -> _Reader:
    arguments = {"secret": quote(reference.path)}
    if reference.scope:
        arguments = {"project": quote(reference.scope)} | arguments
    return _Reader("google", "google_secret_manager_secret_version", arguments, ".secret_data")


def _sops_file(reference: Reference, _: str) -> _Reader:
    """Of the module's own folder: Terraform may run in another one."""
    file = f'"${{path.module}}/{quote(reference.path)[1:]}'
    return _Reader("sops", "sops_file", {"source_file": file}, f".data[{quote(reference.field)}]")


_Make = Callable[[Reference, str], _Reader]
_DATA: dict[str, _Make] = {
    "vault": _vault,
    "aws-secretsmanager": _secretsmanager,
    "aws-ssm": _ssm,
    "azure-keyvault": _azure,
    "gcp-secretmanager": _gcp,
    _sops.STORE: _sops_file,
}
_EPHEMERAL = _DATA | {"vault": _vault_ephemeral, "aws-ssm": _ssm_ephemeral}
_PROVIDERS = {
    "vault": "vault",
    "aws-secretsmanager": "aws",
    "aws-ssm": "aws",
    "azure-keyvault": "azurerm",
    "gcp-secretmanager": "google",
    _sops.STORE: "sops",
}
_DOCUMENTED = frozenset(("sops_file",))  # ephemeral by its documentation: its schema is in no package
