"""The user's own proxy: from the environment, or as it is named."""

import socket
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from secretsweep.verifiers._addresses import Address
from secretsweep.verifiers._dialing import Dial
from secretsweep.verifiers._troubles import NoAnswer

_MOST = 16 << 10  # bytes of a proxy's answer


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """Its URLs, with whatever login they hold."""

    https: str = ""
    http: str = ""
    exceptions: str = ""  # hosts, as NO_PROXY lists them

    @classmethod
    def of(cls, given: str, environ: Mapping[str, str]) -> "Proxy":
        """As it is given (`none`: no proxy), else of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. ValueError for
        what is no http:// URL."""
        if given == "none":
            return cls()
        names = {name.lower(): value for name, value in sorted(environ.items()) if name.lower().endswith("_proxy")}
        rest = names.get("all_proxy", "")
        https, http = (given or names.get(f"{scheme}_proxy", rest) for scheme in ("https", "http"))
        for url in (https, http):
            _parts(url)
        return cls(https, http, "" if given else names.get("no_proxy", ""))

    def of_scheme(self, scheme: str) -> str:
        return self.http if scheme == "http" else self.https

    def bypassed(self, host: str) -> bool:
        """Whether the host is asked directly."""
        return bool(self.exceptions) and bool(proxy_bypass_environment(host, {"no": self.exceptions}))


def tunnelled(proxy: str, address: Address, dial: Dial, seconds: float, end: float) -> socket.socket:
    """A connection through a proxy's CONNECT (RFC 9110, 9.3.6): what follows is between the two ends."""
    parts = _parts(proxy)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    auth = f"Proxy-Authorization: Basic {b64encode(login).decode()}\r\n" if parts.username else ""
    head = b""
    try:
        sock = dial(parts.hostname or "", parts.port or 80, min(seconds, max(0.1, end - time.monotonic())))
    except OSError as error:
        raise NoAnswer(f"the proxy cannot be reached: {error.strerror or 'no connection'}", str(address)) from None
    try:
        sock.sendall(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{auth}\r\n".encode())
        while not head.endswith(b"\r\n\r\n"):
            sock.settimeout(max(0.1, end - time.monotonic()))
            byte = sock.recv(1)  # one at a time: what follows is not the proxy's
            head += byte
            if not byte or len(head) > _MOST or time.monotonic() > end:
                raise NoAnswer("the proxy gave no answer", str(address))
        status = head.split(b" ", 2)[1:2]
        if status != [b"200"]:
            code = status[0][:3].decode("ascii", "replace") if status else "?"
            raise NoAnswer(f"the proxy refused a connection: {code}", str(address))
    except OSError:
        sock.close()
        raise NoAnswer("the proxy gave no answer", str(address)) from None
    except NoAnswer:
        sock.close()
        raise
    return sock


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url if "://" in url or not url else f"http://{url}")
        good = not url or (parts.scheme == "http" and bool(parts.hostname) and (parts.port or 80) > 0)
    except ValueError:
        good = False
    if not good:
        raise ValueError("the proxy wants a URL like http://proxy.acme.io:3128")
    return parts
