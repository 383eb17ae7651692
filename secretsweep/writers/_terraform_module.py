"""The modules of a tree: what their files declare and use, who calls them, and which versions they allow."""

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.model import Span
from secretsweep.writers import File, Tree, _hcl, _terraform_versions
from secretsweep.writers._hcl import Attribute, Block
from secretsweep.writers._terraform_versions import ANY, Range, Version

_VERSION = lazyre.compile(rb'(?:version\s*[=:]\s*|^)"([^"]*)"')
SUFFIXES = (".tf", ".tofu")
_EMPTY = Block("", (), 0, Span(0, 0))


class Place(NamedTuple):
    """An attribute of a file, and the blocks around it."""

    path: str
    data: bytes
    blocks: tuple[Block, ...]
    attribute: Attribute

    @property
    def top(self) -> Block:
        return self.blocks[0]

    @property
    def address(self) -> str:
        """As a person would write it."""
        inner = [block.kind for block in self.blocks[1:]]
        return ".".join((self.top.kind, *self.top.labels, *inner, self.attribute.name))


class Declared(NamedTuple):
    """A block of a file."""

    path: str
    data: bytes
    block: Block


@lru_cache(maxsize=256)
def parsed(data: bytes) -> Block | None:
    """The file's blocks; None when it does not parse."""
    try:
        return _hcl.parse(data)
    except _hcl.Malformed:
        return None


class Project:
    """The tree as Terraform sees it: every folder is a module."""

    def __init__(self, tree: Tree, file: File) -> None:
        self._tree, self._file = tree, file
        self._modules: dict[str, Module] = {}
        self._paths = tuple(path for path in tree.paths() if path.endswith(SUFFIXES))

    def read(self, path: str) -> bytes | None:
        return self._file.data if path == self._file.path else self._tree.read(path)

    def module(self, folder: str) -> "Module":
        if folder not in self._modules:
            own = [path for path in self._paths if posixpath.dirname(path) == folder]
            files = [(path, data) for path in own if (data := self.read(path)) is not None]
            hidden = any(path.endswith((".tf.json", ".tofu.json")) for path in self.inside(folder))
            self._modules[folder] = Module(self, folder, files, hidden)
        return self._modules[folder]

    def callers(self, folder: str) -> list[Declared]:
        """The `module` blocks whose source is this folder."""
        return [call for call in self._calls if called(call) == folder]

    @cached_property
    def _calls(self) -> tuple[Declared, ...]:
        files = ((path, self.read(path) or b"") for path in self._paths)
        return tuple(
            Declared(path, data, block)
            for path, data in files
            if b"module" in data
            for block in (parsed(data) or _EMPTY).of("module")
        )

    def inside(self, folder: str) -> list[str]:
        """The files of a folder."""
        return [path for path in self._tree.paths() if posixpath.dirname(path) == folder]


def called(call: Declared) -> str | None:
    """The folder that a `module` block calls; None when it is not in the tree."""
    source = _hcl.string(call.data, call.block.get("source"))
    if not source.startswith(("./", "../")):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(call.path), source)).removeprefix("./")


class Module:
    """A folder's files. Those that do not parse, or are JSON, hide what they use: `is_readable` says there are none."""

    def __init__(self, project: Project, folder: str, files: list[tuple[str, bytes]], hidden: bool) -> None:
        self.project, self.folder = project, folder
        self.files = [(path, data, root) for path, data in files if (root := parsed(data)) is not None]
        self.is_readable = not hidden and len(self.files) == len(files)

    def blocks(self, kind: str, *labels: str) -> Iterator[Declared]:
        for path, data, root in self.files:
            for block in root.of(kind, *labels):
                yield Declared(path, data, block)

    def block(self, kind: str, *labels: str) -> Declared | None:
        return next(self.blocks(kind, *labels), None)

    def uses(self, symbol: str) -> list[Place]:
        """Attributes that mention `var.x`, `local.x` or `aws_db_instance.x.password`, in text and comments too."""
        parts = (re.escape(part.encode()) for part in symbol.split("."))
        pattern = re.compile(rb"(?<![\w.-])" + rb"(?:\[[^\]\n]*\])?\s*\.\s*".join(parts) + rb"(?![\w-])")
        return [
            Place(path, data, blocks, attribute)
            for path, data, root in self.files
            for blocks, attribute in root.walk()
            if blocks and pattern.search(_hcl.source(data, attribute))
        ]

    @property
    def is_called(self) -> bool:
        return bool(self.project.callers(self.folder))

    def terraform(self) -> Range:
        """What is allowed of Terraform itself, by this module and by those that call it; a pin counts for all."""
        folder = self.folder
        while True:
            pin = self.project.read(posixpath.join(folder, ".terraform-version")) or b""
            if found := _terraform_versions.parse(pin.decode("utf-8", "replace").strip()):
                return found
            if not folder:
                break
            folder = posixpath.dirname(folder)
        return self._required(frozenset())

    def _required(self, seen: frozenset[str]) -> Range:
        told = [
            _terraform_versions.parse(_hcl.string(one.data, required)) or Range((0,), None)
            for one in self.blocks("terraform")
            if (required := one.block.get("required_version"))
        ]
        if self.folder not in seen:
            folders = {posixpath.dirname(call.path) for call in self.project.callers(self.folder)}
            above = (self.project.module(f)._required(seen | {self.folder}) for f in sorted(folders))
            told += (one for one in above if one != ANY)
        return max(told, default=ANY, key=lambda one: one.low)

    @property
    def is_opentofu(self) -> bool:
        return any(path.endswith(".tofu") for path, _, _ in self.files)

    def providers(self) -> list[Declared]:
        """The `required_providers` blocks."""
        return [
            Declared(one.path, one.data, inner)
            for one in self.blocks("terraform")
            for inner in one.block.of("required_providers")
        ]

    def constraint(self, name: str) -> tuple[Declared, Span] | None:
        """Where the module says which versions of a provider it wants: the text in the quotes."""
        for one in self.providers():
            if attribute := one.block.get(name):
                found = _VERSION.search(_hcl.source(one.data, attribute))
                if found:
                    return one, Span(*found.span(1)).shifted(attribute.value.start)
        return None

    def provider(self, name: str) -> Range:
        """What the module allows of a provider."""
        found = self.constraint(name)
        if found is None:
            return ANY
        said = found[0].data[slice(*found[1])].decode("utf-8", "replace")
        return _terraform_versions.parse(said) or Range((0,), (0,))

    def locked(self, name: str, seen: frozenset[str] = frozenset()) -> Version | None:
        """The version of a provider that the lock file holds, the oldest of those of the modules that call this one."""
        data = self.project.read(posixpath.join(self.folder, ".terraform.lock.hcl")) or b""
        lock = parsed(data)
        for block in lock.of("provider") if lock else ():
            if block.labels[0].endswith(f"/hashicorp/{name}"):
                exact = _terraform_versions.parse(_hcl.string(data, block.get("version")))
                return exact.low if exact else None
        if self.folder in seen:
            return None
        folders = {posixpath.dirname(call.path) for call in self.project.callers(self.folder)}
        above = (self.project.module(f).locked(name, seen | {self.folder}) for f in sorted(folders))
        return min((one for one in above if one), default=None)
