"""Fakes of servers that no package here has: MongoDB and RabbitMQ. Each speaks as much of the protocol as a login
takes, written from the vendors' specifications, and each checks what it is sent; SMTP is Python's own sockets."""

import contextlib
import hashlib
import hmac
import os
import socket
import ssl
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable

from secretsweep.verifiers._bson import decoded, encoded

PASSWORD = "Tr0ub4dor" + os.urandom(6).hex()


def exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise OSError("ended")
        data += part
    return data


def mongodb(mechanism: str = "SCRAM-SHA-256", honest: bool = True) -> Callable[[socket.socket], None]:
    """The server's side of SCRAM (RFC 5802). One that is not honest lets everybody in, without knowing the password."""
    digest = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}[mechanism]
    known = PASSWORD.encode()
    if digest == "sha1":
        known = hashlib.md5(b"app:mongo:" + known).hexdigest().encode()
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac(digest, known, salt, 15000)

    def mac(key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, digest)

    def served(sock: socket.socket) -> None:
        bare = first = ""
        while True:
            size, number, _, code = struct.unpack("<IIII", exactly(sock, 16))
            assert code == 2013
            asked = decoded(exactly(sock, size - 16)[5:])
            said: dict[str, object] = {"ok": 1}
            if "hello" in asked:
                assert asked["saslSupportedMechs"] == "admin.app"
                said = {"saslSupportedMechs": {"0": mechanism}, "ok": 1}
            elif "saslStart" in asked:
                assert (asked["mechanism"], asked["$db"]) == (mechanism, "admin")
                bare = asked["payload"].decode().removeprefix("n,,")
                assert bare.startswith("n=app,r=")
                first = f"{bare.partition('r=')[2]}{b64encode(os.urandom(9)).decode()}"
                first = f"r={first},s={b64encode(salt).decode()},i=15000"
                said |= {"conversationId": 7, "payload": first.encode()}
            else:
                assert asked["conversationId"] == 7
                plain, _, proof = asked["payload"].decode().rpartition(",p=")
                assert plain == "c=biws," + first.partition(",")[0]
                signed = f"{bare},{first},{plain}".encode()
                stored = hashlib.new(digest, mac(salted, b"Client Key")).digest()
                key = bytes(a ^ b for a, b in zip(b64decode(proof), mac(stored, signed), strict=True))
                if hashlib.new(digest, key).digest() == stored or not honest:
                    signature = mac(mac(salted, b"Server Key"), signed) if honest else os.urandom(32)
                    said |= {"payload": b"v=" + b64encode(signature)}
                else:
                    said = {"ok": 0, "errmsg": "Authentication failed.", "code": 18}
            mapped = _listed(said)
            body = struct.pack("<IB", 0, 0) + mapped
            sock.sendall(struct.pack("<IIII", len(body) + 16, 1, number, 2013) + body)

    return served


def _listed(document: dict[str, object]) -> bytes:
    """BSON whose `saslSupportedMechs` is an array."""
    data = bytearray(encoded(document))
    at = bytes(data).find(b"\x03saslSupportedMechs\0")
    if at >= 0:
        data[at] = 4
    return bytes(data)


def rabbitmq(code: int = 403) -> Callable[[socket.socket], None]:
    """Connection.Start, then Tune for the right login and Close for another."""

    def said(sock: socket.socket, method: tuple[int, int], body: bytes) -> None:
        data = struct.pack(">HH", *method) + body
        sock.sendall(struct.pack(">BHI", 1, 0, len(data)) + data + b"\xce")

    def served(sock: socket.socket) -> None:
        assert exactly(sock, 8) == b"AMQP\0\0\x09\x01"
        said(sock, (10, 10), b"\0\x09" + struct.pack(">I", 0) + _long(b"AMQPLAIN PLAIN") + _long(b"en_US"))
        kind, channel, size = struct.unpack(">BHI", exactly(sock, 7))
        body = exactly(sock, size + 1)
        assert (kind, channel, body[:4], body[-1]) == (1, 0, b"\0\x0a\0\x0b", 0xCE)
        (length,) = struct.unpack(">I", body[4:8])
        assert b"authentication_failure_close" in body[8 : 8 + length]
        rest = body[8 + length : -1]
        assert rest[:6] == b"\x05PLAIN" and rest.endswith(b"\x05en_US")
        if rest[10:-6] == b"\0app\0" + PASSWORD.encode() and code == 403:
            said(sock, (10, 30), struct.pack(">HIH", 2047, 131072, 60))
        else:
            said(sock, (10, 50), struct.pack(">H", code) + b"\x07REFUSED" + b"\0\0\0\0")
        exactly(sock, 1)

    return served


