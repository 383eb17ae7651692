"""One HTTP request, as it is sent, and one answer, as far as it is read."""

import http.client
import io
import json
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, cast

from secretsweep import __version__
from secretsweep.verifiers._addresses import Address
from secretsweep.verifiers._troubles import NoAnswer

LARGEST = 64 << 10  # bytes of an answer's content that are read
_HEADS = 32 << 10  # bytes of everything else in an answer
AGENT = f"secretsweep/{__version__}"
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_TARGET = re.compile(r"[\x21-\x7e]+")


class Request(NamedTuple):
    """What is sent. It is never shown."""

    method: str
    address: Address
    scheme: str
    target: str  # path and query
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Request({self.method} {self.address})"

    def written(self) -> bytes:
        """As it is sent. NoAnswer when a value has characters that would end its header."""
        default = 443 if self.scheme == "https" else 80
        host = str(self.address if self.address.port != default else Address(self.address.host))
        fixed = {"Host": host, "User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
        own = {name.title(): value for name, value in self.headers.items()}
        length = {"Content-Length": str(len(self.body))} if self.body or self.method == "POST" else {}
        headers = {**fixed, **own, **length, "Connection": "close"}
        good = all(_HEADER_NAME.fullmatch(n) and _HEADER_VALUE.fullmatch(v) for n, v in headers.items())
        if not good or not _TARGET.fullmatch(self.target):
            raise NoAnswer("it has characters that such a request cannot hold", str(self.address))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join((*lines, "", "")).encode("ascii") + self.body


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """An answer. It may hold anything, and is never shown."""

    host: str
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    whole: bool  # nothing of it was left unread

    @property
    def retry_after(self) -> float | None:
        """Seconds that the answer asks to wait; None when it does not say (RFC 9110, 10.2.3)."""
        value = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}", value, re.ASCII):
            return float(value)
        with suppress(ValueError, TypeError, OverflowError):
            return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        return None

    def json(self) -> Any:
        """The content, parsed; None when it is no JSON."""
        try:
            return json.loads(self.body) if self.whole else None
        except (ValueError, RecursionError):
            return None


def exchange(sock: socket.socket, request: Request, context: ssl.SSLContext | None, end: float) -> Response:
    """Send the request, over TLS with a `context`, and read the answer until the moment `end`."""
    host, who = request.address.host, str(request.address)
    data = request.written()
    try:
        sock.settimeout(_left(end))
        secure = context.wrap_socket(sock, server_hostname=host) if context else sock
        with secure:
            secure.settimeout(_left(end))
            secure.sendall(data)
            return _read(secure, request, end)
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(f"its certificate is not trusted: {error.verify_message}", who) from None
    except TimeoutError:
        raise NoAnswer("no answer in time", who) from None
    except _TooMuch:
        raise NoAnswer("the answer does not end", who) from None
    except ssl.SSLError as error:
        raise NoAnswer(f"no TLS connection: {(error.reason or 'refused').replace('_', ' ').lower()}", who) from None
    except (OSError, http.client.HTTPException, ValueError):  # their texts may quote what was sent or received
        raise NoAnswer("the connection ended before an answer", who) from None


def _read(sock: socket.socket, request: Request, end: float) -> Response:
    response = http.client.HTTPResponse(cast(socket.socket, _Readable(sock, end)), method=request.method)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    body = b""
    while len(body) <= LARGEST and (part := response.read(LARGEST + 1 - len(body))):
        body += part
    return Response(request.address.host, response.status, headers, body[:LARGEST], len(body) <= LARGEST)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _TooMuch(Exception):
    """More was received than an answer may have."""


class _Readable(io.RawIOBase):
    """A socket that is read until a moment and up to a size: a timeout of its own counts from each byte anew."""

    def __init__(self, sock: socket.socket, end: float) -> None:
        self._sock, self._end, self._room = sock, end, LARGEST + _HEADS

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, 4096)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._room <= 0:
            raise _TooMuch
        self._sock.settimeout(_left(self._end))
        count = self._sock.recv_into(buffer)
        self._room -= count
        return count
