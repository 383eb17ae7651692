"""The gate to the network: no byte of a verifier leaves by another way.

HTTPS with certificates checked, or a bare connection; only to the verifier's own hosts and to what the user allowed;
a name is resolved once, judged, and that IP address is connected to, so that no second look-up can say otherwise.
Redirects are not followed, nothing is kept between two questions, an answer has at most 64 KiB and a bounded time.
No error here holds what was sent.
"""

import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from secretsweep.verifiers import _addresses
from secretsweep.verifiers._addresses import Address, Allowed
from secretsweep.verifiers._dialing import Resolve, dialled, resolved, socket_to
from secretsweep.verifiers._http import Request, Response, exchange
from secretsweep.verifiers._logins import Logins
from secretsweep.verifiers._pace import Pace
from secretsweep.verifiers._proxy import Proxy, tunnelled
from secretsweep.verifiers._troubles import NoAnswer, Refused

TOTAL = 20.0  # seconds for one question, from the look-up of the name to the end of the answer
CONNECT = 8.0  # seconds of these for a connection
_LONGEST_WAIT = 20.0  # seconds that a Retry-After may ask for; longer is no answer now


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(slots=True)
class Net:
    """What all verifiers of a run share. The last fields are the machine's network; tests have one of their own."""

    allowed: Allowed = field(default_factory=Allowed)
    proxy: Proxy = field(default_factory=lambda: Proxy.of("", os.environ))
    total: float = TOTAL
    context: ssl.SSLContext = field(default_factory=_trusting)
    resolve: Resolve = resolved
    dial: Callable[[str, int, float], socket.socket] = socket_to
    pace: Pace = field(default_factory=Pace)
    logins: Logins = field(default_factory=Logins)

    def line(self, provider: str, hosts: Sequence[str]) -> "Line":
        """For one verifier: `hosts` are its own, which need no further leave."""
        return Line(self, provider, tuple(hosts))


@dataclass(frozen=True, slots=True)
class Line:
    """What a verifier speaks through."""

    net: Net
    provider: str
    hosts: tuple[str, ...]

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        context: ssl.SSLContext | None = None,
    ) -> Response:
        """One request and its answer. NoAnswer or Refused say why there is none.

        A URL without TLS is asked only when the user allowed its host: the value would be there to read on the way.
        `context` is another trust than the system's, such as a kubeconfig's own authority.
        """
        parts = urlsplit(url)
        address = self._address(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))
        if parts.scheme != "https" and (parts.scheme != "http" or self.is_own(address.host)):
            raise Refused("is asked over HTTPS only", str(address))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = Request(method, address, parts.scheme, target, headers or {}, body)
        response = self._asked(request, context)
        wait = response.retry_after if response.status == 429 else None
        if wait is not None:
            if wait > _LONGEST_WAIT:
                self.net.pace.blocked(self.provider, wait)
            else:
                self.net.pace.sleep(wait)
                response = self._asked(request, context)
        return response

    def _asked(self, request: Request, context: ssl.SSLContext | None) -> Response:
        self.net.pace.turn(self.provider)
        end = time.monotonic() + self.net.total
        trust = (context or self.net.context) if request.scheme == "https" else None
        with self._connected(request.address, end, self.net.proxy.of_scheme(request.scheme)) as sock:
            return exchange(sock, request, trust, end)

    def connect(self, host: str, port: int) -> socket.socket:
        """A bare connection, for protocols that are not HTTP; it goes through no proxy, and each of its operations may
        take the whole time of a question. The caller closes it."""
        self.net.pace.turn(self.provider)
        sock = self._connected(self._address(host, port), time.monotonic() + self.net.total, "")
        sock.settimeout(self.net.total)
        return sock

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        """The IP address and port to connect to, for a library that has its own connections. Refused says why not."""
        self.net.pace.turn(self.provider)
        return self._judged(self._address(host, port), time.monotonic() + self.net.total)[0], port

    def is_own(self, host: str) -> bool:
        """Whether a host is the vendor's."""
        return any(re.fullmatch(own.replace(".", r"\.").replace("*", "[a-z0-9-]{1,63}"), host) for own in self.hosts)

    def _address(self, host: str, port: int) -> Address:
        """The address, if this verifier may ask there."""
        try:
            address = Address(_addresses.host(host), port)
        except ValueError:
            raise Refused("the address beside it is no proper host name") from None
        if not 0 < port < 65536:
            raise Refused("the port beside it is none", address.host)
        if not self.is_own(address.host) and not self.net.allowed.named(address):
            raise Refused(f"{address} was found beside it; to ask there: --allow-address {address}", str(address))
        return address

    def _judged(self, address: Address, end: float) -> list[str]:
        """The IP addresses of a host, if all of them may be spoken to."""
        found = self.net.resolve(address.host, max(0.1, min(CONNECT, end - time.monotonic())))
        if not found:
            raise NoAnswer(f"{address.host} has no address", address.host)
        for ip in found:
            kind = _addresses.private(ip)
            by_name = kind == "loopback" and address.host == "localhost"  # RFC 6761: this name is nothing else
            if kind and not by_name and not self.net.allowed.covers(ip, address.port):
                said = f"{address.host} is {ip}, " if address.host != str(ip) else ""
                why = f"{said}a {kind} address, which is asked only when it is named: --allow-address {ip}"
                raise Refused(why, str(address))
        return [str(ip) for ip in found]

    def _connected(self, address: Address, end: float, proxy: str) -> socket.socket:
        if proxy and not self.net.proxy.bypassed(address.host):
            # the vendors' names are the proxy's to resolve; what was found beside a value is judged here first
            host = address.host if self.is_own(address.host) else self._judged(address, end)[0]
            return tunnelled(proxy, Address(host, address.port), self.net.dial, CONNECT, end)
        return dialled(self._judged(address, end), address, self.net.dial, CONNECT, end)
