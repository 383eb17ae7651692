"""The encoder search: a value is found however it is written, and nothing else is."""

import base64
import gzip
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretsweep.decode.writings import masked, standing
from secretsweep.model import Secret

VALUE = b'Tr0ub4dor&"3/x+y'
WRITINGS = {
    "as it is": VALUE,
    "escaped": json.dumps(VALUE.decode())[1:-1].encode(),
    "percent-encoded": quote(VALUE, safe="").encode(),
    "in hexadecimal digits": VALUE.hex().encode(),
    "in UTF-16": VALUE.decode().encode("utf-16-le"),
}


@pytest.mark.parametrize("how", WRITINGS)
def test_a_value_is_found_however_it_is_written(how: str) -> None:
    assert standing(Secret(VALUE), b"a: " + WRITINGS[how] + b"\n") == how


@given(st.binary(min_size=8, max_size=40), st.binary(max_size=7), st.binary(max_size=7))
def test_a_value_is_found_in_base64_wherever_it_begins(value: bytes, before: bytes, after: bytes) -> None:
    assert standing(Secret(value), base64.b64encode(before + value + after))


def test_what_is_not_there_is_not_found() -> None:
    for text in (b"", b"password: other", VALUE[:-1], base64.b64encode(VALUE[1:]), gzip.compress(VALUE)[:5]):
        assert standing(Secret(VALUE), text) == ""
    assert standing(Secret(b"abc"), b"abc") == ""  # too short to say anything


def test_values_are_masked_the_longest_first() -> None:
    secrets = [Secret(v.encode()) for v in ("hunter22", "hunter2222", "h\u00e9llo.*+", "abc")]
    text = "a h\u00e9llo.*+ b hunter2222c hunter22 abc \udcff"
    assert masked(text, secrets) == "a ******** b ********c ******** abc \udcff"
    assert masked("nothing", []) == "nothing"


def test_thousands_of_values_are_masked_at_once() -> None:
    values = [f"value-{number}-{number * 7919}" for number in range(5_000)]
    text = masked("\n".join(values), [Secret(v.encode()) for v in values])
    assert set(text.split("\n")) == {"********"}
