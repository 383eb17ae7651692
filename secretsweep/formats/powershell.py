"""PowerShell: variables, defaults of parameters, hash tables, secure strings, logins, flags of commands."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from secretsweep import lazyre
from secretsweep.formats import Gate, _basic, _gates, _nested, _usages, _windows
from secretsweep.formats._address import DEPTH, LIMIT, NAMES, OPEN, VALUES, child, item, segment, text
from secretsweep.formats._commandline import listed
from secretsweep.formats._powershellwords import Item, items, siblings, statement, words
from secretsweep.formats._shellwords import Word
from secretsweep.model import Blob, Span, Unit

NAME = "powershell"
PRIORITY = 20  # above a shell's, which owns user data by its name
ANCESTORS = False  # no line depends on the indentation above it
GATES = (
    Gate(r"(?i)\bConvertTo-SecureString\b"),
    Gate(r"(?i)\b(?:PS|Network)Credential\b"),
    Gate(r"(?i)\bSetEnvironmentVariable\b"),
    Gate(r"@[\"'][ \t]{0,20}\r?\n"),
    Gate(r"(?i)\$\{[\w:]{0,60}" + _gates.SECRETIVE + r"\w{0,40}\}\s{0,4}\+?="),
    Gate(r"(?i)(?:passw(?:or)?d|pwd|secret|token|key)\s{1,4}-[ci]?(?:eq|ne)\s{1,4}[\"'][^\"'$]"),
    Gate(r"(?i)\.Add\([\"']\w{0,40}" + _gates.SECRETIVE + r"\w{0,20}[\"'] {0,4}, {0,4}[\"'][^\"'$]"),
    Gate(r"(?i)[\s(]-\w{0,40}(?:pass(?:w(?:or)?d|phrase)?|pwd|secret|token|"
         r"(?:api|access|account|storage|shared)key)(?::|[ \t]{1,8})[\"']?[^\s\"'$<(\-]"),
    Gate(r"(?i)\s(?:Env:|-Name[ \t]{1,4}[\"']?)[\\/]?[\w.\-]{0,40}" + _gates.SECRETIVE + r"\w{0,20}[\"']?\s"),
    _gates.PAIR,
    *_windows.GATES,
    *_usages.GATES,
)  # fmt: skip
REGIONS = {"statement": statement, "siblings": siblings}

BEGINS = (b"<powershell>", b"#ps1", b"#!")
PATHS = lazyre.compile(r"\.(?:ps1|psm1|psd1)(?:\.(?:j2|tpl|tmpl|tftpl|erb|example|sample|txt))*$", re.IGNORECASE)
_HEAD = lazyre.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s{0,20}<powershell>|#ps1(?:_sysnative|_x86)?\b|#!.{0,60}\b(?:pwsh|powershell)\b)",
    re.IGNORECASE,
)
_VARIABLE = lazyre.compile(
    rb"\$\{?(?:(env|global|script|local|private|using|variable):)?([^}.\[]+)\}?(.*)", re.IGNORECASE | re.DOTALL
)
_STEP = lazyre.compile(rb"\.(\w+)|\[[\"']([^\"']+)[\"']\]")
_CMDLET = lazyre.compile(rb"[A-Za-z]+-[A-Za-z]\w*|[\w.]+\\[A-Za-z]+-\w+")
_FLAG = lazyre.compile(rb"-([A-Za-z]\w*):?")
_SECRETIVE = lazyre.compile(r"(?i)pass|pwd|secret|token|key\b|apikey|connectionstring")
_LOGIN = lazyre.compile(r"(?i)(?:^|\.)\w*(?:credentials?|cred)$")  # what is named so is a user name, or asked for
_WRITERS = frozenset((b"set-content", b"add-content", b"out-file", b"new-item"))
_PATHS = frozenset((b"path", b"filepath", b"literalpath"))
_EQUAL = frozenset((b"-eq", b"-ceq", b"-ieq", b"-ne", b"-cne", b"-ine"))
_PLAIN = lazyre.compile(rb"-asp(?:l(?:a(?:i(?:n(?:t(?:e(?:x(?:t)?)?)?)?)?)?)?)?", re.IGNORECASE)
_NET = lazyre.compile(rb"(?i)\bnet1?(?:\.exe)?\s+use(?:r)?\s+\S")
_ENVIRONMENT = lazyre.compile(rb"(?i)env:[\\/]?(\w+)")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None or _HEAD.match(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string that has a name."""
    return _nested.expand(blob.data, units(blob.data), kind_of=_kind)


def _kind(unit: Unit) -> str:
    return "shell" if b"\n" not in unit.value and _NET.search(unit.value) else ""


