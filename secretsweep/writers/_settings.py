"""Values that are set in a file of YAML: in the place of what is there, or in a mapping that is made for them."""

from collections.abc import Mapping
from typing import Any

from secretsweep.model import FileEdit, Span
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node

_NOTHING = (b"", b"null", b"~")


def settled(root: Node, sheet: Sheet, wanted: Mapping[tuple[str, ...], str]) -> list[FileEdit] | None:
    """The edits; None where something else stands in the way."""
    edits: list[FileEdit] = []
    missing: dict[int, tuple[Node, Node | None, dict[str, Any]]] = {}
    for path, text in wanted.items():
        node, key = root, None
        rest = list(path)
        while rest and node.kind == "mapping" and (entry := node.entry(rest[0])) is not None:
            key, node = entry
            rest.pop(0)
        if node.marked:
            return None
        if not rest:
            if node.kind != "scalar" or b"{{" in node.value or node.block or key is None:
                return None
            edits.append(_replaced(key, node, text, sheet))
            continue
        if node.kind != "mapping" and not (node.kind == "scalar" and node.value in _NOTHING):
            return None
        tree = missing.setdefault(id(node), (node, key, {}))[2]
        for name in rest[:-1]:
            tree = tree.setdefault(name, {})
        tree[rest[-1]] = text
    edits += (_added(node, key, tree, sheet) for node, key, tree in missing.values())
    return edits


def _replaced(key: Node, node: Node, text: str, sheet: Sheet) -> FileEdit:
    if node.span.end > node.span.start:
        return sheet.edit(node.span, text)
    colon = sheet.data.find(b":", key.span.end) + 1
    return sheet.edit(Span(colon, colon), f" {text}")


def _added(node: Node, key: Node | None, tree: dict[str, Any], sheet: Sheet) -> FileEdit:
    if node.kind == "scalar" or not node.entries:
        assert key is not None
        return _replaced(key, node, _flow(tree), sheet)
    first = node.entries[0][0].span.start
    if node.flow:
        return sheet.edit(Span(first, first), _flow(tree)[1:-1] + ", ")
    pad = "\n" + " " * sheet.column(first)
    return sheet.edit(Span(first, first), pad.join(_block(tree)) + pad)


def _flow(tree: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{k}: {_flow(v) if isinstance(v, dict) else v}" for k, v in tree.items()) + "}"


def _block(tree: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in tree.items():
        inner = isinstance(value, dict)
        lines += [f"{key}:", *(f"  {line}" for line in _block(value))] if inner else [f"{key}: {value}"]
    return lines
