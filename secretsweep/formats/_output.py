"""What commands write: here-documents and echoed lines, named by their files; printf's arguments; sed's texts."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import child, text
from secretsweep.formats._habits import ECHOES, command_name, echoed, first, unit
from secretsweep.formats._shellwords import Command, Heredoc, Word
from secretsweep.model import Span, Unit

_CONVERSION = lazyre.compile(rb"%[-+ #0]*\d*(?:\.\d+)?[sdbq]")
_NAMED = lazyre.compile(rb"(?:\\[ntr])?([A-Za-z_][\w.\-]*)[\"']?\s?[=:]\s?[\"']?\Z")
_SUBSTITUTION = lazyre.compile(rb"s([/|,#@!])([^\n]{1,400})\Z")
_PLACE = lazyre.compile(rb"[\W_]*([A-Za-z][\w.\-]*?)_*(?:[^\w.\-].*)?\Z", re.DOTALL)
_REPLACED = lazyre.compile(rb"(?:\\1)?([A-Za-z_][\w.\-]*)\s?[=:]\s?[\"']?(?=[^\"'\s])")
_NAMES = lazyre.compile(rb"[=:]")
_EDITORS = frozenset((b"sed", b"gsed", b"perl"))
_CALLED = r"(?i:passw|pass\b|pwd|secret|token|credential|_key\b)"
GATES = (
    Gate(r"(?i)(?:>|\btee(?:\s-a)?)[ \t]{0,4}[\"']?[^\s|;&<>]{0,80}"
         r"(?:[_.-]pass\b|[_.-]?passwd?_|[_-]password|secret|token|"
         r"\.netrc|\.pgpass|\.npmrc|\.my\.cnf|\.pypirc|credentials|\.git-credentials|\.env\b)"),
    Gate(r"\bs[/|#@,!][^\n/|#@,!]{0,60}" + _CALLED + r"[^\n/|#@,!]{0,20}[/|#@,!][^\s$]"),
    Gate(_CALLED + r"[\w]{0,20}[\"']?\s?[=:]\s?[\"']?%[sbq]"),
)


def document(data: bytes, heredoc: Heredoc, key: str) -> Iterator[Unit]:
    """The body of a here-document as one literal, named by the file that it is written to."""
    start, end = heredoc.span
    raw = data[start:end]
    start += len(raw) - len(raw.lstrip())
    raw = raw.strip()
    if raw:
        target = next(filter(None, map(_target, heredoc.readers)), b"")
        words = heredoc.readers[0].words if heredoc.readers else ()
        at = first(words)
        name = text(target or (command_name(words[at]) if at < len(words) else b"heredoc"))
        yield Unit(Span(start, start + len(raw)), child(key, name), raw.replace(b"\r\n", b"\n"), "heredoc")


def by(command: Command, before: Command | None, name: bytes, key: str) -> Iterator[Unit]:
    """What a command writes to a file."""
    if before and name == b"tee" and command.after in (b"|", b"|&"):
        yield from _echoed(before, _target(command), key)
    if name in ECHOES:
        yield from _echoed(command, command.target, key)
        yield from _formatted(command.words, key)
    elif name in _EDITORS:
        for word in command.words[1:]:
            yield from _substituted(word, key)


def _target(command: Command) -> bytes:
    if command.target and command.target != b"/dev/null":
        return command.target
    names = [word.value for word in command.words]
    if not names or b"tee" not in map(command_name, command.words):
        return b""
    behind = next(i for i, word in enumerate(command.words) if command_name(word) == b"tee") + 1
    return next((name for name in names[behind:] if name[:1] != b"-"), b"")


def _echoed(command: Command, target: bytes, key: str) -> Iterator[Unit]:
    """The line that goes to a file, as what the file is."""
    words = echoed(command)
    if not target or target.startswith(b"/dev/") or not words:
        return
    form = command.words[1]
    if command.words[0].value == b"printf" and words[0] is not form and _NAMES.search(form.value):
        return  # the arguments are values in a line, and no lines
    value = b" ".join(word.value for word in words)
    left, right = words[0].place(0, len(words[0].value))[0], words[-1].place(0, len(words[-1].value))[0]
    value = value.replace(b"\\n", b"\n").rstrip()
    if value:
        yield Unit(Span(left.start, right.end), child(key, text(target)), value, "heredoc")


def _formatted(words: tuple[Word, ...], key: str) -> Iterator[Unit]:
    """`printf 'password=%s' x`."""
    if words[0].value != b"printf" or len(words) < 3:
        return
    pattern = words[1].value
    for conversion, word in zip(_CONVERSION.finditer(pattern), words[2:], strict=False):
        if named := _NAMED.search(pattern, max(0, conversion.start() - 80), conversion.start()):
            yield from unit(word, 0, child(key, text(named.group(1))))


def _substituted(word: Word, key: str) -> Iterator[Unit]:
    """`s/__DB_PASSWORD__/x/` and `s/password=.*/password=x/`."""
    found = _SUBSTITUTION.match(word.value)
    if not found:
        return
    pieces = [m.span() for m in re.finditer(rb"(?:[^\\" + re.escape(found[1]) + rb"]|\\.)+", word.value[2:])]
    if len(pieces) < 2:
        return
    (start, end), (begin, stop) = ((a + 2, b + 2) for a, b in pieces[:2])
    if named := _REPLACED.match(word.value, begin, stop):
        tail = len(word.value[named.end() : stop].rstrip(b"\"';,"))
        yield from unit(word, named.end(), child(key, text(named.group(1))), named.end() + tail)
    elif place := _PLACE.match(word.value, start, end):
        yield from unit(word, begin, child(key, text(place.group(1))), stop)
