"""Kubernetes manifests: what a Secret's base64 hides, and which kinds hold references and ciphertext."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from secretsweep.formats import Gate, _gates, _nested, _sections, json, yaml
from secretsweep.model import Blob, Unit

NAME = "kubernetes"
PRIORITY = 30
CONTEXT = b"kind:"  # says what `data` means
GATES = (
    Gate(r"(?i)\bkind[\"']?\s{0,4}:\s{0,4}[\"']?Secret(?:List)?[\"']?[\s,}#]", "document"),
    _gates.PAIR,
    _gates.FLAG,
    _gates.ITEM,
    _gates.CLOUD_INIT,
)
REGIONS = {"literal": _sections.literal}

_VERSION = re.compile(rb"(?:^|[\s{,\xbf])[\"']?apiVersion[\"']?\s*:")
_KIND = re.compile(rb"(?:^|[\s{,\xbf])[\"']?kind[\"']?\s*:")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\"{])")
_ITEM = re.compile(r"(items\[\d+\]\.)?(.*)\Z", re.DOTALL)
_DATA = re.compile(r'data\.(?:"[^"]*"|[^."\[]+)\Z')
_FOLD = re.compile(rb"\s+")
_REFERENCES = {  # what these kinds hold outside their clear parts
    "SealedSecret": ("spec.encryptedData.",),
    "ExternalSecret": ("spec.data[", "spec.dataFrom", "spec.secretStoreRef."),
    "ClusterExternalSecret": ("spec.externalSecretSpec.data[", "spec.externalSecretSpec.dataFrom"),
    "PushSecret": ("spec.data[", "spec.secretStoreRefs", "spec.selector."),
    "SecretStore": ("spec.provider.",),
    "ClusterSecretStore": ("spec.provider.",),
    "SecretProviderClass": ("spec.parameters.", "spec.secretObjects"),
}


def owns(path: str, head: bytes) -> bool:
    if not (yaml.owns(path, head) or json.owns(path, head)):
        return False
    return _VERSION.search(head) is not None and _KIND.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal; those of a Secret's `data` decoded."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals of all documents, nested documents unopened."""
    documents = [json.units(data)] if _JSON.match(data) else yaml.documents(data)
    return [unit for document in documents for unit in opened(document)]


def opened(document: list[Unit]) -> Iterator[Unit]:
    """One document's units with Secrets decoded and ciphertext left out."""
    kinds = {}
    sealed = False
    for unit in document:
        if unit.key == "kind" or unit.key.endswith("].kind"):
            kinds[unit.key[:-4]] = unit.value.decode("ascii", "replace")
        elif unit.key in ("sops.mac", "sops.version"):
            sealed = True
    for unit in document:
        prefix, key = _ITEM.match(unit.key).groups("")  # type: ignore[union-attr]
        kind = kinds.get(prefix) or kinds.get("", "")
        if unit.value.startswith(b"ENC[") or (sealed and key.startswith("sops.")):
            continue
        if kind in _REFERENCES and key.startswith(_REFERENCES[kind]):
            continue
        if (
            kind in ("Secret", "List", "SecretList")
            and _DATA.match(key)
            and kinds.get(prefix, "Secret") == "Secret"
        ):
            yield from _decoded(unit, key)
        else:
            yield unit


def _decoded(unit: Unit, key: str) -> Iterator[Unit]:
    """The value behind a Secret's base64; the text itself when it is none."""
    value = _plain(unit.value)
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
            login = _plain(inner.value)
            if login is None or b":" not in login:
                continue
            yield unit._replace(key=key, value=login.partition(b":")[2], trail=(*trail, "base64"))
        elif inner.key.endswith((".password", ".identitytoken", ".registrytoken")):
            yield unit._replace(key=key, value=inner.value, trail=trail)
    if not found:
        yield unit


def _plain(text: bytes) -> bytes | None:
    """Strict base64, however it was wrapped; None when it is something else."""
    compact = _FOLD.sub(b"", text)
    if len(compact) % 4 or not compact:
        return None
    try:
        return base64.b64decode(compact, validate=True) or None
    except (binascii.Error, ValueError):
        return None
