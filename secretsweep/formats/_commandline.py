"""Where command lines carry credentials: assignments, flags, and the habits of single commands."""

import re
from collections.abc import Iterator

from secretsweep.formats._address import child, text
from secretsweep.formats._shellwords import Command, Heredoc, Lexer, Part, Word
from secretsweep.model import Span, Unit

_NAME = re.compile(rb"([A-Za-z_][\w.\-]*(?:\[[^\]\s]{0,64}\])?)\+?=")
_LONG = re.compile(rb"--?([A-Za-z][\w.\-]+)(=?)")
_SECRET = re.compile(rb"(?i)pass(?!ive|through)|pwd|secret|token|[_-]key\b|credential|auth(?!or)")
_DEFAULT = re.compile(rb"\$\{([A-Za-z_]\w*):?[-=](?:\"([^\"\\\n$`}]*)\"|'([^'\n]*)'|([^\"'{}$`\n]*))\}")
_SCRIPT = re.compile(rb"\s--?[A-Za-z]|(?:^|[\s;&|])[A-Za-z_]\w+=\S")
_LOGIN = re.compile(rb"^([\w.$@+\-]+):(\S+)[ \t\r]*$", re.MULTILINE)
_HEADER = re.compile(rb"([A-Za-z][\w-]*):\s*(?:(?:Bearer|Basic|Token|token|Bot|ApiKey)\s+)?(\S.*)", re.DOTALL)
_WRAPPERS = frozenset(b"sudo exec time nohup env command then do else if while ! xargs".split())

BUDGET = 4  # bytes read for each byte given: command lines hold command lines

# flags whose value is the credential, written `-p x` or `-px`, and their commands
_FLAGS = {
    b"-p": b"sshpass cqlsh mongo mongosh mongodump mongorestore useradd usermod 7z",
    b"-a": b"redis-cli ldappasswd",
    b"-w": b"ldapsearch ldapadd ldapmodify ldapdelete ldappasswd",
    b"-s": b"ldappasswd",
    b"-P": b"ipmitool sqlcmd bcp mosquitto_pub mosquitto_sub zip unzip",
    b"-A": b"snmpwalk snmpget",
    b"-X": b"snmpwalk snmpget",
    b"-c": b"snmpwalk snmpget",
    b"-k": b"openssl",
    b"-pass": b"openssl",
    b"-passin": b"openssl",
    b"-passout": b"openssl",
    b"-storepass": b"keytool",
    b"-keypass": b"keytool",
}
_SHORT: dict[bytes, tuple[bytes, ...]] = {}
for _flag, _commands in _FLAGS.items():
    for _name in _commands.split():
        _SHORT[_name] = (_flag, *_SHORT.get(_name, ()))
_GLUED = frozenset(
    b"mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlpump mariadb mariadb-dump "
    b"mariadb-admin".split()
)
_LOGINS = frozenset(b"docker podman skopeo crane buildah nerdctl oras helm az oc argocd cf".split())
_USERS = frozenset((b"curl", b"http", b"https", b"ab", b"lftp", b"smbclient"))


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
                pending += (
                    part.span for part in word.parts if part.form != "plain" and _is_script(word, part)
                )
            before = command
        for heredoc in lexer.heredocs:
            yield from _heredoc(data, heredoc, key)
        pending += lexer.substitutions
    for default in _DEFAULT.finditer(data, base.start, base.end):
        group = default.lastindex or 4
        if default.group(group):
            form = ("double", "single", "plain")[group - 2]
            yield Unit(
                Span(*default.span(group)), child(key, text(default.group(1))), default.group(group), form
            )


def listed(words: tuple[Word, ...], key: str) -> Iterator[Unit]:
    """The credentials' places in a command whose words are known already."""
    return _command(Command(words, b""), None, key)


def _is_script(word: Word, part: Part) -> bool:
    """Whether a quoted argument is a command line of its own, as in `bash -c 'mysql -px'`."""
    if part.end - part.start < 8 or not part.verbatim():
        return False
    inside = word.value[part.start : part.end]
    return b" " in inside and _SCRIPT.search(inside) is not None


def _heredoc(data: bytes, heredoc: Heredoc, key: str) -> Iterator[Unit]:
    """Logins for chpasswd; any other body as one literal, named by the file that it is written to."""
    start, end = heredoc.span
    if heredoc.command in (b"chpasswd", b"sudo"):
        for login in _LOGIN.finditer(data, start, end):
            yield Unit(
                Span(*login.span(2)), child(child(key, "chpasswd"), text(login.group(1))), login.group(2)
            )
    raw = data[start:end]
    start += len(raw) - len(raw.lstrip())
    raw = raw.strip()
    if raw:
        name = text(heredoc.target or heredoc.command or b"heredoc")
        yield Unit(Span(start, start + len(raw)), child(key, name), raw.replace(b"\r\n", b"\n"), "heredoc")


