"""Jenkins: `credentials('id')` in an environment block, `withCredentials` around a shell step in single quotes.

What Groovy expands itself (double quotes) would put the value into the command line and its log.
Syntax: jenkins.io/doc/book/pipeline/jenkinsfile (handling credentials, string interpolation), plugin
credentials-binding.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.formats import jenkins
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._literal import indent_of, line_of, quoted
from secretsweep.writers._pipeline import Names, in_script, variable
from secretsweep.writers._within import Inner

FORMATS = ("jenkins",)
PARTS = True
HOSTS = True  # what a shell step runs

_ENVIRONMENT = lazyre.compile(r"pipeline\.(?:.*\.)?environment\.\w+")
_BEFORE = lazyre.compile(rb"[ \t]*sh[ \t]*\(?[ \t]*\Z")
_AFTER = lazyre.compile(rb"[ \t]*\)?[ \t]*\r?\Z")
_ODD = lazyre.compile(r"[^a-z0-9]+")
_BIND = "bind the credential with withCredentials([string(credentialsId: '{}', variable: '{}')]) around what uses it"


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one credential; all places of one script together."""
    names = Names(())
    steps: dict[Span, list[Spot]] = {}
    for spot in spots:
        bind = _BIND.format(_id(spot), names.of(spot.reference))
        kind, around = _string(file.data, spot)
        if spot.encodings or around is None:
            yield Refusal(spot, "its literal is not understood", bind)
        elif len(spot.formats) == 1:
            if _ENVIRONMENT.fullmatch(spot.key) and spot.whole and kind in ("single", "double"):
                yield _environment(spot, file)
            else:
                yield Refusal(spot, "credentials can be named in an environment block alone", bind)
        elif kind not in ("single", "block"):
            yield Refusal(spot, "Groovy would put the value into the command: it is in double quotes", bind)
        elif b"\\" in file.data[slice(*around)] or not _alone(file.data, kind, around):
            yield Refusal(spot, "no shell step of its own, as it is written", bind)
        else:
            steps.setdefault(around, []).append(spot)
    for around, held in steps.items():
        yield from _step(file, around, held, names)


def _id(spot: Spot) -> str:
    """What the credential is called in Jenkins."""
    return _ODD.sub("-", variable(_sops.words(spot.reference)).lower()).strip("-")


def _string(data: bytes, spot: Spot) -> tuple[str, Span | None]:
    return next(((kind, span) for kind, span in jenkins.strings(data) if span.covers(spot.literal)), ("", None))


def _environment(spot: Spot, file: File) -> Change:
    edit = Edit(quoted(file.data, spot), f"credentials('{_id(spot)}')".encode())
    return Change((spot,), (FileEdit(file.path, edit),), (), SAFE, (_make(spot),))


def _make(spot: Spot) -> str:
    return f"Make a credential of the kind Secret text in Jenkins, id {_id(spot)}: {_fetch.command(spot.reference)}"


def _alone(data: bytes, kind: str, around: Span) -> bool:
    """Whether the string is all of a shell step."""
    marks = 3 if kind == "block" else 1
    line, last = line_of(data, around.start), line_of(data, around.end)
    before, after = data[line.start : around.start - marks], data[around.end + marks : last.end]
    return _BEFORE.match(before) is not None and _AFTER.match(after) is not None


def _step(file: File, around: Span, held: Sequence[Spot], names: Names) -> Iterator[Change | Refusal]:
    data = file.data
    script = Inner(data[slice(*around)], (0,), (around.start,), True)
    done: list[Spot] = []
    edits: list[Edit] = []
    for spot in held:
        edit = in_script(spot, script, names.of(spot.reference))
        if isinstance(edit, Edit) and b"'" in edit.text:
            edit = Refusal(spot, "its quotes would end the string", "write the script in ''' … '''")
        if isinstance(edit, Refusal):
            yield edit
        else:
            done.append(spot)
            edits.append(edit)
    if not done:
        return
    bound = {f"string(credentialsId: '{_id(s)}', variable: '{names.of(s.reference)}')" for s in done}
    line, last = line_of(data, around.start), line_of(data, around.end)
    indent = indent_of(data, around.start)
    start = line.start + len(indent)
    end = last.end - (data[last.end - 1 : last.end] == b"\r")
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    opened = f"withCredentials([{', '.join(sorted(bound))}]) {{".encode() + newline + indent + b"  "
    edits += [Edit(Span(start, start), opened), Edit(Span(end, end), newline + indent + b"}")]
    yield Change(
        tuple(done),
        tuple(FileEdit(file.path, edit) for edit in edits),
        (),
        REVIEW,
        tuple(dict.fromkeys(_make(spot) for spot in done)),
    )
