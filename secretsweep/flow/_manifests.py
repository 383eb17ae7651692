"""The manifests of a tree: what each is, and which Secrets and ConfigMaps it takes values from."""

import posixpath
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.flow._nodes import Node, Place, below, documents
from secretsweep.model import Tree

SECRET, CONFIG = "Secret", "ConfigMap"
_YAML = (".yaml", ".yml", ".yaml.gotmpl", ".tpl")
_KIND = lazyre.compile(rb"(?m)^[\s\-{]*[\"']?kind[\"']?[ \t]*:|^[ \t]*(?:secret|configMap)Generator[ \t]*:")
_WORD = lazyre.compile(rb"[\w.-]+")
_SECRETS = ("secretref", "secretkeyref")
_CONFIGS = ("configmapref", "configmapkeyref")
_GENERATORS = {"secretGenerator": SECRET, "configMapGenerator": CONFIG}


class Manifest(NamedTuple):
    """One object, where it begins and ends."""

    path: str
    line: int
    last: int
    kind: str
    name: str
    namespace: str
    node: Node

    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))


class Taken(NamedTuple):
    """A place where a manifest takes a value, or all of them (`key` is empty), from a Secret or ConfigMap."""

    manifest: Manifest
    kind: str  # of what it takes from
    name: str
    key: str
    how: str  # kind of the use
    line: int
    address: str


