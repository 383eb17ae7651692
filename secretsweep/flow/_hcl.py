"""What one HCL file refers to, and where: out of python-hcl2's syntax tree, or by words where that cannot be had."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from secretsweep import lazyre
from secretsweep.flow._chains import ANY, CHAINS, chain, label, steps_in, string_of, subject, trees

if TYPE_CHECKING:
    from lark import Tree as Syntax

LARGEST = 2 << 20  # bytes; python-hcl2 reads 0.3 MB/s
KEPT = 512  # files whose references are remembered by their content

_WHITE = lazyre.compile(rb"\s{2000}")  # its expression for heredocs takes quadratic time for these
_PAIR = lazyre.compile(rb"(?<![\w.-])([A-Za-z_][\w-]*)\s*\.\s*([A-Za-z_][\w-]*)")
_CHAIN = lazyre.compile(r"(?<![\w.-])([A-Za-z_][\w-]*)((?:\s*\.\s*[\w*-]+|\[[^\[\]\n]*\])+)")
_BRACE = lazyre.compile(r"\$\$\{|%%\{|\$\{|%\{|\{|\}")
_HEREDOCS = ("heredoc_template", "heredoc_template_trim")
_PASSING = frozenset("sensitive nonsensitive ephemeralasnull tostring try coalesce".split())  # give what they get


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
    if len(data) > LARGEST:
        return by_words(data, "it is too large to be parsed")
    if _WHITE.search(data):
        return by_words(data, "it does not parse in reasonable time")
    text = data.decode("utf-8-sig", "replace")
    import hcl2
    from lark.exceptions import LarkError

    try:
        return _read(hcl2.parses_to_tree(text if text.endswith("\n") else f"{text}\n"))
    except (LarkError, RecursionError, ValueError) as error:
        line = getattr(error, "line", -1)
        return by_words(data, f"it does not parse{f' (line {line})' if isinstance(line, int) and line > 0 else ''}")


def by_words(data: bytes, why: str) -> Body:
    """The references of a file whose syntax is not known: what they name, not where they stand."""
    text = data.decode("utf-8", "replace")
    found: dict[str, list[Mention]] = {}
    line = at = 0
    for match in _CHAIN.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        if named := subject([match[1], *steps_in(match[2])]):
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
            calls[place.block[1]] = string_of(trees(place.node)[-1])
        if kind in CHAINS:
            steps, inner = chain(place.node)
            waiting.extend(place._replace(node=node, whole=False) for node in reversed(inner))
            if steps and (named := subject(steps)):
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
    return in_call and label(place.node.children[0]) == "source"


def _inside(place: _Place) -> Iterator[_Place]:
    """What a node holds, each with its own place."""
    node, kind = place.node, place.node.data
    inner = trees(node)
    if kind == "block":
        labels = tuple(label(child) for child in inner[:-1])
        outermost = not place.block
        yield _Place(inner[-1], labels if outermost else place.block, () if outermost else place.below + labels, True)
    elif kind == "attribute":
        yield place._replace(node=inner[-1], below=(*place.below, label(node.children[0])))
    elif kind == "object_elem":
        key, value = inner
        yield place._replace(node=key, whole=False)
        yield place._replace(node=value, below=(*place.below, label(key) or ANY))
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
        same = place.whole and label(inner[0]) in _PASSING
        yield from (place._replace(node=child, whole=same) for child in inner[1:])
    else:
        same = place.whole and kind in _TRANSPARENT
        yield from (place._replace(node=child, whole=same) for child in inner)


_TRANSPARENT = frozenset("start body expr_term object string_part interpolation arguments".split())


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
                    if named := subject([match[1], *steps_in(match[2])]):
                        yield Mention(*named, place.block, place.below, first + line, False)
        elif depth and sign.endswith("{"):
            depth += 1
        elif sign in ("${", "%{"):
            start, depth = brace.end(), 1
