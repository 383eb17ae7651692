"""RabbitMQ and other AMQP 0-9-1 brokers: a login at the server beside it; no virtual host is opened."""

import struct

from secretsweep.verifiers import Answer, Asked, Line, NoAnswer, _target, dead, live, unknown
from secretsweep.verifiers._target import Target
from secretsweep.verifiers._wire import Wire, opened

NAME = "amqp-login"
PROVIDER = "amqp"
RULES = ("database-url-amqp", "generic-password")
BESIDE = _target.beside(PROVIDER)
HOSTS = ()
DOCS = ("https://www.rabbitmq.com/docs/access-control", "https://www.rabbitmq.com/docs/auth-notification")
NOTE = "tried once for each user; a user that does not exist is refused alike"
_START, _START_OK, _TUNE, _CLOSE, _CLOSE_OK = (10, 10), (10, 11), (10, 30), (10, 50), (10, 51)
_CAPABILITY = b"authentication_failure_close"  # asks for words instead of a closed connection


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
        if target.tls:
            wire.secured(line.net.context)
        wire.send(b"AMQP\0\0\x09\x01")
        method, body = _method(wire)
        if method != _START or b"PLAIN" not in body:
            raise NoAnswer("the server wants a login of another kind", wire.who)
        user = target.user.encode("utf-8", "surrogateescape")
        login = b"\0" + user + b"\0" + target.password.reveal()
        _say(wire, _START_OK, _table() + _short(b"PLAIN") + _long(login) + _short(b"en_US"))
        method, body = _method(wire)
        if method == _TUNE:
            return live(wire.who, "tune")
        if method != _CLOSE or len(body) < 2:
            raise NoAnswer("the server wants a login of another kind", wire.who)
        code = struct.unpack(">H", body[:2])[0]
        _say(wire, _CLOSE_OK, b"")
        if code != 403:
            return unknown("the server refuses the connection for another reason", wire.who, code)
        if target.user == "guest":
            return unknown("the user guest is let in from the broker's own machine only", wire.who, code)
        return dead(wire.who, code, "refused for this user; one that does not exist is refused alike")


def _method(wire: Wire) -> tuple[tuple[int, int], bytes]:
    kind, _, size = struct.unpack(">BHI", wire.read(7))
    if kind != 1 or size < 4:
        raise NoAnswer("it does not speak AMQP 0-9-1", wire.who)
    body = wire.read(size + 1)
    first, second = struct.unpack(">HH", body[:4])
    return (first, second), body[4:-1]


def _say(wire: Wire, method: tuple[int, int], body: bytes) -> None:
    data = struct.pack(">HH", *method) + body
    wire.send(struct.pack(">BHI", 1, 0, len(data)) + data + b"\xce")


def _table() -> bytes:
    inner = _short(_CAPABILITY) + b"t\1"
    return _long(_short(b"capabilities") + b"F" + _long(inner))


def _short(data: bytes) -> bytes:
    return bytes((len(data),)) + data


def _long(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
