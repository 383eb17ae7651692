"""HAProxy: users, the statistics page, and headers that are set or checked."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.formats._basic import authorization
from secretsweep.formats._lines import lines
from secretsweep.model import Blob, Span, Unit

NAME = "haproxy"
PRIORITY = 20
GATES = (
    Gate(r"\buser[ \t]{1,8}\S{1,64}[ \t]{1,8}(?:insecure-)?password[ \t]{1,8}[^\s$]", "line"),
    Gate(r"\bstats[ \t]{1,8}auth[ \t]{1,8}[^\s:]{1,64}:[^\s$]", "line"),
    Gate(r"(?i)authorization(?:[ \t:]|\\ ){1,8}[\"']?(?:basic|bearer)(?:[ \t]|\\ ){1,4}[^\s%$]", "line"),
    Gate(r"(?i)set-header[ \t]{1,8}[\w\-]{0,40}(?:key|token|secret|auth)[ \t]{1,8}[\"']?[^\s%$]", "line"),
)

_OWN = lazyre.compile(r"(?:^|/)haproxy[^/]*\.(?:cfg|conf|cnf)(?:\.\w+)*$|/haproxy/[^/]+\.(?:cfg|conf)(?:\.\w+)"
    r"*$|haproxy[\w.-]*\.(?:j2|tpl|tmpl|erb)$")
PATHS = lazyre.compile(_OWN.pattern + r"|\.(?:cfg|conf)$", _OWN.flags)
_HEAD = lazyre.compile(rb"(?m)(?:^|\xbf)(?:frontend|backend|listen|userlist|defaults|global)\b")
_SECTION = lazyre.compile(rb"(global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|program)"
    rb"\b[ \t]*([^\s#]*)")
_USER = lazyre.compile(rb"[ \t]+user[ \t]+(\S+)[ \t]+(?:groups[ \t]+\S+[ \t]+)?(insecure-)?password[ \t]+(\S+)")
_STATS = lazyre.compile(rb"[ \t]*stats[ \t]+auth[ \t]+([^\s:]+):(\S+)")
_HEADER = lazyre.compile(
    rb"(?:set-header|add-header|hdr)[ \t]+([\w\-]+)[ \t]+(?:\"([^\"]*)\"|'([^']*)'|((?:\\.|[^\s\\])+))"
    rb"|(authorization):(?:[ \t]|\\[ \t])+((?:Basic|Bearer)(?:[ \t]|\\[ \t])+[^\s\\\"']+)",
    re.IGNORECASE,
)


def owns(path: str, head: bytes) -> bool:
    return _OWN.search(path) is not None or (path.endswith((".cfg", ".conf")) and len(_HEAD.findall(head)) > 1)


def extract(blob: Blob) -> Iterator[Unit]:
    """The credentials' places, with their section in the address."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """Line by line."""
    section = ""
    for start, end in lines(data):
        if found := _SECTION.match(data, start, end):
            section = child(text(found[1]), text(found[2])) if found[2] else text(found[1])
            continue
        if user := _USER.match(data, start, end):
            field = "password" if user[2] else "password_hash"
            key = child(child(child(section, "user"), text(user[1])), field)
            yield _word(data, user.span(3), key)
        elif stats := _STATS.match(data, start, end):
            key = child(child(child(section, "stats"), "auth"), text(stats[1]))
            yield _word(data, stats.span(2), child(key, "password"))
        for header in _HEADER.finditer(data, start, end):
            if header[5]:
                name, group = header[5], 6
            else:
                name, group = header[1], header.lastindex or 4
            yield from authorization(Span(*header.span(group)), child(section, text(name)), header[group])


def _word(data: bytes, place: tuple[int, int], key: str) -> Unit:
    """An argument without its quotes."""
    start, end = place
    if data[start : start + 1] in (b'"', b"'") and data[end - 1 : end] == data[start : start + 1]:
        form = "double" if data[start : start + 1] == b'"' else "single"
        return Unit(Span(start + 1, end - 1), key, data[start + 1 : end - 1] or b" ", form)
    return Unit(Span(start, end), key, data[start:end])
