"""What a shell makes of a line: words with the place of each of their parts, commands, here-documents."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.model import Span


class Part(NamedTuple):
    """A run of a word's value: `value[start:end]` stands at `span`, verbatim unless something was escaped."""

    start: int
    end: int
    span: Span
    form: str
    closed: bool = True  # a quoted run has its second quote

    def verbatim(self) -> bool:
        """Whether the bytes at `span` are the value's."""
        return self.span.end - self.span.start == self.end - self.start


class Word(NamedTuple):
    """A word with quotes and escapes undone; expansions stay as they are written."""

    value: bytes
    parts: tuple[Part, ...]

    def place(self, start: int, end: int) -> tuple[Span, str]:
        """Where `value[start:end]` is written, without the quotes around it, and in which form."""
        inside = [p for p in self.parts if p.end > start and p.start < end]
        if not inside:
            at = self.parts[-1].span.end if self.parts else 0
            return Span(at, at), "plain"
        first, last = inside[0], inside[-1]
        begin = first.span.start
        if first.start < start and first.verbatim():
            begin += start - first.start
        elif first is not last and first.form != "plain":
            begin -= 1  # quotes inside the range are part of how it is written
        stop = last.span.end
        if last.end > end and last.verbatim():
            stop -= last.end - end
        elif first is not last and last.form != "plain" and last.closed:
            stop += 1
        return Span(begin, stop), first.form if first is last else "plain"


class Command(NamedTuple):
    """The words up to an operator, and the operator that ended the command before (`|` feeds it).

    `here` is the word behind `<<<`, `target` the file behind `>`, `array` the name before `=(` whose elements the
    words are.
    """

    words: tuple[Word, ...]
    after: bytes
    here: Word | None = None
    target: bytes = b""
    array: bytes = b""


class Heredoc(NamedTuple):
    """The body of a here-document, and the pipeline that reads it: `cat <<EOF | chpasswd` has two commands."""

    span: Span
    readers: tuple[Command, ...]
    quoted: bool = False  # `<<'EOF'`: nothing in it is expanded


