"""Messages of several parts, as cloud-init's tools and Terraform's cloudinit provider write them."""

import base64
import quopri

import pytest

from secretsweep.decode import container, mime
from secretsweep.decode.budget import Budget

HEAD = (
    b"From nobody Mon Jan  5 10:00:00 2026\n"
    b'Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"\nMIME-Version: 1.0\n\n'
)
SCRIPT = b"#!/bin/sh\necho caf\xc3\xa9 = 1\n"


def part(body: bytes, *fields: bytes) -> bytes:
    return b"--MIMEBOUNDARY\n" + b"".join(f + b"\n" for f in fields) + b"\n" + body + b"\n"


def read(data: bytes) -> list[tuple[str, bytes, str]]:
    kind = container(data)
    assert kind is mime
    return [tuple(member) for member in mime.members(data, Budget())]  # type: ignore[misc]


WHOLE = (
    HEAD
    + part(SCRIPT, b"Content-Type: text/x-shellscript", b'Content-Disposition: attachment; filename="a.sh"')
    + part(base64.encodebytes(SCRIPT), b"content-transfer-encoding: Base64", b"Content-Type: text/plain; name=b.sh")
    + part(quopri.encodestring(SCRIPT), b"Content-Transfer-Encoding: quoted-printable")
    + b"--MIMEBOUNDARY--\n"
)
PARTS = [("part 1 (a.sh)", SCRIPT, ""), ("part 2 (b.sh)", SCRIPT, ""), ("part 3", SCRIPT, "")]


def test_parts_are_read_in_the_encoding_that_their_headers_name() -> None:
    assert read(WHOLE) == PARTS


def test_line_endings_of_windows_change_only_themselves() -> None:
    written = [(name, data.replace(b"\r\n", b"\n"), lost) for name, data, lost in read(WHOLE.replace(b"\n", b"\r\n"))]
    assert written == PARTS


def test_a_folded_header_without_quotes_and_another_order_of_headers_are_read() -> None:
    data = WHOLE.split(b"\n\n", 1)[1]
    head = b"MIME-Version: 1.0\nNumber-Attachments: 3\nContent-Type: multipart/mixed;\n boundary=MIMEBOUNDARY\n\n"
    assert read(head + data) == PARTS


def test_a_message_in_a_message_is_a_part_that_is_opened_again() -> None:
    inner = b'Content-Type: multipart/mixed; boundary="IN"\n\n--IN\n\nhello\n--IN--\n'
    data = HEAD + b"--MIMEBOUNDARY\n" + inner + b"--MIMEBOUNDARY--\n"
    [(name, content, lost)] = read(data)
    assert (name, lost) == ("part 1", "")
    assert read(content) == [("part 1", b"hello", "")]


def test_what_was_cut_off_is_read_and_said() -> None:
    assert read(WHOLE[: WHOLE.index(b"--MIMEBOUNDARY--")]) == [
        *PARTS[:2],
        ("part 3", SCRIPT + b"\n", "corrupt mime: cut off"),
    ]
    broken = HEAD + part(b"this is no base64 at all!", b"Content-Transfer-Encoding: base64") + b"--MIMEBOUNDARY--\n"
    assert read(broken) == [("part 1", b"this is no base64 at all!", "corrupt mime: no base64")]


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: text/plain\n\nhello",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"The header Content-Type: multipart/mixed; boundary=x is needed\n",
        b"multipart/mixed",
    ],
)
def test_other_messages_are_none(data: bytes) -> None:
    assert container(data) is None
    assert list(mime.parts(data)) == []
