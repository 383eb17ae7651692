from hypothesis import given
from hypothesis import strategies as st

from secretsweep.formats._onebyte import to_bytes, to_text


@given(st.binary())
def test_every_byte_is_one_character_and_comes_back(data: bytes) -> None:
    text, offset = to_text(data)
    assert len(text) + offset == len(data)
    assert to_bytes(text) == data[offset:]


def test_printable_ascii_stays_as_it_is() -> None:
    assert to_text(b"a: b\t\r\n") == ("a: b\t\r\n", 0)


def test_a_byte_order_mark_is_left_out() -> None:
    assert to_text(b"\xef\xbb\xbfa") == ("a", 3)


def test_characters_that_escapes_made_become_utf8() -> None:
    assert to_bytes("é€ǿ") == "é€ǿ".encode()
