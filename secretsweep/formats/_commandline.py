"""Where command lines carry credentials: assignments, flags, and the habits of single commands."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import _habits, _output
from secretsweep.formats._address import child, text
from secretsweep.formats._habits import unit
from secretsweep.formats._shellwords import Command, Lexer, Part, Word
from secretsweep.model import Span, Unit

_NAME = lazyre.compile(rb"([A-Za-z_][\w.\-]*(?:\[[^\]\s]{0,64}\])?)\+?=")
_ELEMENT = lazyre.compile(rb"\[([^\]\s]{1,64})\]\+?=")
_LONG = lazyre.compile(rb"--?([A-Za-z][\w.\-]+)(=?)")
_SECRET = lazyre.compile(rb"(?i)pass(?!ive|through)|pwd|secret|token|[_-]key\b|credential|auth(?!or)")
_DEFAULT = lazyre.compile(rb"\$\{([A-Za-z_]\w*):?[-=](?:\"([^\"\\\n$`}]*)\"|'([^'\n]*)'|([^\"'{}$`\n]*))\}")
_SCRIPT = lazyre.compile(rb"\s--?[A-Za-z]|(?:^|[\s;&|\"'])[A-Za-z_]\w+=\S|\|\s?(?:sudo\s)?\w{0,3}passwd\b|\$\(\w")
_HEADER = lazyre.compile(rb"([A-Za-z][\w-]*):\s*(?:(?:Bearer|Basic|Token|token|Bot|ApiKey)\s+)?(\S.*)", re.DOTALL)
_VARIABLE = lazyre.compile(rb"\$\{?([A-Za-z_]\w*)\}?")
_OBJECT = lazyre.compile(rb"\s*[\[{]\s*[\"{\[]|\s*\{\s*\}")  # of JSON
_INLINE = lazyre.compile(rb"(?i)(?:passw(?:or)?d|pwd|secret|token|api_?key)[\"']?\s?[:=]\s?[\"'][^\"'\s;,)\\$]")
_PAIR = lazyre.compile(rb"([A-Za-z_][\w.]*)=(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_NAMING = frozenset(((b"gcloud", b"secret"),))  # flags whose value is a secret's name
_TESTS = frozenset((b"[", b"[[", b"test"))
_FIELD = lazyre.compile(rb"([A-Za-z_][\w.\-]*)=([^&\s]+)")
_DATA = frozenset(b"-d --data --data-raw --data-ascii --data-binary --post-data --body-data".split())
_EQUAL = frozenset((b"=", b"==", b"!="))

BUDGET = 4  # bytes read for each byte given: command lines hold command lines


def units(data: bytes, base: Span, key: str) -> Iterator[Unit]:
    """The credentials' places in `data[base]`, their addresses below `key`."""
    pending = [base]
    read = 0
    while pending and read <= BUDGET * (base.end - base.start):
        span = pending.pop()
        read += span.end - span.start
        lexer = Lexer(data, span.start, span.end)
        before: Command | None = None
        for command in lexer.commands():
            yield from _command(command, before, key)
            for word in command.words:
                pending += (part.span for part in word.parts if part.form != "plain" and _is_script(word, part))
            before = command
        for document in lexer.heredocs:
            whole, found = _habits.fed_document(data, document, key)
            yield from found
            if not whole:
                yield from _output.document(data, document, key)
        pending += lexer.substitutions
    for default in _DEFAULT.finditer(data, base.start, base.end):
        group = default.lastindex or 4
        if default.group(group):
            form = ("double", "single", "plain")[group - 2]
            yield Unit(Span(*default.span(group)), child(key, text(default.group(1))), default.group(group), form)


def listed(words: tuple[Word, ...], key: str) -> Iterator[Unit]:
    """The credentials' places in a command whose words are known already."""
    return _command(Command(words, b""), None, key)


def _is_script(word: Word, part: Part) -> bool:
    """Whether a quoted argument is a command line of its own, as in `bash -c 'mysql -px'`."""
    if part.end - part.start < 8 or not part.verbatim():
        return False
    inside = word.value[part.start : part.end]
    return b" " in inside and _SCRIPT.search(inside) is not None


def _command(command: Command, before: Command | None, key: str) -> Iterator[Unit]:
    words = command.words
    if command.array:
        yield from _array(command, key)
        return
    at = _habits.first(words)
    name = _habits.command_name(words[at]) if at < len(words) else b""
    yield from _assignments(words, name, key)
    if name in _TESTS:
        yield from _compared(words[at:], key)
    if name:
        path = child(key, text(name[:64])) if name[:1] not in (b"-", b"$") else key  # arguments without their command
        yield from _flags(words[at:], name, path)
        yield from _habits.used(words[at:], key)
        yield from _habits.fed(command, before, key)
        yield from _output.by(command, before, name, key)