def _long(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def smtp(context: ssl.SSLContext, starttls: bool = True, refusal: int = 535) -> Callable[[socket.socket], None]:
    """ESMTP with STARTTLS, after which AUTH PLAIN is offered."""

    def served(raw: socket.socket) -> None:
        raw.sendall(b"220 mail ESMTP\r\n")
        with contextlib.ExitStack() as closing:
            said(raw, closing)

    def said(raw: socket.socket, closing: contextlib.ExitStack) -> None:
        sock, secure = raw, False
        while True:
            words = _line(sock)
            if words.startswith(b"EHLO"):
                offers = [
                    b"mail",
                    *([b"AUTH LOGIN PLAIN"] if secure else [b"STARTTLS"] if starttls else []),
                    b"8BITMIME",
                ]
                lines = [b"250-" + offer for offer in offers[:-1]] + [b"250 " + offers[-1]]
                sock.sendall(b"\r\n".join(lines) + b"\r\n")
            elif words == b"STARTTLS":
                sock.sendall(b"220 go\r\n")
                sock, secure = closing.enter_context(context.wrap_socket(raw, server_side=True)), True
            else:
                assert secure and words.startswith(b"AUTH PLAIN ")
                good = b64decode(words[11:]) == b"\0app\0" + PASSWORD.encode()
                sock.sendall(b"235 ok\r\n" if good else b"%d no\r\n" % refusal)

    return served


def _line(sock: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\r\n"):
        data += exactly(sock, 1)
    return data[:-2]


def endless(sock: socket.socket) -> None:
    """A greeting without an end."""
    with contextlib.suppress(OSError):
        while True:
            sock.sendall(b"A" * 65536)


def dripping(sock: socket.socket) -> None:
    """A byte at a time."""
    import time

    with contextlib.suppress(OSError):
        for _ in range(300):
            sock.sendall(b"\0")
            time.sleep(0.05)


def of_another_protocol(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 40)
    with contextlib.suppress(OSError):
        sock.recv(65536)


def huge(sock: socket.socket) -> None:
    """Frames that claim to be as large as can be written."""
    sock.sendall(b"\xff" * 4096)
    with contextlib.suppress(OSError):
        sock.recv(65536)


def huge_postgresql(sock: socket.socket) -> None:
    sock.recv(8)
    sock.sendall(b"N")
    sock.recv(4096)
    sock.sendall(b"R\x7f\xff\xff\xff" + b"\0" * 4096)


def huge_amqp(sock: socket.socket) -> None:
    sock.recv(8)
    sock.sendall(b"\x01\0\0\xff\xff\xff\xff" + b"\0" * 4096)


def huge_mysql(sock: socket.socket) -> None:
    sock.sendall(b"\xff\xff\xff\0\x0a" + b"5" * 4096)


def costly_scram(sock: socket.socket) -> None:
    """PostgreSQL's SCRAM with more rounds than a lifetime has."""
    sock.recv(8)
    sock.sendall(b"N")
    sock.recv(4096)
    sock.sendall(b"R" + struct.pack(">II", 23 + 1, 10) + b"SCRAM-SHA-256\0\0\0")
    said = sock.recv(4096)
    nonce = said.partition(b"r=")[2]
    body = b"r=" + nonce + b"x,s=QUFBQUFBQUFBQUFBQUFBQQ==,i=4000000000"
    sock.sendall(b"R" + struct.pack(">II", len(body) + 8, 11) + body)
    with contextlib.suppress(OSError):
        sock.recv(4096)


def gone(sock: socket.socket) -> None:
    """Hangs up."""


def silent(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while sock.recv(65536):
            pass
