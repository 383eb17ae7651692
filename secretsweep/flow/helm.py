"""Helm: values to the templates that use them, through helpers and subcharts, and on to what takes their Secrets.

Kinds: `template` (an object gets it), `condition` (only whether it is there), `notes` (shown by an installation),
`subchart`, those of Kubernetes below, `unknown`.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.flow import UNKNOWN, Use, kubernetes
from secretsweep.flow._actions import ELEMENT, Actions, Include, Reference, actions, steps_below
from secretsweep.flow._manifests import CONFIG, SECRET, Manifest
from secretsweep.flow._nodes import documents
from secretsweep.model import Tree

FORMATS = ("helm", "kubernetes", "yaml")
PATHS = lazyre.compile(r"(?:^|/)[\w.-]*values[\w.-]*\.ya?ml(?:\.gotmpl)?$")

DEPTH = 20  # helpers that call each other
_CHART = "Chart.yaml"
_VALUES = "Values"
_SEGMENT = lazyre.compile(r'\[\d*\]|"((?:[^"\\]|\\.)*)"|([^.\["]+)')


class _Dependency(NamedTuple):
    name: str  # in the values
    folder: str | None  # None when it is not in the tree
    source: str


class _Chart:
    """A chart's actions, by the ways that they use."""

    def __init__(self, tree: Tree, folder: str, paths: Iterable[str]) -> None:
        self.references: dict[str, dict[tuple[str, ...], list[tuple[str, Reference]]]] = defaultdict(dict)
        self.includes: dict[str, list[tuple[str, Include]]] = defaultdict(list)
        self.unclear: dict[str, list[tuple[str, Reference]]] = defaultdict(list)  # by the last step
        self.helpers: set[str] = set()
        own = posixpath.join(folder, "templates/")
        for path in paths:
            read: Actions = actions(tree.read(path) or b"")
            self.helpers |= read.helpers
            for reference in read.references:
                if reference.way is None:
                    self.unclear[reference.name.rpartition(".")[2]].append((path, reference))
                elif reference.helper or path.startswith(own):
                    self.references[reference.helper].setdefault(reference.way, []).append((path, reference))
            for include in read.includes:
                if include.helper or path.startswith(own):
                    self.includes[include.helper].append((path, include))
        self._known: dict[tuple[str, tuple[str, ...]], list[tuple[str, Reference]]] = {}

    def using(self, helper: str, way: tuple[str, ...]) -> Iterator[tuple[str, Reference]]:
        """The references of a helper (""; of templates) to a value, or to something that it is in."""
        own = self.references.get(helper, {})
        ways: list[tuple[str, ...]] = [()]
        for step in way:
            ways = [(*before, one) for before in ways for one in {step, ELEMENT}][:64]
            for one in ways:
                yield from own.get(one, ())

    def inside(self, helper: str, way: tuple[str, ...], depth: int = 0) -> list[tuple[str, Reference]]:
        """The references of a helper and of those that it calls."""
        if (helper, way) not in self._known:
            self._known[helper, way] = []
            found = list(self.using(helper, way))
            for _, include in self.includes.get(helper, ()) if depth < DEPTH else ():
                for below in steps_below(include, way):
                    found += self.inside(include.called, below, depth + 1)
            self._known[helper, way] = found
        return self._known[helper, way]


