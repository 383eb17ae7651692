"""cloud-init's user data: files with their encoding and path, logins, commands, options of mounts."""

import re
from collections.abc import Iterable, Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested, _sections, _written, yaml
from secretsweep.formats._address import child, pair, text
from secretsweep.formats._arguments import commands
from secretsweep.model import Blob, Span, Unit

NAME = "cloud-init"
PRIORITY = 25
GATES = (
    Gate(r"\b(?:runcmd|bootcmd|write_files|mounts|chpasswd|late-commands|early-commands)[\"']?\s{0,2}:", "section"),
    _gates.PAIR,
)

_NAMED = lazyre.compile(
    r"(?:^|/)(?:(?:user|vendor)[-_]?data|cloud[-_]?(?:init|config)(?:[-_][\w-]+|\.[\w-]+(?=\.[a-z]))?|cloud\.cfg)"
    r"(?:\.(?:ya?ml|cfg|txt|tftpl|tpl|tmpl|j2|jinja2?))*$|(?:^|/)cloud\.cfg\.d/[^/]+\.cfg$",
    re.IGNORECASE,
)
_MARKED = lazyre.compile(  # a template may have lines of its own before
    rb"(?:\xef\xbb\xbf)?(?:[ \t\r]*\n|(?:#(?!!|cloud)|\{[#%{])[^\n]*\n){0,8}#cloud-config(?:-archive)?\b"
)
_MAPPING = lazyre.compile(rb"^[\"']?[a-z][\w-]*[\"']?:(?:\s|$)", re.MULTILINE)
_OTHER = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*(?:#!|<|(?:Content-Type|MIME-Version|From):?\s)", re.IGNORECASE)
_FILE = lazyre.compile(r"(.*(?:write_files|interfaces|files)\[\d+\])\.(path|config_path|content|encoding)\Z", re.DOTALL)
_WORDS = lazyre.compile(
    r"(.*?\b(?:runcmd|bootcmd|(?:early|late|error)-commands)\[\d+\])([\[.].*)?\Z", re.DOTALL
)
_LOGINS = lazyre.compile(r"(.*\bchpasswd\.list)(?:\[\d+\])?\Z", re.DOTALL)
_LOGIN = lazyre.compile(rb"^[ \t]*([\w.$@+\-]+):([^\s#][^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_RANDOM = (b"R", b"RANDOM")  # cloud-init makes one up
_OPTIONS = lazyre.compile(r".*\bmounts\[\d+\]\[\d+\]\Z", re.DOTALL)
_OPTION = lazyre.compile(rb"(?:^|,)(pass(?:word)?|password2)=([^,\s]+)")


def owns(path: str, head: bytes) -> bool:
    if _MARKED.match(head):
        return True
    return _NAMED.search(path) is not None and _MAPPING.search(head) is not None and not _OTHER.match(head)


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal, and what is in the files and commands."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals; files that are written, commands and logins opened, other nested documents not."""
    return list(_opened(data, yaml.units(data)))


REGIONS = dict.fromkeys(("statement", "siblings", "section"), _sections.top)


def _opened(data: bytes, every: list[Unit]) -> Iterator[Unit]:
    about = _about(every)
    listed: dict[str, list[Unit]] = {}
    for unit in every:
        if (file := _FILE.match(unit.key)) and file[2] == "content":
            yield from _written.file(data, _addressed(unit, about.get(file[1], {})), **_how(about.get(file[1], {})))
        elif words := _WORDS.match(unit.key):
            if words[2]:
                listed.setdefault(words[1], []).append(unit)
                yield unit
            else:
                yield from _nested.within(data, unit, "shell")
        elif logins := _LOGINS.match(unit.key):
            yield from _logins(data, unit, logins[1])
        elif b"=" in unit.value and _OPTIONS.match(unit.key):
            yield from _options(data, unit)
        else:
            yield unit
    for key, words_of in listed.items():
        yield from commands(words_of, key)


def _about(every: Iterable[Unit]) -> dict[str, dict[str, str]]:
    """`path` and `encoding` of the files that are written, by their address."""
    about: dict[str, dict[str, str]] = {}
    for unit in every:
        if (file := _FILE.match(unit.key)) and file[2] != "content":
            about.setdefault(file[1], {})[file[2].removeprefix("config_")] = text(unit.value)
    return about


def _how(about: dict[str, str]) -> dict[str, str]:
    return {"path": about.get("path", ""), "encoding": about.get("encoding", "")}


def _addressed(unit: Unit, about: dict[str, str]) -> Unit:
    """A file is called by its path, as an environment variable is by its name."""
    path = about.get("path", "")
    if not path:
        return unit
    return unit._replace(key=child(pair(unit.key.removesuffix(".content"), path), "content"))


def _logins(data: bytes, unit: Unit, key: str) -> Iterator[Unit]:
    """`user:password` on each line, as chpasswd reads them."""
    found = [
        Unit(Span(*login.span(2)), f"{text(login[1])}.password", login[2], "file")
        for login in _LOGIN.finditer(unit.value)
        if login[2] not in _RANDOM
    ]
    return _nested.placed(data, unit._replace(key=key), found)


def _options(data: bytes, unit: Unit) -> Iterator[Unit]:
    """`username=a,password=b` of a mount."""
    yield unit._replace(form="file")
    found = [Unit(Span(*o.span(2)), text(o[1]), o[2], "file") for o in _OPTION.finditer(unit.value)]
    yield from _nested.placed(data, unit, found)
