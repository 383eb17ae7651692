"""Kubernetes manifests, in YAML and JSON, one or many in a file."""

from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import _actions, _gates, _manifest, _named, _nested, _patch, _secrets, _sections, json, yaml
from secretsweep.model import Blob, Unit

NAME = "kubernetes"
PRIORITY = 30
CONTEXT = b"kind:"  # says what `data` means
GATES = (
    _gates.MANIFEST,
    _gates.PAIR,
    _gates.FLAG,
    _gates.ITEM,
    _gates.ARGUMENT,
    _gates.CLOUD_INIT,
    _patch.GATE,
)
REGIONS = {"whole": _manifest.around, "embedded": _manifest.embedded, "literal": _sections.literal}

_TOP = r"(?:^|[\s{,\xbf])[\"']?{}[\"']?\s*:"
_VERSION = lazyre.compile(  # those with dates are Azure's
    _TOP.replace("{}", "apiVersion").encode("latin-1") + rb"(?!\s*[\"']?20\d\d-)"
)
_OTHER = lazyre.compile(
    _TOP.replace("{}", "(?:kind|metadata|items|data|stringData|binaryData|immutable|type|spec)").encode("latin-1")
)
_FIRST = lazyre.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[ \t]*\r?\n|#[^\n]*\n|\s)*(?:stringData|(?:data|metadata):\s*\n\s+[\w.-]+:\s"
    rb"|\{\s*\"(?:stringData|data)\"\s*:\s*\{)"
)
_BEGINS = lazyre.compile(
    rb"(?:\xef\xbb\xbf)?(?:---[ \t]*\r?\n|#[^\n]*\n|\s)*(?:apiVersion|kind):[ \t]+[\w./]+[ \t]*\r?\n\w+:\s"
)
_NAMES = lazyre.compile(  # that may hold a manifest when it begins like one
    r"(?:^|/)(?:\.?[^/.]+|[^/]+\.(?:conf|config|bak|old|orig|manifest|k8s|tpl|tmpl|tftpl|template|j2|erb|in|enc|dec))$"
)
_CONFIG = lazyre.compile(r"(?:^|/)(?:\.kube/config[\w.-]*|[\w.-]*kubeconfig[\w-]*(?:\.(?:bak|conf|config|orig))?)$")
_JSON = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\"{])")


def owns(path: str, head: bytes) -> bool:
    if _configures(path) or (_may_hold(path) and _BEGINS.match(head)):
        return True
    if not (yaml.owns(path, head) or json.owns(path, head)):
        return False
    if path.endswith(("kustomization.yaml", "kustomization.yml")) or _patch.is_patch(head):
        return True
    if b"apiVersion" in head and _VERSION.search(head):
        return _OTHER.search(head) is not None
    return _FIRST.match(head) is not None  # `data` may be long, with all else below it


@lru_cache(maxsize=4096)
def _configures(path: str) -> bool:
    return _CONFIG.search(path) is not None


@lru_cache(maxsize=4096)
def _may_hold(path: str) -> bool:
    return _NAMES.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal; those of a Secret's `data` decoded."""
    return _nested.expand(blob.data, units(blob.data), kind_of=_named.kind)


def units(data: bytes) -> list[Unit]:
    """The literals of all documents, nested documents unopened."""
    documents = [json.units(data)] if _JSON.match(data) else yaml.documents(data)
    found = [unit for document in documents for unit in _patch.named(_secrets.opened(document))]
    return found + [literal for unit in found for literal in _actions.literals(unit)] if b"{{" in data else found
