"""Compose files and files of variables: to the services that run with them, and through kustomize to Secrets' takers.

Kinds: `service`, below it `variable` (`${NAME}` in a field) and `env-file`; those of Kubernetes; `unknown`.
Syntax: docs.docker.com/reference/compose-file (services, interpolation, `env_file`, `secrets`, `configs`).
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from secretsweep import lazyre
from secretsweep.flow import UNKNOWN, Use, kubernetes
from secretsweep.flow._nodes import Node, below, documents
from secretsweep.model import Tree

FORMATS = ("dotenv", "yaml")
PATHS = lazyre.compile(r"(?:^|/)(?:docker-|podman-)?compose[\w.-]*\.ya?ml$|^(?!.*\.ya?ml(?:\.|$))")

_COMPOSE = lazyre.compile(r"(?:^|/)(?:docker-|podman-)?compose[\w.-]*\.ya?ml$")
_VARIABLE = lazyre.compile(r"(\$?)\$(?:\{([A-Za-z_]\w*)[^}]*\}?|([A-Za-z_]\w*))")
_LISTS = ("secrets", "configs")


class Follower:
    """Keeps what it has read of a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._kubernetes = kubernetes.Follower(tree)
        self._held_by: dict[str, dict[int, set[tuple[str, str]]]] = {}

    def uses(self, path: str, address: str, line: int) -> tuple[Use, ...]:
        """The services that get the value of a variable, or of a literal in a compose file."""
        if _COMPOSE.search(path):
            return tuple(self._held(path, address, line))
        return (*self._given(path, address), *self._kubernetes.generated(path, address))

    def _held(self, path: str, address: str, line: int) -> Iterator[Use]:
        """Of a literal in a compose file: aliases bring it to more than one service."""
        top = self._files.get(path)
        if top is None:
            yield Use(path, line, address, UNKNOWN, note="the file does not parse")
            return
        held = self._lines(path, top).get(line, ())
        for name, service in _entries(top, "services"):
            listed = ((kind, item) for kind in _LISTS if (node := service.get(kind)) for item in node.items)
            if ("services", name) in held or any((kind, i.text or i.said("source")) in held for kind, i in listed):
                yield _service(path, name, service, ())

    def _lines(self, path: str, top: Node) -> dict[int, set[tuple[str, str]]]:
        """(section, name) of what has a scalar of each line below it, by whatever aliases."""
        if path not in self._held_by:
            found: dict[int, set[tuple[str, str]]] = defaultdict(set)
            for section in ("services", *_LISTS):
                for name, node in _entries(top, section):
                    for place in below(node):
                        if place.node.text is not None:
                            found[place.node.line].add((section, name))
            self._held_by[path] = found
        return self._held_by[path]

    def _given(self, path: str, name: str) -> Iterator[Use]:
        """Of a variable in a file of variables."""
        found: dict[tuple[str, str], list[Use]] = defaultdict(list)
        for compose, service, line in self._env_files.get(path, ()):
            found[compose, service].append(Use(compose, line, f"services.{service}.env_file", "env-file"))
        if posixpath.basename(path) == ".env":
            for compose, service, line, address in self._variables.get((posixpath.dirname(path), name), ()):
                found[compose, service].append(Use(compose, line, f"services.{service}.{address}", "variable"))
        for (compose, service), uses in found.items():
            node = self._files[compose].get("services", service)
            assert node is not None
            yield _service(compose, service, node, tuple(uses))

    @cached_property
    def _files(self) -> dict[str, Node]:
        """The compose files that parse."""
        found = {}
        for path in self._tree.paths():
            if _COMPOSE.search(path) and (read := documents(self._tree.read(path) or b"")):
                found[path] = read[0].node
        return found

    @cached_property
    def _env_files(self) -> dict[str, list[tuple[str, str, int]]]:
        """(compose file, service, line) by the file of variables that a service reads."""
        found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        for path, top in self._files.items():
            for name, service in _entries(top, "services"):
                named = service.get("env_file")
                for node in (named, *(named.items if named else ())):
                    text = (node.text or node.said("path")) if node else ""
                    if node and text:
                        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
                        found[file].append((path, name, node.line))
        return found

    @cached_property
    def _variables(self) -> dict[tuple[str, str], list[tuple[str, str, int, str]]]:
        """(compose file, service, line, field) by folder and variable of the interpolations in services."""
        found: dict[tuple[str, str], list[tuple[str, str, int, str]]] = defaultdict(list)
        for path, top in self._files.items():
            for name, service in _entries(top, "services"):
                for place in below(service):
                    for escaped, braced, bare in _VARIABLE.findall(place.node.text or ""):
                        if not escaped:
                            field = ".".join(place.steps).replace(".[", "[")
                            key = posixpath.dirname(path), braced or bare
                            found[key].append((path, name, place.node.line, field))
        return found


def _entries(top: Node, name: str) -> list[tuple[str, Node]]:
    node = top.get(name)
    return node.entries if node else []


def _service(path: str, name: str, node: Node, inner: tuple[Use, ...]) -> Use:
    return Use(path, node.line, f"services.{name}", "service", inner, consumer=f"service {name}")