class Manifests:
    """All of them, read once, when the first question comes."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.unread: dict[str, frozenset[bytes]] = {}  # files that do not parse, and the words in them
        self._lines: dict[str, list[Manifest]] = {}
        self._meant: dict[tuple[str, str, str, str], frozenset[int]] = {}

    @cached_property
    def of(self) -> dict[str, list[Manifest]]:
        """Manifests by file."""
        found: dict[str, list[Manifest]] = {}
        for path in self._tree.paths():
            if path.endswith(_YAML) and _KIND.search(data := self._tree.read(path) or b""):
                read = documents(data)
                if read is None:
                    self.unread[path] = frozenset(_WORD.findall(data))
                for document in read or ():
                    found.setdefault(path, []).extend(_objects(path, document.node, document.last))
        return found

    @cached_property
    def named(self) -> dict[tuple[str, str], list[Manifest]]:
        """By kind and name: what defines them."""
        found: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        for manifests in self.of.values():
            for manifest in manifests:
                found[manifest.kind, manifest.name].append(manifest)
        return dict(found)

    @cached_property
    def taken(self) -> dict[tuple[str, str], list[Taken]]:
        """Places by kind and name of what they take from."""
        found: dict[tuple[str, str], list[Taken]] = defaultdict(list)
        for manifests in self.of.values():
            for manifest in manifests:
                for taken in _takes(manifest):
                    found[taken.kind, taken.name].append(taken)
        return dict(found)

    @cached_property
    def generators(self) -> dict[str, list[Manifest]]:
        """What kustomize makes out of the variables in a file."""
        found: dict[str, list[Manifest]] = defaultdict(list)
        for path, manifests in self.of.items():
            for manifest in manifests:
                listed = manifest.node.get("envs")
                names = [node.text or "" for node in listed.items] if listed else []
                for name in filter(None, (*names, manifest.node.said("env"))):
                    found[posixpath.normpath(posixpath.join(posixpath.dirname(path), name))].append(manifest)
        return found

    def at(self, path: str, line: int) -> Manifest | None:
        """The manifest that a line of a file belongs to."""
        if path not in self._lines:
            self._lines[path] = sorted(self.of.get(path, ()), key=lambda m: m.line)
        manifests = self._lines[path]
        number = bisect_right(manifests, line, key=lambda m: m.line)
        return manifests[number - 1] if number and line <= manifests[number - 1].last else None

    def meant(self, kind: str, name: str, taker: Manifest) -> frozenset[int]:
        """Which definitions (by `id`) an object means: of several those that stand nearest to it."""
        asked = kind, name, taker.namespace, posixpath.dirname(taker.path)
        if asked not in self._meant:
            own = [one for one in self.named.get((kind, name), ()) if _together(one.namespace, taker.namespace)]
            depths = [_shared(one.path, taker.path) for one in own]
            self._meant[asked] = frozenset(id(o) for o, d in zip(own, depths, strict=True) if d == max(depths))
        return self._meant[asked]


def _together(one: str, other: str) -> bool:
    return not one or not other or one == other


def _shared(one: str, other: str) -> int:
    ones, others = (posixpath.dirname(p).split("/") for p in (one, other))
    return next((n for n, (a, b) in enumerate(zip(ones, others, strict=False)) if a != b), min(len(ones), len(others)))


def _objects(path: str, node: Node, last: int) -> Iterator[Manifest]:
    """The objects of a document: itself, those of a list, and those that kustomize would generate."""
    waiting = [(node, last)]
    while waiting:
        node, end = waiting.pop()
        items = node.get("items")
        kind = node.said("kind")
        if items is not None and kind.endswith("List"):
            ends = [item.line - 1 for item in items.items[1:]] + [end]
            waiting += reversed(list(zip(items.items, ends, strict=True)))
        elif kind:
            metadata = node.get("metadata") or node
            yield Manifest(path, node.line, end, kind, metadata.said("name"), metadata.said("namespace"), node)
        for generator, made in _GENERATORS.items():
            listed = node.get(generator)
            for number, item in enumerate(listed.items if listed else ()):
                assert listed is not None
                stop = listed.items[number + 1].line - 1 if number + 1 < len(listed.items) else end
                space = item.said("namespace") or node.said("namespace")
                yield Manifest(path, item.line, stop, made, item.said("name"), space, item)


def _takes(manifest: Manifest) -> Iterator[Taken]:
    for place in below(manifest.node):
        for kind, name, key, how in _referred(place):
            if name:
                yield Taken(manifest, kind, name, key, how, place.node.line, _said(manifest.node, place))


def _referred(place: Place) -> Iterator[tuple[str, str, str, str]]:
    """(kind, name, key, how) of what a node refers to."""
    node, step = place.node, place.steps[-1] if place.steps else ""
    lower = step.lower()
    if node.text is not None:
        if step == "secretName" and (len(place.steps) < 2 or place.steps[-2] != "secret"):
            yield SECRET, node.text, "", "tls" if "tls" in place.steps else "reference"
        elif step == "existingSecret":
            yield SECRET, node.text, "", "reference"
        elif step == "name" and place.steps[-3:-2] == ("imagePullSecrets",):
            yield SECRET, node.text, "", "image-pull"
        return
    for endings, kind in ((_SECRETS, SECRET), (_CONFIGS, CONFIG)):
        if lower.endswith(endings):
            key = node.said("key")
            how = "environment" if "env" in place.steps or "envFrom" in place.steps else "reference"
            yield kind, node.said("name"), key, how
    for step_name, kind, called in (("secret", SECRET, "secretName"), ("configMap", CONFIG, "name")):
        if step == step_name and ("volumes" in place.steps or "sources" in place.steps):
            name = node.said(called) or node.said("name")
            listed = node.get("items")
            keys = [item.said("key") for item in listed.items] if listed else [""]
            yield from ((kind, name, key, "volume") for key in keys)
    if node.said("kind") in (SECRET, CONFIG) and place.steps and not node.get("apiVersion"):
        yield node.said("kind"), node.said("name"), node.said("valuesKey"), "reference"


def _said(root: Node, place: Place) -> str:
    """A place's address; elements of lists by their names, when they have any."""
    out, node = "", root
    for step in place.steps:
        if step.startswith("["):
            number = int(step[1:-1])
            node = node.items[number] if number < len(node.items) else node
            name = node.said("name")
            out += f"[{name}]" if name else step
        else:
            node = node.get(step) or node
            out += f".{step}" if out else step
    return out
