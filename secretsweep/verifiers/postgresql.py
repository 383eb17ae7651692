"""PostgreSQL: a login at the server beside it (protocol 3.0; SCRAM, or md5), no query."""

import hashlib
import struct

from secretsweep.verifiers import Answer, Asked, Line, NoAnswer, _target, dead, live, unknown
from secretsweep.verifiers._scram import Scram, prepared
from secretsweep.verifiers._target import Target
from secretsweep.verifiers._wire import Wire, opened, unchecked

NAME = "postgresql-login"
PROVIDER = "postgresql"
RULES = (
    "database-url-postgres",
    "database-url-cockroach",
    "database-url-jdbc",
    "database-libpq-dsn",
    "generic-password",
)
BESIDE = _target.beside(PROVIDER)
HOSTS = ()
DOCS = (
    "https://www.postgresql.org/docs/current/protocol-flow.html",
    "https://www.postgresql.org/docs/current/errcodes-appendix.html",
)
NOTE = "tried once for each user; a user that does not exist is refused alike"
_WORDS = "refused for this user; a user that does not exist is refused alike"


def fits(asked: Asked) -> bool:
    return _target.is_of(asked, PROVIDER)


def where(asked: Asked) -> str:
    return _target.where(asked, PROVIDER)


def verify(asked: Asked, line: Line) -> Answer:
    """Log in, and leave at once."""
    target = _target.of(asked, PROVIDER)
    return line.net.logins.once(target.account, target.password, lambda: login(target, line))


def login(target: Target, line: Line) -> Answer:
    """One attempt."""
    with opened(line, target.host, target.port) as wire:
        _secured(wire, target, line)
        names = {"user": target.user, "database": target.database or target.user, "application_name": "secretsweep"}
        body = b"".join(_text(name) + _text(value) for name, value in names.items()) + b"\0"
        wire.send(struct.pack(">II", len(body) + 8, 196608) + body)
        return _authenticated(wire, target)


def _secured(wire: Wire, target: Target, line: Line) -> None:
    """TLS as `sslmode` says (libpq's default: where the server has it)."""
    mode = target.options.get("sslmode", "prefer")
    if mode == "disable":
        return
    wire.send(struct.pack(">II", 8, 80877103))
    said = wire.read(1)
    if said == b"S":
        wire.secured(line.net.context if mode in ("verify-ca", "verify-full") else unchecked())
    elif said != b"N":
        raise NoAnswer("it does not speak PostgreSQL's protocol", wire.who)
    elif mode not in ("prefer", "allow"):
        raise NoAnswer(f"the server has no TLS, and sslmode={mode} wants it", wire.who)


def _authenticated(wire: Wire, target: Target) -> Answer:
    scram: Scram | None = None
    proven = False  # it was asked for the password
    known = True  # the server showed that it knows it
    while True:
        kind, body = _message(wire)
        if kind == b"E":
            return _refused(_fields(body), wire.who)
        if kind == b"v":  # it speaks an older minor version
            continue
        if kind != b"R" or len(body) < 4:
            raise NoAnswer("it does not speak PostgreSQL's protocol", wire.who)
        (code,), rest = struct.unpack(">I", body[:4]), body[4:]
        if code == 0:
            return _let_in(wire, proven, known)
        proven = True
        if code == 10:
            if b"SCRAM-SHA-256" not in rest.split(b"\0"):
                raise NoAnswer("the server wants a login of another kind", wire.who)
            scram, known = Scram("sha256", "", prepared(target.password.reveal())), False
            _say(wire, b"SCRAM-SHA-256\0" + struct.pack(">I", len(scram.first)) + scram.first)
        elif code == 11 and scram:
            _say(wire, scram.final(rest))
        elif code == 12 and scram:
            known = scram.known_by(rest)
        elif code == 5 and len(rest) == 4:
            inner = hashlib.md5(target.password.reveal() + target.user.encode()).hexdigest()  # noqa: S324
            _say(wire, b"md5" + hashlib.md5(inner.encode() + rest).hexdigest().encode() + b"\0")  # noqa: S324
        elif code == 3 and wire.sure:
            _say(wire, target.password.reveal() + b"\0")
        elif code == 3:
            raise NoAnswer("the server wants the password itself: with sslmode=verify-full only", wire.who)
        else:
            raise NoAnswer("the server wants a login of another kind", wire.who)


def _let_in(wire: Wire, proven: bool, known: bool) -> Answer:
    """The password was right; a role that may not log in is told so only now."""
    if not proven:
        return unknown("the server lets this user in without a password", wire.who)
    if not known:
        return unknown("the server took the password without knowing it; it is not the one it belongs to", wire.who)
    kind, body = _message(wire)
    fields = _fields(body) if kind == b"E" else {}
    code = fields.get("C", "")
    wire.send(b"X\0\0\0\4")
    if code == "28000":
        return dead(wire.who, code, "the role may not log in any more")
    return live(wire.who, code or "AuthenticationOk", "the password is right" if code else "accepted")


def _refused(fields: dict[str, str], who: str) -> Answer:
    code = fields.get("C", "")
    if code == "28P01":
        return dead(who, code, _WORDS)
    if code == "28000" and fields.get("R") == "InitializeSessionUserId":
        return dead(who, code, "the role does not exist, or may not log in any more")
    why = {
        "28000": "the server lets this user not in from here, with whatever password",
        "53300": "the server has too many connections; try again later",
        "57P03": "the server starts or stops; try again later",
    }
    return unknown(why.get(code, "the server refuses the connection for another reason"), who, code)


def _message(wire: Wire) -> tuple[bytes, bytes]:
    head = wire.read(5)
    length = struct.unpack(">I", head[1:])[0]
    if length < 4:
        raise NoAnswer("it does not speak PostgreSQL's protocol", wire.who)
    return head[:1], wire.read(length - 4)


def _say(wire: Wire, body: bytes) -> None:
    wire.send(b"p" + struct.pack(">I", len(body) + 4) + body)


def _fields(body: bytes) -> dict[str, str]:
    parts = body.split(b"\0")
    return {part[:1].decode("ascii", "replace"): part[1:].decode("utf-8", "replace") for part in parts if part}


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogateescape")
    if b"\0" in data:
        raise NoAnswer("it has characters that such a login cannot hold")
    return data + b"\0"
