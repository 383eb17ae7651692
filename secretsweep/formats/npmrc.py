"""npm's .npmrc: tokens of registries, and logins that stand there in base64."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.formats._basic import login, plain
from secretsweep.formats._lines import lines
from secretsweep.model import Blob, Span, Unit

NAME = "npmrc"
PRIORITY = 25
ANCESTORS = False  # no line depends on the indentation above it
GATES = (Gate(r"\b_auth[ \t]{0,8}=[ \t]{0,8}[\"']?[A-Za-z0-9+/]", "line"),)

PATHS = lazyre.compile(r"(?:^|/)[._]?npmrc(?:[._-][\w.-]*)?$|\.npmrc(?:\.(?:j2|tpl|tmpl|erb|example))?$")
_ENTRY = lazyre.compile(
    rb"[ \t]*([^\s=#;][^=\r\n]*?)[ \t]*=[ \t]*(?:\"([^\"\r\n]*)\"|'([^'\r\n]*)'|([^\s#;\"'][^\r\n]*))"
)


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The value of every entry; logins decoded."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """`_auth` is base64 of user:password, `_password` base64 of the password."""
    for start, end in lines(data):
        if not (entry := _ENTRY.match(data, start, end)):
            continue
        group = entry.lastindex or 4
        value = entry[group].rstrip()
        begin = entry.start(group)
        registry, name = entry[1].rpartition(b":")[::2] if entry[1].startswith(b"//") else (b"", entry[1])
        key = child(child("", text(registry)), text(name)) if registry else text(name)
        unit = Unit(Span(begin, begin + len(value)), key, value, ("double", "single", "plain")[group - 2])
        password = login(value) if name == b"_auth" else plain(value) if name == b"_password" else None
        if password:
            key = child(key, "password") if name == b"_auth" else key
            unit = unit._replace(key=key, value=password, trail=("base64",))
        if value:
            yield unit
