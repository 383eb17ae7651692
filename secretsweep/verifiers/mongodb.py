"""MongoDB: a login at the server beside it (SCRAM over OP_MSG), no query."""

import hashlib
import struct
from typing import Any

from secretsweep.verifiers import Answer, Asked, Line, NoAnswer, _target, dead, live, unknown
from secretsweep.verifiers._bson import decoded, encoded
from secretsweep.verifiers._scram import Scram, prepared
from secretsweep.verifiers._target import Target
from secretsweep.verifiers._wire import Wire, opened

NAME = "mongodb-login"
PROVIDER = "mongodb"
RULES = ("database-url-mongodb", "generic-password")
BESIDE = _target.beside(PROVIDER)
HOSTS = ()
DOCS = (
    "https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/",
    "https://github.com/mongodb/specifications/blob/master/source/auth/auth.md",
)
NOTE = "tried once for each user; a user that does not exist, or in another authSource, is refused alike; no mongodb+srv://"
_OP_MSG = 2013
_DIGESTS = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}


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
    options = {name.lower(): value for name, value in target.options.items()}
    source = options.get("authsource") or target.database or "admin"
    if options.get("authmechanism", "SCRAM-SHA-256") not in _DIGESTS:
        raise NoAnswer("it is for a login of another kind")
    with opened(line, target.host, target.port) as wire:
        if "true" in (options.get("tls"), options.get("ssl")):
            wire.secured(line.net.context)
        hello = _asked(wire, {"hello": 1, "saslSupportedMechs": f"{source}.{target.user}", "$db": "admin"})
        known = hello.get("saslSupportedMechs")
        known = known if isinstance(known, list) else ["SCRAM-SHA-256"]  # nobody is told whether a user exists
        name = next((name for name in _DIGESTS if name in known), "")
        if not name:
            raise NoAnswer("the server wants a login of another kind", wire.who)
        scram = Scram(_DIGESTS[name], target.user, _secret(name, target))
        said = _asked(wire, {"saslStart": 1, "mechanism": name, "payload": scram.first, "$db": source})
        if not said.get("ok"):
            return _refused(said, wire.who)
        proof = scram.final(_payload(said, wire.who))
        number = said.get("conversationId", 1)
        said = _asked(wire, {"saslContinue": 1, "conversationId": number, "payload": proof, "$db": source})
        if not said.get("ok"):
            return _refused(said, wire.who)
        if not scram.known_by(_payload(said, wire.who)):
            return unknown("the server took the password without knowing it; it is not the one it belongs to", wire.who)
        return live(wire.who, "ok")


def _secret(mechanism: str, target: Target) -> bytes:
    password = target.password.reveal()
    if mechanism == "SCRAM-SHA-256":
        return prepared(password)
    user = target.user.encode("utf-8", "surrogateescape")
    return hashlib.md5(user + b":mongo:" + password).hexdigest().encode()  # noqa: S324 - MongoDB's own


def _refused(said: dict[str, Any], who: str) -> Answer:
    code = said.get("code")
    if code == 18 or (code == 8000 and "auth" in str(said.get("errmsg", ""))):  # AuthenticationFailed; Atlas's own
        words = "refused for this user; one that does not exist, or in another authSource, is refused alike"
        return dead(who, code, words)
    return unknown("the server refuses the login for another reason", who, code if isinstance(code, int) else "")


def _payload(said: dict[str, Any], who: str) -> bytes:
    payload = said.get("payload")
    if not isinstance(payload, bytes):
        raise NoAnswer("it does not speak MongoDB's protocol", who)
    return payload


def _asked(wire: Wire, document: dict[str, Any]) -> dict[str, Any]:
    body = struct.pack("<IB", 0, 0) + encoded(document)
    wire.send(struct.pack("<IIII", len(body) + 16, 1, 0, _OP_MSG) + body)
    size, _, _, code = struct.unpack("<IIII", wire.read(16))
    if code != _OP_MSG or size < 26:
        raise NoAnswer("it does not speak MongoDB's protocol", wire.who)
    rest = wire.read(size - 16)
    try:
        return decoded(rest[5:])
    except ValueError:
        raise NoAnswer("it does not speak MongoDB's protocol", wire.who) from None
