r"""INI files: `[section]` and `key = value`, with continued lines, quotes, and comments behind a blank."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _nested
from secretsweep.formats._address import SEGMENT, segment, text
from secretsweep.formats._lines import lines
from secretsweep.model import Blob, Span, Unit

NAME = "ini"
PRIORITY = 10
CONTEXT = b"["  # the section is part of an address
GATES: tuple[Gate, ...] = ()

_OWN = lazyre.compile(
    r"\.(?:ini|cfg|cnf|inf|nmconnection|desktop|pypirc|boto|s3cfg|gitconfig|hgrc|wgconf)"
    r"(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig|in))*$"
    r"|(?:^|/)(?:\.aws/(?:credentials|config)|\.?aws[_-]credentials|\.git/config|\.pip/pip\.conf|pip\.conf|rclone\.conf"
    r"|\.?pg_service\.conf|\.?odbc(?:inst)?\.ini|smb\.conf|postgresql(?:\.auto)?\.conf|(?:recovery|patroni)\.conf"
    r"|\.(?:smb|cifs)?credentials|[\w.-]*(?:cifs|smb)[\w.-]*cred[\w.-]*)$",
    re.IGNORECASE,
)
_CONF = lazyre.compile(
    r"\.(?:conf|config|rc)(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist|bak|orig|in))*$|/[^./]+$", re.I
)
PATHS = lazyre.compile(f"{_OWN.pattern}|{_CONF.pattern}", re.IGNORECASE)
_HEAD = lazyre.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:[#;][^\n]*)?\r?\n)*\[[ ]?[A-Za-z][\w .:\"/@-]*\][ \t]"
    rb"*\r?(?:\n|[#;]|\Z)")
_SECTION = lazyre.compile(rb"[ \t]*\[[ \t]*([^\]\r\n]+?)[ \t]*\]")
_ENTRY = lazyre.compile(rb"([ \t]*)([^\s=:#;\[\]][^=:\r\n]*?)[ \t]*(?:=|:(?=[ \t]|\Z))[ \t]*")
_COLONS = lazyre.compile(rb"([ \t]*)([^\s=#;\[\]][^=\r\n]*?)[ \t]*=[ \t]*")  # keys such as `a:b`
_COMMENT = lazyre.compile(rb"[ \t](?:#|;(?:[ \t]|\Z)).*", re.DOTALL)

_PUBLIC = frozenset(("[user].signingkey",))  # git's: the name of a public key


def owns(path: str, head: bytes) -> bool:
    return _OWN.search(path) is not None or (_CONF.search(path) is not None and _HEAD.match(head) is not None)


def extract(blob: Blob) -> Iterator[Unit]:
    """The value of every entry, each line of a continued one by itself."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The entries, nested documents unopened."""
    section = key = ""
    depth = 0  # of the entry's key: what is deeper and no entry continues it
    for start, end in lines(data):
        line = data[start:end]
        first = line.lstrip(b" \t")[:1]
        if first in (b"", b"#", b";"):
            continue
        if first == b"[" and (found := _SECTION.match(line)):
            section, key = f"[{text(found[1])[:SEGMENT]}]", ""
            continue
        entry = _ENTRY.match(line) or _COLONS.match(line)
        if key and (len(line) - len(line.lstrip(b" \t"))) > depth and not (entry and b"=" in entry[0][-3:]):
            begin = start + len(line) - len(line.lstrip(b" \t"))
        elif entry:
            depth = len(entry[1])
            name = segment(text(entry[2]).strip("\"'"))
            key = f"{section}.{name}" if section else name
            begin = start + entry.end()
        else:
            continue
        if key.lower() not in _PUBLIC and (unit := value(data, begin, end, key)):
            yield unit


def value(data: bytes, begin: int, end: int, key: str) -> Unit | None:
    """What stands in `data[begin:end]`: a quoted string, or a bare one up to a comment."""
    raw = data[begin:end]
    if raw[:3] in (b'"""', b"'''") and len(raw.rstrip()) > 6 and raw.rstrip().endswith(raw[:3]):  # Grafana
        return Unit(Span(begin + 3, begin + len(raw.rstrip()) - 3), key, raw.rstrip()[3:-3], "double")
    quote = raw[:1]
    close = raw.find(quote, 1) if quote in (b'"', b"'") else 0
    if close > 0 and not raw[close + 1 :].split(b"#")[0].strip(b" \t;,"):
        form = "double" if quote == b'"' else "single"
        return Unit(Span(begin + 1, begin + close), key, raw[1:close], form) if close > 1 else None
    comment = _COMMENT.search(raw)
    raw = (raw[: comment.start()] if comment else raw).rstrip(b" \t")
    return Unit(Span(begin, begin + len(raw)), key, raw) if raw and raw[:1] != b"#" else None
