"""The gate to the network: what passes, and all that does not."""

import time
from collections.abc import Iterator

import pytest
from vendors import PUBLIC, Sent, Vendors, said

from secretsweep.verifiers import NoAnswer, Refused
from secretsweep.verifiers._http import LARGEST
from secretsweep.verifiers._net import Line

VALUE = "the-value-itself"


def line(vendors: Vendors, *allowed: str, total: float = 20.0) -> Line:
    return vendors.net(*allowed, total=total).line("acme", ("api.acme.io", "*.eu.acme.io"))


def refusal(vendors: Vendors, url: str, *allowed: str) -> str:
    """Why a question is refused; nothing may have been sent."""
    with pytest.raises(Refused) as error:
        line(vendors, *allowed).ask("GET", url, {"Authorization": VALUE})
    assert vendors.sent == [] and vendors.dialled == []
    return error.value.why


def silence(vendors: Vendors, total: float = 20.0) -> str:
    """Why there is no answer."""
    with pytest.raises(NoAnswer) as error:
        line(vendors, total=total).ask("GET", "https://api.acme.io/", {"Authorization": VALUE})
    assert VALUE not in str(error.value) and error.value.__cause__ is None
    return error.value.why


def test_a_question_is_sent_as_it_was_asked(vendors: Vendors) -> None:
    vendors.says(200, {"id": 1}, {"X-Limit": "5"})
    response = line(vendors).ask("POST", "https://api.acme.io/v1/me?full=1", {"Authorization": VALUE}, b"{}")
    (sent,) = vendors.sent
    assert (sent.host, sent.line, sent.body) == ("api.acme.io", "POST /v1/me?full=1 HTTP/1.1", b"{}")
    assert sent.headers["host"] == "api.acme.io" and sent.headers["authorization"] == VALUE
    assert sent.headers["user-agent"].startswith("secretsweep/") and "cookie" not in sent.headers
    assert vendors.dialled == [(PUBLIC, 443)]
    assert (response.status, response.json(), response.headers["x-limit"]) == (200, {"id": 1}, "5")


def test_one_label_of_a_vendors_host_may_vary_and_no_more(vendors: Vendors) -> None:
    vendors.says(200)
    assert line(vendors).ask("GET", "https://shop-1.eu.acme.io/").status == 200
    vendors.sent.clear(), vendors.dialled.clear()
    for host in ("a.b.eu.acme.io", "eu.acme.io", "apixacme.io", "api.acme.io.evil.example", "evil.example"):
        assert "--allow-address" in refusal(vendors, f"https://{host}/")


def test_a_redirect_is_an_answer_and_not_a_way(vendors: Vendors) -> None:
    vendors.says(302, None, {"Location": "https://api.acme.io/other"})
    assert line(vendors).ask("GET", "https://api.acme.io/").status == 302
    assert len(vendors.sent) == 1


def test_nothing_is_kept_from_one_question_to_the_next(vendors: Vendors) -> None:
    vendors.says(200, None, {"Set-Cookie": "session=1"})
    speaking = line(vendors)
    speaking.ask("GET", "https://api.acme.io/")
    speaking.ask("GET", "https://api.acme.io/")
    assert vendors.sent[0].raw == vendors.sent[1].raw


def test_a_vendor_is_asked_with_tls_only_even_when_its_address_is_allowed(vendors: Vendors) -> None:
    assert "HTTPS" in refusal(vendors, "http://api.acme.io/")
    assert "HTTPS" in refusal(vendors, "http://api.acme.io/", "api.acme.io")


def test_an_allowed_address_may_be_asked_without_tls(vendors: Vendors) -> None:
    vendors.says(200)
    assert line(vendors, "vault.corp.example").ask("GET", "http://vault.corp.example:8200/").status == 200
    assert vendors.dialled == [(PUBLIC, 8200)] and vendors.sent[0].host == ""


def test_a_certificate_for_another_name_is_not_taken(vendors: Vendors) -> None:
    net = vendors.net()
    net.context = __import__("ssl").create_default_context()
    with pytest.raises(NoAnswer, match="certificate is not trusted"):
        net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/", {"Authorization": VALUE})
    assert vendors.sent == []


