"""What a module's version constraints allow.

Syntax: developer.hashicorp.com/terraform/language/expressions/version-constraints.
"""

from typing import NamedTuple

from secretsweep import lazyre

Version = tuple[int, ...]

_PART = lazyre.compile(r"\s*(?P<sign>[<>]=?|!=|=|~>)?\s*v?(?P<version>\d+(?:\.\d+){0,2})[\w.+-]*\s*")
EPHEMERAL: Version = (1, 10)  # ephemeral blocks and variables
WRITE_ONLY: Version = (1, 11)  # write-only arguments; OpenTofu has both since its own 1.11
# From when on a provider has what the table of write-only arguments says of a resource, and the ephemeral blocks that
# read a store, as far as changelogs and issues of hashicorp/terraform-provider-… tell: aws 5.77.0, 5.81.0 and 5.88.0,
# azurerm 4.11.0, 4.21.0 and 4.23.0, google 6.27.0 at the latest, vault 5.0.0 and later.
_SINCE: dict[str, Version] = {
    **dict.fromkeys(
        (
            *("aws_db_instance", "aws_docdb_cluster", "aws_rds_cluster", "aws_redshift_cluster"),
            *("aws_redshiftserverless_namespace", "aws_secretsmanager_secret_version", "aws_ssm_parameter"),
        ),
        (5, 88),
    ),
    **dict.fromkeys(
        (
            *("azurerm_mssql_job_credential", "azurerm_mssql_server", "azurerm_mysql_flexible_server"),
            "azurerm_postgresql_flexible_server",
        ),
        (4, 21),
    ),
    "azurerm_key_vault_secret": (4, 23),
    **dict.fromkeys(
        ("google_bigquery_data_transfer_config", "google_secret_manager_secret_version", "google_sql_user"), (6, 27)
    ),
    **dict.fromkeys(
        ("vault_database_secret_backend_connection", "vault_gcp_secret_backend", "vault_kv_secret_v2"), (5, 0)
    ),
    "vault_terraform_cloud_secret_backend": (5, 4),
    **dict.fromkeys(
        (
            *("vault_aws_auth_backend_client", "vault_aws_secret_backend", "vault_azure_auth_backend_config"),
            *("vault_azure_secret_backend", "vault_consul_secret_backend", "vault_gcp_auth_backend"),
            *("vault_jwt_auth_backend", "vault_kubernetes_auth_backend_config", "vault_kubernetes_secret_backend"),
            *("vault_ldap_auth_backend", "vault_ldap_secret_backend", "vault_mongodbatlas_secret_backend"),
            *("vault_nomad_secret_backend", "vault_rabbitmq_secret_backend"),
        ),
        (5, 7),
    ),
    "vault_okta_auth_backend": (5, 8),
}
# of what nothing is known of: a major version that has all of it, or the version that the table was made from
_AT_LATEST: dict[str, Version] = {
    "aws": (6, 69),
    "azurerm": (5, 0),
    "google": (7, 0),
    "kubernetes": (3, 0),
    "sops": (1, 3),
    "vault": (5, 13),
}
_READERS: dict[str, Version] = {
    "aws_secretsmanager_secret_version": (5, 77),
    "aws_ssm_parameter": (5, 81),
    "azurerm_key_vault_secret": (4, 11),
    "vault_generic_secret": (5, 8),
    "vault_kv_secret_v2": (5, 0),
}
# what is written where a module does not say what it wants: with the ephemeral blocks, and without
_MODERN: dict[str, Version] = {"aws": (5, 88), "azurerm": (4, 23), "google": (7, 0), "sops": (1, 3), "vault": (5, 0)}
_OLD: dict[str, Version] = {"aws": (4, 0), "azurerm": (3, 0), "google": (4, 0), "sops": (1, 3), "vault": (3, 24)}


class Range(NamedTuple):
    """The lowest version, and the one that is not reached any more."""

    low: Version
    below: Version | None


ANY = Range((), None)


def parse(constraint: str) -> Range | None:
    """What all parts of a constraint allow; None when it is not understood."""
    low: Version = (0,)
    below: Version | None = None
    for part in constraint.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            return None
        sign, version = found["sign"] or "=", tuple(map(int, found["version"].split(".")))
        if sign in (">=", ">", "=", "~>"):
            low = max(low, version)
        stop = None
        if sign == "<":
            stop = version
        elif sign in ("<=", "="):
            major, minor, patch = (*version, 0, 0)[:3]
            stop = (major, minor, patch + 1)
        elif sign == "~>":
            stop = (*version[:-2], version[-2] + 1) if len(version) > 1 else None
        if stop is not None:
            below = stop if below is None else min(below, stop)
    return Range(low, below)


def always(allowed: Range, needed: Version) -> bool:
    """Whether every version that is allowed is new enough; of a module that says nothing the current one is."""
    return allowed == ANY or allowed.low >= needed


def ever(allowed: Range, needed: Version) -> bool:
    """Whether some version that is allowed is new enough."""
    return allowed.below is None or allowed.below > needed


def said(version: Version) -> str:
    return ".".join(map(str, version))


def since(resource: str) -> Version:
    """The provider's version from which on a resource has its write-only arguments."""
    return _SINCE.get(resource) or _AT_LATEST[resource.partition("_")[0]]


def reader(kind: str) -> Version:
    """The same of an ephemeral block that reads a store."""
    return _READERS.get(kind) or _AT_LATEST[kind.partition("_")[0]]


def modern(provider: str) -> Version:
    """What has most of both."""
    return _MODERN.get(provider, ())


def floor(provider: str, kind: str, ephemeral: bool) -> Version:
    """What a new constraint of a provider says."""
    return max(_MODERN[provider], reader(kind)) if ephemeral else _OLD[provider]


def raised(constraint: str, needed: Version) -> str:
    """A constraint that is understood, so that it allows nothing older, and nothing that it did not allow."""
    parts = [part.strip() for part in constraint.split(",")]
    said_so = [found for part in parts if (found := _PART.fullmatch(part))]
    for number, found in enumerate(said_so):
        version = tuple(map(int, found["version"].split(".")))
        if found["sign"] == "~>" and len(version) == 2 and version[0] == needed[0]:
            parts[number] = f"~> {said(needed)}"
            return ", ".join(parts)
        if found["sign"] in (">=", ">"):
            parts[number] = f">= {said(needed)}"
            return ", ".join(parts)
    return ", ".join((f">= {said(needed)}", *parts))
