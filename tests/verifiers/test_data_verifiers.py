"""Every verifier that is data, against a server that answers as the vendor's documentation says."""

import re
from base64 import b64decode
from urllib.parse import unquote

import pytest
from questions import RULES, around, asked, body, sample
from vendors import Sent, Vendors, said

from secretsweep.rules.placeholders import fill
from secretsweep.verifiers import DEAD, LIVE, UNKNOWN, Answer
from secretsweep.verifiers._data import Data, load
from secretsweep.verifiers._http import LARGEST, Response

EVERY = load()
each = pytest.mark.parametrize("data", EVERY, ids=lambda data: data.NAME)


def verified(vendors: Vendors, data: Data, total: float = 20.0, address: str = "") -> Answer:
    """What comes of the question; nothing is raised."""
    vendors.sent.clear()
    line = vendors.net(*filter(None, [address]), total=total).line(data.PROVIDER, data.HOSTS)
    return data.verify(asked(data, address=address), line)


@each
def test_each_answer_means_what_the_file_says(vendors: Vendors, data: Data) -> None:
    for means in data.answers:
        for status in means.status:
            vendors.says(status, body(means))
            answer = verified(vendors, data)
            told = UNKNOWN if data.own and means.state == DEAD else means.state
            assert (answer.state, answer.status) == (told, str(status)), (means, answer)
            assert answer.who == vendors.sent[-1].host and answer.when.endswith("Z") and answer.why
            assert len(vendors.sent) == (len(data.urls) if means.state == DEAD else 1)