def _assignments(words: tuple[Word, ...], name: bytes, key: str) -> Iterator[Unit]:
    """`NAME=value`, also as an argument; flags that have a grammar of their own are left out."""
    flag = b""
    for word in words:
        value = word.value
        if flag in (b"-o", b"-O"):  # mount -o username=a,password=b
            yield from _settings(word, 0, child(key, text(name)))
        elif flag in (b"-e", b"--extra-vars") and name.startswith(b"ansible"):
            for pair in _PAIR.finditer(value):
                group = pair.lastindex or 4
                yield from unit(word, pair.start(group), _dotted(key, pair.group(1)), pair.end(group))
        elif flag in _DATA and b"&" in value:  # curl -d user=a&password=b
            for pair in _FIELD.finditer(value):
                yield from unit(word, pair.start(2), _dotted(child(key, text(name)), pair.group(1)), pair.end())
        elif not flag.startswith(b"--set") and b"=" in value:
            if (found := _NAME.match(value)) and value[found.end() : found.end() + 1] != b"%":
                yield from unit(word, found.end(), _dotted(key, found.group(1)))
            elif element := _ELEMENT.match(value):  # a line of an array
                yield from unit(word, element.end(), _dotted(key, element.group(1)))
        flag = value if value[:1] == b"-" and b"=" not in value else b""


def _array(command: Command, key: str) -> Iterator[Unit]:
    """`TOKENS=(a b)` and `creds=([db]=x)`."""
    name = text(command.array.removesuffix(b"+"))
    for number, word in enumerate(command.words):
        element = _ELEMENT.match(word.value)
        index = text(element.group(1)).strip("\"'") if element else str(number)
        yield from unit(word, element.end() if element else 0, f"{child(key, name)}[{index}]")


def _compared(words: tuple[Word, ...], key: str) -> Iterator[Unit]:
    """`[ "$PASSWORD" = literal ]`."""
    for left, operator, right in zip(words, words[1:], words[2:], strict=False):
        if operator.value in _EQUAL and (variable := _VARIABLE.fullmatch(left.value)):
            yield from unit(right, 0, child(key, text(variable.group(1))))


def _flags(words: tuple[Word, ...], name: bytes, path: str) -> Iterator[Unit]:
    for word, after in zip(words, (*words[1:], None), strict=True):
        value = word.value
        if value == b"-H" and after:
            yield from _header(after, path)
        elif value[:1] == b"-" and (long := _LONG.match(value)):
            if (name, long.group(1)) not in _NAMING:
                yield from _long(word, after, long, path)
        elif _OBJECT.match(value) and len(value) > 8:
            yield from unit(word, 0, child(path, "data"))
        elif len(value) > 12 and word.parts[0].form != "plain" and _INLINE.search(value) and not _NAME.match(value):
            span, _ = word.place(0, len(value))
            yield Unit(span, path, value, "block")


def _long(word: Word, after: Word | None, long: re.Match[bytes], path: str) -> Iterator[Unit]:
    """`--name=value`, `--name value`, `--set name=value`."""
    name = long.group(1)
    name = name[1:] if word.value.startswith(b"-D") else name  # of Java
    target, start = (word, long.end()) if long.group(2) else (after, 0)
    if target is None or (not long.group(2) and long.end() != len(word.value)):
        return
    value = target.value[start:]
    if name == b"header":
        yield from _header(target, path, start)
    elif name == b"set-json" and (found := _NAME.match(value)):
        yield from unit(target, start + found.end(), _dotted(path, found.group(1)))
    elif name.startswith(b"set") and _NAME.match(value):
        yield from _settings(target, start, path)
    elif _OBJECT.match(value):
        if long.group(2):
            yield from unit(target, start, child(path, "data"))
    elif found := _NAME.match(value):
        if long.group(2):
            yield from unit(target, start + found.end(), _dotted(path, found.group(1)))
    elif long.group(2) or (_SECRET.search(name) and value[:1] != b"-"):
        yield from unit(target, start, _dotted(path, name))


def _settings(word: Word, start: int, path: str) -> Iterator[Unit]:
    """`a.password=x,b=y`, as helm reads it."""
    for piece in re.finditer(rb"(?:[^,\\]|\\.)+", word.value[start:]):
        if found := _NAME.match(piece.group()):
            begin, end = (start + at for at in piece.span())
            yield from unit(word, begin + found.end(), _dotted(path, found.group(1)), end)


def _dotted(path: str, name: bytes) -> str:
    """Below `path`; the dots of `a.password` are steps already."""
    return f"{path}.{text(name)}" if path else text(name)


def _header(word: Word, path: str, start: int = 0) -> Iterator[Unit]:
    """`Authorization: Bearer x`."""
    if found := _HEADER.match(word.value, start):
        yield from unit(word, found.start(2), child(path, text(found.group(1))))
