"""The machine's own network under the gate: names, connections, the user's proxy."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from vendors import Vendors

from secretsweep.verifiers import NoAnswer, Refused
from secretsweep.verifiers._addresses import Address, allowed, parsed
from secretsweep.verifiers._dialing import dialled, resolved, socket_to
from secretsweep.verifiers._net import Net
from secretsweep.verifiers._proxy import Proxy


def test_the_shipped_net_refuses_this_machine_and_its_metadata() -> None:
    line = Net(proxy=Proxy()).line("acme", ("localhost",))
    for host in ("127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254"):
        with pytest.raises(Refused, match="--allow-address"):
            line.connect(host, 80)
    with socket.create_server(("127.0.0.1", 0)) as server:
        net = Net(proxy=Proxy(), allowed=allowed(["127.0.0.1"]))
        with net.line("acme", ()).connect("127.0.0.1", server.getsockname()[1]) as sock:
            assert sock.getpeername()[0] == "127.0.0.1" and sock.gettimeout() == net.total


def test_names_are_resolved_by_the_system() -> None:
    assert {str(ip) for ip in resolved("localhost", 5)} <= {"127.0.0.1", "::1"} and resolved("localhost", 5)
    assert [str(ip) for ip in resolved("10.0.0.1", 5)] == ["10.0.0.1"]


def test_a_name_that_nobody_knows_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> list[object]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert resolved("nobody.example", 5) == []
    with pytest.raises(NoAnswer, match=r"nobody\.example has no address"):
        Net(proxy=Proxy()).line("acme", ("nobody.example",)).ask("GET", "https://nobody.example/")


def test_a_resolver_that_hangs_is_waited_for_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: released.wait(5) and [])
    started = time.monotonic()
    with pytest.raises(NoAnswer, match="was not told within"):
        resolved("slow.example", 0.2)
    released.set()
    assert time.monotonic() - started < 3


def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        end = time.monotonic() + 10
        with dialled(["127.0.0.2", "127.0.0.1"], Address("x.example", port), socket_to, 5, end) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
    with pytest.raises(NoAnswer, match=rf"x\.example:{port}: "):
        dialled(["127.0.0.1"], Address("x.example", port), socket_to, 5, time.monotonic() + 10)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Git.Acme.io", ("git.acme.io", 0)),
        ("git.acme.io.:8443", ("git.acme.io", 8443)),
        ("10.0.0.1:5432", ("10.0.0.1", 5432)),
        ("[::1]:5432", ("::1", 5432)),
        ("::1", ("::1", 0)),
        ("fd00::0:1", ("fd00::1", 0)),
        ("db", ("db", 0)),
        ("_tcp.db.acme.io", ("_tcp.db.acme.io", 0)),
    ],
)
def test_an_address_has_one_form(text: str, address: tuple[str, int]) -> None:
    assert parsed(text) == address


NONE = ["", ":80", "a b", "http://x", "x/y", "x:70000", "x:-1", "127.1", "010.0.0.1", "1.2.3.4.5", "0x7f000001", "a..b"]


@pytest.mark.parametrize("text", [*NONE, "x:", "[::1", "::1]:5"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parsed(text)


def test_the_environment_names_the_proxy() -> None:
    environ = {"HTTPS_PROXY": "http://a:1", "https_proxy": "http://b:2", "HTTP_PROXY": "c:3"}
    environ["NO_PROXY"] = "acme.io,10.0.0.1"
    proxy = Proxy.of("", environ)
    assert (proxy.of_scheme("https"), proxy.of_scheme("http")) == ("http://b:2", "c:3")
    assert proxy.bypassed("api.acme.io") and proxy.bypassed("10.0.0.1") and not proxy.bypassed("acme.io.example")
    assert Proxy.of("none", environ) == Proxy() and Proxy.of("http://x:1", environ).https == "http://x:1"
    assert Proxy.of("", {"ALL_PROXY": "http://all:9"}).https == "http://all:9"
    assert not Proxy.of("http://x:1", environ).bypassed("api.acme.io")


@pytest.mark.parametrize("url", ["socks5://x:1", "https://x:1", "http://", "http://x:99999", "http://[::1"])
def test_a_proxy_of_another_kind_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="the proxy wants a URL"):
        Proxy.of(url, {})


def test_a_proxys_login_is_not_shown() -> None:
    assert "p455" not in repr(Proxy.of("http://me:p455@x:1", {}))


OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextmanager
def forwarding(to: int, asked: list[bytes], said: bytes = OPEN) -> Iterator[int]:
    """A proxy on loopback, all of whose tunnels lead to one port."""

    def copy(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536)
            asked.append(head)
            client.sendall(said)
            if said == OPEN:
                with socket.create_connection(("127.0.0.1", to)) as server:
                    back = threading.Thread(target=copy, args=(server, client))
                    back.start()
                    copy(client, server)
                    back.join()

    def accepting() -> None:
        with suppress(OSError):
            while True:
                serve(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accepting)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_question_goes_through_the_proxy_enciphered(vendors: Vendors) -> None:
    vendors.says(200, {"id": 1})
    asked: list[bytes] = []
    with forwarding(vendors.port, asked) as port:
        net = vendors.net()
        net.proxy, net.dial = Proxy.of(f"http://127.0.0.1:{port}", {}), socket_to
        response = net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/me", {"Authorization": "value"})
    assert response.json() == {"id": 1} and vendors.sent[0].host == "api.acme.io"
    assert len(asked) == 1 and asked[0].startswith(b"CONNECT api.acme.io:443 HTTP/1.1\r\n") and b"value" not in asked[0]


def test_a_proxy_that_refuses_or_is_not_there_is_told(vendors: Vendors) -> None:
    with forwarding(vendors.port, [], b"HTTP/1.1 403 Forbidden\r\n\r\n") as port:
        net = vendors.net()
        net.proxy, net.dial = Proxy.of(f"http://127.0.0.1:{port}", {}), socket_to
        with pytest.raises(NoAnswer, match="the proxy refused a connection: 403"):
            net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/")
    net.pace.apart = 0
    with pytest.raises(NoAnswer, match="the proxy cannot be reached"):
        net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/")
    assert vendors.sent == []
