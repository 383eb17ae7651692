"""Templates that Ansible fills in: a lookup in the place of the value, in whatever the template is of.

The lookup's value is put in as it is, so quotes stay, where the syntax has no filter that writes a value of any
characters (`to_json`, `quote`, `escape`). Sources: docs.ansible.com, template module and templating (lookups, filters
to_json and quote); jinja.palletsprojects.com/templates (escape).
"""

import base64
import binascii
import posixpath
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache

from secretsweep import formats, lazyre, writers
from secretsweep.model import Blob, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _jinja, _lookups, _within
from secretsweep.writers._literal import quoted
from secretsweep.writers._script import Obstacle, place
from secretsweep.writers.ansible import word

FORMATS = tuple(fmt.NAME for fmt in formats.every())
PATHS = lazyre.compile(r"\.j2$")
PARTS = True
FINDS = True  # the text around a value is text, whatever it is of
HOSTS = True  # Jinja goes first, whatever is inside

_QUOTED = frozenset(
    ("json", "yaml", "ansible", "kubernetes", "helm", "pipeline", "cloud_init", "cloudformation", "toml")
)
_ROLE = lazyre.compile(r"(.*?)(?:^|/)templates/")
_SRC = lazyre.compile(rb"\bsrc:\s*[\"']?(?:\{\{[^{}]*\}\}/)?([\w./-]+\.j2)\b")
_UP = lazyre.compile(r"^(?:\.\./)+")
_TASKS = lazyre.compile(r"\.ya?ml$")
_COMMENT = lazyre.compile(rb"[ \t]*(?:#(?!!)|//|;|--(?!-)|/?\*|<!--)")
_BARE = "it is put in as it is: a later value must have no characters that {} writes in another way"
_TO_JSON = " | to_json(ensure_ascii=False)"


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one lookup; what Ansible is not known to fill in is left to others."""
    filled = _is_filled(file.path, tree)
    values = _values(file) if filled else set()
    others: dict[int, tuple[writers.Writer, list[Spot]]] = {}
    for spot in spots:
        if not filled:
            writer = writers.writing(spot, file.data, without=sys.modules[__name__])
            if writer is None or not _fits(spot, writer):
                why = "nothing in the tree shows who fills in this template"
                yield Refusal(spot, why, "give it the value as a variable, and fetch that from the store")
            else:
                others.setdefault(id(writer), (writer, []))[1].append(spot)
            continue
        lookup = _lookups.lookup(spot.reference)
        if not lookup:
            yield Refusal(spot, f"no lookup of Ansible reads {spot.reference.store}", "choose another store")
            continue
        found = _edit(spot, file, lookup, values)
        if isinstance(found, Obstacle):
            yield Refusal(spot, found.reason, found.instead)
        else:
            need = f"set `diff: false` on the task that fills in {file.path}: --diff prints it"
            bare = found.text == f"{{{{ {lookup} }}}}".encode()
            yield Change(
                (spot,),
                (FileEdit(file.path, found),),
                needs=(_lookups.need(spot.reference.store), need),
                warnings=(_BARE.format(spot.format),) if bare and spot.format != "text" else (),
            )
    for writer, own in others.values():
        yield from writer.rewrite(own, file, tree)


def _fits(spot: Spot, writer: writers.Writer) -> bool:
    """Whether another writer would have been asked: a part of a literal is stored as this one wants it."""
    return spot.whole or (writer.PARTS and (spot.span != spot.literal or getattr(writer, "FINDS", False)))


def _is_filled(path: str, tree: Tree) -> bool:
    """A role's templates are; others where a task names them."""
    if found := _ROLE.match(path):
        tasks = f"{found[1]}/tasks/" if found[1] else "tasks/"
        if any(other.startswith(tasks) and _TASKS.search(other) for other in tree.paths()):
            return True
    named = _sources(tree)  # type: ignore[arg-type]  # one tree is one key
    return any(path == source or path.endswith(f"/{source}") for source in named)


@lru_cache(maxsize=1)
def _sources(tree: Tree) -> frozenset[str]:
    """What tasks fill in, as far as they say it in letters."""
    every = (tree.read(path) or b"" for path in tree.paths() if _TASKS.search(path))
    named = (
        found[1].decode("utf-8", "replace") for data in every if b"template" in data for found in _SRC.finditer(data)
    )
    return frozenset(_UP.sub("", posixpath.normpath(name)) for name in named)


