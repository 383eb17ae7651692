"""A vendor's API on loopback: it keeps state, validates every request with a description, and fails when it is told to.

A request that the description does not allow is answered with 400 and noted in `wrong`, which must stay empty.
"""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft4Validator, ValidationError
from jsonschema.validators import extend

TOKEN = "t0ken-of-the-tests"


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body) if self.body else None


class Fault(NamedTuple):
    """What goes wrong with the next request that fits: `kind` is a name in `Served._fail`."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = {}
    body: bytes = b"{}"


Answer = tuple[int, dict[str, str], Any]


@dataclass
class Served:
    """What vendors have in common."""

    description: Mapping[str, Any]
    base: str = ""  # of the API's path
    url: str = ""
    requests: list[Asked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)  # a pattern for `METHOD path`, and what happens
    released: threading.Event = field(default_factory=threading.Event)
    stored: threading.Event = field(default_factory=threading.Event)  # that a request was carried out, and then failed
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answered(self, asked: Asked, name: str, path: Mapping[str, str]) -> Answer:
        """By the vendor; `name` is the operation's."""
        raise NotImplementedError

    def authorised(self, asked: Asked) -> bool:
        raise NotImplementedError

    def fails(self, pattern: str, *faults: Fault) -> None:
        self.faults += [(pattern, fault) for fault in faults]

    def sent(self, method: str) -> list[Asked]:
        return [asked for asked in self.requests if asked.method == method]

    def bytes(self) -> bytes:
        """All that ever came."""
        return b"\n".join(
            b" ".join((a.method.encode(), a.path.encode(), repr(a.query).encode(), repr(a.headers).encode(), a.body))
            for a in self.requests
        )

    def serve(self, handler: "Handler") -> None:
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        query, body = dict(parse_qsl(parts.query, True)), handler.rfile.read(length)
        asked = Asked(handler.command, parts.path, query, {k.lower(): v for k, v in handler.headers.items()}, body)
        with self.lock:
            self.requests.append(asked)
            found = next((one for one in self.faults if re.search(one[0], f"{asked.method} {asked.path}")), None)
            if found:
                self.faults.remove(found)
        if found is None:
            handler.reply(*self._whole(asked))
        else:
            self._fail(handler, asked, found[1])

    def _fail(self, handler: "Handler", asked: Asked, fault: Fault) -> None:
        kind, _, after = fault.kind.partition("-")
        answer = self._whole(asked) if after == "after" else None
        if answer:
            self.stored.set()
        match kind:
            case "status":
                handler.reply(fault.status, dict(fault.headers), fault.body)
            case "hang":
                self.released.wait(30)
            case "reset":
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                handler.connection.close()
            case "garbage":
                handler.reply(201, {}, b"<html>not what you think")
            case "short":
                handler.reply(200, {"Content-Length": "1000"}, b'{"half":')
            case "huge":
                handler.reply(200, {"Content-Length": str(1 << 40)}, b"[")
                with suppress(OSError):
                    while True:
                        handler.wfile.write(b" " * (1 << 16))
            case "drip":
                with suppress(OSError):
                    for _ in range(600):
                        handler.wfile.write(b"H")
                        handler.wfile.flush()
                        if self.released.wait(0.05):
                            return
            case _:
                raise AssertionError(fault)

    def _whole(self, asked: Asked) -> Answer:
        """The answer to a request, once it is found to be one of the description's."""
        if not self.authorised(asked):
            return 401, {}, {"message": "Unauthorized"}
        if problem := self._problem(asked):
            self.wrong.append(f"{asked.method} {asked.path}: {problem}")
            return 400, {}, {"message": problem}
        name, path = self._operation(asked)
        with self.lock:
            return self.answered(asked, name, path)

    def _operation(self, asked: Asked) -> tuple[str, dict[str, str]]:
        for name in self.description["operations"]:
            method, template = name.split(" ")
            pattern = self.base + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
            match = re.fullmatch(pattern, asked.path)
            if method == asked.method and match:
                return name, {key: unquote(text) for key, text in match.groupdict().items()}
        return "", {}

    def _problem(self, asked: Asked) -> str:
        name, path = self._operation(asked)
        if not name:
            return "no such operation"
        operation = self.description["operations"][name]
        given = {"path": path, "query": asked.query}
        known = {(one["in"], one["name"]): one for one in operation["parameters"]}
        for (place, key), one in known.items():
            text = given[place].get(key)
            if text is None:
                if one.get("required"):
                    return f"{key} is missing"
            elif said := self._against(one["schema"], _typed(text, one["schema"])):
                return f"{key}: {said}"
        for key in asked.query.keys() - {key for place, key in known if place == "query"}:
            return f"{key}: no such parameter"
        if operation["body"] is None:
            return "has a body" if asked.body else ""
        if asked.headers.get("content-type") != "application/json":
            return "no JSON"
        return self._against(operation["body"], asked.data)

    def _against(self, schema: Any, value: Any) -> str:
        checker = Validator({**schema, "definitions": self.description["definitions"]})
        return "; ".join(error.message[:300] for error in checker.iter_errors(value))


def _any_of(checker: Any, choices: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """As it is, but a node of a document is tried as its own type only: all others take seconds."""
    kind = value.get("type") if isinstance(value, dict) else None
    fitting = [one for one in choices if kind is None or kind in (_types(one, checker) or [kind])]
    if not any(checker.evolve(schema=one).is_valid(value) for one in fitting):
        yield ValidationError(f"{json.dumps(value)[:200]} is none of {[one.get('$ref') for one in fitting]}")


def _types(schema: Any, checker: Any) -> list[str]:
    """The words that a schema has for `type`, as far as it tells."""
    if "$ref" in schema:
        return _types(checker._resolver.lookup(schema["$ref"]).contents, checker)
    own: list[str] = schema.get("properties", {}).get("type", {}).get("enum", [])
    return own or next((found for one in schema.get("allOf", ()) if (found := _types(one, checker))), [])


Validator = extend(Draft4Validator, {"anyOf": _any_of})


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if any(one.get("type") == "integer" for one in kinds) and re.fullmatch(r"\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else text


class Handler(BaseHTTPRequestHandler):
    """Hands over to the vendor, quietly."""

    served: Served

    def do_GET(self) -> None:
        self.served.serve(self)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def reply(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        content = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def serving(served: Served, wrapped: Callable[[socket.socket], socket.socket] | None = None) -> Iterator[Served]:
    """The vendor on a free port of loopback, while it is needed; `wrapped` makes it speak TLS."""

    class Mine(Handler):
        pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that go away are part of the tests."""

    Mine.served = served
    server = Server(("127.0.0.1", 0), Mine)
    server.daemon_threads = True
    if wrapped is not None:
        server.socket = wrapped(server.socket)
    scheme = "http" if wrapped is None else "https"
    served.url = f"{scheme}://127.0.0.1:{server.server_address[1]}{served.base}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
