"""Every vendor at once: a server on loopback that has a certificate for whatever host is asked for, and a Net whose
names resolve to public addresses that all lead there. Everything else of the Net is as it is shipped."""

import ipaddress
import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import certificates

from secretsweep.verifiers import _addresses
from secretsweep.verifiers._net import Net
from secretsweep.verifiers._pace import Pace
from secretsweep.verifiers._proxy import Proxy

PUBLIC = "93.184.216.34"  # where every name leads; nobody is asked there


@dataclass(frozen=True)
class Sent:
    """What the server got."""

    host: str  # of the TLS handshake; "" without one
    raw: bytes

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def line(self) -> str:
        return self.head.partition("\r\n")[0]

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]


Answers = Callable[[Sent], bytes | Iterable[bytes] | None]  # the raw answer, its pieces, or nothing: it hangs up


def said(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer; content that is no bytes is JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join((*lines, "", "")).encode() + content


@dataclass
class Vendors:
    """The server: what it says, and what it was sent."""

    port: int
    trust: ssl.SSLContext
    answers: Answers = lambda sent: said(404)
    sent: list[Sent] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # where single names lead instead
    slept: list[float] = field(default_factory=list)

    def net(self, *allowed: str, proxy: str = "none", total: float = 20.0) -> Net:
        """A net in which every address is this server."""
        return Net(
            allowed=_addresses.allowed(allowed),
            proxy=Proxy.of(proxy, {}),
            total=total,
            context=self.trust,
            resolve=self._resolved,
            dial=self._dialled,
            pace=Pace(apart=0, sleep=self.slept.append),
        )

    def says(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        """The same to everybody."""
        self.answers = lambda sent: said(status, body, headers)

    def _resolved(self, host: str, seconds: float) -> list[_addresses.IP]:
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            return [ipaddress.ip_address(ip) for ip in self.names.get(host, PUBLIC).split()]

    def _dialled(self, ip: str, port: int, seconds: float) -> socket.socket:
        self.dialled.append((ip, port))
        return socket.create_connection(("127.0.0.1", self.port), seconds)


@contextmanager
def vendors() -> Iterator[Vendors]:
    """The server, while a test session runs."""
    authority = certificates.Authority()
    folder = tempfile.TemporaryDirectory()
    issued: dict[str, ssl.SSLContext] = {}
    lock = threading.Lock()

    def context_for(name: str) -> ssl.SSLContext:
        with lock:
            if name not in issued:
                paths = authority.issued(Path(folder.name), name)
                issued[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                issued[name].load_cert_chain(paths.certificate, paths.key)
        return issued[name]

    def chosen(sock: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        sock.context = context_for(name or "localhost")
        asked[id(sock)] = name or ""

    asked: dict[int, str] = {}
    base = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    paths = authority.issued(Path(folder.name), "localhost")
    base.load_cert_chain(paths.certificate, paths.key)
    base.sni_callback = chosen  # type: ignore[assignment]
    trust = ssl.create_default_context(cadata=authority.pem)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Vendors(listener.getsockname()[1], trust)

    def served(raw: socket.socket) -> None:
        with suppress(OSError), raw:
            raw.settimeout(20)
            first = raw.recv(1, socket.MSG_PEEK)
            sock = base.wrap_socket(raw, server_side=True) if first == b"\x16" else raw
            with sock:
                host = asked.pop(id(sock), "")
                data = _request(sock)
                if data:
                    sent = Sent(host, data)
                    server.sent.append(sent)
                    answer = server.answers(sent)
                    for piece in [answer] if isinstance(answer, bytes) else answer or ():
                        sock.sendall(piece)

    def accepting() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=served, args=(raw,), daemon=True).start()

    threading.Thread(target=accepting, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        folder.cleanup()


def _request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")), 0)
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body
