"""The literals of one Terraform resource, and which of them its provider or the configuration calls secret."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretsweep.formats import _jsontree, _nested
from secretsweep.formats._address import child
from secretsweep.formats._jsontree import Leaf, Node
from secretsweep.formats._terraform_secrets import ATTRIBUTES, said
from secretsweep.model import Span, Unit

Path = tuple[str, ...]
# forms of literals that are called secret, whatever their names are: by the resource's type, or by a mark
DECLARED, MARKED, INSIDE = "declared:password", "marked:password", "marked:secret"


class Resource(NamedTuple):
    """`kind` is the type of a resource, "" for an output; `marks` are the paths of values that are called secret."""

    kind: str
    address: str
    marks: frozenset[Path] = frozenset()


def units(data: bytes, resource: Resource, attributes: Node) -> Iterator[Unit]:
    """The literals of its attributes, with the form that says what they are."""
    secret = called_secret(data, resource.kind, attributes)
    for leaf, path, address in _jsontree.literals(data, attributes, resource.address):
        top = path[0]
        if top.startswith("encrypted_"):  # with somebody's public key
            continue
        if top == secret:
            form, address = DECLARED, child(resource.address, top)
        elif (resource.kind, top) in ATTRIBUTES:
            form = DECLARED if len(path) == 1 else INSIDE
        else:
            form = _marked(resource.marks, path) if resource.marks else ""
        yield unit(data, leaf, address, form)


def called_secret(data: bytes, kind: str, attributes: Node) -> str:
    """The attribute that is secret because another one says so."""
    name, beside, wanted = said(kind)
    if not name or attributes.text(beside, data) != wanted:
        return ""
    return "" if kind == "random_string" and attributes.text("length", data) in _SHORT else name


_SHORT = frozenset(str(n) for n in range(12))  # the lengths of suffixes


def unit(data: bytes, leaf: Leaf, address: str, form: str = "") -> Unit:
    """A literal as a unit; numbers are never called secret."""
    form = form if leaf.quoted else ""
    return Unit(
        Span(leaf.start, leaf.end),
        address,
        _jsontree.value(data, leaf),
        form or ("double" if leaf.quoted else "plain"),
    )


def _marked(marks: frozenset[Path], path: Path) -> str:
    if path in marks:
        return MARKED
    return INSIDE if any(path[:length] in marks for length in range(len(path))) else ""


def opened(data: bytes, found: Iterable[Unit]) -> Iterator[Unit]:
    """The units and what is in them; of a document that is called secret every entry is."""
    document = False
    for one in _nested.expand(data, found):
        if not one.trail:
            document = one.form in (DECLARED, MARKED, INSIDE) and _nested.sniff(one.value) == "json"
            yield one._replace(form="double") if document else one
        elif document and one.trail == ("json",) and one.form == "double":
            yield one._replace(form=INSIDE)
        else:
            yield one


def true_paths(data: bytes, node: Node | Leaf | None) -> frozenset[Path]:
    """The paths to `true` in what mirrors the values: `sensitive_values`, `after_sensitive`."""
    return frozenset(_true(data, node, ())) if node else frozenset()


def _true(data: bytes, node: Node | Leaf, path: Path) -> Iterator[Path]:
    if isinstance(node, Node):
        for number, (key, entry) in enumerate(node.entries):
            yield from _true(data, entry, (*path, key or str(number)))
    elif data[node.start : node.end] == b"true":
        yield path
