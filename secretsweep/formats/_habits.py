"""The table of usages applied to a command: its flags, its positional words, what it is fed on standard input."""

import re
from collections.abc import Iterator
from itertools import pairwise, zip_longest

from secretsweep import lazyre
from secretsweep.formats._address import child, text
from secretsweep.formats._shellwords import Command, Heredoc, Word
from secretsweep.formats._usages import BY_COMMAND, Slot, Usage
from secretsweep.model import Span, Unit

ECHOES = frozenset((b"echo", b"printf"))
# `$A${B}`, a command in backquotes, and what openssl calls a place of a password
_ELSEWHERE = lazyre.compile(rb"(?:\$\w+|\$\{\w+\}|`[^`]*`)+|(?:file|env|fd):[\w./$-]+|@[\w.~$-]*/[\w./$-]+")
_NAME = lazyre.compile(rb"[A-Za-z_][\w.\-]*(?:\[[^\]\s]{0,64}\])?\+?=")
_WRAPPERS = frozenset(b"sudo doas exec time nohup env command then do else if while until ! xargs".split())
_LOGIN = lazyre.compile(rb"(?:^|\\n|\n)([\w.@+\-]+|\$\{?\w+\}?):([^\s\\]+)")
_LOGIN_LINE = lazyre.compile(rb"^([\w.$@+{}\-]+):(\S+)[ \t\r]*$", re.MULTILINE)
_LINE = lazyre.compile(rb"(?:^|\\n|\n)([^\\\n]+)")
_BODY_LINE = lazyre.compile(rb"^[ \t]*(\S[^\r\n]*?)[ \t\r]*$", re.MULTILINE)
_FTP_LOGIN = lazyre.compile(rb"^[ \t]*user[ \t]+(\S+)[ \t]+(\S+)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_TELLING = lazyre.compile(rb"(?i)pass|pwd|secret|token|key")
_BOTH = lazyre.compile(rb"[\w.\-$]+/([^@/\s]+)(?:@\S+)?")
_ECHO_FLAGS = frozenset((b"-n", b"-e", b"-ne", b"-en", b"--", b"-E"))
_APART = frozenset((b"openssl",))  # its long flags begin like its short ones
_CLUSTERED = frozenset((b"curl", b"zip"))  # `-sSu x`
_CLUSTER = lazyre.compile(rb"-[A-Za-z]{1,8}")
_NEAR = 8  # words among which a subcommand stands
_FTP = frozenset((b"ftp", b"lftp", b"tnftp", b"ncftp"))
_PASSWORDS = 2  # lines of one here-document that are passwords


def command_name(word: Word) -> bytes:
    """Without its folder, and without `.exe`."""
    return re.split(rb"[/\\]", word.value)[-1].removesuffix(b".exe")


def first(words: tuple[Word, ...]) -> int:
    """The index of the command's own name, behind assignments and `sudo -u x`."""
    at = 0
    wrapped = False
    while at < len(words):
        value = words[at].value
        if value in _WRAPPERS:
            wrapped = value in (b"sudo", b"doas", b"env")
        elif wrapped and value[:1] == b"-":
            at += value in (b"-u", b"-g", b"-U", b"--user")
        elif not _NAME.match(value):
            break
        at += 1
    return at


def unit(word: Word | None, start: int, key: str, end: int | None = None) -> Iterator[Unit]:
    """The part of a word's value, at its place."""
    if word is None:
        return
    end = len(word.value) if end is None else end
    if end > start and not _ELSEWHERE.fullmatch(word.value, start, end):
        span, form = word.place(start, end)
        yield Unit(span, key, word.value[start:end], form)


def used(words: tuple[Word, ...], key: str) -> Iterator[Unit]:
    """Credentials where the table says, also of a command that another one starts: `docker exec db mysql -px`."""
    for at, word in enumerate(words):
        name = command_name(word)
        for usage in BY_COMMAND.get(name, ()):
            yield from _usage(usage, words[at:], child(key, text(name)))
        if name == b"htpasswd":
            yield from _htpasswd(words[at + 1 :], child(key, "htpasswd"))


def fed(command: Command, before: Command | None, key: str) -> Iterator[Unit]:
    """Credentials that come from `<<< word`, or from `echo word |`."""
    sources = [command.here] if command.here else []
    if before and command.after in (b"|", b"|&"):
        sources += echoed(before)
    if sources:
        for usage, path in _fed_by(command, key):
            for word in sources:
                pattern = _LOGIN if usage.stdin.startswith("user:") else _LINE
                for found in pattern.finditer(word.value):
                    start, end = found.span(found.lastindex or 1)
                    yield from unit(word, start, _called(usage, path, found), end)


def fed_document(data: bytes, document: Heredoc, key: str) -> tuple[bool, list[Unit]]:
    """Credentials in a here-document, and whether it holds nothing else."""
    found: list[Unit] = []
    whole = False
    for reader in document.readers:
        for usage, path in _fed_by(reader, key):
            whole = True
            logins = usage.stdin.startswith("user:")
            lines = (_LOGIN_LINE if logins else _BODY_LINE).finditer(data, *document.span)
            for number, line in enumerate(lines):
                if logins or number < _PASSWORDS:
                    group = line.lastindex or 1
                    found.append(Unit(Span(*line.span(group)), _called(usage, path, line), line.group(group)))
        if reader.words and command_name(reader.words[0]) in _FTP:
            lines = _FTP_LOGIN.finditer(data, *document.span)
            found += (Unit(Span(*line.span(2)), child(child(key, "ftp"), "password"), line.group(2)) for line in lines)
    return whole, found


def echoed(command: Command) -> list[Word]:
    """The words that echo or printf writes."""
    words = command.words
    if not words or words[0].value not in ECHOES:
        return []
    rest = [word for word in words[1:] if word.value not in _ECHO_FLAGS]
    return rest[1:] if words[0].value == b"printf" and rest and b"%" in rest[0].value else rest


def _fed_by(command: Command, key: str) -> Iterator[tuple[Usage, str]]:
    """The usages of a command that read a credential from standard input."""
    words = command.words
    for at, word in enumerate(words):
        for usage in BY_COMMAND.get(command_name(word), ()):
            if not usage.stdin or (usage.needs and all(w.value != usage.needs for w in words)):
                continue
            if _behind(usage, words[at:]):
                yield usage, child(key, text(usage.command))


def _called(usage: Usage, path: str, found: re.Match[bytes]) -> str:
    if found.lastindex == 2:
        return child(child(path, text(found.group(1))), "password")
    return child(path, usage.stdin)


def _behind(usage: Usage, words: tuple[Word, ...]) -> int:
    """The index behind the subcommands; 0 when they are not there."""
    at = 1
    for names in usage.path:
        near = range(at, min(len(words), at + _NEAR))
        at = next((i + 1 for i in near if words[i].value.lower() in names), 0)
        if not at:
            return 0
    return at


def _usage(usage: Usage, words: tuple[Word, ...], path: str) -> Iterator[Unit]:
    at = _behind(usage, words)
    if not at:
        return
    name = next((b.value for a, b in pairwise(words) if a.value == usage.named_by), b"")
    for word, after in zip_longest(words[1:], words[2:]):
        for slot in usage.flags:
            if target := _slotted(slot, usage.command, word, after):
                below = _named(path, name, usage, words) if slot.name == "name" else child(path, slot.name)
                yield from unit(target[0], target[1], below)
    if usage.positions:
        yield from _positions(usage, [w for w in words[at:] if w.value[:1] != b"-"], path)


def _named(path: str, name: bytes, usage: Usage, words: tuple[Word, ...]) -> str:
    """The address of a secret that gets a name; every value in a store of secrets is one, whatever its name. Windows'
    registry is none."""
    below = child(path, text(name)) if name else path
    plain = usage.command == b"reg" or (usage.command == b"aws" and all(w.value != b"SecureString" for w in words))
    return below if plain or _TELLING.search(name) else child(below, "secret")


def _slotted(slot: Slot, command: bytes, word: Word, after: Word | None) -> tuple[Word, int] | None:
    """The word that a flag's value is in, and where it begins there."""
    value, flag = word.value, slot.flag
    target, start = word, len(flag)
    clustered = command in _CLUSTERED and len(flag) == 2 and value[-1:] == flag[1:] and _CLUSTER.fullmatch(value)
    if value == flag or clustered:
        if slot.must_glue or after is None or after.value[:1] == b"-":
            return None
        target, start = after, 0
    elif not value.startswith(flag):
        return None
    elif value[start : start + 1] == b"=" and flag[-1:] != b":":
        start += 1
    elif (len(flag) > 2 and not slot.must_glue) or command in _APART:
        return None
    if not slot.lead:
        return target, start
    behind = target.value.find(slot.lead, start)
    if behind < 0 or (len(slot.lead) > 1 and behind > start):
        return None
    return target, behind + len(slot.lead)


def _positions(usage: Usage, words: list[Word], path: str) -> Iterator[Unit]:
    positions = usage.positions
    if positions[0] == "…":
        if words:
            yield from unit(words[-1], 0, child(path, positions[-1].lower()))
        return
    name = ""
    for position, word in zip(positions, words, strict=False):
        if position == "NAME":
            name = text(word.value)
            if b"=" in word.value:  # `npm config set name=value`
                behind = word.value.find(b"=") + 1
                yield from unit(word, behind, child(path, text(word.value[: behind - 1])))
                return
        elif position == "VALUE":
            yield from unit(word, 0, f"{path}.{name}" if name.isidentifier() else child(path, name))
        elif position == "USER/PASSWORD":
            if both := _BOTH.fullmatch(word.value):
                yield from unit(word, both.start(1), child(path, "password"), both.end(1))
        elif position != "_" and not (position == "TOKEN" and b"=" in word.value.rstrip(b"=")):  # `vault login role=x`
            yield from unit(word, 0, child(path, position.lower()))


def _htpasswd(words: tuple[Word, ...], path: str) -> Iterator[Unit]:
    """`-b file user password`, without the file behind `-n`."""
    flags = b"".join(w.value[1:] for w in words if w.value[:1] == b"-")
    others = [w for w in words if w.value[:1] != b"-"]
    at = 1 if b"n" in flags else 2
    if b"b" in flags and len(others) > at:
        yield from unit(others[at], 0, child(path, "password"))
