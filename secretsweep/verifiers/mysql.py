"""MySQL or MariaDB: a login at the server beside it (native password or caching SHA-2), no query."""

import hashlib
import struct

from secretsweep.verifiers import Answer, Asked, Line, NoAnswer, _target, dead, live, unknown
from secretsweep.verifiers._target import Target
from secretsweep.verifiers._wire import Wire, opened, unchecked

NAME = "mysql-login"
PROVIDER = "mysql"
RULES = ("database-url-mysql", "database-go-mysql-dsn", "database-url-jdbc", "generic-password")
BESIDE = _target.beside(PROVIDER)
HOSTS = ()
DOCS = (
    "https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html",
    "https://mariadb.com/docs/server/reference/clientserver-protocol",
)
NOTE = "tried once for each user; a user that does not exist, or not from this machine, is refused alike"
_WORDS = "refused for this user from here; one that does not exist, or from other hosts only, is refused alike"
_TLS, _PROTOCOL41, _SECURE, _PLUGIN = 1 << 11, 1 << 9, 1 << 15, 1 << 19
_OURS = 1 | _PROTOCOL41 | _SECURE | _PLUGIN  # long password, as everybody says


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
    password = target.password.reveal()
    with opened(line, target.host, target.port) as wire:
        number, greeting = _packet(wire)
        if greeting[:1] == b"\xff":
            return _refused(greeting, wire.who)
        capabilities, salt, plugin = _greeting(greeting, wire.who)
        ours = _OURS
        if capabilities & _TLS and _wants_tls(target):
            ours |= _TLS
            _say(wire, number + 1, struct.pack("<IIB23x", ours, 1 << 24, 45))
            checked = _mode(target) in ("verify_ca", "verify_identity", "true")
            wire.secured(line.net.context if checked else unchecked())
            number += 1
        elif _mode(target) in ("required", "verify_ca", "verify_identity", "true"):
            raise NoAnswer("the server has no TLS, and the URL wants it", wire.who)
        user = target.user.encode("utf-8", "surrogateescape")
        if b"\0" in user:
            raise NoAnswer("it has characters that such a login cannot hold", wire.who)
        proof = _proof(plugin, password, salt, wire)
        head = struct.pack("<IIB23x", ours, 1 << 24, 45)  # 45: utf8mb4
        _say(wire, number + 1, head + user + b"\0" + bytes((len(proof),)) + proof + plugin + b"\0")
        return _answered(wire, plugin, password)


def _answered(wire: Wire, plugin: bytes, password: bytes) -> Answer:
    for _ in range(6):
        number, said = _packet(wire)
        if said[:1] == b"\0":
            return live(wire.who, "OK")
        if said[:1] == b"\xff":
            return _refused(said, wire.who)
        if said[:1] == b"\xfe" and len(said) > 1:
            plugin, _, salt = said[1:].partition(b"\0")
            _say(wire, number + 1, _proof(plugin, password, salt.removesuffix(b"\0"), wire))
        elif said == b"\x01\x03":  # the proof is right; OK follows
            continue
        elif said == b"\x01\x04":
            if not wire.sure:
                why = "the server wants the password itself, which is sent with sslMode=VERIFY_IDENTITY only"
                raise NoAnswer(why, wire.who)
            _say(wire, number + 1, password + b"\0")
        else:
            break
    raise NoAnswer("it does not speak MySQL's protocol", wire.who)


def _proof(plugin: bytes, password: bytes, salt: bytes, wire: Wire) -> bytes:
    if plugin == b"mysql_native_password":
        inner = hashlib.sha1(password).digest()  # noqa: S324
        outer = hashlib.sha1(salt[:20] + hashlib.sha1(inner).digest()).digest()  # noqa: S324
        return bytes(a ^ b for a, b in zip(inner, outer, strict=True))
    if plugin == b"caching_sha2_password":
        inner = hashlib.sha256(password).digest()
        outer = hashlib.sha256(hashlib.sha256(inner).digest() + salt[:20]).digest()
        return bytes(a ^ b for a, b in zip(inner, outer, strict=True))
    if plugin in (b"mysql_clear_password", b"dialog") and wire.sure:
        return password + b"\0"
    raise NoAnswer("the server wants a login of another kind", wire.who)


def _refused(said: bytes, who: str) -> Answer:
    code = struct.unpack("<H", said[1:3])[0] if len(said) >= 3 else 0
    if code == 1045:
        return dead(who, code, _WORDS)
    if code in (1044, 1049, 1820, 1862):
        return live(who, code, "the password is right, and expired" if code > 1800 else "the password is right")
    why = {
        1040: "the server has too many connections; try again later",
        1129: "the server blocked this machine after failed connections",
        1130: "the server lets nobody in from this machine",
        1698: "the server lets this user in by the operating system only",
        3118: "the account is locked; whether the password is right is not told",
        4151: "the account is locked; whether the password is right is not told",
    }
    return unknown(why.get(code, "the server refuses the connection for another reason"), who, code)


def _greeting(data: bytes, who: str) -> tuple[int, bytes, bytes]:
    """Capabilities, salt, and how it wants the proof."""
    head, _, rest = data[1:].partition(b"\0")
    if data[:1] != b"\x0a" or len(rest) < 31 or not head:
        raise NoAnswer("it does not speak MySQL's protocol", who)
    first = rest[4:12]
    capabilities = struct.unpack("<H", rest[13:15])[0] | struct.unpack("<H", rest[18:20])[0] << 16
    length = max(13, rest[20] - 8)
    salt = first + rest[31 : 31 + length][:12]
    plugin = rest[31 + length :].partition(b"\0")[0] or b"mysql_native_password"
    return capabilities, salt, plugin


def _mode(target: Target) -> str:
    options = {name.lower().replace("_", "").replace("-", ""): value for name, value in target.options.items()}
    return (options.get("sslmode") or options.get("tls") or options.get("usessl") or "preferred").lower()


def _wants_tls(target: Target) -> bool:
    return _mode(target) not in ("disabled", "false", "disable")


def _packet(wire: Wire) -> tuple[int, bytes]:
    head = wire.read(4)
    return head[3], wire.read(int.from_bytes(head[:3], "little"))


def _say(wire: Wire, number: int, body: bytes) -> None:
    wire.send(len(body).to_bytes(3, "little") + bytes((number & 255,)) + body)
