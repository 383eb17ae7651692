"""Redis or Valkey: AUTH at the server beside it, nothing else."""

import os

from secretsweep.verifiers import Answer, Asked, Line, NoAnswer, _target, dead, live, unknown
from secretsweep.verifiers._target import Target
from secretsweep.verifiers._wire import Wire, opened

NAME = "redis-auth"
PROVIDER = "redis"
RULES = ("database-url-redis", "generic-password")
BESIDE = _target.beside(PROVIDER)
HOSTS = ()
DOCS = ("https://redis.io/docs/latest/commands/auth/", "https://redis.io/docs/latest/develop/reference/protocol-spec/")
NOTE = "over TLS with rediss://; a server that takes any password says nothing"


def fits(asked: Asked) -> bool:
    return _target.is_of(asked, PROVIDER)


def where(asked: Asked) -> str:
    return _target.where(asked, PROVIDER)


def verify(asked: Asked, line: Line) -> Answer:
    """AUTH, and once more with a password that nobody has when a user was let in: some users take any."""
    target = _target.of(asked, PROVIDER, needs_user=False)
    return line.net.logins.once(target.account, target.password, lambda: login(target, line))


def login(target: Target, line: Line) -> Answer:
    """One attempt."""
    user = [target.user.encode("utf-8", "surrogateescape")] if target.user else []
    with opened(line, target.host, target.port) as wire:
        if target.tls:
            wire.secured(line.net.context)
        said = _asked(wire, b"AUTH", *user, target.password.reveal())
        if said.startswith(b"+OK"):
            if user and _asked(wire, b"AUTH", *user, os.urandom(16).hex().encode()).startswith(b"+OK"):
                return unknown("the server takes any password for this user", wire.who)
            return live(wire.who, "OK")
        code = said[1:].split(b" ")[0][:20].decode("ascii", "replace")
        if not said.startswith(b"-"):
            raise NoAnswer("it does not speak Redis's protocol", wire.who)
        if code == "WRONGPASS" or b"invalid password" in said:
            return dead(wire.who, code, "refused for this user; one that does not exist, or is off, is refused alike")
        if b"without any password configured" in said or b"no password is set" in said:
            return unknown("the server wants no password at all", wire.who, code)
        return unknown("the server refuses for another reason", wire.who, code)


def _asked(wire: Wire, *words: bytes) -> bytes:
    wire.send(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    return wire.line()
