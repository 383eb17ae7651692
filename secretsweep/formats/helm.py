"""Helm charts: values, and templates that are manifests once their actions are masked."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import _named, _nested, kubernetes
from secretsweep.model import Blob, Unit

NAME = "helm"
PRIORITY = 20
CONTEXT = b"kind:"  # says what `data` means
GATES = kubernetes.GATES  # templates and values hold manifests
REGIONS = kubernetes.REGIONS

PATHS = lazyre.compile(
    r"(?:^|/)(?:[\w.-]*values[\w.-]*\.ya?ml(?:\.gotmpl)?|Chart\.ya?ml|templates/(?:.*/)?[^/]+\.(?:ya?ml|tpl))$"
)


def owns(path: str, head: bytes) -> bool:
    found = PATHS.search(path)
    return found is not None and (not path.endswith(".tpl") or b"{{" in head)


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal; those of a Secret's `data` decoded."""
    return _nested.expand(blob.data, units(blob.data), kind_of=_named.kind)


def units(data: bytes) -> list[Unit]:
    """The literals of all documents, nested documents unopened."""
    return kubernetes.units(data)