def _values(file: File) -> set[tuple[Span, bytes]]:
    """Every literal of the file, as the format reads it."""
    try:
        return {
            (unit.span, unit.value)
            for unit in formats.owner(file.path, file.data).extract(Blob("", file.path, file.data))
        }
    except (formats.Unparsed, RecursionError):
        return set()


def _edit(spot: Spot, file: File, lookup: str, values: set[tuple[Span, bytes]]) -> Edit | Obstacle:
    data, span = file.data, spot.literal if spot.whole else spot.span
    raw = data[slice(*span)]
    found = _jinja.where(data, span)
    if isinstance(found, str):
        return Obstacle(found, "replace it by hand")
    if spot.literal == spot.span and not spot.whole and _in_comment(data, span):
        return Obstacle("in a comment, which nothing reads", "delete it by hand")
    if isinstance(found, _jinja.String):
        same = not spot.encodings and b"\\" not in raw and (not spot.whole or (span, raw) in values)
        return Edit(found.span, lookup.encode()) if same else Obstacle("it has escapes of Jinja", "replace it by hand")
    if spot.encodings:
        return _encoded(spot, raw, lookup)
    if b"{{" in raw or b"{%" in raw or b"{#" in raw:
        return Obstacle("the value is written with signs of Jinja", "replace it by hand")
    if b"\r\n" in data and not any(sign in data for sign in (b"{{", b"{%", b"{#")):
        instead = "set newline_sequence: '\\r\\n' on the task, and write the lookup by hand"
        return Obstacle("nothing was filled in so far, and Ansible would change its line ends", instead)
    if "shell" in spot.formats:
        return _in_script(spot, file, span, lookup, values)
    return _filtered(spot, data, span, lookup) or _as_it_is(spot, data, span, lookup, values)


def _in_comment(data: bytes, span: Span) -> bool:
    return _COMMENT.match(data, data.rfind(b"\n", 0, span.start) + 1) is not None


def _encoded(spot: Spot, raw: bytes, lookup: str) -> Edit | Obstacle:
    """What is written in base64 and nothing else is written so again."""
    try:
        plain = spot.encodings == ("base64",) and spot.whole and base64.b64encode(base64.b64decode(raw)) == raw
    except (binascii.Error, ValueError):
        plain = False
    if not plain:
        return Obstacle(f"it is written in {spot.encodings[-1]}", "replace it by hand")
    return Edit(spot.literal, f"{{{{ {lookup} | b64encode }}}}".encode())


def _filtered(spot: Spot, data: bytes, span: Span, lookup: str) -> Edit | None:
    """In a syntax that a filter writes."""
    if spot.formats == ("xml",) and data.rfind(b"<![CDATA[", 0, span.start) <= data.rfind(b"]]>", 0, span.start):
        return Edit(span, f"{{{{ {lookup} | escape }}}}".encode())
    whole = quoted(data, spot)
    alone = spot.whole and len(spot.formats) == 1 and spot.form in ("double", "single")
    if not alone or spot.format not in _QUOTED or whole == spot.literal:
        return None
    if spot.format == "toml" and data[whole.start : whole.start + 1] != b'"':
        return None
    apart = b" " if data[whole.end : whole.end + 1] == b"}" else b""  # three braces are hard to read
    return Edit(whole, f"{{{{ {lookup}{_TO_JSON} }}}}".encode() + apart)


def _as_it_is(spot: Spot, data: bytes, span: Span, lookup: str, values: set[tuple[Span, bytes]]) -> Edit | Obstacle:
    raw = data[slice(*span)]
    if spot.whole and (span, raw) not in values:
        return Obstacle(f"{spot.format} writes its characters in another way", "replace it by hand")
    start = data.rfind(b"\n", 0, span.start) + 1
    if b"\n" in raw and (b"\r" in raw or start != span.start or b"\n " in raw or b"\n\t" in raw):
        return Obstacle("it has several lines, whose indentation would be lost", "move it to a file of its own")
    return Edit(span, f"{{{{ {lookup} }}}}".encode())


def _in_script(spot: Spot, file: File, span: Span, lookup: str, values: set[tuple[Span, bytes]]) -> Edit | Obstacle:
    """As a word of a shell, whatever is in it."""
    depth = spot.formats.index("shell")
    script = _within.inner(file.data, spot, depth)
    here = script.here(span) if script else None
    if script is None or here is None:
        return Obstacle("quotes are around the command", "write the command as a block of text")
    at = place(_jinja.masked(script.text), here, spot.formats[depth + 1 :])
    if isinstance(at, Obstacle):
        return at
    if at.text:
        return _as_it_is(spot, file.data, span, lookup, values)
    return word(script, at, lookup)