class _Frame:
    """An open bracket: what it is, the address of what is in it, and the statement that is read."""

    __slots__ = ("arguments", "callee", "index", "items", "key", "name", "opener", "path", "piped")

    def __init__(self, opener: bytes, path: str, key: str = "", callee: str = "") -> None:
        self.opener, self.path, self.key, self.callee = opener, path, key, callee
        self.items: list[Item] = []
        self.arguments: list[Item | None] = []
        self.piped: tuple[str, Item] | None = None
        self.index = 0
        self.name = ""


def units(data: bytes) -> list[Unit]:
    """The strings, nested documents unopened."""
    reader = _Reader()
    for found in items(data):
        reader.read(found)
    return reader.finish()


class _Reader:
    """The open frames, and the units so far."""

    def __init__(self) -> None:
        self.out: list[Unit] = []
        self.frames = [_Frame(b"{", "")]
        self.deeper = 0  # brackets that are open beyond those that are remembered

    def finish(self) -> list[Unit]:
        while self.frames:
            self._end(self.frames[-1])
            self.frames.pop()
        return self.out

    def read(self, found: Item) -> None:
        frame = self.frames[-1]
        sign = found.value if found.kind == "sign" else b""
        if not sign or sign in (b"=", b"+=", b"+"):
            frame.items.append(found)
        elif sign in (b"(", b"@(", b"$(", b"[", b"{", b"@{"):
            self._open(frame, found)
        elif sign in (b")", b"]", b"}"):
            self._close(found)
        elif sign == b",":
            if frame.opener in (b"{", b"@{"):
                frame.items.append(found)
            else:
                self._end(frame)
                frame.index += 1
        elif sign == b"|":
            self._pipe(frame)
        elif sign != b"\n" or not (frame.items and frame.items[-1].value in (b"+", b",", b"=", b"+=")):
            self._end(frame)

    def _open(self, frame: _Frame, found: Item) -> None:
        if len(self.frames) >= OPEN:
            self.deeper += 1
            return
        key, last = _named(frame), frame.items[-1] if frame.items else None
        callee = ""
        if found.value == b"(" and last and last.end == found.start and last.kind in ("type", "variable", "bare"):
            callee = text(last.value[:200])
        elif found.value in (b"(", b"@{", b"@(") and last and last.kind == "bare" and frame.items:
            if flag := _FLAG.fullmatch(last.value):
                key = text(flag[1])
            elif _login_type([*frame.items]):
                callee = "login"
        elif found.value == b"(" and _login_type(frame.items):
            callee = "login"
        path = _below(frame.path, key) if key and found.value == b"@{" and len(self.frames) < DEPTH else frame.path
        inner = _Frame(found.value, path, "" if callee or found.value in (b"{", b"[") else key or frame.key, callee)
        self.frames.append(inner)
        frame.items.append(found._replace(kind="group"))

    def _close(self, found: Item) -> None:
        if self.deeper:
            self.deeper -= 1
            return
        frame = self.frames[-1]
        self._end(frame)
        if len(self.frames) == 1:
            return
        self.frames.pop()
        outer = self.frames[-1]
        self.out += _called(frame)
        if outer.items and outer.items[-1].kind == "group":
            outer.items[-1] = outer.items[-1]._replace(end=found.end)

    def _pipe(self, frame: _Frame) -> None:
        name, rest = _parted(frame.items)
        if len(rest) == 1 and rest[0].kind == "string":
            frame.piped = (name or frame.key, rest[0])
            frame.items = []
        else:
            self._end(frame)

    def _end(self, frame: _Frame) -> None:
        found, frame.items = frame.items, []
        piped, frame.piped = frame.piped, None
        if frame.opener in (b"(", b"@("):
            literal = found[0] if len(found) == 1 and found[0].kind == "string" else None
            if len(frame.arguments) < OPEN and (found or literal):
                frame.arguments.append(literal)
            if frame.callee and literal:
                return
        if not found and not piped:
            return
        name, rest = _parted(found)
        if piped and rest and rest[0].kind == "bare":
            self.out += self._fed(piped, rest, frame)
            return
        if piped:
            self._literal(frame, piped[0], [piped[1]])
        if rest and (name or all(i.kind == "string" or i.value in (b"+", b",") for i in rest)):
            self._literal(frame, name or (frame.key if frame.opener != b"@{" else ""), rest)
        if rest and rest[0].kind in ("bare", "string") and not (name and rest[0].kind == "string"):
            self.out += _command(rest, frame.path, name or frame.key)
        for left, operator, right in zip(found, found[1:], found[2:], strict=False):
            if operator.value.lower() in _EQUAL and left.kind == "variable" and right.kind == "string":
                self.out += _unit(right, _below(frame.path, _variable(left.value)))

    def _fed(self, piped: tuple[str, Item], rest: list[Item], frame: _Frame) -> Iterator[Unit]:
        """What a pipe's string becomes: a secure string, a file."""
        name, literal = piped
        command = rest[0].value.lower()
        if command == b"convertto-securestring":
            if any(_PLAIN.fullmatch(i.value) for i in rest):
                yield from _unit(literal, _secure(frame.path, name))
            return
        if command in _WRITERS:
            name = _target(rest) or name
        yield from _unit(literal, _below(frame.path, name or text(command)))

    def _literal(self, frame: _Frame, name: str, rest: list[Item]) -> None:
        """What a name is given: a string, strings with `+` between, a list; parts of an expression have no name."""
        plus = [i for i in rest if i.value == b"+" and i.kind == "sign"]
        strings = [i for i in rest if i.kind == "string"]
        key = _below(frame.path, name) if name else ""
        if frame.opener == b"@(" or (frame.opener == b"(" and frame.index and frame.key == name):
            key = item(key, frame.index)
        if len(rest) == 1 and strings:
            self._named(frame, name, key, strings[0])
        elif plus and len(strings) > 1 and len(plus) + len(strings) == len(rest):
            first, last = strings[0], strings[-1]
            value = b"".join(s.value for s in strings)
            self.out += _unit(Item("string", value, Span(first.start, last.end), "double", first.start, last.end), key)
        elif rest[0].kind == "string" and all(i.kind == "string" or i.value == b"," for i in rest):
            for number, literal in enumerate(strings):
                self.out += _unit(literal, item(key, number))
        elif rest[0].kind != "bare":
            for literal in strings:
                self.out.append(Unit(literal.span, "", literal.value, literal.form)) if literal.value else None

    def _named(self, frame: _Frame, name: str, key: str, literal: Item) -> None:
        """`Name = 'DB_PASSWORD'; Value = '…'` of one table are a pair."""
        if frame.opener == b"@{" and name in NAMES:
            frame.name = text(literal.value[:200])
        elif frame.opener == b"@{" and frame.name and name in VALUES:
            key = child(frame.path, frame.name)
        self.out += _unit(literal, key)


