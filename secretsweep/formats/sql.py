"""SQL scripts: the passwords of users, roles, logins and servers that statements create."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _nested
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "sql"
PRIORITY = 15
ANCESTORS = False  # no line depends on the indentation above it
GATES = (
    Gate(r"(?i)\bpassword[ \t]{1,8}(?:as[ \t]{1,4})?[EN]?'[^'\n]", "statement"),
    Gate(r"(?i)\bidentified\s{1,8}(?:with\s{1,8}\S{1,60}\s{1,8})?(?:by|as|using)\s{1,8}(?:password\s{1,8}|values\s{1,8})?[\"'][^\"'\n]",
         "clause"),
    Gate(r"(?i)\bidentified\s{1,8}by\s{1,8}[A-Za-z0-9_$#]", "clause"),
    Gate(r"(?i)\bpassword\s{0,4}\(\s{0,4}'[^'\n]", "clause"),
    Gate(r"(?i)\b(?:secret|credential|encryption by password|by password)\s{0,4}=\s{0,4}N?'[^'\n]", "clause"),
    Gate(r"(?i)\bpassword\s{0,4}=\s{0,4}N?'[^'\n]", "clause"),
)  # fmt: skip

PATHS = lazyre.compile(r"\.(?:sql|ddl|dml|psql|pgsql|mysql|plsql|pls|pks|pkb|tsql|hql|cql)(?:\.(?:j2|tpl|tmpl|"
    r"erb|in|example))*$", re.I)
_STRING = rb"(?:[EN])?'((?:[^'\\\n]|\\.|'')*)'"
_CLAUSE = lazyre.compile(
    rb"(?i)\b(?:"
    rb"(?P<by>identified\s+(?:with\s+[\"'`]?(?P<plugin>\w+)[\"'`]?\s+)?(?P<how>by|as|using)\s+(?P<hashed>password\s+|values\s+)?)"
    rb"|(?P<call>password\s*\(\s*)|(?P<option>(?:password|secret|access_key|api_key)\s*=\s*|password\s+(?:as\s+)?))"
    rb"(?:[EN])?(?:'(?P<single>(?:[^'\\\n]|\\.|'')*)'|\"(?P<double>[^\"\n]*)\"|(?<=[ \t\n])"
    rb"(?P<bare>[A-Za-z0-9_][\w$#]*)(?=[\s;,]|\Z))"
)
_STRINGS = lazyre.compile(rb"--[^\n]*|/\*.*?\*/|" + _STRING, re.DOTALL)
_SUBJECT = lazyre.compile(
    rb"(?i)\b(?:(?:create|alter)\s+(?:or\s+replace\s+)?(?P<kind>user(?:\s+mapping)?|role|login|server|group|database\s+scoped\s+credential|credential|"
    rb"external\s+data\s+source|certificate|master\s+key|symmetric\s+key|database\s+link|connection|subscription)\s+(?:if\s+not\s+exists\s+|for\s+)?"
    rb"|set\s+(?P<set>password)\s+for\s+|grant\s+[^;']{1,200}?\bto\s+)(?P<name>\"[^\"\n]+\"|'[^'\n]+'(?:@'[^'\n]*')?|`[^`\n]+`(?:@`[^`\n]*`)?|\[[^\]\n]+\]|[\w$@.%-]+)?"
)  # fmt: skip
_FAR = 2 << 10


def _clause(data: bytes, at: int) -> tuple[int, int]:
    """The statement around a place."""
    low = max(0, at - _FAR)
    start = data.rfind(b";", low, at)
    start = data.rfind(b"\n", low, at - 200) + 1 if start < 0 and at - low > 200 else start + 1 if start >= 0 else low
    end = data.find(b";", at, at + _FAR)
    line = data.find(b"\n", at, at + _FAR)
    if end < 0 or (0 <= line < end and data[line + 1 : line + 2] in (b"\n", b"")):
        end = line
    else:
        end = data.find(b"\n", end, end + _FAR)
    return start, min(len(data), at + _FAR) if end < 0 else end


REGIONS = {"clause": _clause}


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """What statements say of passwords, and strings that hold settings."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """The passwords, with the statement's subject in the address; then every other string."""
    seen = set()
    subjects = [(m.end(), _named(m)) for m in _SUBJECT.finditer(data)]
    at = 0
    subject = ""
    for clause in _CLAUSE.finditer(data):
        while at < len(subjects) and subjects[at][0] <= clause.start() + 1:
            subject = subjects[at][1]
            at += 1
        group = next((name for name in ("single", "double", "bare") if clause[name] is not None), "")
        if not group or not clause[group]:
            continue
        if group == "bare" and not (clause["by"] and not clause["hashed"]):
            continue
        if group == "double" and not clause["by"]:
            continue
        start, end = clause.span(group)
        seen.add(start)
        near = subject if data.find(b";", subjects[at - 1][0] if at else 0, start) < 0 else ""
        hashed = clause["hashed"] or (clause["how"] or b"").lower() == b"as"
        named = (clause["option"] or b"password").split(b"=")[0].split()[0].lower()
        field = "password_hash" if hashed or _HASH.match(clause[group]) else text(named)
        raw = clause[group]
        value = raw.replace(b"''", b"'") if group == "single" else raw
        yield Unit(Span(start, end), child(near, field), value, "plain" if group == "bare" else group)
    for string in _STRINGS.finditer(data):
        if string.lastindex and string.start(1) not in seen and string[1]:
            yield Unit(Span(*string.span(1)), "string", string[1].replace(b"''", b"'"), "single")


_HASH = lazyre.compile(rb"md5[0-9a-f]{32}\Z|SCRAM-SHA-256\$|\*[0-9A-F]{40}\Z|0x[0-9A-Fa-f]{20,}|\$2[aby]\$|\$A\$005\$")


def _named(found: re.Match[bytes]) -> str:
    kind = text(re.sub(rb"\s+", b"_", (found["kind"] or b"user").lower()))
    name = text((found["name"] or b"").replace(b"'", b"").replace(b"`", b"").strip(b'"[]'))
    return child(kind, name) if name else kind
