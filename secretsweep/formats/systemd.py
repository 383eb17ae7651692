"""systemd units: `Environment=` with its quoting, command lines, credentials that are set in the unit."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _commandline, _gates, _nested
from secretsweep.formats._address import child, text
from secretsweep.formats._lines import lines, logical
from secretsweep.model import Blob, Span, Unit

NAME = "systemd"
PRIORITY = 20
CONTEXT = b"["  # the section is part of an address
GATES = (
    Gate(r"\bExec(?:Start|Stop|Reload|Condition)(?:Pre|Post)?[ ]?=[^\n]", "logical"),
    Gate(r"\bSetCredential[ ]?=[^\n]", "logical"),
    Gate(r"(?i)[ \t]--?[\w\-]{0,40}" + _gates.SECRETIVE + r"[\w\-]{0,20}[ \t=]{1,4}[^\s$%]", "logical"),
    Gate(r"\bEnvironment[ ]?=[^\n]{0,400}\\\n", "logical"),
)
REGIONS = {"logical": logical}

PATHS = lazyre.compile(
    r"\.(?:service|socket|timer|mount|automount|path|slice|scope|swap|target|container|pod|kube|network|netdev|nspawn)"
    r"(?:\.d/[^/]+\.conf)?(?:\.(?:j2|tpl|tmpl|erb|example|sample|in))*$|/system(?:d/.*)?/[^/]+\.d/[^/]+\.conf$"
)
_HEAD = lazyre.compile(rb"(?:^|\n|\xbf)\[(?:Unit|Service|Install|Container|Socket|Timer|NetDev|Network|"
    rb"WireGuard\w*|Mount|Path|Exec)\]")
_SECTION = lazyre.compile(rb"[ \t]*\[([\w \-]+)\]")
_ENTRY = lazyre.compile(rb"[ \t]*([A-Za-z][\w\-]*)[ \t]*=[ \t]*")
_PAIR = lazyre.compile(rb"\"([A-Za-z_]\w*)=((?:[^\"\\]|\\.)*)\"|'([A-Za-z_]\w*)=((?:[^'\\]|\\.)*)'|([A-Za-z_]"
    rb"\w*)=(?:\"([^\"\s]*)\"|([^\s\"']+))")
_PREFIX = lazyre.compile(rb"[-@:+!]*")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _HEAD.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Variables, and what command lines carry."""
    return _nested.expand(blob.data, units(blob.data), known="shell")


def units(data: bytes) -> Iterator[Unit]:
    """The literals, nested documents unopened."""
    section = ""
    done = 0
    for start, _ in lines(data):
        if start < done:
            continue
        _, done = logical(data, start)
        end = done - 1 if data[start:done].endswith(b"\r") else done
        if data[start : start + 1] in (b"#", b";"):
            done = start
            continue
        if found := _SECTION.match(data, start, end):
            section = text(found[1])
        elif entry := _ENTRY.match(data, start, end):
            yield from _setting(data, Span(entry.end(), end), child(section, text(entry[1])), entry[1])


def _setting(data: bytes, span: Span, key: str, name: bytes) -> Iterator[Unit]:
    start, end = span
    if name in (b"Environment", b"DefaultEnvironment"):
        for pair in _PAIR.finditer(data, start, end):
            group = pair.lastindex or 7
            variable = pair[1] or pair[3] or pair[5]
            form = {2: "double", 4: "single", 6: "double"}.get(group, "plain")
            if pair[group]:
                yield Unit(Span(*pair.span(group)), child(key, text(variable)), _plain(pair[group]), form)
    elif name.startswith(b"Exec"):
        prefix = _PREFIX.match(data, start, end)
        yield from _commandline.units(data, Span(prefix.end() if prefix else start, end), key)
    elif name == b"SetCredential":
        colon = data.find(b":", start, end)
        if 0 <= colon < end - 1:
            yield Unit(Span(colon + 1, end), child(key, text(data[start:colon])), data[colon + 1 : end])
    elif name not in (b"LoadCredential", b"LoadCredentialEncrypted", b"SetCredentialEncrypted", b"PassEnvironment"):
        raw = data[start:end].rstrip()
        if raw:
            yield Unit(Span(start, start + len(raw)), key, raw)


def _plain(raw: bytes) -> bytes:
    r"""With `\"` and `%%` undone; a specifier such as `%i` stays."""
    if b"\\" in raw:
        raw = re.sub(rb"\\([\"'\\])", rb"\1", raw)
    return raw.replace(b"%%", b"%")
