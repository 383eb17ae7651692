"""A connection that is not HTTP: read up to a moment and up to a size, whatever the other end sends or does not."""

import socket
import ssl
import time
from types import TracebackType
from typing import Self

from secretsweep.verifiers._net import Line
from secretsweep.verifiers._troubles import NoAnswer

_ROOM = 256 << 10  # bytes of one conversation


class Wire:
    """Bytes to and from one server. Every trouble is a NoAnswer that holds none of them."""

    def __init__(self, sock: socket.socket, host: str, port: int, end: float) -> None:
        self._sock, self._host, self._end, self._room = sock, host, end, _ROOM
        self._held = b""
        self.who = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.sure = False  # over TLS with a certificate that was checked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sock.close()

    def send(self, data: bytes) -> None:
        try:
            self._sock.settimeout(self._left())
            self._sock.sendall(data)
        except OSError:
            raise NoAnswer("the connection ended before an answer", self.who) from None

    def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        if size > self._room:
            raise NoAnswer("the answer is larger than any of this protocol", self.who)
        while len(self._held) < size:
            self._more()
        self._room -= size
        data, self._held = self._held[:size], self._held[size:]
        return data

    def line(self, most: int = 8192) -> bytes:
        """Up to the end of a line, without it."""
        while b"\n" not in self._held:
            if len(self._held) > most:
                raise NoAnswer("the answer has no end of a line", self.who)
            self._more()
        return self.read(self._held.index(b"\n") + 1).rstrip(b"\r\n")

    def secured(self, context: ssl.SSLContext) -> None:
        """From here on TLS. NoAnswer also when the server said something before: that would be read as its words."""
        if self._held:
            raise NoAnswer("the server speaks when it must not", self.who)
        try:
            self._sock.settimeout(self._left())
            self._sock = context.wrap_socket(self._sock, server_hostname=self._host)
        except ssl.SSLCertVerificationError as error:
            raise NoAnswer(f"its certificate is not trusted: {error.verify_message}", self.who) from None
        except (OSError, ValueError):
            raise NoAnswer("no TLS connection", self.who) from None
        self.sure = context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname

    def certificate(self) -> bytes:
        """The server's, as DER; nothing without TLS."""
        return (self._sock.getpeercert(True) or b"") if isinstance(self._sock, ssl.SSLSocket) else b""

    def _more(self) -> None:
        try:
            self._sock.settimeout(self._left())
            part = self._sock.recv(4096)
        except TimeoutError:
            raise NoAnswer("no answer in time", self.who) from None
        except OSError:
            part = b""
        if not part:
            raise NoAnswer("the connection ended before an answer", self.who)
        self._held += part

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise NoAnswer("no answer in time", self.who)
        return left


def opened(line: Line, host: str, port: int) -> Wire:
    """A connection that the gate allows."""
    end = time.monotonic() + line.net.total
    return Wire(line.connect(host, port), host, port, end)


def unchecked() -> ssl.SSLContext:
    """TLS as most databases are reached: nobody vouches for the server. Only a proof of a password goes over it, never
    the password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