@each
def test_the_request_is_the_declared_one(vendors: Vendors, data: Data) -> None:
    vendors.says(200, b"{}")
    question = asked(data)
    assert data.where(question)
    verified(vendors, data)
    for sent in vendors.sent:
        assert sent.line.startswith(f"{data.method} /") and sent.line.endswith(" HTTP/1.1")
        assert sent.headers["host"] == sent.host and sent.headers["user-agent"].startswith("secretsweep/")
        assert any(re.fullmatch(h.replace(".", r"\.").replace("*", "[a-z0-9-]+"), sent.host) for h in data.HOSTS)
        own = {name.lower() for name in data.headers or {}} | ({"authorization"} if data.basic else set())
        bodily = {"content-length"} if data.method == "POST" else set()
        bodily |= {"content-type"} if sent.body else set()
        assert set(sent.headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"} | own | bodily


@each
def test_the_value_appears_where_it_is_declared_and_nowhere_else(vendors: Vendors, data: Data) -> None:
    vendors.says(404, b"{}")
    secret = asked(data).secret
    value = secret.reveal().decode()
    if data.parts:
        match = re.search(data.parts, value)
        assert match
        value = max(match.groups(), key=len) if data.in_url or "token" in match.groupdict() else value
    verified(vendors, data)
    for sent in vendors.sent:
        places = {"url": unquote(sent.path), "body": unquote(sent.body.decode()), "host": sent.host}
        basic = sent.headers.get("authorization", "").removeprefix("Basic ")
        login = b64decode(basic).decode() if sent.headers.get("authorization", "").startswith("Basic ") else ""
        places["headers"] = sent.head.partition("\r\n")[2] + login
        found = {name for name, text in places.items() if value in text}
        assert found == ({"url"} if data.in_url else {"body"} if not (data.headers or data.basic) else {"headers"})


PAGE = b"<html><body>Please enable cookies.</body></html>"
NOTHING = [  # statuses and contents that say neither
    *((status, content) for status in (200, 201, 204, 302, 307, 400, 402, 403, 404, 407) for content in (PAGE, b"")),
    *((200, content) for content in (b"{" * 50_000, b"[" * 50_000, b"\0\xff", b'{"a": NaN', b'"text"x')),
    *((status, b"{}") for status in (302, 308, 429, 500, 502, 503)),
]


@each
def test_what_is_not_the_apis_own_answer_says_neither(data: Data) -> None:
    for status, content in NOTHING:
        answer = data.judged(Response("api.acme.io", status, {}, content, True))
        assert answer.state == UNKNOWN and answer.why, (status, content[:40], answer)
    for means in data.answers:
        cut = data.judged(Response("api.acme.io", means.status[0], {}, body(means), False))
        assert cut.state in (UNKNOWN, means.state) and (not means.json or cut.state == UNKNOWN)


@each
def test_troubles_on_the_way_say_neither(vendors: Vendors, data: Data) -> None:
    troubles = [
        said(200, b'{"ok": "' + b"x" * LARGEST + b'"}'),
        said(307, None, {"Location": "http://169.254.169.254/"}),
        said(429, b"{}", {"Retry-After": "86400"}),
        b"\0\1\2",
        None,
    ]
    for trouble in troubles:
        vendors.answers = lambda sent, raw=trouble: raw  # type: ignore[misc]
        answer = verified(vendors, data)
        assert answer.state == UNKNOWN and answer.why, (trouble and trouble[:40], answer)
        assert {sent.host for sent in vendors.sent} <= set(data.where(asked(data)).split(", "))
    assert vendors.slept == []


@each
def test_a_short_wait_is_waited_for(vendors: Vendors, data: Data) -> None:
    live = next(means for means in data.answers if means.state == LIVE)
    vendors.answers = lambda sent: (
        said(429, b"{}", {"Retry-After": "2"}) if len(vendors.sent) == 1 else said(live.status[0], body(live))
    )
    assert verified(vendors, data).state == LIVE
    assert vendors.slept == [2.0] and vendors.sent[0].raw == vendors.sent[1].raw


@pytest.mark.parametrize("data", EVERY[::12], ids=lambda data: data.NAME)
def test_a_slow_answer_is_none(vendors: Vendors, data: Data) -> None:
    import threading

    released = threading.Event()

    def late(sent: Sent) -> bytes:
        released.wait(5)
        return said(200)

    vendors.answers = late
    answer = verified(vendors, data, total=0.3)
    released.set()
    assert (answer.state, answer.why) == (UNKNOWN, "no answer in time")


@each
def test_every_rule_that_it_judges_has_a_form_that_it_can_ask_about(data: Data) -> None:
    for rule in data.RULES:
        place, finding = sample(data, rule)
        assert set(place.beside(finding, data.BESIDE)) == set(data.BESIDE)


NEEDY = [data for data in EVERY if any(not beside.optional for beside in data.BESIDE.values())]


@pytest.mark.parametrize("data", NEEDY, ids=lambda data: data.NAME)
def test_without_its_companion_nothing_is_sent(vendors: Vendors, data: Data) -> None:
    from dataclasses import replace

    line = vendors.net().line(data.PROVIDER, data.HOSTS)
    answer = data.verify(replace(asked(data), beside={}), line)
    assert answer.state == UNKNOWN and "belongs to it" in answer.why
    assert vendors.sent == [] and vendors.dialled == []


@pytest.mark.parametrize("data", [d for d in EVERY if d.instance], ids=lambda d: d.NAME)
def test_an_instance_of_ones_own_is_asked_instead_of_the_vendor(vendors: Vendors, data: Data) -> None:
    dead = next(means for means in data.answers if means.state == DEAD)
    vendors.says(dead.status[0], body(dead))
    answer = verified(vendors, data, address="git.acme.example")
    assert (answer.state, answer.who) == (DEAD, "git.acme.example")
    assert {sent.host for sent in vendors.sent} == {"git.acme.example"}


@pytest.mark.parametrize("data", [d for d in EVERY if d.own], ids=lambda d: d.NAME)
def test_what_the_vendor_does_not_know_may_be_of_ones_own_instance(vendors: Vendors, data: Data) -> None:
    dead = next(means for means in data.answers if means.state == DEAD)
    vendors.says(dead.status[0], body(dead))
    answer = verified(vendors, data)
    assert answer.state == UNKNOWN and "--instance" in answer.why
    assert verified(vendors, data, address=data.HOSTS[0]).state == DEAD


@pytest.mark.parametrize("data", [d for d in EVERY if len(d.urls) > 1], ids=lambda d: d.NAME)
def test_of_several_regions_one_that_does_not_answer_leaves_it_open(vendors: Vendors, data: Data) -> None:
    dead = next((means for means in data.answers if means.state == DEAD), None)
    if dead is None:
        return
    vendors.answers = lambda sent: said(500) if len(vendors.sent) > 1 else said(dead.status[0], body(dead))
    assert verified(vendors, data).state == UNKNOWN


def test_a_host_that_is_made_of_a_companion_is_labels_and_nothing_else(vendors: Vendors) -> None:
    from secretsweep.model import Secret

    (okta,) = (data for data in EVERY if data.NAME == "okta-user")
    (shop,) = (data for data in EVERY if data.NAME == "shopify-shop")
    line = vendors.net().line("okta", okta.HOSTS)
    for name, data, host in (
        ("domain", okta, "evil.example"),
        ("domain", okta, "evil.example/.okta.com"),
        ("domain", okta, "acme.okta.com@evil.example"),
        ("domain", okta, "a.b.okta.com"),
        ("domain", okta, "169.254.169.254"),
        ("shop", shop, "evil.example/"),
        ("shop", shop, "a.b"),
    ):
        question = asked(data)
        question = type(question)(question.secret, question.rule, "", {name: Secret(host.encode())})
        answer = data.verify(question, line)
        assert answer.state == UNKNOWN and question.secret.reveal().decode() not in answer.why
    assert vendors.sent == [] and vendors.dialled == []


def test_a_value_that_is_no_header_is_not_sent(vendors: Vendors) -> None:
    from secretsweep.model import Secret
    from secretsweep.verifiers import Asked

    for data in EVERY:
        for value in (b"x\r\nX-Injected: 1", b"\xff\xfe\xfa", b"caf\xc3\xa9\n"):
            line = vendors.net().line(data.PROVIDER, data.HOSTS)
            question = asked(data)
            vendors.says(500)
            answer = data.verify(Asked(Secret(value), question.rule, "", question.beside), line)
            assert answer.state == UNKNOWN
    assert all(b"X-Injected: 1\r\n" not in sent.head.encode() + b"\r\n" for sent in vendors.sent)


def test_no_rule_has_two_verifiers_and_there_are_enough() -> None:
    rules = [rule for data in EVERY for rule in data.RULES]
    assert len(rules) == len(set(rules)) and set(rules) <= set(RULES)
    assert len({data.PROVIDER for data in EVERY}) >= 40


def test_companions_are_taken_from_the_same_block() -> None:
    (account,) = (data for data in EVERY if data.NAME == "twilio-account")
    sids = [fill("AC${hex:32}", seed) for seed in (1, 2)]
    tokens = [fill("${hex:32}", seed) for seed in (3, 4)]
    text = "".join(
        f"{name}:\n  twilio_account_sid: {sid}\n  region: eu\n  twilio_auth_token: {token}\n"
        for name, sid, token in zip(("first", "second"), sids, tokens, strict=True)
    )
    place = around(text, "values.yaml")
    found = {f.secret.reveal().decode(): f for f in place.findings if f.rule == "twilio-auth-token"}
    paired = {token: place.beside(found[token], account.BESIDE)["account"].reveal().decode() for token in tokens}
    assert paired == dict(zip(tokens, sids, strict=True))
