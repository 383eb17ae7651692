"""nginx: headers that carry a login or token, variables and FastCGI parameters."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates
from secretsweep.formats._address import DEPTH, child, text
from secretsweep.formats._basic import authorization
from secretsweep.model import Blob, Span, Unit

NAME = "nginx"
PRIORITY = 20
_VALUE = r"[\"']?[ \t]{1,20}[\"']?[^\s$;\"']"
GATES = (
    Gate(r"(?i)_header[ \t]{1,20}[\"']?(?:proxy-)?authorization" + _VALUE, "line"),
    Gate(r"(?i)(?:set|_header|_param|secure_link_secret)[ \t]{1,20}[$\"']{0,2}[\w\-]{0,60}"
         + _gates.SECRETIVE + r"[\w\-]{0,30}" + _VALUE, "line"),
    Gate(r"\bsecure_link_(?:secret|md5)[ \t]{1,20}[\"']?[^\s]", "line"),
)  # fmt: skip

_OWN = lazyre.compile(
    r"(?:^|/)(?:nginx|openresty)[\w.-]*(?:\.conf|\.conf\.\w+|\.tpl|\.template|\.j2)$"
    r"|/(?:sites-(?:available|enabled)|nginx(?:\.d)?|conf\.d|snippets)/[^/]+$|\.(?:nginx|vhost)(?:\.j2)?$"
)
PATHS = lazyre.compile(_OWN.pattern + r"|\.conf$", _OWN.flags)
_HEAD = lazyre.compile(rb"(?m)^[ \t]*(?:server|location|upstream|http|events|map|proxy_[a-z_]+|fastcgi_[a-z_]+)"
    rb"\b[^\n]{0,200}[{;]")
_TOKEN = lazyre.compile(
    rb"[ \t\r\n\xef\xbb\xbf]+|#[^\n]*|(?P<sign>[{};])|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'"
    rb"|(?P<word>(?:[^\s{};\"'\\]|\\.|\$\{\w+\})(?:[^\s{};\\]|\\.|\$\{\w+\})*)|.",
    re.DOTALL,
)
_HEADERS = frozenset(
    b"proxy_set_header grpc_set_header more_set_input_headers more_set_headers add_header uwsgi_param fastcgi_param "
    b"scgi_param set env proxy_set_body".split()
)


def owns(path: str, head: bytes) -> bool:
    return (_OWN.search(path) is not None or path.endswith(".conf")) and _HEAD.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The arguments of directives whose values can be credentials."""
    return units(blob.data)


class _Word:
    __slots__ = ("form", "span", "value")

    def __init__(self, span: Span, value: bytes, form: str) -> None:
        self.span, self.value, self.form = span, value, form


def units(data: bytes) -> Iterator[Unit]:
    """Each with the blocks around it in its address."""
    blocks: list[str] = [""]
    words: list[_Word] = []
    for token in _TOKEN.finditer(data):
        kind = token.lastgroup
        if kind in ("double", "single", "word"):
            words.append(_Word(Span(*token.span(kind)), token[kind], {"word": "plain"}.get(kind, kind)))
        elif kind == "sign":
            if token["sign"] == b";":
                yield from _directive(words, blocks[-1])
            elif token["sign"] == b"{":
                name = words[0].value if words else b""
                blocks.append(child(blocks[-1], text(name)) if len(blocks) < DEPTH else blocks[-1])
            elif len(blocks) > 1:
                blocks.pop()
            words = []
    yield from _directive(words, blocks[-1])


def _directive(words: list[_Word], path: str) -> Iterator[Unit]:
    if len(words) < 2:
        return
    name, first = words[0].value, words[1]
    key = child(path, text(name))
    if name in _HEADERS and len(words) == 2 and b":" in first.value:  # `more_set_input_headers "Authorization: x"`
        header, _, value = first.value.partition(b":")
        start = first.span.end - len(value.lstrip())
        yield from authorization(Span(start, first.span.end), child(key, text(header)), value.lstrip(), first.form)
    elif name in _HEADERS and len(words) > 2:
        # unquoted, a header's second word is a further argument: `Basic xyz`
        last = words[-1] if len(words) == 4 and words[2].value in (b"Basic", b"Bearer") else words[2]
        value = words[2].value + b" " + last.value if last is not words[2] else last.value
        span = Span(words[2].span.start, last.span.end)
        yield from authorization(span, child(key, text(first.value.lstrip(b"$"))), value, last.form)
    elif name in (b"secure_link_secret", b"auth_jwt_key", b"session_ticket_key"):
        yield Unit(first.span, key, first.value, first.form)
    elif name == b"secure_link_md5":
        rest = words[-1]
        if b" " in rest.value:
            value = rest.value.rpartition(b" ")[2]
            yield Unit(Span(rest.span.end - len(value), rest.span.end), child(key, "secret"), value, rest.form)
