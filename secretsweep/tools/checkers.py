"""What each checker looks at, and how it is started: the programs' own documentation of their command lines."""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.model import Tree

_TERRAFORM = (".tf", ".tfvars", ".tofu")
_SHEBANG = lazyre.compile(rb"#![^\n]*\b(?:ba|da|k)?sh\b")
_PLAYBOOK = lazyre.compile(rb"(?m)^-?[ \t]*(?:- )?(?:hosts|ansible\.builtin\.import_playbook|import_playbook)[ \t]*:")
_STACK = lazyre.compile(rb"AWSTemplateFormatVersion|AWS::[A-Z]\w+::[A-Z]\w+")
_WORKFLOW = lazyre.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$")
_DOCKERFILE = lazyre.compile(r"(?:^|/)(?:[\w.-]*\.)?(?:Docker|Container)file(?:\.[\w-]+)?$")


_LINE = lazyre.compile(r"\s*\S")  # each line is one
_NAMED = lazyre.compile(r"\W{0,8}(?:ERROR|Error|WARNING|Warning)\b")  # `Error: …`, `[ERROR]: …`, with more below


class Check(NamedTuple):
    """One run of one program over what it looks at: a file, or the folder that must be looked at as a whole."""

    name: str
    program: str
    target: str
    arguments: tuple[str, ...]
    folder: str = ""  # to start it in, below the tree
    begins: re.Pattern[str] = _LINE  # where a fault begins in what it says


Looks = Callable[[str, bytes, Tree], Iterator[Check]]


def checks(path: str, tree: Tree) -> Iterator[Check]:
    """The checks that a file is for."""
    data = tree.read(path)
    if data is not None:
        for looks in _ALL:
            yield from looks(path, data, tree)


def _terraform(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    if path.endswith(_TERRAFORM):
        folder, file = posixpath.split(path)
        yield Check("terraform fmt", "terraform", path, ("fmt", "-check", "-no-color", _plain(file)), folder)
        if path.endswith(_TERRAFORM[::2]):
            arguments = ("validate", "-no-color")
            yield Check("terraform validate", "terraform", folder or ".", arguments, folder, _NAMED)


def _helm(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    folder = posixpath.dirname(path)
    while tree.read(posixpath.join(folder, "Chart.yaml")) is None:
        if not folder:
            return
        folder = posixpath.dirname(folder)
    for word in ("lint", "template"):
        yield Check(f"helm {word}", "helm", folder or ".", (word, "."), folder, _NAMED)


def _cloudformation(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    if path.endswith((".yaml", ".yml", ".json", ".template")) and _STACK.search(data):
        arguments = ("--non-zero-exit-code", "error", "--format", "parseable", "--", _plain(path))
        yield Check("cfn-lint", "cfn-lint", path, arguments)


def _ansible(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    if path.endswith((".yaml", ".yml")) and _PLAYBOOK.search(data) and data.lstrip().startswith((b"-", b"#")):
        yield Check("ansible-playbook", "ansible-playbook", path, ("--syntax-check", _plain(path)), "", _NAMED)


def _shell(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    if path.endswith((".sh", ".bash")) or _SHEBANG.match(data):
        yield Check("shellcheck", "shellcheck", path, ("-S", "error", "-f", "gcc", "--", _plain(path)))


def _dockerfile(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    if _DOCKERFILE.search(path):
        yield Check("hadolint", "hadolint", path, ("--no-color", "-t", "error", _plain(path)))


def _workflow(path: str, data: bytes, tree: Tree) -> Iterator[Check]:
    if _WORKFLOW.search(path):
        yield Check("actionlint", "actionlint", path, ("-no-color", "-oneline", _plain(path)))


_ALL: tuple[Looks, ...] = (_terraform, _helm, _cloudformation, _ansible, _shell, _dockerfile, _workflow)


def _plain(path: str) -> str:
    """A path that no program takes for an option."""
    return f"./{path}" if path.startswith("-") else path
