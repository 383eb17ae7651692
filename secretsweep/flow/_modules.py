"""The modules of a tree: a folder's files of one language, what they declare, and who calls them."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.flow import _hcl
from secretsweep.model import Tree

_LANGUAGES = (".tf", ".tofu", ".tf.json", ".pkr.hcl")  # a module's files; all but the last are one language
_JSON = ".tf.json"
_VARIABLE = lazyre.compile(rb'^[ \t]*variable[ \t]+"?([\w-]+)"?', re.MULTILINE)
_SOURCE = lazyre.compile(rb'\bsource[ \t]*=[ \t]*"(\.[^"\n]*)"')
_LOCAL = ("./", "../")


class Module(NamedTuple):
    """A folder, and which language of the folder."""

    folder: str
    language: str  # `tf` or `pkr`

    def __str__(self) -> str:
        return self.folder or "the top folder"


class Call(NamedTuple):
    """`module "name"` in a module's file."""

    caller: Module
    name: str


class Modules:
    """All of them, each file read when its module is first asked about."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._pairs: dict[Module, dict[str, list[str]]] = {}
        self._variables: dict[Module, frozenset[str]] = {}
        self._bodies: dict[str, _hcl.Body] = {}

    @cached_property
    def files(self) -> dict[Module, list[str]]:
        found: dict[Module, list[str]] = defaultdict(list)
        for path in self._tree.paths():
            if path.endswith(_LANGUAGES):
                found[of(path)].append(path)
        return dict(found)

    def mentions(self, module: Module, name: str) -> Iterator[tuple[str, _hcl.Mention, str]]:
        """(file, reference, why it was read by words) of each reference to `name` in a module."""
        self._known(module)
        for path in self._pairs[module].get(".".join(name.split(".")[:2]), ()):
            body = self.body(path)
            for mention in body.mentions.get(name, ()):
                yield path, mention, body.why

    def body(self, path: str) -> _hcl.Body:
        """What a file refers to; the syntax in JSON is read by words."""
        if path.endswith(_JSON) and path not in self._bodies:
            self._bodies[path] = _hcl.by_words(self._tree.read(path) or b"", "the syntax in JSON is not followed")
        if path not in self._bodies:
            self._bodies[path] = _hcl.body(self._tree.read(path) or b"")
        return self._bodies[path]

    def variables(self, module: Module) -> frozenset[str]:
        """The variables that a module declares."""
        self._known(module)
        return self._variables[module]

    def source(self, module: Module, path: str, name: str) -> str:
        """Where the module that `module "name"` of a file calls comes from; "" when that is computed or unknown."""
        own = self.body(path).calls
        if name in own:
            return own[name]
        return next((calls[name] for p in self.files.get(module, ()) if name in (calls := self.body(p).calls)), "")

    def called(self, module: Module, source: str) -> Module | None:
        """The module of this tree that a source names."""
        if not source.startswith(_LOCAL):
            return None
        found = Module(_normal(posixpath.join(module.folder, source)), module.language)
        return found if found in self.files else None

    def calls(self, module: Module) -> list[Call]:
        """Who calls a module."""
        return [
            Call(of(path), name)
            for path in self._sources.get(module, ())
            for name, source in self.body(path).calls.items()
            if self.called(of(path), source) == module
        ]

    @cached_property
    def _sources(self) -> dict[Module, list[str]]:
        """The files that mention each module as a source."""
        found: dict[Module, dict[str, None]] = defaultdict(dict)
        for module, paths in self.files.items():
            for path in paths:
                for source in _SOURCE.findall(self._tree.read(path) or b""):
                    if called := self.called(module, source.decode("utf-8", "replace")):
                        found[called][path] = None
        return {module: list(paths) for module, paths in found.items()}

    def _known(self, module: Module) -> None:
        if module in self._pairs:
            return
        pairs: dict[str, list[str]] = defaultdict(list)
        variables: set[str] = set()
        for path in self.files.get(module, ()):
            data = self._tree.read(path) or b""
            variables.update(name.decode() for name in _VARIABLE.findall(data))
            for pair in _hcl.pairs(data):
                pairs[pair].append(path)
            if b"each" in data or b"self" in data:
                for name in ("each", "self"):
                    pairs[name].append(path)
        self._pairs[module], self._variables[module] = dict(pairs), frozenset(variables)


def of(path: str) -> Module:
    """The module that a file belongs to; variables' files belong to Terraform's, but for Packer's."""
    return Module(posixpath.dirname(path), "pkr" if path.endswith((".pkr.hcl", ".pkrvars.hcl")) else "tf")


def _normal(path: str) -> str:
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal
