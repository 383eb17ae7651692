"""HTTP to a tracker's API: TLS verified, bounded in time and size, no redirect followed, the token shown to nobody.

What may be asked again is: a GET after an error of the server or the network, anything after an answer that says "too
many requests" (it was not carried out). Whoever sends something else and loses the answer looks first.
"""

import base64
import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlencode, urlsplit

from secretsweep import __version__
from secretsweep.errors import TrackerError, UsageError

LARGEST = 32 << 20  # bytes of an answer
PATIENCE = 30.0  # seconds for one request, from the connection to the end of the answer
LONGEST = 90.0  # seconds that are waited when the service asks for it; longer is told
BACKOFF = (0.5, 2.0)  # seconds before a GET is asked again
_UNNAMED = 60.0  # seconds to wait at a limit that names no time, as GitHub documents for its secondary limits
_PAGES = 1000  # of a list, at most
sleep = time.sleep


class Lost(TrackerError):
    """There is no answer that can be read: what was asked may or may not have been carried out."""


class Refused(TrackerError):
    """The service answered that it did not do it."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Answer(NamedTuple):
    """A successful one."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    data: Any  # of JSON; None when there was no content


@dataclass(frozen=True, slots=True)
class Service:
    """One API with one token."""

    name: str  # as messages call it
    base: str  # as `address` gives it
    headers: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)  # never shown, not even when the service repeats it
    environ: Mapping[str, str] = field(repr=False)  # for proxies
    hints: Mapping[int, str] = field(default_factory=dict)  # what a status means here, and the next step

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Answer:
        """Ask; again when the server or the network fails. Lost or Refused."""
        for wait in BACKOFF:
            try:
                return self._ask("GET", path, query, None)
            except Lost:
                sleep(wait)
        return self._ask("GET", path, query, None)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Change something; once, but for answers that say that nothing was done yet. Lost or Refused."""
        return self._ask(method, path, (), json.dumps(body).encode())

    def _ask(self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes | None) -> Answer:
        target = urlsplit(self.base).path + path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        for last in (False, False, True):
            status, headers, content = self._exchanged(method, target, body)
            if not _limited(status, headers, content):
                break
            wait = _wait(headers)
            if last or wait > LONGEST:
                when = datetime.now(UTC) + timedelta(seconds=wait)
                said = f"too many requests; try again after {when:%Y-%m-%d %H:%M:%S} UTC (in {_span(wait)})"
                raise Refused(f"{self.name}: {said}", status)
            sleep(wait)
        if 200 <= status < 300:
            return Answer(status, headers, self._read(content, headers, f"{method} {path}"))
        if 300 <= status < 400:
            elsewhere = urlsplit(headers.get("location", "")).hostname or "elsewhere"
            said = f"{method} {path} is redirected ({status}, to {_line(elsewhere)}), and the token goes nowhere else"
            raise Refused(f"{self.name}: {said}; name the place as it is called now: --where, --tracker-url", status)
        said = self._told(content)
        if status >= 500:
            raise Lost(f"{self.name}: {method} {path}: {status}{said}")
        hint = self.hints.get(status, "")
        raise Refused(f"{self.name}: {method} {path}: {status}{said}{f'; {hint}' if hint else ''}", status)

    def _exchanged(self, method: str, target: str, body: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        """One request on a connection of its own."""
        headers = {"User-Agent": f"secretsweep/{__version__}", "Connection": "close", **self.headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        end = time.monotonic() + PATIENCE
        connection = self._connection()
        held: list[socket.socket] = []
        response: http.client.HTTPResponse | None = None
        clock = threading.Timer(PATIENCE, _cut, (connection, held))  # a drop a second would go on for ever
        clock.daemon = True
        clock.start()
        try:
            connection.request(method, target, body, headers)
            held.append(connection.sock)
            response = connection.getresponse()
            content = bytearray()
            while chunk := response.read1(1 << 16):
                content += chunk
                if len(content) > LARGEST:
                    raise Lost(f"{self.name}: the answer has more than {LARGEST >> 20} MiB")
                if time.monotonic() > end:
                    raise TimeoutError
            if response.length:
                raise Lost(f"{self.name}: the answer broke off")
            return response.status, {name.lower(): text for name, text in response.getheaders()}, bytes(content)
        except ssl.SSLCertVerificationError as error:
            raise TrackerError(f"{self.name}: its certificate is not trusted: {error.verify_message}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= end
            why = f"no answer within {PATIENCE:g} seconds" if late else _reason(error)
            raise Lost(f"{self.name}: {urlsplit(self.base).netloc}: {why}") from None
        finally:
            clock.cancel()
            if response is not None:
                response.close()
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.base)
        host = parts.hostname or ""
        if parts.scheme == "http":  # on this machine
            return http.client.HTTPConnection(host, parts.port or 80, timeout=PATIENCE)
        trust = ssl.create_default_context()
        trust.minimum_version = ssl.TLSVersion.TLSv1_2
        proxy = urlsplit(_proxy(host, self.environ))
        if not proxy.hostname:
            return http.client.HTTPSConnection(host, parts.port or 443, timeout=PATIENCE, context=trust)
        connection = http.client.HTTPSConnection(proxy.hostname, proxy.port or 8080, timeout=PATIENCE, context=trust)
        login = f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}" if proxy.username else ""
        secret = {"Proxy-Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}
        connection.set_tunnel(host, parts.port or 443, secret)
        return connection

    def _read(self, content: bytes, headers: Mapping[str, str], what: str) -> Any:
        if not content.strip():
            return None
        try:
            if headers.get("content-encoding", "identity") != "identity":
                raise ValueError
            return json.loads(content)
        except (ValueError, RecursionError):
            raise Lost(f"{self.name}: {what}: the answer is no JSON; is {self.base} its API?") from None

    def _told(self, content: bytes) -> str:
        """What the service says of an error, in one short line."""
        try:
            data = json.loads(content[:65536])
        except (ValueError, RecursionError):
            return ""
        if not isinstance(data, dict):
            return ""
        parts = [data.get(name) for name in ("message", "error", "errorMessages", "errors")]
        said = "; ".join(p if isinstance(p, str) else json.dumps(p, ensure_ascii=False) for p in parts if p)
        for name, text in self.headers.items():
            if name in ("Authorization", "PRIVATE-TOKEN"):
                said = said.replace(text, "…")
        return f": {_line(said.replace(self.token, '…'))}" if said else ""


def pages(past: int) -> None:
    """TrackerError when a list does not end."""
    if past >= _PAGES:
        raise TrackerError(f"a list of issues has more than {_PAGES} pages; does the service number them?")


def address(url: str, said: str) -> str:
    """The URL of an API, without a slash at its end. UsageError for one that a token must not be sent to."""
    parts = urlsplit(url.strip())
    try:
        fine = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine or parts.query or parts.fragment or not url.isascii() or any(c.isspace() for c in url.strip()):
        raise UsageError(f"{said}: wants a URL such as https://example.org/api")
    if parts.username or parts.password:
        raise UsageError(f"{said}: has a login in it; tokens come from the environment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _here(parts.hostname or "")):
        raise UsageError(f"{said}: a token is sent over https only")
    return url.strip().rstrip("/")


def secret(environ: Mapping[str, str], *names: str) -> str:
    """The first of these variables that is set, or "". UsageError for what no header can hold; it is not shown."""
    for name in names:
        if text := environ.get(name, "").strip():
            if not text.isascii() or not text.isprintable() or " " in text:
                raise UsageError(f"{name}: holds what is no token: blanks or characters other than ASCII")
            return text
    return ""


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _proxy(host: str, environ: Mapping[str, str]) -> str:
    """The proxy's URL, or "" for none."""
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    url = next((environ[name] for name in names if environ.get(name)), "")
    without = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    suffixes = [name.strip().lstrip("*.").lower() for name in without.split(",") if name.strip()]
    if not url or "*" in without.split(",") or any(host == s or host.endswith(f".{s}") for s in suffixes):
        return ""
    if "://" not in url:
        url = f"http://{url}"
    if urlsplit(url).scheme != "http":
        raise UsageError("the proxy for https: wants http://HOST:PORT; other kinds cannot be used for trackers")
    return url


def _cut(connection: http.client.HTTPConnection, held: list[socket.socket]) -> None:
    for sock in (*held, connection.sock):
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _limited(status: int, headers: Mapping[str, str], content: bytes) -> bool:
    """Whether the service asks to come later. GitHub says 403 to that, too."""
    if status != 403:
        return status == 429
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or b"rate limit" in content[:4096]


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds: by Retry-After (seconds or a date), else by the time at which the limit is reset."""
    now = time.time()
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        text = headers.get(name, "").strip()
        if text.isdigit():
            seconds = float(text[:12])
            return max(1.0, seconds if name == "retry-after" else seconds - now)
        for read in (parsedate_to_datetime, datetime.fromisoformat) if text else ():
            try:
                return max(1.0, read(text).timestamp() - now)
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
    return _UNNAMED


def _span(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _reason(error: Exception) -> str:
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.HTTPException):
        return f"what it says is no HTTP ({type(error).__name__})"
    return _line(getattr(error, "strerror", None) or type(error).__name__)


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
