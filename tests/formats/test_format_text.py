import pytest
from format_laws import extract, values

from secretsweep.model import Span, Unit


def _values(data: bytes) -> dict[str, bytes]:
    return values("notes.txt", data)


def test_an_assignment_has_its_place() -> None:
    assert extract("notes.txt", b"a\n  pw = hunter2\n") == [Unit(Span(9, 16), "pw", b"hunter2")]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        (b"password = hunter2", "password", b"hunter2"),
        (b"password: hunter2", "password", b"hunter2"),
        (b"password=correct horse # why", "password", b"correct horse"),
        (b'"password": "hun\\"ter2",', "password", b'hun"ter2'),
        (b"'password' => 'hunter2',", "password", b"hunter2"),
        (b"java -Dapp.password=hunter2 x", "app.password", b"hunter2"),
        (b"<password>hunter2&amp;x</password>", "password", b"hunter2&x"),
        (b'<user password="hunter2"/>', "password", b"hunter2"),
        (b'<add key="DbPassword" value="hunter2" />', "DbPassword", b"hunter2"),
        (b'String password = "hunter2";', "password", b"hunter2"),
        (b"password := `hunter2`", "password", b"hunter2"),
        (b"config['password'] = 'hunter2'", "config.password", b"hunter2"),
        (b"jdbc.url = Server=x;Password=hunter2;", "Password", b"hunter2"),
        (b"host=x password=hunter2 port=1", "password", b"hunter2"),
    ],
)
def test_shapes_of_assignments(line: bytes, key: str, value: bytes) -> None:
    assert _values(b"x\n" + line + b"\n")[key] == value


@pytest.mark.parametrize(
    "line",
    [b"", b"plain words", b"a == b", b"https://example.com/x", b"if (a >= b)", b"a = ", b"::", b"12:30:15", b"= b"],
)
def test_lines_without_an_assignment_yield_nothing(line: bytes) -> None:
    assert extract("notes.txt", line + b"\n") == []


def test_a_line_of_a_megabyte_is_read_in_time() -> None:
    assert _values(b"a=" + b"x" * 1_000_000 + b"\nb=c\n")["b"] == b"c"
