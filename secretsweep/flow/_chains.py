"""References of HCL: the steps of `a.b[0].c`, in python-hcl2's syntax tree and in text."""

from typing import Any

from secretsweep import lazyre

ANY = "*"  # a step of a reference that is known only when it runs: an index, a splat
_STEP = lazyre.compile(r'\.\s*([\w*-]+)|\[\s*(?:"([^"\n]*)"|[^\[\]\n]*)\]')
CHAINS = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term")
_LENGTHS = {"var": 2, "local": 2, "module": 2, "data": 3, "ephemeral": 3, "each": 1, "self": 1, "count": 1}
_BUILT_IN = frozenset(("path", "terraform", "count"))


def trees(node: Any) -> list[Any]:
    return [child for child in node.children if hasattr(child, "children") and child.data != "new_line_or_comment"]


def label(node: Any) -> str:
    """The name that an identifier, a key or a quoted label spells; "" when it is computed."""
    while node.data in ("expr_term", "object_elem_key", "string_part") and len(node.children) == 1:
        node = node.children[0]
        if not hasattr(node, "children"):
            return str(node)
    if node.data == "string":
        return string_of(node)
    return str(node.children[0]) if node.data in ("identifier", "keyword", "literal_value", "int_lit") else ""


def string_of(node: Any) -> str:
    """The text of a string without interpolations; "" when it is something else."""
    while node.data == "expr_term" and len(node.children) == 1:
        node = node.children[0]
    parts = [part.children[0] for part in trees(node)] if node.data == "string" else []
    return "".join(parts) if all(isinstance(part, str) for part in parts) else ""


def chain(node: Any) -> tuple[list[str], list[Any]]:
    """The steps of `a.b[0].c`, and the expressions in its indexes; no steps when `a` is no name."""
    steps: list[str] = []
    inner: list[Any] = []
    while node.data in CHAINS:
        base, step = trees(node)
        steps += reversed(_links(step, inner))
        node = base
        while node.data == "expr_term" and len(trees(node)) == 1:
            node = trees(node)[0]
    if node.data == "identifier":
        return [str(node.children[0]), *reversed(steps)], inner
    return [], [node, *inner]


def _links(step: Any, inner: list[Any]) -> list[str]:
    if step.data == "get_attr":
        return [label(child) for child in trees(step)]
    if step.data == "braces_index":
        literal = string_of(trees(step)[0])
        if not literal:
            inner.append(trees(step)[0])
        return [literal or ANY]
    if step.data == "short_index":
        return [ANY]
    return [ANY, *(link for child in trees(step) for link in _links(child, inner))]


def subject(steps: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """What the steps name, and what is left below it."""
    length = _LENGTHS.get(steps[0], 2)
    if steps[0] in _BUILT_IN or len(steps) < length:
        return None
    return ".".join(steps[:length]), tuple(steps[length:])


def steps_in(chain: str) -> list[str]:
    return [found[1] or found[2] or ANY for found in _STEP.finditer(chain)]