_TOKEN = lazyre.compile(
    rb"(?P<blank>(?:[ \t]|\\\r?\n)+)|(?P<comment>#[^\n]*)"
    rb"|(?P<here><<<)[ \t]*"
    rb"|<<(?P<tabs>[-~]?)[ \t]*(?P<escape>\\?)(?P<quote>[\"']?)(?P<heredoc>[A-Za-z_][\w.\-]*)(?P=quote)"
    rb"|(?P<redirect>\d?(?:>>|>\||>&|<&|<>|>|<)(?!<)[ \t]*)"
    rb"|(?P<operator>\r?\n|\r|&&|\|\||;;|[;&|(){}](?=\s|\Z)|[;&|()])[ \t]*"
    rb"|(?P<bare>[^\s'\"\\$`;&|()<>]+)(?=[\s;&|()<>]|\Z)[ \t]*"
)
_STOP = lazyre.compile(rb"[\s&;|()<]")
_BARE = lazyre.compile(rb"[^\s'\"\\$`;&|()<>]+")
_ANSI = lazyre.compile(rb"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_INNER = lazyre.compile(rb"[\"'`\\$(){}]|\n")
_NAME = lazyre.compile(rb"\$(?:\w+|[@*#?$!-])")
_DOUBLE = lazyre.compile(rb"\\([\"\\$`])|\\\r?\n")
_ANSI_LETTERS = dict(zip(b"abeEfnrtv\\'\"?", b"\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))
_ANSI_ESCAPE = lazyre.compile(rb"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|(.))", re.DOTALL)
_JOINT = lazyre.compile(rb"\\\r?\n(?=[^\s;&|()<>])")  # the word goes on in the next line
_PIPELINE = 64  # commands of one line that a here-document may be for
RESYNCS = 8  # unclosed quotes that are taken to end with their line, before the rest is left alone


class Lexer:
    """One pass over `data[start:end]`."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data, self.at, self.end = data, start, end
        self.substitutions: list[Span] = []  # insides of $(…) and `…`
        self.heredocs: list[Heredoc] = []
        self.resyncs = RESYNCS
        self._awaited: list[tuple[bytes, bool, int, bool]] = []
        self._line: list[Command] = []  # the commands of the line that is read

    def commands(self) -> Iterator[Command]:
        """The commands in order; here-documents and substitutions are collected on the way."""
        data, end = self.data, self.end
        words: list[Word] = []
        command = Command((), b"")
        while self.at < end:
            token = _TOKEN.match(data, self.at, end)
            if token is None:
                if word := self._word():
                    words.append(word)
                continue
            self.at, kind = token.end(), token.lastgroup
            if kind == "bare":
                value = token["bare"]
                words.append(Word(value, (Part(0, len(value), Span(*token.span("bare")), "plain"),)))
            elif kind == "heredoc":
                quoted = token["escape"] + token["quote"] != b""
                self._awaited.append((token["heredoc"], token["tabs"] != b"", len(self._line), quoted))
            elif kind == "here":
                command = command._replace(here=self._word())
            elif kind == "redirect":
                command = command._replace(target=self._redirect(token.group()) or command.target)
            elif kind == "operator":
                operator = token["operator"]
                if operator == b"(" and words and _opens_array(words[-1], token.start()):
                    name = words.pop().value[:-1]
                    self._line.append(Command((), b"", array=name))
                    yield Command(tuple(self._elements()), b"", array=name)
                    continue
                if words:
                    command = command._replace(words=tuple(words))
                    self._line.append(command)
                    yield command
                    words = []
                command = Command((), operator)
                if operator[-1] in b"\r\n":
                    self.at = token.end("operator") if self._awaited else self.at
                    self._bodies()
        if words:
            yield command._replace(words=tuple(words))

    def _redirect(self, operator: bytes) -> bytes:
        """Read the file's name behind `>`: what is written is named by it."""
        if b">" in operator and not _STOP.match(self.data, self.at, self.end):
            target = self._word()
            return target.value if target else b""
        return b""

    def _elements(self) -> Iterator[Word]:
        """The words up to the `)` that ends an array."""
        while self.at < self.end:
            token = _TOKEN.match(self.data, self.at, self.end)
            if token is None or token.lastgroup == "bare":
                if word := self._word():
                    yield word
                continue
            self.at = token.end()
            if token.lastgroup == "operator" and token["operator"] not in (b"\n", b"\r\n", b"\r"):
                return

    def _bodies(self) -> None:
        for terminator, tabs, reader, quoted in self._awaited:
            start = at = self.at
            while at < self.end:
                stop = self.data.find(b"\n", at, self.end)
                stop = self.end if stop < 0 else stop
                line = self.data[at:stop].rstrip(b"\r")
                if (line.strip() if tabs else line) == terminator:
                    break
                at = stop + 1
            readers = self._line[reader:] if len(self._line) <= _PIPELINE else []
            self.heredocs.append(Heredoc(Span(start, min(at, self.end)), _pipeline(readers), quoted))
            stop = self.data.find(b"\n", min(at, self.end), self.end)
            self.at = self.end if stop < 0 else stop + 1
        self._awaited, self._line = [], []

    def _word(self) -> Word | None:
        """The word that begins here; at least one byte is consumed."""
        data, end = self.data, self.end
        parts: list[Part] = []
        chunks: list[bytes] = []
        length = 0

        def add(value: bytes, start: int, stop: int, form: str) -> None:
            nonlocal length
            if value:
                closed = data[stop : stop + 1] in (b"'", b'"')
                parts.append(Part(length, length + len(value), Span(start, stop), form, closed))
                chunks.append(value)
                length += len(value)

        begin = self.at
        while self.at < end:
            at = self.at
            if bare := _BARE.match(data, at, end):
                self.at = bare.end()
                add(bare.group(), at, self.at, "plain")
                continue
            char = data[at]
            if char == 39:  # '
                stop = self._quoted(at, data.find(b"'", at + 1, end))
                if stop < 0:
                    return None
                add(data[at + 1 : stop], at + 1, stop, "single")
            elif char == 34:  # "
                stop = self._quoted(at, self.closing(at + 1, b'"'))
                if stop < 0:
                    return None
                raw = data[at + 1 : stop]
                add(_DOUBLE.sub(rb"\1", raw) if b"\\" in raw else raw, at + 1, stop, "double")
            elif char == 92:  # backslash
                if joint := _JOINT.match(data, at, end):
                    self.at = joint.end()
                    continue
                if data[at + 1 : at + 2] in b"\r\n":
                    break
                add(data[at + 1 : at + 2], at, min(at + 2, end), "plain")
                self.at = min(at + 2, end)
            elif char == 36 and data[at + 1 : at + 2] == b"'" and (ansi := _ANSI.match(data, at, end)):
                self.at = ansi.end()
                add(_ANSI_ESCAPE.sub(_ansi, ansi.group(1)), *ansi.span(1), "single")
            elif char == 36 and data[at + 1 : at + 2] == b'"':  # translated to the user's language
                self.at += 1
            elif char in b"$`":
                self._expansion(at)
                add(data[at : self.at], at, self.at, "plain")
            elif char in b"<>" and data[at + 1 : at + 2] == b"(":
                self.at += 1
                break
            else:
                break
        if self.at == begin:
            self.at += 1
            return None
        return Word(b"".join(chunks), _merged(parts))

    def _quoted(self, at: int, stop: int) -> int:
        """Move behind the quote at `stop`; one that is never closed (-1) ends with its line.

        -1 when there were too many of those: the rest is left alone.
        """
        if stop >= 0:
            self.at = stop + 1
            return stop
        self.resyncs -= 1
        if self.resyncs < 0:
            self.at = self.end
            return -1
        stop = self.data.find(b"\n", at, self.end)
        self.at = stop if stop >= 0 else self.end
        return self.at

    def _expansion(self, at: int) -> None:
        """Move behind the expansion that begins here."""
        data, end = self.data, self.end
        two = data[at : at + 2]
        if two in (b"$(", b"${") or data[at] == 96:
            opener = at + (1 if data[at] == 96 else 2)
            closer = b"`" if data[at] == 96 else b")" if two == b"$(" else b"}"
            stop = self.closing(opener, closer)
            if stop < 0:
                self.at = opener
                return
            if closer != b"}":
                self.substitutions.append(Span(opener, stop))
            self.at = stop + 1
            return
        name = _NAME.match(data, at, end)
        self.at = name.end() if name else at + 1

    def closing(self, at: int, closer: bytes) -> int:
        """Where what was opened ends, with quotes and expansions inside it; -1 when it does not."""
        data, end = self.data, self.end
        if self.resyncs <= 0:
            return data.find(closer, at, end)
        stack = [closer]
        while found := _INNER.search(data, at, end):
            char, at = found.group(), found.end()
            top = stack[-1]
            if char == b"\\":
                at += 1
            elif char == top:
                stack.pop()
                if not stack:
                    return found.start()
            elif char == b"$":
                following = data[at : at + 1]
                if following in (b"(", b"{") and following:
                    stack.append(b")" if following == b"(" else b"}")
                    at += 1
            elif char == b"`":
                stack.append(b"`")
            elif top != b'"':
                if char == b'"':
                    stack.append(b'"')
                elif char == b"'":
                    stop = data.find(b"'", at, end)
                    if stop < 0:
                        break
                    at = stop + 1
                elif char == b"(" and top == b")":
                    stack.append(b")")
        self.resyncs -= 1
        return -1


_OPENS = lazyre.compile(rb"\\.|\$[({]|`", re.DOTALL)


def expansions(data: bytes, span: Span) -> Iterator[tuple[bytes, Span]]:
    """How each expansion of a run that no single quotes hold opens (`$(`, `${`, a backquote), and its inside."""
    lexer = Lexer(data, span.start, span.end)
    at = span.start
    while found := _OPENS.search(data, at, span.end):
        at, opener = found.end(), found.group()
        if opener[:1] == b"\\":
            continue
        stop = lexer.closing(at, {b"$(": b")", b"${": b"}"}.get(opener, b"`"))
        if stop >= 0:
            yield opener, Span(at, stop)
            at = stop + 1


def _merged(parts: list[Part]) -> tuple[Part, ...]:
    """Neighbouring plain runs as one, so that `a$b` is one place."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        plain = last is not None and last.form == part.form == "plain" and last.verbatim() and part.verbatim()
        if last and plain and last.span.end == part.span.start:
            merged[-1] = Part(last.start, part.end, Span(last.span.start, part.span.end), "plain")
        else:
            merged.append(part)
    return tuple(merged)


def _opens_array(word: Word, at: int) -> bool:
    """Whether a `(` at `at` makes the word before it an assignment of a list."""
    return word.value[-1:] == b"=" and bool(word.parts) and word.parts[-1].span.end == at


def _pipeline(commands: list[Command]) -> tuple[Command, ...]:
    """The first command and those that it is piped to."""
    count = next((i for i, c in enumerate(commands) if i and c.after not in (b"|", b"|&")), len(commands))
    return tuple(commands[:count])


def _ansi(escape: re.Match[bytes]) -> bytes:
    """What an escape of `$'…'` stands for; one that bash does not know stays."""
    code, octal, point, letter = escape.groups()
    if code or octal:
        return bytes((int(code or octal, 16 if code else 8) & 255,))
    if point:
        return chr(int(point, 16)).encode("utf-8", "surrogatepass")
    known = _ANSI_LETTERS.get(letter[0])
    return escape.group() if known is None else bytes((known,))
