"""References that lead nowhere, and values in clear text beside their protected form: what only a whole tree tells.

A reference dangles when nothing in the tree defines the Secret, and the tree is one that does define its Secrets: an
object that makes one stands in the same folder, above or below, in the same namespace. Templates of charts name what
the release decides, and say nothing. A name that stands anywhere else (in a script, in Terraform) may be made there.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.detect import manifests, sops
from secretsweep.detect.allow import allowed
from secretsweep.detect.lines import Lines
from secretsweep.detect.manifests import Object, Wanted
from secretsweep.formats import helm
from secretsweep.model import Blob, Finding, Secret, Span, Unit
from secretsweep.rules.builtin import BROKEN, DANGLING

_MANIFEST = lazyre.compile(r"\.(?:ya?ml|json)\Z", re.IGNORECASE)
_SEALED = lazyre.compile(r"\.(?:ya?ml|json|env|ini|cfg|conf)\Z|(?:^|/)\.?env[\w.]*\Z", re.IGNORECASE)
_HEAD = 4 << 10
_LARGEST = 2 << 20  # bytes of a file that a person keeps by hand
Contents = Callable[[], Iterable[tuple[str, bytes]]]


class _Place(NamedTuple):
    """An object and the file it stands in."""

    blob: Blob
    found: Object


class Tree:
    """Takes the files of one tree, and then says what does not fit together. It keeps only files with references."""

    def __init__(self, trusted: bool = True) -> None:
        self._trusted = trusted  # inline markers of a foreign repository accept nothing
        self._objects: list[_Place] = []
        self._clear: list[tuple[Blob, Unit]] = []
        self._charts: set[str] = set()

    @staticmethod
    def wants(path: str) -> bool:
        """Whether a file of this name may tell something."""
        return _SEALED.search(path) is not None

    def add(self, blob: Blob) -> None:
        """Read a file; most hold no reference and are done with a search."""
        path, data = blob.path, blob.data
        if os.path.basename(path) == "Chart.yaml":
            self._charts.add(os.path.dirname(path))
        if len(data) > _LARGEST or not self.wants(path):
            return
        self._clear += ((blob, unit) for unit in sops.unencrypted(path, data))
        if data.find(b"CustomResourceDefinition", 0, _HEAD) >= 0:
            return  # long, and its properties are called as what we look for
        if _MANIFEST.search(path) and manifests.HINT.search(data) and not helm.owns(path, data):
            self._objects += (_Place(blob, found) for found in manifests.objects(data))

    def findings(self, contents: Contents | None) -> list[Finding]:
        """Everything that does not fit; without `contents` (all files once more) the tree is none, but a few files."""
        found = [
            _finding(BROKEN.id, f"sops:{unit.key}", unit.key, blob, unit, "sops") for blob, unit in self._clear
        ]
        found += self._beside_sealed()
        if contents:
            found += self._dangling(contents)
        return [f for f in found if not (self._trusted and self._accepted(f))]

    def _accepted(self, finding: Finding) -> bool:
        data = next(b.data for b, _ in self._every() if (b.path, b.oid) == (finding.path, finding.oid))
        return allowed(data, finding.span.start, finding.span.end)

    def _every(self) -> Iterator[tuple[Blob, object]]:
        yield from self._clear
        yield from self._objects

    def _beside_sealed(self) -> Iterator[Finding]:
        """Secrets in clear text whose SealedSecret is there as well."""
        sealed = {(p.found.name, p.found.namespace) for p in self._objects if p.found.kind == "SealedSecret"}
        for blob, found in self._objects:
            if found.clear and (found.name, found.namespace) in sealed:
                name = _full(found.name, found.namespace)
                yield _finding(BROKEN.id, f"sealed:{name}", name, blob, found.clear, "kubernetes")

    def _dangling(self, contents: Contents) -> list[Finding]:
        candidates: dict[str, list[tuple[Blob, Wanted]]] = defaultdict(list)
        found = []
        for blob, one in self._objects:
            if self._in_chart(blob.path):
                continue
            for wanted in one.wants:
                if not self._defined(wanted):
                    if self._expected(blob.path, wanted):
                        candidates[wanted.name].append((blob, wanted))
                elif wanted.entry and self._lacks(wanted):
                    name = f"{_full(wanted.name, wanted.namespace)}#{wanted.entry}"
                    found.append(_finding(DANGLING.id, f"secret:{name}", name, blob, wanted.unit, "kubernetes"))
        mentioned = _mentioned(set(candidates), contents) if candidates else set()
        for name, wants in candidates.items():
            if name not in mentioned:
                for blob, wanted in wants:
                    full = _full(name, wanted.namespace)
                    found.append(_finding(DANGLING.id, f"secret:{full}", full, blob, wanted.unit, "kubernetes"))
        return found

    def _defined(self, wanted: Wanted) -> bool:
        return any(_creates(p.found, wanted.name) and _near(p.found, wanted) for p in self._objects)

    def _expected(self, path: str, wanted: Wanted) -> bool:
        """Whether this part of the tree defines its Secrets, and does so itself."""
        here = [p for p in self._objects if _near(p.found, wanted) and _related(p.blob.path, path)]
        return any(p.found.makes for p in here) and not any(manifests.makes_anything(p.found) for p in here)

    def _lacks(self, wanted: Wanted) -> bool:
        """Whether the one plain Secret of that name has no such entry."""
        makers = [p for p in self._objects if _creates(p.found, wanted.name) and _near(p.found, wanted)]
        if len(makers) != 1 or not makers[0].found.entries or wanted.entry in makers[0].found.entries:
            return False
        return wanted.entry.encode() not in makers[0].blob.data  # entries without a value are no literals

    def _in_chart(self, path: str) -> bool:
        folder = os.path.dirname(path)
        return any(folder == chart or folder.startswith(f"{chart}/") or not chart for chart in self._charts)


def _creates(found: Object, name: str) -> bool:
    """Operators call what they make by the object's name: `orders-app` for the Cluster `orders`."""
    operated = found.kind and not manifests.core(found) and found.kind != "Secret"
    return name in found.creates or bool(operated and found.name and name.startswith(f"{found.name}-"))


