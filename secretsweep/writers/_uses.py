"""Who installs a chart with a file of values: a chart that depends on it, Argo CD, helmfile.

Syntax: helm.sh/docs/topics/charts (`dependencies`), argo-cd.readthedocs.io/en/stable/user-guide/helm,
helmfile.readthedocs.io (`releases`).
"""

import posixpath
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.writers import Tree
from secretsweep.writers._charts import Path
from secretsweep.writers._cluster import manifests
from secretsweep.writers._nodes import Node

_HELMFILE = lazyre.compile(r"(?:^|/)helmfile(?:\.ya?ml(?:\.gotmpl)?|\.d/[^/]+)$")
_MANIFEST = lazyre.compile(r"\.ya?ml$")


class Installed(NamedTuple):
    """A chart, and where its values stand in the file."""

    name: str
    repository: str
    prefix: Path
    folder: str = ""  # when the chart is in this tree


def below(folder: str, tree: Tree) -> Iterator[Installed]:
    """The charts that a chart brings along."""
    charts = posixpath.join(folder, "charts")
    for root in manifests(tree.read(posixpath.join(folder, "Chart.yaml")) or b""):
        for item in getattr(root.get("dependencies"), "items", ()):
            name, repository = item.text("name"), item.text("repository")
            local = posixpath.join(charts, name)
            if repository.startswith("file://"):
                local = posixpath.normpath(posixpath.join(folder, repository[len("file://") :]))
            there = local if tree.read(posixpath.join(local, "Chart.yaml")) is not None else ""
            yield Installed(name, repository, (item.text("alias") or name,), there)


def of(path: str, tree: Tree) -> list[Installed]:
    """The charts that are installed with the values of a file; nothing else than one is sure."""
    return list(dict.fromkeys(_installed(tree).get(path, ())))  # type: ignore[arg-type]  # every object is its own key


@lru_cache(maxsize=2)
def _installed(tree: Tree) -> dict[str, list[Installed]]:
    found: dict[str, list[Installed]] = {}
    for path in tree.paths():
        if _HELMFILE.search(path):
            told = list(_released(path, tree))
        elif _MANIFEST.search(path) and b"argoproj.io/" in (data := tree.read(path) or b"") and b"chart:" in data:
            told = [one for root in manifests(data) for one in _applied(root, tree)]
        else:
            continue
        for file, installed in told:
            found.setdefault(file, []).append(installed)
    return found


def _released(path: str, tree: Tree) -> Iterator[tuple[str, Installed]]:
    """What a helmfile releases."""
    roots = list(manifests(tree.read(path) or b""))
    listed = [item for root in roots for item in getattr(root.get("repositories"), "items", ())]
    urls = {item.text("name"): item.text("url") for item in listed}
    for root in roots:
        for release in getattr(root.get("releases"), "items", ()):
            told, _, name = release.text("chart").rpartition("/")
            installed = Installed(name, told if "://" in told else urls.get(told, ""), ())
            for item in getattr(release.get("values"), "items", ()):
                if item.kind == "scalar":
                    file = posixpath.join(posixpath.dirname(path), item.value.decode("utf-8", "replace"))
                    yield posixpath.normpath(file), installed


def sources(root: Node) -> Iterator[tuple[Path, Node]]:
    """The sources of an application of Argo CD, each with the way to it."""
    spec = root.get("spec")
    if root.text("kind") != "Application" or not root.text("apiVersion").startswith("argoproj.io/") or spec is None:
        return
    if (source := spec.get("source")) is not None:
        yield ("spec", "source"), source
    for number, item in enumerate(getattr(spec.get("sources"), "items", ())):
        yield ("spec", "sources", str(number)), item


def _applied(root: Node, tree: Tree) -> Iterator[tuple[str, Installed]]:
    """What an application of Argo CD installs with files of this tree: those of a source that it calls by `$name`."""
    every = [source for _, source in sources(root)]
    called = {source.text("ref") for source in every}
    for source in every:
        installed = Installed(source.text("chart"), source.text("repoURL"), ())
        for item in getattr(source.get("helm", "valueFiles"), "items", ()):
            head, _, rest = item.value.decode("utf-8", "replace").partition("/")
            if head[:1] == "$" and head[1:] in called and rest and tree.read(rest) is not None:
                yield rest, installed
