"""Whom sops encrypts for: the rules of `.sops.yaml`, the environment, or the file itself when it is there.

A repository decides this, and it may be a foreign one: what is found here is shown to the user before anything is
encrypted. https://getsops.io/docs/#using-sopsyaml-conf-to-select-kms-pgp-and-age-for-new-files
"""

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import re2

from secretsweep.errors import StoreError

CONFIG = ".sops.yaml"
SUFFIXES = (".enc.yaml", ".sops.yaml", ".enc.yml", ".sops.yml", ".yaml", ".yml")
WHOLE = (".yaml", ".yml", ".json")  # a path that ends so is a file's already
VARIABLES = (
    "SOPS_AGE_RECIPIENTS",
    "SOPS_PGP_FP",
    "SOPS_KMS_ARN",
    "SOPS_GCP_KMS_IDS",
    "SOPS_AZURE_KEYVAULT_URLS",
    "SOPS_HUAWEICLOUD_KMS_IDS",
    "SOPS_VAULT_URIS",
)
_KINDS = (
    "age",
    "pgp",
    "kms",
    "gcp_kms",
    "azure_keyvault",
    "azure_kv",
    "hckms",
    "hc_vault_transit_uri",
    "hc_vault",
)
_VAULTS = ("hc_vault_transit_uri", "hc_vault", "SOPS_VAULT_URIS")
_NAMES = ("recipient", "fp", "arn", "resource_id", "key_id", "vaultUrl", "vault_url", "vault_address")
_MOST = 100  # keys that are looked at: nobody has more, and aliases of YAML could make any number of them
_LARGEST = 1 << 20


class Keys(NamedTuple):
    """Who can decrypt a file."""

    who: tuple[str, ...]
    source: str  # who says so
    servers: tuple[str, ...]  # URLs of Vaults that are asked for it


def of_file(metadata: Mapping[str, Any], path: str) -> Keys:
    """Of an encrypted file, by what sops keeps in it."""
    return _keys(metadata, path)


def of_new(file: Path, environ: Mapping[str, str]) -> Keys | None:
    """Of a file that is made; None when nothing says it. Variables come before rules, as sops has it."""
    given = {name: environ[name] for name in VARIABLES if environ.get(name)}
    if given:
        found = [one.strip() for value in given.values() for one in value.split(",") if one.strip()]
        vaults = given.get("SOPS_VAULT_URIS", "").split(",")
        return Keys(tuple(found), ", ".join(given), tuple(filter(None, map(str.strip, vaults))))
    rule = _rule(file, environ)
    return _keys(rule[0], str(rule[1])) if rule else None


def named(base: Path, environ: Mapping[str, str]) -> str:
    """The ending of a file: of one that is there, else the first that the rules are for."""
    if base.name.endswith(WHOLE):
        return ""
    files = [(suffix, base.with_name(base.name + suffix)) for suffix in SUFFIXES]
    there = (suffix for suffix, file in files if suffix not in (".yaml", ".yml") and file.is_file())
    ruled = (suffix for suffix, file in files if _rule(file, environ))
    return next(there, None) or next(ruled, None) or SUFFIXES[0]


def standing(file: Path) -> Path:
    """The nearest folder of a path that is there: sops is started in it, and looks for its rules from there up."""
    return next(folder for folder in file.parents if folder.is_dir())


def load(text: bytes) -> Any:
    """A document of YAML or JSON; None when it is none."""
    import yaml

    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return None


def _rule(file: Path, environ: Mapping[str, str]) -> tuple[Mapping[str, Any], Path] | None:
    """The first rule for a file, and where it stands."""
    own = environ.get("SOPS_CONFIG")
    start = standing(file)
    places = [Path(own)] if own else [folder / CONFIG for folder in (start, *start.parents)]
    config = next((place for place in places if place.is_file()), None)
    if config is None:
        return None
    try:
        with config.open("rb") as text:
            document = load(text.read(_LARGEST))
    except OSError as error:
        raise StoreError(f"sops: {config}: cannot be read: {error.strerror}") from None
    rules = document.get("creation_rules") if isinstance(document, dict) else None
    said = os.path.relpath(file, config.parent)
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and _matches(rule.get("path_regex"), said):
            return rule, config
    return None


def _matches(pattern: object, path: str) -> bool:
    """As sops matches it: in the syntax of RE2, which no pattern makes slow."""
    if not pattern:
        return True
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(str(pattern), options=options).search(path) is not None
    except re2.error:
        return False


def _keys(said: Mapping[str, Any], source: str) -> Keys:
    found = list(islice(_entries(said), _MOST))
    servers = tuple(text for kind, text in found if kind in _VAULTS)
    return Keys(tuple(dict.fromkeys(text for _, text in found)), source, servers)


def _entries(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and name of every key of a rule, or of a file's metadata."""
    groups = said.get("key_groups")
    for group in (said, *(groups if isinstance(groups, list) else ())):
        for kind in _KINDS if isinstance(group, dict) else ():
            held = group.get(kind)
            for one in held if isinstance(held, list) else [held]:
                if isinstance(one, str):
                    yield from ((kind, part.strip()) for part in one.split(",") if part.strip())
                elif isinstance(one, dict):
                    yield kind, _name(one)


def _name(key: Mapping[str, Any]) -> str:
    name = next((str(key[name]) for name in _NAMES if key.get(name)), "?")
    path = [str(key[part]) for part in ("engine_path", "key_name", "name") if key.get(part)]
    role = f" (as {key['role']})" if key.get("role") else ""
    return "/".join((name.rstrip("/"), *path)) + role
