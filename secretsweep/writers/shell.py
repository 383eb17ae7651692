"""Shell scripts: `$(…)` in the place of the value, quoted as the place wants it, fetched when it is needed.

Syntax: POSIX.1-2024, Shell Command Language. Why `export X="$(…)"` is written on two lines: shellcheck.net SC2155.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats._shellwords import Lexer
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _beside, _fetch, _sops, _within
from secretsweep.writers._literal import indent_of, line_of
from secretsweep.writers._script import Obstacle, Place, extent, place, written

FORMATS = ("shell",)
PARTS = True
FINDS = True  # words and here-documents, where nothing else knew what the place means
HOSTS = True  # what a here-document or a word holds is still the shell's to expand

_HISTORY = lazyre.compile(r"(?:^|/)\.(?:bash|zsh|ksh|sh)_history$")
_BEFORE = frozenset((b"export", b"readonly"))  # they take a variable that has its value already
_AFTER = frozenset((b"local", b"declare", b"typeset"))  # they make a new one
_NAME = lazyre.compile(rb"[A-Za-z_]\w*(?==)")
_GOES_ON = lazyre.compile(rb"(?:&&|\||\\)[ \t\r\n]*\Z")  # the command is not the first of its line
_RISKY = lazyre.compile(rb"[\\'\"&]")
_OUTER = {
    "terraform": "on the machine that runs the script",
    "cloud-init": "on the machine that starts (in its image, or installed before)",
    "cloudformation": "on the instance",
    "multipart": "on the machine that starts",
    "kubernetes": "in the container's image",
    "helm": "in the container's image",
}


class _Options(NamedTuple):
    """What `set` said before a place."""

    trace: bool
    stops: bool


class _Found(NamedTuple):
    """A place in a script, and the command that reads the value there."""

    script: _within.Inner
    at: Place
    fetch: str


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Each place by itself."""
    found = [(spot, _found(spot, file, tree)) for spot in spots]
    words = Counter(one.at.word for _, one in found if isinstance(one, _Found))
    for spot, one in found:
        if isinstance(one, Obstacle):
            yield Refusal(spot, one.reason, one.instead)
        else:
            yield _change(spot, file, one, words[one.at.word] == 1)


def _found(spot: Spot, file: File, tree: Tree) -> _Found | Obstacle:
    """The script, the place in it, and what is to be run there."""
    depth = spot.formats.index("shell")
    fetch = _fetch.command(spot.reference)
    if not fetch:
        return Obstacle(f"no command is known that reads {spot.reference.store}", "choose another store")
    if spot.encodings:
        return Obstacle(f"it is written in {spot.encodings[-1]}")
    if _HISTORY.search(spot.path):
        return Obstacle("it is a history, not a script", "delete the line, and the file from the repository")
    if any(outer not in _OUTER for outer in spot.formats[:depth]):
        return Obstacle(f"nothing says what runs the commands in this {spot.formats[0]}", "replace it by hand")
    script = _within.inner(file.data, spot, depth)
    span = script.here(_span(spot)) if script else None
    if script is None or span is None:
        return Obstacle("the document around the script escapes it", "write it as a block of text")
    at = place(script.text, span, spot.formats[depth + 1 :])
    if isinstance(at, Obstacle):
        return at
    if spot.reference.store == _sops.STORE:
        beside = _beside.command(spot, file, tree, at.span.start)
        if isinstance(beside, Obstacle):
            return beside
        fetch = beside
    one = _Found(script, at, fetch)
    return _objection(spot, file, one) or one


def _span(spot: Spot) -> Span:
    return spot.literal if spot.whole else spot.span


def _objection(spot: Spot, file: File, one: _Found) -> Obstacle | None:
    """What is wrong with a substitution there."""
    script, at, fetch = one
    raw = file.data[slice(*_span(spot))]
    if not spot.whole and file.data[spot.span.end : spot.span.end + 1] == b"\\":
        return Obstacle("what was found goes on behind an escape", "write it without escapes first")
    if raw.endswith(b"\n"):
        return Obstacle("it ends in a newline, which $(…) takes away", "let the store's CLI write the file")
    if b"\n" in raw and _fetch.folds(spot.reference.store):
        return Obstacle("the store's CLI prints it in another form when it has several lines")
    if at.bare and spot.reference.store == _sops.STORE:
        return Obstacle("the command needs quotes, in quotes")
    if at.bare and "'" in fetch:
        return Obstacle("the path has to be quoted, in quotes", "choose a --path-template without odd characters")
    if not script.lines and ": " in fetch:
        return Obstacle("the path would end the value")
    if spot.formats[-1] != "shell" and _RISKY.search(raw):
        return Obstacle(f"it has characters that {spot.formats[-1]} writes in another way")
    if _options(script.text, at.span.start).trace:
        return Obstacle("under `set -x` every use of the value is printed", "take the -x away, and remediate again")
    return None


