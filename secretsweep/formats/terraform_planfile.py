"""The member `tfplan` of a saved plan: Protocol Buffers with MessagePack in them.

Source: internal/plans/planproto/planfile.proto in github.com/hashicorp/terraform; OpenTofu's file is the same.
"""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _msgpack
from secretsweep.formats._address import child, text
from secretsweep.formats._jsontree import Leaf, Node
from secretsweep.formats._terraform_attributes import MARKED, Path, Resource, opened, unit
from secretsweep.formats._terraform_attributes import units as attributes
from secretsweep.model import Blob, Unit

NAME = "terraform-planfile"
PRIORITY = 35
ANCESTORS = False
# version 3 in field 1, then the first of: variables, changes, output changes, backend, version of terraform
_HEAD = lazyre.compile(rb"\x08\x03[\x12\x1a\x22\x6a\x72]")
GATES = (Gate(r"^\x08\x03[\x12\x1a\x22\x6a\x72]", "plan"),)
_LARGEST = 32 << 20
_TYPE = lazyre.compile(r"(?:^|\.)([a-z][a-z0-9_]*)\.[\w-]+(?:\[[^\]]*\])?\Z")

Field = tuple[int, int, int]  # its number, where it begins and ends


def owns(path: str, head: bytes) -> bool:
    return _HEAD.match(head) is not None


def plan(data: bytes, at: int) -> tuple[int, int]:
    """All of it: changes name their resource behind their values."""
    return 0, min(len(data), _LARGEST)


REGIONS = dict.fromkeys(("plan", "statement", "siblings", "next"), plan)


def extract(blob: Blob) -> Iterator[Unit]:
    """The strings of variables, changes, outputs and of the backend's configuration."""
    return opened(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    return list(_plan(data)) if _HEAD.match(data) else []


def _plan(data: bytes) -> Iterator[Unit]:
    for number, start, end in _fields(data, 0, len(data)):
        if number == 2:
            name, below = _named(data, start, end, 1, 2)
            for inner in below:
                yield from _dynamic(data, inner, Resource("", child("variable", name)))
        elif number in (3, 18):
            yield from _resource(data, start, end)
        elif number == 27:
            for inner in _fields(data, start, end):
                if inner[0] == 2:
                    yield from _resource(data, *inner[1:])
        elif number == 4:
            name, below = _named(data, start, end, 1, 2)
            for inner in below:
                yield from _change(data, inner, Resource("", child("output", name)))
        elif number == 13:
            name, below = _named(data, start, end, 1, 2)
            for inner in below:
                yield from _dynamic(data, inner, Resource("", child("terraform.backend", name)))


def _fields(data: bytes, at: int, end: int) -> Iterator[Field]:
    """The fields with a length; the first byte that makes no sense ends them."""
    while at < end:
        tag, at = _varint(data, at, end)
        kind = tag & 7
        if kind == 2:
            size, at = _varint(data, at, end)
            if size > end - at:
                return
            yield tag >> 3, at, at + size
            at += size
        elif kind == 0:
            _, at = _varint(data, at, end)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            return


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 63:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, at


def _named(data: bytes, start: int, end: int, name: int, wanted: int) -> tuple[str, list[Field]]:
    """The text in the field `name` of a message, and its fields `wanted`."""
    fields = list(_fields(data, start, end))
    said = next((text(data[f[1] : f[2]]) for f in fields if f[0] == name), "")
    return said, [f for f in fields if f[0] == wanted]


def _resource(data: bytes, start: int, end: int) -> Iterator[Unit]:
    address, changes = _named(data, start, end, 13, 9)
    kind = _TYPE.search(address)
    for change in changes:
        yield from _change(data, change, Resource(kind[1] if kind else "", address))


def _change(data: bytes, change: Field, resource: Resource) -> Iterator[Unit]:
    fields = list(_fields(data, *change[1:]))
    marks = frozenset(_path(data, f) for f in fields if f[0] in (3, 4))
    for found in fields:
        if found[0] == 2:
            yield from _dynamic(data, found, resource._replace(marks=marks))


def _path(data: bytes, path: Field) -> Path:
    """The names on the way to a sensitive value, as far as they are names."""
    steps: list[str] = []
    for number, start, end in _fields(data, *path[1:]):
        inner = next(iter(_fields(data, start, end)), None) if number == 1 else None
        if not inner or inner[0] != 1:
            break
        steps.append(text(data[inner[1] : inner[2]]))
    return tuple(steps)


def _dynamic(data: bytes, found: Field, resource: Resource) -> Iterator[Unit]:
    """A value in MessagePack; one of any type is a list of its type and itself."""
    for number, start, end in _fields(data, *found[1:]):
        if number != 1:
            continue
        value = _msgpack.parse(data, start, end)
        if isinstance(value, Node) and value.array and len(value.entries) == 2:
            first, second = (entry for _, entry in value.entries)
            if isinstance(first, Leaf) and not first.quoted:
                value = second
        if isinstance(value, Node):
            yield from attributes(data, resource, value)
        elif value.quoted and value.end > value.start:
            yield unit(data, value, resource.address, MARKED if () in resource.marks else "")
