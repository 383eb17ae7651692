"""Requests to a service's API: JSON in and out, no redirects, and errors without what was sent."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from secretsweep.errors import RotateError
from secretsweep.model import Secret

_SECONDS = 30
_LARGEST = 8 << 20


class Answer(NamedTuple):
    """What came back; `body` is {} when it was no JSON object."""

    status: int
    body: Any
    said: str  # the service's words in an error

    @property
    def fine(self) -> bool:
        return 200 <= self.status < 300


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token elsewhere."""

    def redirect_request(self, *given: Any) -> None:
        return None


class Api:
    """A service at a URL; `header` names the one that carries the token, which each request may replace."""

    def __init__(
        self,
        driver: str,
        url: str,
        header: str,
        token: Secret,
        form: str = "{}",
        further: Mapping[str, str] | None = None,
        authority: str = "",
        unchecked: bool = False,
    ) -> None:
        self._driver = driver
        self.url = checked(driver, url)
        self._header, self._form, self._token = header, form, token
        self._further = dict(further or {})
        context = ssl.create_default_context(cafile=authority or None)
        if unchecked:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._opener = urllib.request.build_opener(_Stay, urllib.request.HTTPSHandler(context=context))

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        token: Secret | None = None,
        expected: Collection[int] = (),
        hide: Collection[Secret] = (),
    ) -> Answer:
        """RotateError for what is neither a success nor expected. `hide` is masked in the service's words."""
        used = token or self._token
        headers = {"Accept": "application/json", "User-Agent": "secretsweep", **self._further}
        if len(used):
            headers[self._header] = self._form.format(used.reveal().decode("utf-8", "replace").strip())
        data = json.dumps(body).encode() if body is not None else None
        if data is not None:
            headers["Content-Type"] = "application/json"
        problem = ""
        status, content = 0, b""
        try:
            request = urllib.request.Request(  # noqa: S310 the scheme was looked at
                f"{self.url}/{path.lstrip('/')}", data=data, headers=headers, method=method
            )
            with self._opener.open(request, timeout=_SECONDS) as answer:
                status, content = answer.status, answer.read(_LARGEST)
        except urllib.error.HTTPError as error:
            status = error.code
            with error:
                content = error.read(_LARGEST)
        except (OSError, ValueError) as error:  # a ValueError is a value that fits into no header
            problem = "is no text that a header can carry" if isinstance(error, ValueError) else str(error)
        where = path.partition("?")[0]
        if problem:
            raise RotateError(f"{self._driver}: {self.url} cannot be asked ({method} {where}): {_cut(problem)}")
        found = _read(content)
        said = _words(found)
        for secret in (used, *hide):
            said = secret.masked_in(said)
        result = Answer(status, found, said)
        if not result.fine and status not in expected:
            raise RotateError(f"{self._driver}: {self.url} refuses {method} {where}: {status} {said}".rstrip())
        return result


def checked(driver: str, url: str) -> str:
    """The address without its last slash. RotateError when it holds a password, or is not encrypted."""
    parts = urllib.parse.urlsplit(url)
    if parts.username or parts.password:
        raise RotateError(f"{driver}: --service: the address holds a login; leave that to the environment")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise RotateError(f"{driver}: {url or '(empty)'}: the address begins with https://")
    return url.rstrip("/")


def quoted(part: str) -> str:
    """A name as one part of a path."""
    return urllib.parse.quote(part, safe="")


def _read(content: bytes) -> Any:
    try:
        return json.loads(content) if content else {}
    except ValueError:
        return {}


def _words(found: Any) -> str:
    """What services say of an error, by the names that they have for it."""
    if not isinstance(found, dict):
        return ""
    told = found.get("errors") or found.get("message") or found.get("error_description") or found.get("error") or ""
    return _cut(told if isinstance(told, str) else json.dumps(told))


def _cut(text: str) -> str:
    return " ".join(text.split())[:300]
