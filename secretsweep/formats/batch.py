"""Batch files of Windows: variables that are set, and the flags and words of commands that carry credentials."""

import re
from collections.abc import Generator, Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _lines, _nested, _usages, _windows
from secretsweep.formats._address import child, text
from secretsweep.formats._commandline import listed
from secretsweep.formats._shellwords import Part, Word
from secretsweep.model import Blob, Span, Unit

NAME = "batch"
PRIORITY = 20  # above a shell's, which owns user data by its name
ANCESTORS = False  # no line depends on the indentation above it
GATES = (
    Gate(r"(?i)\bset\s{1,4}\"?[\w.\-]{0,60}(?:_pw|" + _gates.SECRETIVE[3:] + r"\w{0,40}\s{0,2}="),
    Gate(r"(?i)\bset\s{1,4}\"?\w{0,40}(?:pw|pass)\w{0,40}\s{0,2}="),
    Gate(r"(?i)\bsetx(?:\.exe)?\s{1,4}(?:/m\s{1,4})?\"?\w{0,60}"
         + _gates.SECRETIVE + r"\w{0,40}\"?\s{1,4}\"?[^\s\"%!]"),
    _gates.ARGUMENT,
    *_windows.GATES,
    *_usages.GATES,
)  # fmt: skip
BEGINS = (b"<script>", b"@echo")
PATHS = lazyre.compile(r"\.(?:bat|cmd)(?:\.(?:j2|tpl|tmpl|tftpl|erb|example|sample|txt))*$", re.IGNORECASE)
_HEAD = lazyre.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,20}(?:<script>\s{1,9}(?:@|(?:set|setx|net|rem|echo|cd|reg|powershell|msiexec|mkdir|for|"
    rb"call|winrm|netsh|cmd)(?:\.exe)?[ \t])|@echo[ \t]off\b)",
    re.IGNORECASE,
)
_COMMENT = lazyre.compile(rb"[@\s]*(?:rem(?:[\s=,;.:/\\]|\Z)|::)", re.IGNORECASE)
_SET = lazyre.compile(
    rb"(?:(?<=[\s(&|@])|\A)set[ \t]+(?:/p[ \t]+)?(?:\"(?P<quoted>[^=\"\r\n]{1,200})=(?P<text>[^\r\n]*)|"
    rb"(?P<name>[^\s=\"/&|<>][^=\"&|<>\r\n]{0,199})=(?P<value>[^\r\n]*))",
    re.IGNORECASE,
)
_SETX = lazyre.compile(rb"setx(?:\.exe)?", re.IGNORECASE)
_ASKS = lazyre.compile(rb"/p[ \t]", re.IGNORECASE)
_TOKEN = lazyre.compile(
    rb"(?P<blank>(?:[ \t\x0b\x0c\r]|\^\r?\n)+)|(?P<operator>\n|&&?|\|\|?|[()](?![^\s()&|]))"
    rb"|\"(?P<quoted>[^\"\n]*)\"?|\^(?P<escaped>[^\n])|(?P<bare>[^\s\"^&|()]+|[()^])"
)
_CARET = lazyre.compile(rb"\^(\r?\n)?(.)", re.DOTALL)
_LABEL = lazyre.compile(rb"[ \t]*:(?!:)")
_SPECIAL = lazyre.compile(rb"(?<!\^)[&|]")
_FILLED = lazyre.compile(rb"%[^%\r\n]{1,64}%|![^!\r\n]{1,64}!|%~?\w")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None or _HEAD.match(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The literals of variables, and of the flags that carry credentials."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    out: list[Unit] = []
    start = 3 if data.startswith(_lines.BOM) else 0
    while start < len(data):
        end = _end(data, start)
        if not _COMMENT.match(data, start, end):
            out += _line(data, start, end)
        start = end + 1
    return out


def _end(data: bytes, at: int) -> int:
    """Where the line ends, with those that a caret joins to it."""
    while True:
        stop = data.find(b"\n", at)
        if stop < 0:
            return len(data)
        bare = data[max(at, stop - 2) : stop].rstrip(b"\r")
        if not bare.endswith(b"^") or bare.endswith(b"^^"):
            return stop
        at = stop + 1


def _line(data: bytes, start: int, end: int) -> Iterator[Unit]:
    end = min(end, start + _lines.LONGEST)
    at = start
    while found := _SET.search(data, at, end):
        yield from _commands(data, at, found.start())
        at = yield from _assigned(data, found)
    yield from _commands(data, at, end)


def _assigned(data: bytes, found: re.Match[bytes]) -> Generator[Unit, None, int]:
    """`set NAME=value` up to the next command, `set "NAME=value"` up to the last quote."""
    group, name = ("text", found["quoted"]) if found["quoted"] is not None else ("value", found["name"])
    begin, end = found.span(group)
    after = end
    if group == "text":
        close = data.rfind(b'"', begin, end)
        second = data.find(b'"', begin, end)
        if second >= 0 and _SPECIAL.search(data, second, end):
            close = second  # another command follows
        end = after = close if close >= 0 else end
        after += close >= 0
    elif special := _SPECIAL.search(data, begin, end):
        end = after = special.start()
    raw = data[begin:end]
    bare = raw.strip()
    begin += len(raw) - len(raw.lstrip())
    form = "double" if group == "text" else "plain"
    if len(bare) > 1 and bare[:1] == bare[-1:] and bare[:1] in b"\"'":
        bare, begin, form = bare[1:-1], begin + 1, "double"
    asks = _ASKS.search(data, found.start(), begin)
    if bare and not asks and not _FILLED.fullmatch(bare):
        value = _CARET.sub(rb"\2", bare) if group == "value" and b"^" in bare else bare
        yield Unit(Span(begin, begin + len(bare)), child("", text(name.strip())), value, form)
    return after


def _commands(data: bytes, start: int, end: int) -> Iterator[Unit]:
    """The credentials in the commands between operators."""
    words: list[Word] = []
    glued = -1
    for token in _TOKEN.finditer(data, start, end):
        kind = token.lastgroup or ""
        if kind == "operator":
            yield from _command(words)
            words, glued = [], -1
        elif kind != "blank":
            value = token[kind]
            part_form = "double" if kind == "quoted" else "plain"
            if token.start() != glued or not words:
                words.append(Word(b"", ()))
            closed = token.end() > token.end(kind)
            words[-1] = _grown(words[-1], value, Span(*token.span(kind)), part_form, token.start(), closed)
            glued = token.end()
    yield from _command(words)


def _grown(word: Word, value: bytes, span: Span, form: str, start: int, closed: bool) -> Word:
    length = len(word.value)
    if len(word.parts) >= PARTS:
        return word
    last = word.parts[-1] if word.parts else None
    if form == "plain" and start < span.start:  # what a caret stands before
        span = Span(start, span.end)
    part = Part(length, length + len(value), span, form, closed)
    if last and last.form == form == "plain" and last.verbatim() and part.verbatim():
        part = last._replace(end=part.end, span=Span(last.span.start, span.end))
        return Word(word.value + value, (*word.parts[:-1], part))
    return Word(word.value + value, (*word.parts, part))


PARTS = 64  # of a word


def _command(words: list[Word]) -> Iterator[Unit]:
    words = [word for word in words if word.parts]
    while words and words[0].value.lower() in _BEFORE:
        del words[0]
    if words and words[0].value[:1] == b">":  # `>> file echo x`
        count = 2 if words[0].value in (b">", b">>") else 1
        words = words[count:] + words[:count]
    if not words:
        return
    name = words[0].value.lstrip(b"@")
    if _SETX.fullmatch(name):
        plain = [word for word in words[1:] if word.value[:1] != b"/"]
        if len(plain) > 1:
            span, form = plain[1].place(0, len(plain[1].value))
            if plain[1].value:
                yield Unit(span, child("env", text(plain[0].value[:200])), plain[1].value, form)
        return
    if name.lower() in _SAYS:
        yield from _written(words)
        return
    for found in listed(_windows.command((words[0]._replace(value=name), *words[1:])), ""):
        if not _FILLED.fullmatch(found.value):
            yield found
    for word in words[1:]:
        if b" " in word.value and len(word.parts) == 1:  # a command line, a document
            yield Unit(word.parts[0].span, text(name[:64]), word.value, word.parts[0].form)


def _written(words: list[Word]) -> Iterator[Unit]:
    """`echo NAME=value>> file`, as what the file is."""
    at = next((i for i, word in enumerate(words) if b">" in word.value), len(words))
    last, _, glued = words[at].value.partition(b">") if at < len(words) else (b"", b"", b"")
    target = b" ".join([glued.lstrip(b">"), *(word.value for word in words[at + 1 :])]).strip()
    texts = [*(word.value for word in words[1:at]), *([last] if last else [])]
    parts = [word.parts for word in words[1 : at + bool(last)]]
    if not texts or any(len(p) > 1 or not p[0].verbatim() or p[0].form != "plain" for p in parts):
        return
    start = parts[0][0].span.start
    stop = parts[-1][0].span.start + len(texts[-1])
    if len(texts) == 1 and (pair := _PAIR.fullmatch(texts[0])):
        yield Unit(Span(start + pair.start(2), stop), text(pair[1]), pair[2])
    elif target:
        yield Unit(Span(start, stop), child("", text(target[:200])), b" ".join(texts), "heredoc")


def statement(data: bytes, at: int) -> tuple[int, int]:
    """The line, with those that a caret joins to it, within bounds."""
    at = max(at - 1, 0)
    low, high = max(0, at - _lines.FAR), min(len(data), at + _lines.FAR)
    start = data.rfind(b"\n", low, at) + 1 or low
    while start > low and _GOES_ON.search(data, max(low, start - 3), start):
        start = data.rfind(b"\n", low, start - 1) + 1 or low
    end = data.find(b"\n", at, high)
    while 0 <= end < high and _GOES_ON.search(data, max(low, end - 2), end + 1):
        end = data.find(b"\n", end + 1, high)
    return start, high if end < 0 else end


REGIONS = {"statement": statement}
_GOES_ON = lazyre.compile(rb"\^\r?\n\Z")
_PAIR = lazyre.compile(rb"([A-Za-z_][\w.\-]*)=([^=\s].*)", re.DOTALL)
_BEFORE = frozenset((b"call", b"start", b"@call", b"do", b"else", b"@"))
_SAYS = frozenset((b"echo", b"title", b"echo.", b"rem"))
