"""Laws of all formats: nothing is raised but Unparsed, spans lie in the input, gates compile and end at one place."""

import contextlib

import hyperscan
import pytest
from format_laws import SAMPLES, extract
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import grows

from secretsweep import formats
from secretsweep.model import Blob

NAMES = [f.NAME for f in formats.every()]
BINARY = ("terraform-planfile",)
_WORST = (
    b"{", b"[", b"(", b'"', b"'", b"`", b'"${', b"$(", b"${x:-", b"{{", b'{{ "', b"{%", b"<<EOF\n", b"a:\n ", b"- ",
    b"a: ", b'a="', b"&a ", b"!a ", b"a: |\n", b"\\", b"#", b"/*", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"<a ",
    b'"a" ', b'"\n', b'{"a":', b"a {\n", b"x = <<A\n", b'export a="$(', b"%{ if x }", b"cat <<A <<B\n",
    b"x\\\n", b"a:", b"a=b;", b"'",
    b'{% a %}"x" ', b'{% if a %}b: ',
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_format_has_a_sample_that_it_owns(name: str) -> None:
    path, data = SAMPLES[name]
    found = formats.owner(path, data)
    assert name == found.NAME


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing_but_unparsed(name: str, data: bytes) -> None:
    _obey(name, data)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None)
@given(draw=st.data())
def test_mutated_and_truncated_samples_raise_nothing_but_unparsed(name: str, draw: st.DataObject) -> None:
    data = SAMPLES[draw.draw(st.sampled_from(NAMES))][1]
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, len(data)))
    at = draw.draw(st.integers(start, end))
    noise = draw.draw(st.sampled_from([b"", *_WORST]) | st.binary(max_size=4))
    _obey(name, data[start:at] + noise + data[at:end])


def _obey(name: str, data: bytes) -> None:
    with contextlib.suppress(formats.Unparsed):
        for unit in formats.named(name).extract(Blob("", "x", data)):
            assert 0 <= unit.span.start <= unit.span.end <= len(data)
            assert type(unit.value) is bytes
            assert unit.value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("piece", _WORST, ids=repr)
def test_repeated_mistakes_take_no_quadratic_time(name: str, piece: bytes) -> None:
    grows(lambda size: piece * (size // len(piece)), lambda data: _obey(name, data), 60_000)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in BINARY])
def test_line_endings_of_windows_change_no_value(name: str) -> None:
    path, data = SAMPLES[name]
    plain = [(u.key, u.value) for u in extract(path, data)]
    assert [(u.key, u.value.replace(b"\r\n", b"\n")) for u in extract(path, data.replace(b"\n", b"\r\n"))] == plain


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("shell", *BINARY)])
def test_a_byte_order_mark_moves_every_span_by_three(name: str) -> None:
    path, data = SAMPLES[name]
    plain = [(u.key, u.value, u.span.shifted(3)) for u in extract(path, data)]
    assert [(u.key, u.value, u.span) for u in extract(path, b"\xef\xbb\xbf" + data)] == plain


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_without_escapes_is_the_value(name: str) -> None:
    path, data = SAMPLES[name]
    for unit in extract(path, data):
        raw = data[unit.span.start : unit.span.end]
        if not unit.trail and not any(sign in raw for sign in (b"\\", b"&amp;", b"''", b"\n")):
            assert raw == unit.value


_HITS = {
    b"kind: Secret\n": 1, b'{"kind":"Secret","data":{}}': 1, b"kind: SecretStore\n": 1, b"kind: SecretsConfig\n": 0,
    b"kind: ConfigMap\n": 0,
    b'variable "db_password" {': 1, b'variable "region" {': 0, b'variable "api_token"': 1,
    b"- name: DB_PASSWORD\n": 1, b'"name":"API_TOKEN","value"': 1, b"name: web\n": 0,
    b"- --password\n": 1, b'- "--admin-token"\n': 1, b'["--password", "x"]': 1, b"- --port\n": 0, b"--password x\n": 2,
    b"option: password\n": 1, b"question: a/root_password\n": 1, b"dest: /root/.pgpass\n": 1, b"dest: /etc/x\n": 0,
    b"cat > x <<EOF\na\nEOF\n": 1, b"x = <<-END\n": 1, b"a << 3\n": 0,
}  # fmt: skip


@pytest.mark.parametrize("text", _HITS, ids=repr)
def test_gates_see_what_they_are_for_and_end_at_one_place(text: bytes) -> None:
    patterns = sorted({g.pattern for fmt in formats.every() for g in fmt.GATES if not g.pattern.startswith(r"\A")})
    database = hyperscan.Database()
    database.compile(expressions=[p.encode() for p in patterns], flags=[hyperscan.HS_FLAG_ALLOWEMPTY] * len(patterns))
    ends: list[tuple[int, int]] = []
    database.scan(text, match_event_handler=lambda number, start, end, flags, context: ends.append((number, end)))
    assert len(ends) == _HITS[text]
