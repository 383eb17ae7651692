"""Where single characters are written differently, a finding covers exactly what a person has to take out."""

import base64
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote, unquote_to_bytes

import pytest

from secretsweep.decode import encodings
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.model import Blob, Finding, Secret, Span
from secretsweep.rules.load import load

PASSWORD = 'Tr0ub4dor&3="é9'
DOCUMENT = json.dumps({"user": "me", "password": PASSWORD, "port": 1}, ensure_ascii=False)
Text = Callable[[str], str]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(), cache_folder())


def found(engine: Engine, path: str, data: str) -> list[Finding]:
    return engine.scan(Blob("", path, data.encode()), [])


def units(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in text)


WRITTEN: dict[str, tuple[Text, Callable[[bytes], bytes]]] = {
    "percent": (lambda t: quote(t, safe=""), unquote_to_bytes),
    "html": (html.escape, lambda b: html.unescape(b.decode()).encode()),
    "escapes": (units, lambda b: json.loads(b'"' + b + b'"').encode()),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_place_is_that_of_the_value_as_it_is_written(engine: Engine, name: str) -> None:
    write, undo = WRITTEN[name]
    data = f'é: 1\n<x a="{write(DOCUMENT)}"/> '
    [one] = found(engine, "a.txt", data)
    raw = data.encode()[one.span.start : one.span.end]
    assert (one.rule, one.secret, one.trail[0]) == ("generic-password", Secret(PASSWORD.encode()), name)
    assert json.loads(b'"' + undo(raw) + b'"') == PASSWORD
    assert one.place.line == 2


@pytest.mark.parametrize("name", ["percent", "html", "escapes", "quoted-printable"])
def test_places_lead_back_from_every_byte_to_every_byte(name: str) -> None:
    encoding = encodings()[name]
    text = {
        "percent": "a%20b%C3%A9c%",
        "html": "a&amp;b&#233;&nothing;c&#x1F600;",
        "escapes": r"a\u0020b\x41\ud83d\ude00c\n",
        "quoted-printable": "a=3Db=\n=C3=A9c=",
    }[name].encode()
    decoded = encoding.decode(text)
    assert decoded
    for start in range(len(decoded)):
        for end in range(start + 1, len(decoded) + 1):
            span = encoding.place(text, Span(start, end))  # type: ignore[attr-defined]
            again = encoding.decode(text[span.start : span.end]) or text[span.start : span.end]
            assert decoded[start:end] in again
            assert len(again) <= end - start + 6  # a character of several bytes is one piece


def test_quoted_printable_text_is_read_over_its_soft_breaks(engine: Engine) -> None:
    body = quopri.encodestring(f"export PASSWORD='{'Tr0ub4dor-3-' * 6}'\n".encode()).decode()
    assert "=\n" in body
    [one] = found(engine, "mail.txt", "first\n\n" + body)
    assert (one.secret, one.place.line, one.place.end_line) == (Secret(b"Tr0ub4dor-3-" * 6), 3, 4)


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "CLIENT_SECRET", "DB_PASSWORD"])
def test_a_value_that_begins_like_an_encoded_sign_is_found_once(engine: Engine, name: str) -> None:
    value = "3d" + "07b1c9f2a46e8805d3c7fa1b92e64d"
    [one] = found(engine, "app.env", f"{name}={value}\n")
    assert (one.secret, one.trail) == (Secret(value.encode()), ())
    both = f"a =3D b\n{name}=3D{value} =\n"
    assert any(finding.trail == ("quoted-printable",) for finding in found(engine, "mail.txt", both))


def test_a_value_that_a_decoder_shows_again_is_one_finding_at_its_own_place(engine: Engine) -> None:
    data = f'<a href="x&amp;y=&#112;&#97;&#115;&#115;&#119;"/> password = "{PASSWORD[:11]}"'
    [one] = found(engine, "a.txt", data)
    assert (one.trail, data[one.span.start : one.span.end]) == ((), PASSWORD[:11])


def test_a_token_and_a_secret_in_one_of_its_parts_are_two(engine: Engine) -> None:
    def part(content: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = {"iss": "acme", "db_password": "Tr0ub4dor&3-x9", "exp": 1893456000}
    signature = "dBjftJeZ4CVP_mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    token = ".".join((part({"alg": "HS256", "typ": "JWT"}), part(claims), signature))
    one, two = found(engine, "a.txt", f"Authorization: Bearer {token}\n")
    assert (one.rule, one.secret) == ("jwt-token", Secret(token.encode()))
    assert (two.rule, two.secret, two.trail) == ("generic-password", Secret(b"Tr0ub4dor&3-x9"), ("base64",))
    assert one.span.covers(two.span)


def test_an_octet_list_and_a_run_of_escapes_are_read(engine: Engine) -> None:
    script = f"#!/bin/sh\nexport PASSWORD='{PASSWORD[:11]}'\n".encode()
    octets = ", ".join(f"0x{c:02X}" for c in script)
    [one] = found(engine, "a.txt", f"data = [\n  {octets}\n]\n")
    assert (one.secret, one.trail) == (Secret(PASSWORD[:11].encode()), ("hex",))
    escaped = "".join(f"\\x{c:02x}" for c in script)
    [two] = found(engine, "a.txt", f'printf "{escaped}" | sh\n')
    assert (two.secret, two.trail) == (Secret(PASSWORD[:11].encode()), ("escapes",))