def _change(spot: Spot, file: File, one: _Found, alone: bool) -> Change:
    script, at, fetch = one
    text = written(at, f"$({fetch})".encode())
    apart = _apart(file, script, at, text) if alone else None
    edits = apart or (Edit(script.span(at.span), text),)
    outer = spot.formats[spot.formats.index("shell") - 1] if spot.formats[0] != "shell" else ""
    foreign = spot.formats[-1] != "shell" or outer in ("kubernetes", "helm")
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in edits),
        disposition=REVIEW if foreign else SAFE,
        needs=(_fetch.need(spot.reference.store, _OUTER.get(outer, "where the script runs")),),
        warnings=tuple(_warnings(spot, script, at, apart is not None)),
    )


def _warnings(spot: Spot, script: _within.Inner, at: Place, apart: bool) -> Iterator[str]:
    words = at.command.words
    assigned = bool(words) and all(_NAME.match(word.value) for word in words) and not at.deep
    if not (assigned or apart):
        yield "when the fetch fails, the command goes on with an empty value"
    elif not _options(script.text, at.span.start).stops:
        yield "without `set -e` the script goes on with an empty value when the fetch fails"
    if script.text[at.span.start - 1 : at.span.start] == b"'" and at.inside:
        yield "a value with a single quote in it would end the string there"
    if spot.formats[-1] != "shell":
        yield f"a value with characters that {spot.formats[-1]} writes in another way would need more than this"


def _apart(file: File, script: _within.Inner, at: Place, text: bytes) -> tuple[Edit, ...] | None:
    """`export X=…` as an assignment and the export, so that the export does not hide that a fetch failed."""
    words = at.command.words
    if at.deep or not script.lines or not words or words[0].value not in _BEFORE | _AFTER:
        return None
    start = words[0].parts[0].span.start
    head, word = script.there(start), script.span(at.word)
    name = None if _GOES_ON.search(script.text[:start]) else _NAME.match(script.text, at.word.start)
    line = line_of(file.data, head)
    flags = b"".join(word.value for word in words if word.value[:1] == b"-")
    if name is None or file.data[line.start : head].strip() or b"r" in flags:
        return None
    span = script.span(at.span)
    assignment = file.data[word.start : span.start] + text + file.data[span.end : word.end]
    newline = (b"\r\n" if file.data[line.end - 1 : line.end] == b"\r" else b"\n") + indent_of(file.data, head)
    if words[0].value in _BEFORE:
        return Edit(Span(head, head), assignment + newline), Edit(word, name.group())
    after = [w.value for w in words if w.parts and w.parts[0].span.start >= at.word.end]
    if any(name.group() in value for value in after):
        return None
    end = script.there(extent(script.text, words[-1]).end)
    if end == word.end:
        return (Edit(word, name.group() + newline + assignment),)
    return Edit(word, name.group()), Edit(Span(end, end), newline + assignment)


def _options(script: bytes, stop: int) -> _Options:
    """Of the script until a place."""
    trace = stops = False
    first = script.split(b"\n", 1)[0]
    if first.startswith(b"#!"):
        flags = b"".join(word for word in first.split()[1:] if word[:1] == b"-")
        trace, stops = b"x" in flags, b"e" in flags
    for command in Lexer(script, 0, stop).commands():
        words = [word.value for word in command.words]
        if not words or words[0] != b"set":
            continue
        for flag, option in zip(words[1:], [*words[2:], b""], strict=True):
            if flag[:1] not in (b"-", b"+") or flag[:2] == b"--":
                continue
            on = flag[:1] == b"-"
            trace = on if b"x" in flag or (flag[1:].endswith(b"o") and option == b"xtrace") else trace
            stops = on if b"e" in flag or (flag[1:].endswith(b"o") and option == b"errexit") else stops
    return _Options(trace, stops)
