"""Kubernetes: Secrets and ConfigMaps to the workloads, ingresses and other objects that take their values.

Kinds: `workload` (an object that takes a value or holds it), below it `environment`, `volume`, `image-pull`, `tls`,
`reference`; `unknown`. Kustomize's generators count as the objects that they make. Where a name is defined more than
once, an object belongs to those definitions that stand nearest to it, as bases and overlays do.
"""

import posixpath
from collections.abc import Iterable, Iterator

from secretsweep import lazyre
from secretsweep.flow import UNKNOWN, Use
from secretsweep.flow._manifests import CONFIG, SECRET, Manifest, Manifests, Taken
from secretsweep.model import Tree

FORMATS = ("kubernetes", "helm")
_KEY = lazyre.compile(r'(?:^|\.)(?:data|stringData|binaryData|literals)\.(?:"((?:[^"\\]|\\.)*)"|([^.\[]+))')
_HOLDERS = frozenset(
    "Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Pod Job CronJob Rollout PodTemplate".split()
)


class Follower:
    """Keeps what it has read of a tree."""

    def __init__(self, tree: Tree) -> None:
        self._manifests = Manifests(tree)

    def uses(self, path: str, address: str, line: int) -> tuple[Use, ...]:
        """The objects that take the value at an address of the manifest at a line."""
        manifest = self._manifests.at(path, line)
        if manifest is None:
            why = "the file does not parse" if path in self._manifests.unread else "no manifest stands there"
            return (Use(path, line, address, UNKNOWN, note=why),)
        if manifest.kind in (SECRET, CONFIG):
            key = _KEY.search(address)
            return tuple(self.takers(manifest, (key[1] or key[2]) if key else ""))
        return (_workload(manifest),)

    def manifest(self, path: str, line: int) -> Manifest | None:
        """The object that a line of a file belongs to."""
        return self._manifests.at(path, line)

    def generated(self, path: str, key: str) -> Iterator[Use]:
        """The objects that take a variable of a file through kustomize's generators."""
        for manifest in self._manifests.generators.get(path, ()):
            yield from self.takers(manifest, key)

    def takers(self, manifest: Manifest, key: str) -> Iterator[Use]:
        """The objects that take a key of a Secret or ConfigMap; "" for any."""
        found: dict[tuple[str, int], list[Taken]] = {}
        for taken in self._manifests.taken.get((manifest.kind, manifest.name), ()):
            if (not key or not taken.key or key == taken.key) and self._belongs(manifest, taken.manifest):
                found.setdefault((taken.manifest.path, taken.manifest.line), []).append(taken)
        for places in found.values():
            yield _workload(places[0].manifest, places)
        name = manifest.name.encode()
        if "{{" in manifest.name:
            return
        for path, words in self._manifests.unread.items():
            if name in words and path != manifest.path:
                yield Use(path, 1, manifest.name, UNKNOWN, note="it is named here, but the file does not parse")

    def _belongs(self, manifest: Manifest, taker: Manifest) -> bool:
        """Whether a definition is the one that an object means."""
        if "{{" in manifest.name and _chart(manifest.path) != _chart(taker.path):
            return False
        return id(manifest) in self._manifests.meant(manifest.kind, manifest.name, taker)


def _workload(manifest: Manifest, places: Iterable[Taken] = ()) -> Use:
    inner = tuple(Use(t.manifest.path, t.line, t.address, t.how) for t in places)
    holds = inner or manifest.kind in _HOLDERS
    name = str(manifest)
    return Use(manifest.path, manifest.line, name, "workload" if holds else "object", inner, consumer=name)


def _chart(path: str) -> str:
    """The chart whose templates a file belongs to."""
    return path.partition("/templates/")[0] if "/templates/" in path else posixpath.dirname(path)
