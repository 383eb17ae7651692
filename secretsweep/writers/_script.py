"""Where a literal stands in a shell script, and what the shell will make of a substitution there.

The Shell Command Language (POSIX.1-2024, 2.2 quoting, 2.6.2 parameter expansion, 2.6.3 command substitution, 2.7.4
here-documents) and Bash's manual.
"""

from collections.abc import Sequence
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats._habits import command_name, first
from secretsweep.formats._shellwords import RESYNCS, Command, Lexer, Part, Word, expansions
from secretsweep.model import Span


class Place(NamedTuple):
    """What is to be replaced by a substitution, and what else must be written there."""

    span: Span
    before: bytes = b""  # the quote that ends what stands before
    after: bytes = b""  # the quote that opens again
    inside: bool = False  # of double quotes, or of a here-document: the substitution needs none of its own
    text: bool = False  # of a here-document
    command: Command = Command((), b"")
    word: Span = Span(0, 0)  # with its quotes
    deep: bool = False  # inside another substitution
    bare: bool = False  # what is written there must not have single quotes


class Obstacle(NamedTuple):
    """Why nothing can be substituted there."""

    reason: str
    instead: str = "fetch it into a variable before, and refer to that"


_SHELLS = frozenset(b"sh bash dash ksh zsh ash".split())
_FOREIGN = frozenset(b"ssh eval su runuser watch parallel pdsh salt trap alias".split())
_PROGRAMS = frozenset(
    b"sed awk gawk mawk perl python python2 python3 ruby node php jq yq expect expr let envsubst".split()
)
_ECHO_ESCAPES = lazyre.compile(rb"-n?en?")
_DASH_C = lazyre.compile(rb"-[a-z]*c")
_ANOTHER = "another shell or host reads it once more, and would take the value apart"
_ESCAPES = Obstacle("a program reads it, in which parts of a value have a meaning of their own")
_DEFAULT = lazyre.compile(rb"[A-Za-z_]\w*:?[-=+]")


def place(script: bytes, at: Span, documents: Sequence[str] = ()) -> Place | Obstacle:
    """Of the literal `at`; `documents` are the formats between it and the script."""
    return _in_commands(script, Span(0, len(script)), at, tuple(documents))


def _in_commands(script: bytes, base: Span, at: Span, documents: tuple[str, ...]) -> Place | Obstacle:
    lexer = Lexer(script, base.start, base.end)
    commands = list(lexer.commands())
    if lexer.resyncs < RESYNCS:
        return Obstacle("the script's quotes do not close", "replace it by hand")
    for command in commands:
        for word in (*command.words, *((command.here,) if command.here else ())):
            span = extent(script, word)
            if span.covers(at):
                return _in_word(script, command, word, at)
    for document in lexer.heredocs:
        if not document.span.covers(at):
            continue
        readers = {command_name(w) for c in document.readers for w in c.words}
        shells, foreign = readers & _SHELLS, readers & (_FOREIGN | _PROGRAMS)
        if document.quoted:
            if not foreign and (shells or documents == ("shell",)):
                return _in_commands(script, document.span, at, ())
            return Obstacle(
                "nothing is expanded in a here-document whose delimiter is quoted", "write a template that is filled in"
            )
        if shells or foreign or "shell" in documents:
            return Obstacle(_ANOTHER)
        return _in_text(script, document.span, at, Place(at, inside=True, text=True))
    if b"#" in script[script.rfind(b"\n", 0, at.start) + 1 : at.start]:
        return Obstacle("it is in a comment", "delete it")
    return Obstacle("no word of a command holds it", "replace it by hand")


def written(at: Place, substitution: bytes) -> bytes:
    """A substitution as it has to be written at a place."""
    return substitution if at.inside else at.before + b'"' + substitution + b'"' + at.after


def extent(script: bytes, word: Word) -> Span:
    """A word with its quotes."""
    if not word.parts:
        return Span(0, 0)
    head, last = word.parts[0], word.parts[-1]
    start = head.span.start - (head.form != "plain")
    return Span(start - (script[start - 1 : start] == b"$" and head.form == "single"), last.span.end + _quoted(last))


def _quoted(part: Part) -> bool:
    return part.form != "plain" and part.closed


