"""XML: elements and attributes with their path, CDATA, entities, and names that stand beside their values."""

import html
import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats._address import DEPTH, child, text
from secretsweep.model import Blob, Span, Unit

NAME = "xml"
PRIORITY = 12
_PAIRED = (
    r"(?i)<(?:name|key|param-name|string)>\s{0,40}[\w.:/ \-]{0,120}(?:[a-z]\.key|" + _gates.SECRETIVE
    + r")[\w.:/\-]{0,60}\s{0,40}</"
)
_NAMED = r"(?i)\b(?:name|key|id)\s?=\s?[\"'][\w.:/ \-]{0,120}" + _gates.SECRETIVE + r"[\w.:/ \-]{0,60}[\"']"
_CLEAR = r"\bclear-text\s?=\s?[\"'][^\"'$]"
GATES = (Gate(_PAIRED, "pair"), Gate(_NAMED, "pair"), Gate(_CLEAR, "pair"))

PATHS = lazyre.compile(
    r"\.(?:xml|config|plist|xsd|wsdl|csproj|props|targets|pubxml|publishsettings|user|nuspec|xsl|xslt|rdp|rdf|jnlp|"
    r"runsettings|wxs|pom|jmx|iml|xaml|cscfg|csdef)"
    r"(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig|in))*$",
    re.IGNORECASE,
)
_HEAD = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|[A-Za-z][\w.:-]*[\s/>])")
_TOKEN = lazyre.compile(
    rb"\A\xef\xbb\xbf|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
    rb"|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<![^>]*>?"
    rb"|</(?P<close>[\w.:\-]*)[^<>]*>?|<(?P<open>[A-Za-z_][\w.:\-]*)|(?P<end>/?>)"
    rb"|(?P<name>(?<![\w.:\-])[A-Za-z_][\w.:\-]{0,99})\s{0,200}=\s*(?:\"(?P<double>[^\"<]*)\"|'(?P<single>[^'<]*)')"
    rb"|(?P<text>[^<>]+?(?=/?>|<|\Z|(?<![\w.:\-])[A-Za-z_][\w.:\-]{0,99}\s{0,20}=\s{0,20}[\"']))|[<>]",
    re.DOTALL,
)
# an excerpt may begin between attributes
_INSIDE = lazyre.compile(rb"[^<]*?(?:/?>|(?<![\w.:\-])[A-Za-z_][\w.:\-]{0,99}\s{0,20}=\s{0,20}[\"'])")
_NAMES = frozenset(("name", "key", "id", "param-name", "Name", "Key", "Include"))
_VALUES = frozenset(("value", "param-value", "connectionString", "Value", "defaultValue"))
_PASSWORDS = frozenset(("clear-text",))  # of WildFly's credential references
_FAR = 4 << 10


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _HEAD.match(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The text of every element, and every attribute."""
    return _nested.expand(blob.data, units(blob.data))


def _pair(data: bytes, at: int) -> tuple[int, int]:
    """From the line with a name to the end of the element that holds it and the value."""
    start = data.rfind(b"\n", max(0, at - _FAR), at) + 1 or max(0, at - _FAR)
    low = data.find(b">", at, at + _FAR) if data[at - 2 : at] == b"</" else at  # behind `</name>`
    ends = [end for sign in (b"</", b"/>") if (end := data.find(sign, max(low, at), at + _FAR)) >= 0]
    end = data.find(b"\n", min(ends) if ends else at)
    return start, len(data) if end < 0 else min(end, at + _FAR + 200)


REGIONS = {"pair": _pair}


class _Element:
    """An open element; its name may stand in an attribute, or in an element beside the value."""

    __slots__ = ("last", "name", "path", "tag")

    def __init__(self, tag: str, path: str) -> None:
        self.tag, self.path = tag, path
        self.name = ""  # of the value that it holds: `<entry key="x">`, `<name>x</name>`
        self.last = ""  # the text of the `<key>` before this place, as property lists have it


def units(data: bytes) -> Iterator[Unit]:
    """The values in order, nested documents unopened."""
    stack = [_Element("", "")]
    inside = not data.lstrip().startswith(b"<") and _INSIDE.match(data, 0, _FAR) is not None  # a tag
    waiting: list[Unit] = []  # attributes of a tag whose name may come later
    for token in _TOKEN.finditer(data):
        kind = token.lastgroup
        top = stack[-1]
        if kind == "open":
            tag = text(token["open"])
            path = child(stack[min(len(stack), DEPTH) - 1].path, tag)
            stack.append(_Element(tag, path))
            inside = True
        elif kind == "end":
            if inside:
                yield from _attributes(waiting, top, stack)
                waiting = []
                inside = False
                if token["end"] == b"/>" and len(stack) > 1:
                    stack.pop()
        elif kind == "close":
            _closed(stack, text(token["close"]))
        elif kind in ("double", "single"):
            start, end = token.span(kind)
            name = text(token["name"])
            value = entities(token[kind])
            if inside and name in _NAMES and not top.name:
                top.name = text(value)
            if value:
                waiting.append(Unit(Span(start, end), name, value, kind))
            if not inside:
                yield from _attributes(waiting, top, stack)
                waiting = []
        elif kind in ("text", "cdata") and not inside and (unit := _content(data, token, kind, stack)):
            yield unit
    yield from _attributes(waiting, stack[-1], stack)


def _attributes(waiting: list[Unit], element: _Element, stack: list[_Element]) -> Iterator[Unit]:
    parent = stack[-2].path if len(stack) > 1 and stack[-1] is element else ""
    for unit in waiting:
        if element.name and unit.key in _VALUES:
            key = child(child(parent, element.tag) if unit.key == "connectionString" else parent, element.name)
        else:
            key = child(element.path, unit.key)
            key = child(key, "password") if unit.key in _PASSWORDS else key
        yield unit._replace(key=key)


def _closed(stack: list[_Element], tag: str) -> None:
    for depth in range(len(stack) - 1, max(0, len(stack) - 20), -1):
        if stack[depth].tag == tag:
            del stack[depth:]
            return


def _content(data: bytes, token: re.Match[bytes], kind: str, stack: list[_Element]) -> Unit | None:
    """The text of an element, by its own name or by the one that stands beside it."""
    raw = token[kind]
    bare = raw.strip()
    if not bare:
        return None
    start = token.start(kind) + len(raw) - len(raw.lstrip())
    value = bare if kind == "cdata" else entities(bare)
    top = stack[-1]
    parent = stack[-2] if len(stack) > 1 else top
    key = top.path
    if top.tag in _NAMES and top is not parent:
        parent.name = parent.last = text(value)
    elif top.name and top.tag not in ("name", "id"):  # `<entry key="x">value</entry>`
        key = child(parent.path, top.name)
    elif parent.name and top.tag in _VALUES:
        key = child(parent.path, parent.name)
    elif parent.last and top.tag == "string":
        key, parent.last = child(parent.path, parent.last), ""
    return Unit(Span(start, start + len(bare)), key, value)


def entities(raw: bytes) -> bytes:
    """With `&amp;` and `&#x41;` undone."""
    if b"&" not in raw:
        return raw
    return html.unescape(raw.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