def _near(found: Object, wanted: Wanted) -> bool:
    """In the same namespace, as far as the files tell."""
    return not found.namespace or not wanted.namespace or found.namespace == wanted.namespace


def _related(one: str, other: str) -> bool:
    """In the same folder, or one above the other."""
    ours, theirs = f"{os.path.dirname(one)}/", f"{os.path.dirname(other)}/"
    return ours.startswith(theirs) or theirs.startswith(ours)


def _mentioned(names: set[str], contents: Contents) -> set[str]:
    """Names that stand elsewhere than in a reference or as the name of an object that makes no Secret."""
    longest = sorted((re.escape(name.encode()) for name in names), key=len, reverse=True)
    word = re.compile(rb"(?<![\w.-])(?:" + b"|".join(longest) + rb")(?![\w-]|\.\w)")
    found: set[str] = set()
    for path, data in contents():
        here = {match.decode() for match in word.findall(data)}
        if here - found and not _plain(path, data):
            found |= here
    return found


def _plain(path: str, data: bytes) -> bool:
    """Whether a file's objects were all weighed already: they make Secrets that we know, or none."""
    every = list(manifests.objects(data)) if _MANIFEST.search(path) and not helm.owns(path, data) else []
    return bool(every) and all(found.makes or manifests.core(found) for found in every)


def _full(name: str, namespace: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _finding(rule: str, identity: str, note: str, blob: Blob, unit: Unit, fmt: str) -> Finding:
    """Its identity is what the reference says, so that it survives moves; no value is in it."""
    secret, span = Secret(f"{rule}:{identity}".encode()), Span(*unit.span)
    return Finding(
        rule, secret, blob.oid, blob.path, span, unit.key, fmt, (), "medium", Lines(blob.data).place(span), note=note
    )
