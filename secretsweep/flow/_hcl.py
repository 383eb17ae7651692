"""What one HCL file refers to, and where: out of python-hcl2's syntax tree, or by words where that cannot be had."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from secretsweep import lazyre

if TYPE_CHECKING:
    from lark import Tree as Syntax

LARGEST = 2 << 20  # bytes; python-hcl2 reads 0.3 MB/s
KEPT = 512  # files whose references are remembered by their content
ANY = "*"  # a step of a reference that is known only when it runs: an index, a splat

_WHITE = lazyre.compile(rb"\s{2000}")  # its expression for heredocs takes quadratic time for these
_PAIR = lazyre.compile(rb"(?<![\w.-])([A-Za-z_][\w-]*)\s*\.\s*([A-Za-z_][\w-]*)")
_CHAIN = lazyre.compile(r"(?<![\w.-])([A-Za-z_][\w-]*)((?:\s*\.\s*[\w*-]+|\[[^\[\]\n]*\])+)")
_STEP = lazyre.compile(r'\.\s*([\w*-]+)|\[\s*(?:"([^"\n]*)"|[^\[\]\n]*)\]')
_BRACE = lazyre.compile(r"\$\$\{|%%\{|\$\{|%\{|\{|\}")
_CHAINS = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term")
_HEREDOCS = ("heredoc_template", "heredoc_template_trim")
_PASSING = frozenset("sensitive nonsensitive ephemeralasnull tostring try coalesce".split())  # give what they get
_LENGTHS = {"var": 2, "local": 2, "module": 2, "data": 3, "ephemeral": 3, "each": 1, "self": 1, "count": 1}
_BUILT_IN = frozenset(("path", "terraform", "count"))


class Mention(NamedTuple):
    """A reference where it stands."""

    name: str  # what it names: `var.x`, `local.y`, `module.m`, `aws_db_instance.main`, `data.http.x`, `each`
    steps: tuple[str, ...]  # below that
    block: tuple[str, ...]  # the outermost block, with its labels; () where the file was read by words
    below: tuple[str, ...]  # blocks, the attribute and keys inside it
    line: int
    whole: bool  # what it names is the value that stands there


class Body(NamedTuple):
    """A file's references by what they name, its module calls, and why it was read by words, if it was."""

    mentions: dict[str, list[Mention]]
    calls: dict[str, str]  # module -> source; "" when it is no literal
    why: str = ""


def pairs(data: bytes) -> frozenset[str]:
    """`var.x`, `aws_db_instance.main`: two steps of everything that may be a reference; cheap, and never too few."""
    return frozenset(f"{one.decode()}.{two.decode()}" for one, two in _PAIR.findall(data))


@lru_cache(KEPT)
def body(data: bytes) -> Body:
    """The references of a file."""
    text = data.decode("utf-8-sig", "replace")
    if len(data) > LARGEST:
        return _by_words(text, "it is too large to be parsed")
    if _WHITE.search(data):
        return _by_words(text, "it does not parse in reasonable time")
    import hcl2
    from lark.exceptions import LarkError

    try:
        return _read(hcl2.parses_to_tree(text if text.endswith("\n") else f"{text}\n"))
    except (LarkError, RecursionError, ValueError) as error:
        line = getattr(error, "line", -1)
        return _by_words(text, f"it does not parse{f' (line {line})' if isinstance(line, int) and line > 0 else ''}")


def _by_words(text: str, why: str) -> Body:
    found: dict[str, list[Mention]] = {}
    line = at = 0
    for match in _CHAIN.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        if named := _named([match[1], *_steps(match[2])]):
            found.setdefault(named[0], []).append(Mention(*named, (), (), line + 1, False))
    return Body(found, {}, why)


class _Place(NamedTuple):
    """A node of the tree that is still to be read, and what holds it."""

    node: Any
    block: tuple[str, ...]
    below: tuple[str, ...]
    whole: bool


def _read(tree: "Syntax[Any]") -> Body:
    """Everything in the order of the file, without recursion: files are as deep as somebody wants."""
    mentions: dict[str, list[Mention]] = {}
    calls: dict[str, str] = {}
    waiting = [_Place(tree, (), (), True)]
    while waiting:
        place = waiting.pop()
        kind = place.node.data
        if kind == "attribute" and _is_source(place):
            calls[place.block[1]] = _literal(_trees(place.node)[-1])
        if kind in _CHAINS:
            steps, inner = _chain(place.node)
            waiting.extend(place._replace(node=node, whole=False) for node in reversed(inner))
            if steps and (named := _named(steps)):
                line = place.node.meta.line
                mention = Mention(*named, place.block, place.below, line, place.whole)
                mentions.setdefault(mention.name, []).append(mention)
        elif kind in _HEREDOCS:
            for mention in _in_heredoc(place):
                mentions.setdefault(mention.name, []).append(mention)
        else:
            waiting.extend(reversed(list(_inside(place))))
    return Body(mentions, calls)


