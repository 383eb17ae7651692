"""Terraform's state, versions 3 and 4, under any name: attributes and outputs by the address of their resource."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _jsonregions, _jsontree
from secretsweep.formats._address import child, pair
from secretsweep.formats._jsontree import Leaf, Node
from secretsweep.formats._terraform_attributes import (
    DECLARED,
    INSIDE,
    MARKED,
    Path,
    Resource,
    called_secret,
    opened,
    unit,
)
from secretsweep.formats._terraform_attributes import units as attributes
from secretsweep.formats._terraform_secrets import ATTRIBUTES, TYPES
from secretsweep.model import Blob, Unit

NAME = "terraform-state"
PRIORITY = 35
TYPE_GATE = Gate(r'"type"\s{0,4}:\s{0,4}"(?:' + "|".join(TYPES) + ')"', "resource")
GATES = (
    TYPE_GATE,
    Gate(r'"sensitive_attributes"\s{0,4}:\s{0,4}\[\s{0,80}[\[{]', "resource"),
    Gate(r'"sensitive"\s{0,4}:\s{0,4}true', "resource"),
    _gates.PAIR,
    _gates.FLAG,
)

_OWN = lazyre.compile(r"\.tfstate(?:\.backup|\.\d+\.backup|\.bak|\.old|\.orig)*$", re.IGNORECASE)
_HEAD = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_LINEAGE = lazyre.compile(rb'"lineage"\s*:\s*"[0-9a-f-]*"')
_PRETTY = lazyre.compile(rb'\{\n  "version": 4,\n')
_PARENTS = frozenset((b"resources", b"outputs"))
_WHOLES = frozenset((b"backend",))


def owns(path: str, head: bytes) -> bool:
    if not _HEAD.match(head):
        return False
    return _OWN.search(path) is not None or _LINEAGE.search(head) is not None


def resource(data: bytes, at: int) -> tuple[int, int]:
    """The resource or output around a place, as it stays the same over many versions of a state."""
    if _PRETTY.match(data):
        return _jsonregions.within(_jsonregions.indented(data, 4), data, at)
    return _jsonregions.within(_jsonregions.children(data, _PARENTS, _WHOLES), data, at)


REGIONS = {"resource": resource, "statement": resource, "siblings": resource, "next": resource}


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal of the attributes and outputs."""
    return opened(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    root = _jsontree.parse(data)
    return [found for key, entry in root.entries for found in _entry(data, key, entry)]


def _entry(data: bytes, key: str, entry: Node | Leaf) -> Iterator[Unit]:
    """What stands at the top of a file, or is all of an excerpt."""
    if isinstance(entry, Leaf):
        if entry.end > entry.start:
            yield unit(data, entry, key)
    elif entry.has("instances", "type") or entry.has("mode", "type"):
        yield from _resource(data, entry)
    elif entry.has("primary", "type"):
        yield from _former(data, key, entry, "")
    elif key and entry.has("value") and (entry.has("type") or entry.has("sensitive")):
        yield from _output(data, key, entry, "")
    elif key in ("resources", "outputs", "modules"):  # on one line
        around = Node()
        around.entries.append((key, entry))
        yield from _state(data, around)
    elif key:
        yield from _other(data, key, entry)
    else:
        yield from _state(data, entry)


def _state(data: bytes, state: Node) -> Iterator[Unit]:
    for key, entry in state.entries:
        if isinstance(entry, Leaf):
            continue
        if key == "resources" and entry.array:
            for found in state.nodes(key):
                yield from _resource(data, found)
        elif key == "modules" and entry.array:
            for module in state.nodes(key):
                yield from _module(data, module)
        elif key == "outputs":
            yield from _outputs(data, entry, "")
        elif key != "check_results":
            yield from _other(data, key, entry)


def _other(data: bytes, key: str, node: Node) -> Iterator[Unit]:
    """What is neither a resource nor an output; a backend has the address that its configuration has."""
    address = key
    if key == "backend" and (config := node.node("config")):
        address, node = child("terraform.backend", node.text("type", data)), config
    for leaf, _, where in _jsontree.literals(data, node, address):
        yield unit(data, leaf, where)


def _outputs(data: bytes, outputs: Node, module: str) -> Iterator[Unit]:
    for name, entry in outputs.entries:
        if isinstance(entry, Node):
            yield from _output(data, name, entry, module)


def _output(data: bytes, name: str, output: Node, module: str) -> Iterator[Unit]:
    address = child(f"{module}output", name)
    marks = frozenset({("value",)}) if output.text("sensitive", data) == "true" else frozenset()
    for key, entry in output.entries:
        if key == "value" and isinstance(entry, Leaf):
            if entry.end > entry.start and data[entry.start : entry.end] not in (b"true", b"false", b"null"):
                yield unit(data, entry, address, MARKED if marks else "")
        elif key == "value" and isinstance(entry, Node):
            yield from attributes(data, Resource("", address, frozenset({()}) if marks else frozenset()), entry)


def _resource(data: bytes, found: Node) -> Iterator[Unit]:
    """A resource of version 4."""
    kind = found.text("type", data)
    steps = (found.text("module", data), "data" if found.text("mode", data) == "data" else "", kind)
    address = ".".join(filter(None, (*steps, found.text("name", data))))
    for instance in found.nodes("instances"):
        where = address + _index(data, instance)
        resource = Resource(kind, where, frozenset(_paths(data, instance.node("sensitive_attributes"))))
        if below := instance.node("attributes"):
            yield from attributes(data, resource, below)
        if below := instance.node("attributes_flat"):
            yield from _flat(data, resource, below)


def _index(data: bytes, instance: Node) -> str:
    """`[0]` of count, `["a"]` of for_each."""
    entry = next((e for key, e in instance.entries if key == "index_key"), None)
    if not isinstance(entry, Leaf):
        return ""
    index = _jsontree.written(data, entry)
    return f'["{index}"]' if entry.quoted else f"[{index}]"


def _paths(data: bytes, marks: Node | None) -> Iterator[Path]:
    """`[[{"type":"get_attr","value":"master"}, {"type":"index","value":{"value":0,"type":"number"}}]]`."""
    if not marks:
        return
    if any(isinstance(entry, Node) and not entry.array for _, entry in marks.entries):
        yield tuple(_steps(data, marks))  # one path
        return
    for _, path in marks.entries:
        if isinstance(path, Node):
            yield tuple(_steps(data, path))


def _steps(data: bytes, path: Node) -> Iterator[str]:
    for _, step in path.entries:
        if not isinstance(step, Node):
            return
        inner = step.node("value")
        name = inner.text("value", data) if inner else step.text("value", data)
        if not name:
            return  # an element of a set, which has no name: all of it is meant
        yield name


def _module(data: bytes, module: Node) -> Iterator[Unit]:
    """A module of version 3."""
    path = module.node("path")
    names = [_jsontree.written(data, leaf) for _, leaf in path.entries if isinstance(leaf, Leaf)] if path else []
    prefix = "".join(f"module.{name}." for name in names[1:])
    if outputs := module.node("outputs"):
        yield from _outputs(data, outputs, prefix)
    if resources := module.node("resources"):
        for key, entry in resources.entries:
            if isinstance(entry, Node):
                yield from _former(data, key, entry, prefix)


_COUNTED = lazyre.compile(r"\.(\d+)\Z")


def _former(data: bytes, key: str, found: Node, module: str) -> Iterator[Unit]:
    """A resource of version 3, `aws_instance.web.0`: its attributes are a flat map."""
    address = module + _COUNTED.sub(r"[\1]", key)
    for instance in (found.node("primary"), *found.nodes("deposed")):
        if instance and (below := instance.node("attributes")):
            yield from _flat(data, Resource(found.text("type", data), address), below)


def _flat(data: bytes, resource: Resource, below: Node) -> Iterator[Unit]:
    """Attributes like `environment.0.variables.DB_PASSWORD`; a `set.12.value` is called like its `set.12.name`."""
    leaves = [(key, leaf) for key, leaf in below.entries if isinstance(leaf, Leaf)]
    names = {key[:-5]: _jsontree.written(data, leaf) for key, leaf in leaves if key.endswith(".name")}
    secret = called_secret(data, resource.kind, below)
    for key, leaf in leaves:
        top = key.partition(".")[0]
        if leaf.end == leaf.start or key.endswith((".%", ".#")) or top.startswith("encrypted_"):
            continue
        address = f"{resource.address}.{key}"
        form = ""
        if top == secret or (resource.kind, top) in ATTRIBUTES:
            form = DECLARED if top == key else INSIDE
        elif key.endswith(".value") and key[:-6] in names:
            address = pair(f"{resource.address}.{key[:-6].rpartition('.')[0]}", names[key[:-6]])
        yield unit(data, leaf, address, form)