def _unit(literal: Item, key: str) -> Iterable[Unit]:
    if not literal.value or (_LOGIN.search(key) and literal.form != "heredoc"):
        return ()
    last = key.rpartition(".")[2].lower()
    if last in ("authorization", "proxy-authorization") and literal.span.end - literal.span.start == len(literal.value):
        return _basic.authorization(literal.span, key, literal.value, literal.form)
    return (Unit(literal.span, key, literal.value, literal.form),)


def _parted(found: list[Item]) -> tuple[str, list[Item]]:
    """The name before `=`, and what is behind it; all of a statement that assigns nothing."""
    at = 0
    while at < len(found) and (found[at].kind == "type" or found[at].value == b"["):
        at += 1
    if len(found) > at + 1 and found[at + 1].kind == "sign" and found[at + 1].value in (b"=", b"+="):
        left = found[at]
        if left.kind == "variable":
            return _variable(left.value), found[at + 2 :]
        if left.kind in ("bare", "string") and left.value[:1] not in (b"-", b"/", b""):
            return segment(text(left.value)), found[at + 2 :]
    rest = found[at:]
    while rest and rest[0].kind == "bare" and rest[0].value in (b"&", b".", b"return", b"Write-Output"):
        rest = rest[1:]
    return "", rest


def _named(frame: _Frame) -> str:
    return _parted(frame.items)[0]


def _variable(raw: bytes) -> str:
    """`env.DB_PASSWORD` for `$env:DB_PASSWORD`, `params.Password` for `$params["Password"]`."""
    found = _VARIABLE.match(raw)
    if not found:
        return text(raw[:200])
    name = child("env" if (found[1] or b"").lower() == b"env" else "", text(found[2]))
    for step in _STEP.finditer(found[3]):
        name = child(name, text(step[1] or step[2]))
    return name


def _secure(path: str, name: str) -> str:
    if name and _SECRETIVE.search(name):
        return _below(path, name)
    return child(_below(path, name or "ConvertTo-SecureString"), "password")


def _below(path: str, name: str) -> str:
    """The address of what has an address of its own."""
    return f"{path}.{name}" if path and len(path) < LIMIT else name