@pytest.mark.parametrize("name", ["api.acme.io", "host.eu.acme.io", "db.corp.example"])
@pytest.mark.parametrize(
    ("ip", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("100.100.100.200", "private"),
        ("169.254.169.254", "link-local"),
        ("168.63.129.16", "private"),
        ("192.0.0.192", "private"),
        ("0.0.0.0", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "private"),
        ("::1", "loopback"),
        ("::", "unspecified"),
        ("fe80::1", "link-local"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "link-local"),
        ("ff02::1", "multicast"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("2002:7f00:1::", "loopback"),
        ("::127.0.0.1", "private"),
        (f"{PUBLIC} 10.0.0.1", "private"),
    ],
)
def test_a_name_that_leads_into_private_space_is_refused(vendors: Vendors, name: str, ip: str, kind: str) -> None:
    vendors.names[name] = ip
    why = refusal(vendors, f"https://{name}/", "db.corp.example")
    assert f"a {kind} address" in why and name in why


@pytest.mark.parametrize(
    "host",
    [
        "2852039166",  # 169.254.169.254 as one number
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "0xa9.0xfe.0xa9.0xfe",
        "127.1",
        "0",
        "127.0.0.1.",
        "1.2.3",
        "1.2.3.4.5",
        "evil.example%00.acme.io",
        "a b.example",
        "xn--.example..com",
        "-a.example",
        "a..b",
        "١٢٧.0.0.1",
        "127。0。0。1",
        "[::1",
        "localhost@evil.example:1",
    ],
)
def test_what_is_no_proper_host_is_refused_even_when_it_is_allowed(vendors: Vendors, host: str) -> None:
    speaking = line(vendors, "10.0.0.0/8", "localhost", "127.0.0.0/8", "169.254.0.0/16")
    with pytest.raises((Refused, ValueError)):
        speaking.connect(host, 5432)
    assert vendors.dialled == []


@pytest.mark.parametrize(
    ("url", "allowed", "reached"),
    [
        ("https://127.0.0.1:8200/", ("127.0.0.1:8200",), ("127.0.0.1", 8200)),
        ("https://127.0.0.1:8200/", ("127.0.0.1",), ("127.0.0.1", 8200)),
        ("https://127.0.0.1:8200/", ("127.0.0.1:8201",), None),
        ("https://10.1.2.3/", ("10.1.0.0/16",), ("10.1.2.3", 443)),
        ("https://10.2.2.3/", ("10.1.0.0/16",), None),
        ("https://[::1]:8200/", ("[::1]:8200",), ("::1", 8200)),
        ("https://[0:0::1]:8200/", ("::1",), ("::1", 8200)),
        ("https://[::ffff:127.0.0.1]/", ("127.0.0.1",), None),
        ("https://localhost:8200/", ("localhost:8200",), ("127.0.0.1", 8200)),
        ("https://localhost:8200/", ("127.0.0.1",), None),
        ("https://DB.corp.example./", ("db.corp.example", "10.9.9.9"), ("10.9.9.9", 443)),
        ("https://db.corp.example/", ("db.corp.example",), None),
        ("https://db.corp.example/", ("10.9.9.9",), None),
        ("https://169.254.169.254/", (), None),
    ],
)
def test_a_private_address_is_asked_when_it_is_named(
    vendors: Vendors, url: str, allowed: tuple[str, ...], reached: tuple[str, int] | None
) -> None:
    vendors.names |= {"localhost": "127.0.0.1", "db.corp.example": "10.9.9.9"}
    if reached is None:
        refusal(vendors, url, *allowed)
        return
    vendors.says(200)
    net = vendors.net(*allowed)
    net.context.check_hostname = False
    try:
        assert net.line("acme", ()).ask("GET", url).status == 200
    finally:
        net.context.check_hostname = True
    assert vendors.dialled == [reached]


def test_a_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_later(vendors: Vendors) -> None:
    asked: list[str] = []
    net = vendors.net()
    first = net.resolve

    def rebinding(host: str, seconds: float) -> list[object]:
        asked.append(host)
        vendors.names[host] = "127.0.0.1"
        return first("example.org", seconds) if len(asked) == 1 else first(host, seconds)  # type: ignore[return-value]

    net.resolve = rebinding  # type: ignore[assignment]
    vendors.says(200)
    net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/")
    assert asked == ["api.acme.io"] and vendors.dialled == [(PUBLIC, 443)]


def test_a_value_that_would_end_its_header_is_not_sent(vendors: Vendors) -> None:
    for value in (f"{VALUE}\r\nHost: evil.example", f"{VALUE}\0", f"{VALUE}é", f"{VALUE}\udcff"):
        with pytest.raises(NoAnswer) as error:
            line(vendors).ask("GET", "https://api.acme.io/", {"Authorization": value})
        assert VALUE not in str(error.value) and vendors.sent == []


def test_a_url_with_characters_that_end_a_line_is_not_sent(vendors: Vendors) -> None:
    for path in ("/a b", "/a%0d\x00", "/é"):
        with pytest.raises(NoAnswer):
            line(vendors).ask("GET", f"https://api.acme.io{path}")
    assert vendors.sent == []


def test_no_more_of_an_answer_is_read_than_fits(vendors: Vendors) -> None:
    vendors.says(200, b"x" * (LARGEST + 1))
    response = line(vendors).ask("GET", "https://api.acme.io/")
    assert (len(response.body), response.whole, response.json()) == (LARGEST, False, None)


def test_headers_without_an_end_are_no_answer(vendors: Vendors) -> None:
    def endless() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        for number in range(100_000):
            yield b"X-%d: %s\r\n" % (number, b"y" * 2000)

    vendors.answers = lambda sent: endless()
    assert "answer" in silence(vendors)


def test_an_answer_that_comes_drop_by_drop_ends_in_time(vendors: Vendors) -> None:
    def slowly() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        for _ in range(100):
            time.sleep(0.05)
            yield b"x"

    vendors.answers = lambda sent: slowly()
    started = time.monotonic()
    assert silence(vendors, total=0.4) == "no answer in time"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\0\0",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_no_answer(vendors: Vendors, raw: bytes) -> None:
    vendors.answers = lambda sent: raw or None
    assert silence(vendors) == "the connection ended before an answer"


def test_a_short_wait_is_waited_for_and_asked_once_more(vendors: Vendors) -> None:
    answers = [said(429, None, {"Retry-After": "7"}), said(200)]
    vendors.answers = lambda sent: answers[len(vendors.sent) - 1]
    assert line(vendors).ask("GET", "https://api.acme.io/").status == 200
    assert vendors.slept == [7.0]


def test_a_vendor_that_wants_a_long_wait_is_left_alone(vendors: Vendors) -> None:
    vendors.says(429, None, {"Retry-After": "3600"})
    net = vendors.net()
    assert net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/").status == 429
    with pytest.raises(NoAnswer, match="asked not to be asked again"):
        net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/")
    assert len(vendors.sent) == 1 and vendors.slept == []
    assert net.line("other", ("api.acme.io",)).ask("GET", "https://api.acme.io/").status == 429


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", "Wed, 99 Foo 2026", "9" * 400])
def test_a_retry_after_that_says_nothing_is_not_waited_for(vendors: Vendors, value: str) -> None:
    vendors.says(429, None, {"Retry-After": value})
    assert line(vendors).ask("GET", "https://api.acme.io/").status == 429
    assert len(vendors.sent) == 1 and vendors.slept == []


def test_questions_to_one_vendor_keep_their_distance(vendors: Vendors) -> None:
    vendors.says(200)
    net = vendors.net()
    net.pace.apart, net.pace.clock = 2.0, lambda: 100.0
    for provider in ("acme", "other", "acme"):
        net.line(provider, ("api.acme.io",)).ask("GET", "https://api.acme.io/")
    assert vendors.slept == [2.0]


def test_a_proxy_is_asked_for_a_vendor_by_its_name(vendors: Vendors) -> None:
    def answer(sent: Sent) -> bytes:
        return b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"

    vendors.answers = answer
    net = vendors.net(proxy="http://me:p%40ss@proxy.corp.example:3128")
    with pytest.raises(NoAnswer, match="the proxy refused a connection: 407") as error:
        net.line("acme", ("api.acme.io",)).ask("GET", "https://api.acme.io/", {"Authorization": VALUE})
    (sent,) = vendors.sent
    assert sent.line == "CONNECT api.acme.io:443 HTTP/1.1" and VALUE.encode() not in sent.raw
    assert sent.headers["proxy-authorization"] == "Basic bWU6cEBzcw=="
    assert vendors.dialled == [("proxy.corp.example", 3128)] and "p@ss" not in str(error.value)


def test_a_proxy_is_asked_for_a_found_address_by_what_was_judged(vendors: Vendors) -> None:
    vendors.names["db.corp.example"] = PUBLIC
    vendors.answers = lambda sent: None
    net = vendors.net("db.corp.example", proxy="http://proxy.corp.example:3128")
    with pytest.raises(NoAnswer):
        net.line("acme", ()).ask("GET", "https://db.corp.example/")
    assert vendors.sent[0].line == f"CONNECT {PUBLIC}:443 HTTP/1.1"
    vendors.sent.clear(), vendors.dialled.clear()
    vendors.names["db.corp.example"] = "10.0.0.1"
    with pytest.raises(Refused):
        net.line("acme", ()).ask("GET", "https://db.corp.example/")
    assert vendors.dialled == []


def test_a_bare_connection_leads_to_what_was_allowed(vendors: Vendors) -> None:
    vendors.names["db.corp.example"] = "10.0.0.1"
    with line(vendors, "db.corp.example:5432", "10.0.0.0/8").connect("db.corp.example", 5432):
        assert vendors.dialled == [("10.0.0.1", 5432)]
    with pytest.raises(Refused):
        line(vendors, "db.corp.example:5432", "10.0.0.0/8").connect("db.corp.example", 5433)
    with pytest.raises(Refused):
        line(vendors).endpoint("db.corp.example", 5432)
    assert line(vendors, "db.corp.example", "10.0.0.1").endpoint("db.corp.example", 1) == ("10.0.0.1", 1)
