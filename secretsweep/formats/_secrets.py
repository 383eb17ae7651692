"""What a manifest says of its literals: a Secret's base64, and which kinds hold references and ciphertext."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from secretsweep import lazyre
from secretsweep.formats import json
from secretsweep.model import Unit

_NAME = r'(?:"(?:[^"\\]|\\.)*"|[^."\[\]]+)\Z'
_DATA = lazyre.compile(r"(|.*\.)(data|stringData)\." + _NAME, re.DOTALL)
_BELOW = lazyre.compile(
    r"(?:\A|\.)(?:secrets|secretEnv(?:Vars|s)?|envSecrets|secretData|passwords|credentials)\." + _NAME
)
_RANDOM = lazyre.compile(rb"[A-Za-z0-9+/_=~!%*.-]{16,256}")
_RUN = lazyre.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^A-Za-z0-9]+")
_UUID = lazyre.compile(rb"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_WORDY = 2.6  # characters of a word or number; random text changes more often
_LISTED = lazyre.compile(r"(|.*\.)items\[\d+\]\.\Z", re.DOTALL)
_SPEC = lazyre.compile(r"(|.*?\.)(spec\..*)", re.DOTALL)
_FOLD = lazyre.compile(rb"\s+")
_REFERENCES = {  # what these kinds hold outside their clear parts
    "SealedSecret": ("spec.encryptedData",),
    "ExternalSecret": ("spec.data[", "spec.dataFrom", "spec.secretStoreRef."),
    "ClusterExternalSecret": ("spec.externalSecretSpec.data[", "spec.externalSecretSpec.dataFrom"),
    "PushSecret": ("spec.data[", "spec.secretStoreRefs", "spec.selector."),
    "SecretStore": ("spec.provider.",),
    "ClusterSecretStore": ("spec.provider.",),
    "SecretProviderClass": ("spec.parameters.", "spec.secretObjects"),
    "VaultStaticSecret": ("spec.",),
    "VaultDynamicSecret": ("spec.",),
    "VaultPKISecret": ("spec.",),
    "VaultAuth": ("spec.",),
    "VaultConnection": ("spec.",),
    "GitHubAccessToken": ("spec.",),
    "ECRAuthorizationToken": ("spec.",),
}


def opened(document: list[Unit]) -> Iterator[Unit]:
    """One document's units with Secrets decoded, and references and ciphertext left out."""
    kinds = {}
    sealed = False
    for unit in document:
        if unit.key == "kind" or unit.key.endswith(".kind"):
            kinds[unit.key[:-4]] = unit.value.decode("ascii", "replace")
        elif unit.key in ("sops.mac", "sops.version"):
            sealed = True
    for unit in document:
        key = unit.key
        if unit.value.startswith(b"ENC[") or (sealed and key.startswith("sops.")):
            continue
        spec = _SPEC.match(key)
        if spec and spec[2].startswith(_REFERENCES.get(kinds.get(spec[1], ""), ("\0",))):
            continue
        data = _DATA.match(key)
        if data and _is_secret(data[1], kinds):
            for literal in _decoded(unit, key) if data[2] == "data" else (unit,):
                yield _marked(literal)
        elif _BELOW.search(key):
            yield _marked(unit)
        else:
            yield unit


def _marked(unit: Unit) -> Unit:
    """Random text is a secret where everything is, whatever its name; a host or a user name is not random."""
    value = unit.value
    if ":" in unit.form or not _RANDOM.fullmatch(value) or _UUID.fullmatch(value):
        return unit
    if b"-" in value and value.islower():  # the name of a pod, a bucket …
        return unit
    runs = _RUN.findall(value)
    digits = sum(map(value.count, b"0123456789"))
    is_random = len(value) < _WORDY * len(runs) and 2 <= digits < len(value) - 4
    return unit._replace(form="marked:secret") if is_random else unit


def _is_secret(prefix: str, kinds: dict[str, str]) -> bool:
    if kind := kinds.get(prefix):
        return kind == "Secret"
    listed = _LISTED.match(prefix)
    return listed is not None and kinds.get(listed[1]) == "SecretList"


def _decoded(unit: Unit, key: str) -> Iterator[Unit]:
    """The value behind a Secret's base64; the text itself when it is none."""
    value = plain(unit.value)
    if value is None:
        yield unit
        return
    decoded = unit._replace(value=value, trail=(*unit.trail, "base64"))
    if "dockerconfigjson" in key or "dockercfg" in key:
        yield from registries(decoded)
    else:
        yield decoded


def registries(unit: Unit) -> Iterable[Unit]:
    """The passwords of a Docker configuration, each with the registry's name in its address."""
    found = list(json.units(unit.value))
    trail = (*unit.trail, "json")
    for inner in found:
        key = f"{unit.key}.{inner.key}"
        if inner.key.endswith(".auth"):
            login = plain(inner.value)
            if login is None or b":" not in login:
                continue
            yield unit._replace(key=key, value=login.partition(b":")[2], trail=(*trail, "base64"))
        elif inner.key.endswith((".password", ".identitytoken", ".registrytoken")):
            yield unit._replace(key=key, value=inner.value, trail=trail)
    if not found:
        yield unit


def plain(text: bytes) -> bytes | None:
    """Strict base64, however it was wrapped; None when it is something else."""
    compact = _FOLD.sub(b"", text)
    if len(compact) % 4 or not compact:
        return None
    try:
        return base64.b64decode(compact, validate=True) or None
    except (binascii.Error, ValueError):
        return None
