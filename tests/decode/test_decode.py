"""From a place to the whole encoded run, and back to the bytes."""

import base64

import pytest
from pace import grows

from secretsweep.decode import base64 as base64_module
from secretsweep.decode import container, containers, encodings, members, unicode
from secretsweep.decode.budget import Budget
from secretsweep.decode.hex import run as hex_run

CONTENT = b"#!/bin/sh\nexport PASSWORD='Tr0ub4dor&3-x9'\n" * 5


def _found(name: str, text: bytes, at: int) -> bytes | None:
    encoding = encodings()[name]
    span = encoding.run(text, at)
    return encoding.decode(text[span.start : span.end])


@pytest.mark.parametrize("cut", [76, 64, 60])
@pytest.mark.parametrize("indent", [b"", b"    ", b"\t"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_wrapped_run_is_found_whole_from_any_of_its_lines(cut: int, indent: bytes, ending: bytes) -> None:
    packed = base64.b64encode(CONTENT)
    lines = [packed[n : n + cut] for n in range(0, len(packed), cut)]
    text = b"data: |" + ending + b"".join(indent + line + ending for line in lines) + b"other: value\n"
    for line in lines:
        assert _found("base64", text, text.index(line) + len(line) // 2) == CONTENT


@pytest.mark.parametrize(
    ("before", "after"), [(b'"', b'"'), (b"x=", b""), (b"data: ", b" # x"), (b"(", b")"), (b"\n", b"\n"), (b"", b"")]
)
def test_a_run_ends_where_its_alphabet_does(before: bytes, after: bytes) -> None:
    for name, packed in (("base64", base64.b64encode(CONTENT)), ("hex", CONTENT.hex().encode())):
        text = before + packed + after
        for at in (len(before) + 1, len(before) + len(packed) // 2, len(before) + len(packed) - 4):
            assert _found(name, text, at) == CONTENT


def test_url_safe_and_unpadded_base64_is_decoded() -> None:
    content = bytes(range(250, 256)) * 7
    for packed in (base64.urlsafe_b64encode(content), base64.b64encode(content).rstrip(b"=")):
        assert base64_module.decode(packed) == content


@pytest.mark.parametrize("text", [b"", b"abc", b"a+b-" * 8, b"!" * 40])
def test_what_is_no_base64_is_none(text: bytes) -> None:
    assert base64_module.decode(text) is None


def test_the_start_of_a_run_is_found_at_once_behind_a_long_text() -> None:
    def read(text: bytes) -> None:
        for _ in range(200):
            span = hex_run(text, len(text) - 10)
        assert text[span.start : span.end] == CONTENT.hex().encode()

    grows(lambda count: b"some words " * count + CONTENT.hex().encode(), read, 100_000, most=2)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_wide_text_is_known_and_its_offsets_lead_back(name: str, mark: str) -> None:
    text = f"{mark}key: välue – 20 € and a long enough text 😀 secret\n"
    data = text.encode(name)
    assert unicode.encoding(data) == name
    decoded = unicode.to_utf8(data, name)
    assert decoded.decode() == text
    at = unicode.offset(decoded, decoded.index(b"secret"), name)
    assert data[at:].decode(name) == "secret\n"


@pytest.mark.parametrize("data", [b"", b"ab", b"plain text", b"\0\0\0\0\0\0\0\0", bytes(range(64))])
def test_other_bytes_are_no_wide_text(data: bytes) -> None:
    assert unicode.encoding(data) == ""


@pytest.mark.parametrize(
    "data", [b"", b"BZh", b"BZhelp me", b"PK", b"\x1f", b"text", b"x" * 300, b"x\x9c and text", b"x\x01"]
)
def test_what_only_looks_like_a_container_is_none(data: bytes) -> None:
    assert container(data) is None


def test_an_archive_of_noise_is_damaged_and_nothing_else() -> None:
    import random

    draw = random.Random(7)
    assert {"zip", "tar", "gzip", "bzip2", "xz", "zlib", "mime"} == {kind.NAME for kind in containers()}
    for kind in containers():
        for _ in range(50):
            for member in members(draw.randbytes(600), kind, Budget()):
                assert member.lost.startswith("corrupt") or not member.data


def test_what_is_unpacked_is_taken_off_the_budget_whether_it_fits_or_not() -> None:
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(bytes(2 << 20)) + packer.flush()
    budget = Budget(left=3 << 20)
    sizes = [len(member.data) for _ in range(3) for member in members(bomb, container(bomb), budget)]  # type: ignore[arg-type]
    assert (sizes, budget.left) == ([2 << 20, 1 << 20, 0], 0)
    assert budget.spent
