"""Compose files: a secret's file where the image is known to read one, else a variable without which nothing starts.

Syntax: docs.docker.com/reference/compose-file (interpolation, secrets, services); which variables have a `_FILE` twin
is in the descriptions of the official images, hub.docker.com/_/postgres and so on.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import Unparsed, yaml
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot, Unit
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._literal import indent_of, line_of, quoted

FORMATS = ("yaml",)
PATHS = lazyre.compile(r"(?:^|/)(?:docker-|podman-)?compose(?:[._-][\w.-]+)?\.ya?ml$", re.IGNORECASE)
PARTS = True
HOSTS = True  # variables are put in before a command is taken apart

# variables that have a twin with _FILE behind, by the image's last name
_FILES = {
    "postgres": "POSTGRES_PASSWORD",
    "postgis": "POSTGRES_PASSWORD",
    "mysql": "MYSQL_ROOT_PASSWORD MYSQL_PASSWORD",
    "mariadb": "MARIADB_ROOT_PASSWORD MARIADB_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_PASSWORD",
    "mongo": "MONGO_INITDB_ROOT_PASSWORD",
    "wordpress": "WORDPRESS_DB_PASSWORD",
    "nextcloud": "POSTGRES_PASSWORD MYSQL_PASSWORD NEXTCLOUD_ADMIN_PASSWORD",
}
_VARIABLE = lazyre.compile(r"(services\.(?:\"[^\"]+\"|[\w-]+))\.environment\.(\w+)\Z")
_PLAIN = lazyre.compile(rb"[\w.+/=~!@%^:,-]+")
_TOP = lazyre.compile(rb"^secrets:[ \t]*(?:#[^\n]*)?\r?\n([ \t]+)?", re.MULTILINE)
_FLOW = lazyre.compile(rb"[\[{]")


class _AsFile(NamedTuple):
    """A variable that can name a file instead."""

    spot: Spot
    environment: int  # where the line of its mapping or list begins
    edits: tuple[Edit, ...]

    @property
    def secret(self) -> bytes:
        return variable(self.spot).lower().encode()


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Each value by itself; those that become files together, for they share the list of the file's secrets."""
    try:
        units = {unit.key: unit for unit in yaml.units(file.data)}
    except Unparsed:
        units = {}
    files: list[_AsFile] = []
    for spot in spots:
        raw = file.data[slice(*_span(spot))]
        if not _fetch.command(spot.reference):
            yield Refusal(spot, f"no command is known that reads {spot.reference.store}", "choose another store")
        elif spot.encodings or spot.form in ("block", "heredoc", "file") or b"\n" in raw:
            yield Refusal(spot, "the value has several lines, or is encoded", "make it a file of `secrets:`")
        elif len(spot.formats) > 1 and not _PLAIN.fullmatch(raw):
            yield Refusal(spot, f"it has characters that {spot.format} writes in another way", "replace it by hand")
        elif found := _as_file(spot, file, units):
            files.append(found)
        elif (edit := _interpolated(spot, file)) is None:
            yield Refusal(spot, "it is in a list or mapping on one line", "write it on a line of its own")
        else:
            yield Change(
                (spot,),
                (FileEdit(file.path, edit),),
                disposition=REVIEW if len(spot.formats) > 1 else SAFE,
                needs=(_need(spot),),
                warnings=("`docker inspect` shows a container's variables",),
            )
    if files:
        edits = (*(edit for one in files for edit in one.edits), *_secrets(file.data, files))
        yield Change(
            tuple(one.spot for one in files),
            tuple(FileEdit(file.path, edit) for edit in edits),
            disposition=REVIEW,
            needs=(*(_need(one.spot) for one in files), "run it with Compose 2.6 or newer: secrets from `environment`"),
        )


def variable(spot: Spot) -> str:
    """What the value is called in the environment of the one who starts it: the name of its path."""
    name = re.sub(r"\W+", "_", _sops.name(spot.reference)).strip("_").upper()
    return f"_{name}" if name[:1].isdigit() else name


def _need(spot: Spot) -> str:
    name = variable(spot)
    fetch = _fetch.command(spot.reference, posixpath.dirname(spot.path))
    return f'set {name} where compose runs: {name}="$({fetch})"; export {name}'