def _login_type(found: list[Item]) -> bool:
    """`New-Object PSCredential (…)`."""
    last = found[-1].value.lower() if found else b""
    if last in (b"-argumentlist", b"-argumentlist:", b"-args"):
        last = b" ".join(i.value.lower() for i in found[-3:-1])
    return last.endswith((b"pscredential", b"networkcredential"))


def _called(frame: _Frame) -> Iterator[Unit]:
    """The strings that are arguments of a call."""
    callee, arguments = frame.callee, frame.arguments
    if not callee or not arguments:
        return
    name = callee.lower()
    second = arguments[1] if len(arguments) > 1 else None
    if name == "login" or name.endswith(("credential]::new", "pscredential", "networkcredential")):
        if second:
            yield from _unit(second, child(frame.path, "credential_password"))
    elif name.endswith(("::setenvironmentvariable", ".add")):
        if second and arguments[0]:
            holder = "env" if name.endswith("variable") else _variable(callee.rpartition(".")[0].encode())
            yield from _unit(second, child(_below(frame.path, holder), text(arguments[0].value)))
    else:
        for literal in arguments:
            if literal and len(literal.value) >= 8:
                yield Unit(literal.span, child(frame.path, callee), literal.value, literal.form)


def _command(rest: list[Item], path: str, key: str) -> Iterator[Unit]:
    """The credentials among the words of a command."""
    separate = [i for i in rest if not (i.kind == "sign" and i.value == b",")]
    parts = words(separate)
    if not parts:
        return
    name = parts[0].value.lower()
    if not _CMDLET.fullmatch(parts[0].value):
        yield from listed(_windows.command(parts), path)
        for literal in separate[1:]:
            if literal.kind == "string" and b" " in literal.value:  # a command line, a document
                yield Unit(literal.span, child(path, text(parts[0].value[:64])), literal.value, literal.form)
        return
    if name == b"convertto-securestring":
        yield from _secured(parts, path, key)
        return
    yield from _flags(parts, child(path, text(parts[0].value[:100])))
    if name == b"new-object" and any(p.value.lower().endswith(b"credential") for p in parts[1:3]):
        strings = [i for i in separate if i.kind == "string"]
        if len(strings) > 1:
            yield from _unit(strings[1], child(path, "credential_password"))


def _secured(parts: tuple[Word, ...], path: str, key: str) -> Iterator[Unit]:
    if not any(_PLAIN.fullmatch(p.value) for p in parts):
        return  # it is encrypted
    taken = [p for p in parts[1:] if p.value[:1] != b"-" or p.parts[0].form != "plain"]
    if taken and not taken[0].value.startswith((b"$", b"(")):
        span, form = taken[0].place(0, len(taken[0].value))
        if taken[0].value:
            yield Unit(span, _secure(path, key), taken[0].value, form)


def _flags(parts: tuple[Word, ...], path: str) -> Iterator[Unit]:
    """`-Name value`; a pair of `-Name` and `-Value`; what is written to a file has the file's name."""
    name = ""
    command = parts[0].value.lower()
    for word, after in pairwise(parts[1:]):
        flag = _FLAG.fullmatch(word.value) if word.parts[0].form == "plain" else None
        if not flag:
            if environment := _ENVIRONMENT.fullmatch(word.value):
                name = text(environment[1])
                if after.parts[0].form != "plain" or after.value[:1] not in (b"-", b"$", b"("):
                    yield from _word(after, child("env", name))
            continue
        said = flag[1].lower()
        plain = after.parts[0].form == "plain"
        if plain and (after.value[:1] in (b"-", b"$", b"(", b"@") or not _SECRETIVE.search(text(flag[1]))):
            if said in (b"name", *_PATHS):
                name = text(after.value[:200])
            continue
        if said == b"name" or (said in _PATHS and command in _WRITERS):
            name = text(after.value[:200])
        elif said in _PATHS and (environment := _ENVIRONMENT.fullmatch(after.value)):
            name = text(environment[1])
        if said in (b"value", b"inputobject") and name:
            yield from _word(after, child(path, name))
        elif said not in (b"name", *_PATHS):
            yield from _word(after, child(path, text(flag[1])))


def _word(word: Word, key: str) -> Iterator[Unit]:
    span, form = word.place(0, len(word.value))
    yield from _unit(Item("string", word.value, span, form, span.start, span.end), key)


def _target(rest: list[Item]) -> str:
    """The file that a command writes."""
    for before, found in pairwise(rest):
        flag = _FLAG.fullmatch(before.value)
        if found.value[:1] not in (b"-", b"$") and (not flag or flag[1].lower() in _PATHS):
            return text(found.value[:200])
    return ""