def _command(command: Command, before: Command | None, key: str) -> Iterator[Unit]:
    words = command.words
    at = 0
    while at < len(words) and (words[at].value in _WRAPPERS or _NAME.match(words[at].value)):
        at += 1
    name = words[at].value.rsplit(b"/", 1)[-1] if at < len(words) else b""
    setting = False  # the word before was `--set`, which has its own grammar
    for word in words:
        found = None if setting or b"=" not in word.value else _NAME.match(word.value)
        if found:
            yield from _unit(word, found.end(), _dotted(key, found.group(1)))
        setting = word.value.startswith(b"--set") and b"=" not in word.value
    if name:
        path = child(key, text(name[:64])) if name[:1] != b"-" else key  # arguments without their command
        yield from _flags(words[at:], name, path)
        if name == b"chpasswd" and before and command.after == b"|":
            for word in before.words[1:]:
                if login := _LOGIN.match(word.value):
                    yield from _unit(word, login.start(2), child(path, text(login.group(1))))


def _flags(words: tuple[Word, ...], name: bytes, path: str) -> Iterator[Unit]:
    login = name in _LOGINS and any(w.value == b"login" for w in words[1:4])
    short = (*_SHORT.get(name, ()), *((b"-p",) if login else ()))
    for word, after in zip(words, (*words[1:], None), strict=True):
        value = word.value
        if value[:1] != b"-":
            continue
        if name in _GLUED and value[:2] == b"-p":
            yield from _unit(word, 2, child(path, "password"))
        elif name in _USERS and value[:2] in (b"-u", b"-U", b"-a") and value[:2] != b"--":
            yield from _user(word, 2, path) if len(value) > 2 else _user(after, 0, path)
        elif flag := next((f for f in short if value == f or (_glues(f, name) and value.startswith(f))), None):
            target, start = (word, len(flag)) if len(value) > len(flag) else (after, 0)
            if target and name == b"openssl" and target.value.startswith(b"pass:", start):
                start += 5
            elif target is word and login and value[start : start + 1] == b"=":
                start += 1
            yield from _unit(target, start, child(path, "password"))
        elif value == b"-H" and after:
            yield from _header(after, path)
        elif long := _LONG.match(value):
            yield from _long(word, after, long, path)


def _glues(flag: bytes, name: bytes) -> bool:
    """Whether the value may follow the flag without a space; openssl's and keytool's words begin alike."""
    return len(flag) == 2 and name != b"openssl"


def _long(word: Word, after: Word | None, long: re.Match[bytes], path: str) -> Iterator[Unit]:
    """`--name=value`, `--name value`, `--set name=value`."""
    name = long.group(1)
    target, start = (word, long.end()) if long.group(2) else (after, 0)
    if target is None or (not long.group(2) and long.end() != len(word.value)):
        return
    value = target.value[start:]
    if name in (b"user", b"proxy-user") and b":" in value:
        yield from _user(target, start, path)
    elif name == b"header":
        yield from _header(target, path, start)
    elif name.startswith(b"set") and _NAME.match(value):
        yield from _settings(target, start, path)
    elif found := _NAME.match(value):
        if long.group(2):
            yield from _unit(target, start + found.end(), _dotted(path, found.group(1)))
    elif long.group(2) or (_SECRET.search(name) and value[:1] != b"-"):
        yield from _unit(target, start, _dotted(path, name))


def _settings(word: Word, start: int, path: str) -> Iterator[Unit]:
    """`a.password=x,b=y`, as helm reads it."""
    for piece in re.finditer(rb"(?:[^,\\]|\\.)+", word.value[start:]):
        if found := _NAME.match(piece.group()):
            begin, end = (start + at for at in piece.span())
            yield from _unit(word, begin + found.end(), _dotted(path, found.group(1)), end)


def _dotted(path: str, name: bytes) -> str:
    """Below `path`; the dots of `a.password` are steps already."""
    return f"{path}.{text(name)}" if path else text(name)


def _user(word: Word | None, start: int, path: str) -> Iterator[Unit]:
    """`user:password`."""
    if word:
        colon = word.value.find(b":", start)
        if colon >= 0:
            yield from _unit(word, colon + 1, child(path, "password"))


def _header(word: Word, path: str, start: int = 0) -> Iterator[Unit]:
    """`Authorization: Bearer x`."""
    if found := _HEADER.match(word.value, start):
        yield from _unit(word, found.start(2), child(path, text(found.group(1))))


def _unit(word: Word | None, start: int, key: str, end: int | None = None) -> Iterator[Unit]:
    if word is None:
        return
    end = len(word.value) if end is None else end
    if end > start:
        span, form = word.place(start, end)
        yield Unit(span, key, word.value[start:end], form)
