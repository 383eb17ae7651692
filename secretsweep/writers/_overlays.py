"""What kustomizations make of a manifest's name and namespace, where they take it in, through others too.

Syntax: kubectl.docs.kubernetes.io/references/kustomize/kustomization (resources, components, namespace, namePrefix).
"""

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from secretsweep.writers import Tree
from secretsweep.writers._cluster import manifests

_LISTS = ("resources", "bases", "components")


class Overlay(NamedTuple):
    """A kustomization: what it takes in, files and folders, and what it says of them."""

    path: str
    takes: frozenset[str]
    namespace: str
    renames: bool

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)


def over(path: str, kustomizations: Sequence[str], tree: Tree) -> list[Overlay]:
    """The kustomizations that take in a file, the nearest first."""
    known = [overlay for file in kustomizations for overlay in _read(file, tree.read(file) or b"")]
    found: list[Overlay] = []
    taken = {path}
    while more := [one for one in known if one not in found and one.takes & taken]:
        found += more
        taken |= {one.folder for one in more}
    return found


def _read(path: str, data: bytes) -> Iterator[Overlay]:
    folder = posixpath.dirname(path)
    for root in manifests(data):
        listed = [item.value.decode("utf-8", "replace") for name in _LISTS if (e := root.get(name)) for item in e.items]
        takes = {posixpath.normpath(posixpath.join(folder, one)) for one in listed}
        renames = bool(root.text("namePrefix") or root.text("nameSuffix"))
        yield Overlay(path, frozenset("" if one == "." else one for one in takes), root.text("namespace"), renames)
