import pytest
from format_laws import extract, values, written

from secretsweep.formats import dotenv
from secretsweep.model import Span, Unit


def _values(data: bytes) -> dict[str, bytes]:
    return values(".env", data)


def test_a_value_has_its_place() -> None:
    assert extract(".env", b"A=b\nPW=hunter2\n")[1] == Unit(Span(7, 14), "PW", b"hunter2")


def test_quotes_comments_and_export() -> None:
    data = b'export A="b c\\n\\"d" # e\nF=\'g#h\' # i\nJ=k l # m\nN=o#p\nQ = r\nS: t\n'
    assert _values(data) == {"A": b'b c\n"d', "F": b"g#h", "J": b"k l", "N": b"o#p", "Q": b"r", "S": b"t"}
    assert written(".env", data)["A"] == b'b c\\n\\"d'


def test_quotes_may_go_over_lines() -> None:
    assert _values(b'KEY="one\ntwo"\nA=b\n') == {"KEY": b"one\ntwo", "A": b"b"}


def test_a_quote_without_its_end_stops_at_the_line() -> None:
    assert _values(b'A="b\nC=d\n') == {"A": b"b", "C": b"d"}


@pytest.mark.parametrize("data", [b"", b"# A=b\n", b"A=\n", b"A=''\n", b"A= # b\n", b"just words\n", b"=b\n"])
def test_what_holds_no_value_yields_nothing(data: bytes) -> None:
    assert extract(".env", data) == []


@pytest.mark.parametrize("path", [".env", "a/.env.production", "prod.env", ".envrc", "b/.env.local", "app.env.example"])
def test_names_it_owns(path: str) -> None:
    assert dotenv.owns(path, b"")


@pytest.mark.parametrize("path", ["env.go", ".env.yaml", "environment", "src/env.ts", "envoy.conf", "main.tf"])
def test_names_it_does_not_own(path: str) -> None:
    assert not dotenv.owns(path, b"")