def _span(spot: Spot) -> Span:
    return spot.literal if spot.whole else spot.span


def _interpolated(spot: Spot, file: File) -> Edit | None:
    """`${NAME:?…}`: Compose stops without it."""
    text = f"${{{variable(spot)}:?set it from {spot.reference.store}}}".encode()
    span = _span(spot)
    whole = quoted(file.data, spot)
    if whole != spot.literal or spot.form in ("single", "double"):
        return Edit(span, text)
    before = file.data[line_of(file.data, span.start).start : span.start]
    if _FLOW.search(before):
        return None
    if re.fullmatch(rb"\s*(?:- +)?[^\s#]+[ \t]*:[ \t]+|\s*- +", before) and spot.whole:
        return Edit(span, b'"' + text + b'"')
    return Edit(span, text)


def _as_file(spot: Spot, file: File, units: dict[str, Unit]) -> _AsFile | None:
    """`NAME_FILE: /run/secrets/x`, where the image reads that."""
    found = _VARIABLE.match(spot.key)
    if found is None or not spot.whole or len(spot.formats) > 1:
        return None
    service, name = found.groups()
    image = units.get(f"{service}.image")
    repository = re.split(r"[:@]", image.value.decode("utf-8", "replace").rsplit("/", 1)[-1])[0] if image else ""
    if name not in _FILES.get(repository, "").split() or f"{service}.build" in units:
        return None
    environment = _parent(file.data, spot.literal.start)
    line = file.data[slice(*line_of(file.data, environment))]
    held = any(key.startswith((f"{service}.secrets[", "secrets[")) for key in units)
    if not re.fullmatch(rb"[ \t]*environment:[ \t]*(?:#.*)?\r?", line) or held or _anchored(file.data, environment):
        return None
    own = line_of(file.data, spot.literal.start)
    written = re.search(rb"\b" + name.encode() + rb"(?=[\"']?[ \t]*[:=])", file.data[own.start : spot.literal.start])
    if written is None:
        return None
    end = own.start + written.end()
    path = b"/run/secrets/" + variable(spot).lower().encode()
    return _AsFile(spot, environment, (Edit(Span(end, end), b"_FILE"), Edit(_span(spot), path)))


def _parent(data: bytes, at: int) -> int:
    """The first line above that is indented less (or as much, above a list): where it begins."""
    line = line_of(data, at)
    listed = data[slice(*line)].lstrip().startswith(b"- ")
    indent = len(indent_of(data, at))
    while line.start > 0:
        line = line_of(data, line.start - 1)
        text = data[slice(*line)]
        depth = len(text) - len(text.lstrip(b" "))
        if not text.strip() or text.lstrip().startswith(b"#"):
            continue
        if depth < indent or (listed and depth == indent and not text.lstrip().startswith(b"- ")):
            return line.start
    return 0


def _anchored(data: bytes, environment: int) -> bool:
    """Whether the service is merged into others: they would get the variable, and not the secret."""
    above = data[slice(*line_of(data, _parent(data, environment + len(indent_of(data, environment)))))]
    return b"&" in above or b"<<" in above


def _secrets(data: bytes, files: Sequence[_AsFile]) -> Iterator[Edit]:
    """What each service may read, before its environment; and where it comes from, in the file's own list."""
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    step = b"  "
    for environment in sorted({one.environment for one in files}):
        indent = indent_of(data, environment)
        step = indent[: len(indent) // 2] or step
        names = dict.fromkeys(indent + step + b"- " + one.secret for one in files if one.environment == environment)
        yield Edit(Span(environment, environment), _lines((indent + b"secrets:", *names), newline))
    top = _TOP.search(data)
    step = (top[1] if top else None) or step
    entries = dict.fromkeys((one.secret, variable(one.spot).encode()) for one in files)
    lines = [line for secret, name in entries for line in (step + secret + b":", step * 2 + b"environment: " + name)]
    if top:
        at = top.end() - len(top[1] or b"")
        yield Edit(Span(at, at), _lines(lines, newline))
    else:
        start = b"" if data.endswith(b"\n") else newline
        yield Edit(Span(len(data), len(data)), start + _lines((b"", b"secrets:", *lines), newline))


def _lines(lines: Iterable[bytes], newline: bytes) -> bytes:
    return b"".join(line + newline for line in lines)