def _in_word(script: bytes, command: Command, word: Word, at: Span) -> Place | Obstacle:
    head = next((p for p in word.parts if p.span.start <= at.start < p.span.end), None)
    last = next((p for p in word.parts if p.span.start < at.end <= p.span.end), None)
    where = Place(at, command=command, word=extent(script, word))
    dollars = [p for p in (head, last) if p and p.form == "single" and script[p.span.start - 2 : p.span.start] == b"$'"]
    if any(p.span != at or b"\\" in script[p.span.start : p.span.end] for p in dollars):
        return Obstacle("it is written in $'…', with escapes", "write it in plain quotes first")
    script_of_its_own = _runs(command, word)
    if head and head is last and head.form == "single" and script_of_its_own and len(word.parts) == 1:
        inner = _in_commands(script, head.span, at, ())
        return inner._replace(bare=True, deep=True) if isinstance(inner, Place) else inner
    if script_of_its_own:
        return Obstacle(_ANOTHER)
    if obstacle := _hostile(command, word):
        return obstacle
    if head and head is last and head.form != "single":
        return _in_text(script, head.span, at, where._replace(inside=head.form == "double"))
    start, end, opening, closing = at.start, at.end, b"", b""
    if head and head.form != "plain":
        start, opening = _edge(start, head.span.start, -1, head)
    if last and last.form != "plain":
        end, closing = _edge(end, last.span.end, 1, last)
    return where._replace(span=Span(start - bool(dollars), end), before=opening, after=closing)


def _edge(at: int, edge: int, step: int, part: Part) -> tuple[int, bytes]:
    """A quote that has nothing else in it goes; else it is closed there."""
    return (at + step, b"") if at == edge else (at, b"'" if part.form == "single" else b'"')


def _runs(command: Command, word: Word) -> bool:
    """Whether a shell is told to run the word: `bash -c '…'`."""
    at = next((i for i, w in enumerate(command.words) if w is word), 0)
    if at == 0 or not _DASH_C.fullmatch(command.words[at - 1].value):
        return False
    return any(command_name(w) in _SHELLS for w in command.words[:at])


def _hostile(command: Command, word: Word) -> Obstacle | None:
    """Why a value must not stand there: the command reads it as more than a value."""
    words = command.words
    at = first(words)
    if at >= len(words) or any(w is word for w in words[:at]):
        return None
    name = command_name(words[at])
    before = words[at : next((number for number, w in enumerate(words) if w is word), len(words))]
    if name in _FOREIGN or any(command_name(w) in (b"ssh", b"eval", b"su") for w in before):  # sshpass -p X ssh: is not
        return Obstacle(_ANOTHER)
    arguments = words[at + 1 :]
    if name in _PROGRAMS or (name == b"echo" and arguments and _ECHO_ESCAPES.fullmatch(arguments[0].value)):
        return _ESCAPES
    if name == b"printf":
        arguments = arguments[2:] if arguments and arguments[0].value == b"-v" else arguments
        if arguments and arguments[0] is word:
            return Obstacle(
                "printf reads its first word as a format", "use '%s\\n' as the format, and the value behind it"
            )
    return None


def _in_text(script: bytes, base: Span, at: Span, where: Place) -> Place | Obstacle:
    """In a run that is expanded: of its substitutions, the one around the literal."""
    for opener, inner in expansions(script, base):
        if not inner.covers(at):
            continue
        if opener == b"$(" and script[inner.start : inner.start + 1] == b"(":
            return Obstacle("it is in an arithmetic expression")
        if opener == b"${":
            return _in_default(script, inner, at, where)
        if opener == b"`" and (where.inside or b"\\" in script[inner.start : inner.end]):
            return Obstacle("it is inside backquotes inside quotes", "write $(…) for the backquotes first")
        found = _in_commands(script, inner, at, ())
        return found._replace(deep=True) if isinstance(found, Place) else found
    return where


def _in_default(script: bytes, inner: Span, at: Span, where: Place) -> Place | Obstacle:
    """`${NAME:-literal}`: expanded when it is needed."""
    operator = _DEFAULT.match(script[inner.start : inner.end])
    if operator is None or inner.start + operator.end() > at.start:
        return Obstacle("it is in an expansion of its own kind")
    around = script[at.start - 1 : at.start]
    if around == b"'":
        if where.inside or script[at.end : at.end + 1] != b"'":
            return Obstacle("single quotes do not quote inside double ones", "write it without them first")
        return where._replace(span=Span(at.start - 1, at.end + 1), deep=True)
    return where._replace(inside=where.inside or around == b'"', deep=True)