class Follower:
    """Keeps what it has read of a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._kubernetes = kubernetes.Follower(tree)
        self._charts: dict[str, _Chart] = {}

    def uses(self, path: str, address: str, line: int) -> tuple[Use, ...]:
        """The objects that the value at an address of a chart's values gets to."""
        if (manifest := self._kubernetes.manifest(path, line)) and manifest.node.get("apiVersion"):
            return self._kubernetes.uses(path, address, line)
        folder = posixpath.dirname(path)
        while folder and folder not in self._folders:
            folder = posixpath.dirname(folder)
        if folder not in self._folders:
            return (Use(path, line, address, UNKNOWN, note="no chart in this tree stands around these values"),)
        steps = tuple(one[0] if one[0][:1] == "[" else one[2] or one[1] for one in _SEGMENT.finditer(address))
        return tuple(self._below(path, line, folder, steps, 0))

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """The charts, each with the files of templates in it and in its subcharts."""
        paths = self._tree.paths()
        found: dict[str, list[str]] = {posixpath.dirname(p): [] for p in paths if posixpath.basename(p) == _CHART}
        for path in paths:
            if "/templates/" not in f"/{path}":
                continue
            folder = posixpath.dirname(path)
            while folder:
                folder = posixpath.dirname(folder)
                if folder in found:
                    found[folder].append(path)
        return found

    def _below(self, path: str, line: int, folder: str, steps: tuple[str, ...], depth: int) -> Iterator[Use]:
        if not steps or depth > DEPTH:
            return
        if folder not in self._charts:
            self._charts[folder] = _Chart(self._tree, folder, self._folders[folder])
        yield from self._used(self._charts[folder], (_VALUES, *steps))
        for dependency in self._dependencies(folder):
            if steps[0] not in (dependency.name, "global"):
                continue
            below = steps if steps[0] == "global" else steps[1:]
            inner: tuple[Use, ...] = ()
            note = f"the chart {dependency.source} is not in this tree"
            if dependency.folder is not None:
                inner = tuple(self._below(path, line, dependency.folder, below, depth + 1))
                note = ""
                if not inner:
                    continue
            runs = "" if dependency.folder is not None else f"chart {dependency.name}"
            yield Use(path, line, ".".join(("Values", *below)), "subchart", inner, note=note, consumer=runs)

    def _used(self, chart: _Chart, way: tuple[str, ...]) -> Iterator[Use]:
        seen: set[tuple[str, int]] = set()
        for path, reference in chart.using("", way):
            if (path, reference.line) not in seen:
                seen.add((path, reference.line))
                yield self._place(path, reference.line, reference.name, reference.decides, "")
        for path, include in chart.includes.get("", ()):
            if (path, include.line) in seen:
                continue
            for below in steps_below(include, way):
                found = chart.inside(include.called, below)
                missing = include.called not in chart.helpers and below != way
                if found or missing:
                    seen.add((path, include.line))
                    decides = bool(found) and all(reference.decides for _, reference in found)
                    note = f"its helper {include.called} is not in this chart"
                    if found:
                        note = f"by {include.called}, {found[0][0]}:{found[0][1].line}"
                    yield self._place(path, include.line, include.called, decides, note)
                    break
        for path, reference in chart.unclear.get(way[-1], ()):
            if (path, reference.line) not in seen:
                seen.add((path, reference.line))
                note = "whether this is the value depends on what the template is given"
                yield Use(path, reference.line, reference.name, UNKNOWN, whole=False, note=note)

    def _place(self, path: str, line: int, name: str, decides: bool, note: str) -> Use:
        if decides:
            return Use(path, line, name, "condition", whole=False, note=note)
        if path.endswith("NOTES.txt"):
            return Use(path, line, name, "notes", note=note or "shown to whoever installs the chart")
        manifest = self._kubernetes.manifest(path, line)
        if manifest is None:
            return Use(path, line, name, "template", note=note or "which object it is in cannot be read")
        if manifest.kind in (SECRET, CONFIG):
            inner = tuple(self._kubernetes.takers(manifest, _key(manifest, line)))
            return Use(path, line, str(manifest), "template", inner, note=note)
        return Use(path, line, str(manifest), "template", note=note, consumer=str(manifest))

    def _dependencies(self, folder: str) -> Iterator[_Dependency]:
        """The charts that a chart brings along: declared ones, and those that lie in `charts/`."""
        below = posixpath.join(folder, "charts/")
        found = {f: f[len(below) :] for f in self._folders if f.startswith(below) and "/" not in f[len(below) :]}
        read = documents(self._tree.read(posixpath.join(folder, _CHART)) or b"") or ()
        listed = read[0].node.get("dependencies") if read else None
        for item in listed.items if listed else ():
            name, source = item.said("name"), item.said("repository")
            local: str | None = f"{below}{name}"
            if local not in self._folders and source.startswith("file://"):
                local = posixpath.normpath(posixpath.join(folder, source[len("file://") :]))
            local = local if local in self._folders else None
            found.pop(local or "", None)
            yield _Dependency(item.said("alias") or name, local, f"{name} from {source}" if source else name)
        for at, name in found.items():
            yield _Dependency(name, at, name)


def _key(manifest: Manifest, line: int) -> str:
    """The key of a Secret or ConfigMap whose value a line belongs to; "" when that is not clear."""
    entries = [
        (value.line, key)
        for part in ("data", "stringData")
        if (node := manifest.node.get(part))
        for key, value in node.entries
    ]
    return max((entry for entry in entries if entry[0] <= line), default=(0, ""))[1]