def _is_source(place: _Place) -> bool:
    """Whether an attribute says where a module comes from."""
    in_call = place.block[:1] == ("module",) and len(place.block) == 2 and not place.below
    return in_call and _label(place.node.children[0]) == "source"


def _inside(place: _Place) -> Iterator[_Place]:
    """What a node holds, each with its own place."""
    node, kind = place.node, place.node.data
    inner = _trees(node)
    if kind == "block":
        labels = tuple(_label(child) for child in inner[:-1])
        outermost = not place.block
        yield _Place(inner[-1], labels if outermost else place.block, () if outermost else place.below + labels, True)
    elif kind == "attribute":
        yield place._replace(node=inner[-1], below=(*place.below, _label(node.children[0])))
    elif kind == "object_elem":
        key, value = inner
        yield place._replace(node=key, whole=False)
        yield place._replace(node=value, below=(*place.below, _label(key) or ANY))
    elif kind == "tuple":
        for number, child in enumerate(inner):
            yield place._replace(node=child, below=(*place.below, f"[{number}]"))
    elif kind == "conditional":
        yield place._replace(node=inner[0], whole=False)
        yield from (place._replace(node=child) for child in inner[1:])
    elif kind == "string":
        alone = len(inner) == 1
        yield from (place._replace(node=child, whole=place.whole and alone) for child in inner)
    elif kind == "function_call":
        same = place.whole and _label(inner[0]) in _PASSING
        yield from (place._replace(node=child, whole=same) for child in inner[1:])
    else:
        same = place.whole and kind in _TRANSPARENT
        yield from (place._replace(node=child, whole=same) for child in inner)


_TRANSPARENT = frozenset("start body expr_term object string_part interpolation arguments".split())


def _trees(node: Any) -> list[Any]:
    return [child for child in node.children if hasattr(child, "children") and child.data != "new_line_or_comment"]


def _label(node: Any) -> str:
    """The name that an identifier, a key or a quoted label spells; "" when it is computed."""
    while node.data in ("expr_term", "object_elem_key", "string_part") and len(node.children) == 1:
        node = node.children[0]
        if not hasattr(node, "children"):
            return str(node)
    if node.data == "string":
        return _literal(node)
    return str(node.children[0]) if node.data in ("identifier", "keyword", "literal_value", "int_lit") else ""


def _literal(node: Any) -> str:
    """The text of a string without interpolations; "" when it is something else."""
    while node.data == "expr_term" and len(node.children) == 1:
        node = node.children[0]
    parts = [part.children[0] for part in _trees(node)] if node.data == "string" else []
    return "".join(parts) if all(isinstance(part, str) for part in parts) else ""


def _chain(node: Any) -> tuple[list[str], list[Any]]:
    """The steps of `a.b[0].c`, and the expressions in its indexes; no steps when `a` is no name."""
    steps: list[str] = []
    inner: list[Any] = []
    while node.data in _CHAINS:
        base, step = _trees(node)
        steps += reversed(_links(step, inner))
        node = base
        while node.data == "expr_term" and len(_trees(node)) == 1:
            node = _trees(node)[0]
    if node.data == "identifier":
        return [str(node.children[0]), *reversed(steps)], inner
    return [], [node, *inner]


def _links(step: Any, inner: list[Any]) -> list[str]:
    if step.data == "get_attr":
        return [_label(child) for child in _trees(step)]
    if step.data == "braces_index":
        literal = _literal(_trees(step)[0])
        if not literal:
            inner.append(_trees(step)[0])
        return [literal or ANY]
    if step.data == "short_index":
        return [ANY]
    return [ANY, *(link for child in _trees(step) for link in _links(child, inner))]


def _named(steps: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """What the steps name, and what is left below it."""
    length = _LENGTHS.get(steps[0], 2)
    if steps[0] in _BUILT_IN or len(steps) < length:
        return None
    return ".".join(steps[:length]), tuple(steps[length:])


def _steps(chain: str) -> list[str]:
    return [found[1] or found[2] or ANY for found in _STEP.finditer(chain)]


def _in_heredoc(place: _Place) -> Iterator[Mention]:
    """The references in the interpolations of a heredoc, which the parser leaves as text."""
    text, first = str(place.node.children[0]), place.node.meta.line
    line = at = start = depth = 0
    for brace in _BRACE.finditer(text):
        sign = brace.group()
        if sign == "}" and depth:
            depth -= 1
            if not depth:
                for match in _CHAIN.finditer(text, start, brace.start()):
                    line, at = line + text.count("\n", at, match.start()), match.start()
                    if named := _named([match[1], *_steps(match[2])]):
                        yield Mention(*named, place.block, place.below, first + line, False)
        elif depth and sign.endswith("{"):
            depth += 1
        elif sign in ("${", "%{"):
            start, depth = brace.end(), 1
