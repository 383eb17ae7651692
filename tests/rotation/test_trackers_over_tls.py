"""A tracker's address is what its certificate says, through a company's proxy, too."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from desks import Desk, desk, service
from entries import ID, entry
from serving import TOKEN, serving
from test_trackers import brought

from secretsweep.errors import TrackerError, UsageError


def certified(folder: Path, address: str) -> Path:
    """A certificate for an address, its own authority, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secretsweep tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{address}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def secured(file: Path) -> Iterator[Desk]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serving(service("github"), lambda sock: context.wrap_socket(sock, server_side=True)) as served:
        yield desk("github", served)


def test_a_trusted_certificate_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]) -> None:
    file = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with secured(file) as place:
        brought(place, entry())
        assert len(place.numbers(ID)) == 1 and place.served.url.startswith("https://")


@pytest.mark.parametrize(("address", "trusted"), [("127.0.0.1", False), ("127.0.0.9", True)])
def test_a_certificate_of_somebody_else_is_refused_before_the_token_is_sent(
    address: str, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    file = certified(tmp_path, address)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with secured(file) as place:
        with pytest.raises(TrackerError, match="certificate is not trusted"):
            brought(place, entry())
        assert place.served.requests == [] and waited == []


def test_a_proxy_is_asked_for_a_tunnel_and_sees_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    file = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with secured(file) as place, proxy() as (port, heard):
        environ = {**place.environ, "HTTPS_PROXY": f"http://ada:pw@127.0.0.1:{port}"}
        brought(replace(place, environ=environ), entry())
        assert len(place.numbers(ID)) == 1
        assert heard and all(one.startswith(b"CONNECT 127.0.0.1:") for one in heard)
        assert b"Basic YWRhOnB3" in heard[0] and TOKEN.encode() not in b"".join(heard)
        heard.clear()
        brought(replace(place, environ={**environ, "NO_PROXY": "example.org, 127.0.0.1"}), entry())
        assert heard == []
        with pytest.raises(UsageError, match="proxy"):
            brought(replace(place, environ={**environ, "HTTPS_PROXY": "socks5://127.0.0.1:1"}), entry())


@contextmanager
def proxy() -> Iterator[tuple[int, list[bytes]]]:
    """Opens tunnels, and remembers what it was asked."""
    heard: list[bytes] = []
    held: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def pumped(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            held.append(client)
            asked = client.recv(65536)
            heard.append(asked)
            host, _, port = asked.split()[1].decode().rpartition(":")
            there = socket.create_connection((host, int(port)))
            held.append(there)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for pair in ((client, there), (there, client)):
                threading.Thread(target=pumped, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1], heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        for sock in (listening, *held):
            sock.close()
