"""A server in this process that answers as a fake says, with or without TLS."""

import http.server
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import certificates


class Asked(NamedTuple):
    method: str
    path: str  # with its query
    headers: Mapping[str, str]  # names in small letters
    body: Any  # of JSON


class Said(NamedTuple):
    status: int
    body: Any = None
    headers: Mapping[str, str] = {}


Answers = Callable[[Asked], Said]


@contextmanager
def serving(answers: Answers, tls: certificates.Paths | None = None, wanted: bool = False) -> Iterator[int]:
    """The port of the server; with `wanted` it lets nobody in who has no certificate of the same authority."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(sent) if sent else None
            said = answers(
                Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
            text = json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST = answer

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        if wanted:
            context.load_verify_locations(tls.authority)
            context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
