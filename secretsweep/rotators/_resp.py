"""Redis' protocol, as far as passwords need it: a command, an answer (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""

import socket
import ssl
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret

_SECONDS = 15
_LARGEST = 1 << 20  # bytes of one answer's part


class Refused(Exception):
    """The server's own words: `WRONGPASS invalid username-password pair`."""


class Resp:
    """A connection. RotateError when there is none, or it breaks."""

    def __init__(self, host: str, port: int, tls: bool) -> None:
        self._where = f"{host}:{port}"
        problem = ""
        try:
            self._socket = socket.create_connection((host, port), timeout=_SECONDS)
            if tls:
                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=host)
        except OSError as error:
            problem = str(error)
        if problem:
            raise RotateError(f"redis: no connection to {self._where}: {problem}; --service redis://host:port")
        self._stream = self._socket.makefile("rb")

    def ask(self, *words: str | Secret) -> Any:
        """Refused when the server says no; what it repeats of a value is masked."""
        parts = [word.reveal() if isinstance(word, Secret) else word.encode() for word in words]
        data = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        problem = ""
        try:
            self._socket.sendall(data)
            return self._answer()
        except Refused as refused:
            said = str(refused)
        except (OSError, ValueError) as error:
            problem = str(error)
        if problem:
            raise RotateError(f"redis: {self._where}: {problem}")
        for word in words:
            said = word.masked_in(said) if isinstance(word, Secret) else said
        raise Refused(said[:300])

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _answer(self) -> Any:
        line = self._stream.readline(_LARGEST)
        if not line.endswith(b"\r\n"):
            raise OSError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise Refused(rest.decode("utf-8", "replace"))
        if kind == b"+":
            return rest.decode("utf-8", "replace")
        if kind == b":":
            return int(rest)
        size = int(rest)
        if kind == b"$":
            if not -1 <= size <= _LARGEST:
                raise ValueError("an answer that is too large")
            return None if size < 0 else self._stream.read(size + 2)[:-2].decode("utf-8", "replace")
        if kind == b"*":
            return None if size < 0 else [self._answer() for _ in range(min(size, _LARGEST))]
        raise ValueError("the server does not speak Redis' protocol")
