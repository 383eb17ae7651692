"""Cleaned contents: the value is gone in every encoding, and every other byte is the same."""

import base64
import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secretsweep.decode.cleaning import Cleaner
from secretsweep.decode.repacking import Unpackable
from secretsweep.decode.writings import MARK, Replacer, expressions, filled, needles, telling
from secretsweep.model import Blob, Secret

VALUE = b'Tr0ub4dor&"3/x+y\'z'
VALUES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=10, max_size=40
).map(str.encode).filter(lambda v: telling(Secret(v)) and b"__" not in v)
TEXTS = st.binary(max_size=60)
modest = settings(max_examples=60, deadline=None)


def cleaned(data: bytes, value: bytes = VALUE, path: str = "file") -> bytes:
    return Cleaner([Secret(value)], lambda blob: []).cleaned(Blob("", path, data))


def _go(value: bytes) -> str:
    written = json.dumps(value.decode())[1:-1]
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda v: v,
    "json": lambda v: json.dumps(v.decode())[1:-1].encode(),
    "json as Go writes it": lambda v: _go(v).encode(),
    "json in json": lambda v: json.dumps(json.dumps(v.decode()))[1:-1].encode(),
    "every character escaped": lambda v: b"".join(b"\\u%04x" % c for c in v),
    "percent": lambda v: quote(v, safe="").encode(),
    "percent in lower case": lambda v: b"".join(b"%%%02x" % c for c in v),
    "html": lambda v: v.replace(b"&", b"&amp;").replace(b'"', b"&quot;").replace(b"<", b"&lt;").replace(b">", b"&gt;"),
    "hex": lambda v: v.hex().encode(),
    "HEX": lambda v: v.hex().upper().encode(),
    "utf-16-le": lambda v: v.decode().encode("utf-16-le"),
    "utf-16-be": lambda v: v.decode().encode("utf-16-be"),
    "base32": base64.b32encode,
    "base64": base64.b64encode,
    "urlsafe base64": base64.urlsafe_b64encode,
    "base64 of utf-16": lambda v: base64.b64encode(v.decode().encode("utf-16-le")),
    "base64 twice": lambda v: base64.b64encode(base64.b64encode(v)),
    "quoted in sql": lambda v: v.replace(b"'", b"''"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_value_is_gone_in_every_encoding_and_what_is_around_it_stays(name: str) -> None:
    written = ENCODINGS[name](VALUE)
    data = b"a: <" + written + b">\nb: 1\n"
    new = cleaned(data)
    assert written not in new
    assert VALUE not in new
    assert new.startswith(b"a: <") and new.endswith(b">\nb: 1\n")
    assert cleaned(new) == new


@pytest.mark.parametrize("name", ENCODINGS)
@modest
@given(value=VALUES, before=TEXTS, after=TEXTS)
def test_expressions_take_any_value_out_of_any_context(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: bytes, before: bytes, after: bytes
) -> None:
    """As git-filter-repo itself reads and applies them."""
    from git_filter_repo import FilteringOptions

    written = ENCODINGS[name](value)
    file = tmp_path_factory.getbasetemp() / "expressions"
    wanted = needles([Secret(value)])
    assume(not Replacer(wanted).finds(before + b"\0\0" + after))
    file.write_bytes(expressions(wanted))
    table = FilteringOptions.get_replace_text(str(file))
    new = before + b"\n|" + written + b"|\n" + after
    for literal, other in table["literals"]:
        new = new.replace(literal, other)
    for regex, other in table["regexes"]:
        new = regex.sub(other, new)
    assert written not in new
    assert new.startswith(before + b"\n|") and new.endswith(b"|\n" + after)


@modest
@given(st.lists(VALUES, min_size=1, max_size=4), st.lists(TEXTS, min_size=5, max_size=5), st.booleans())
def test_all_values_go_at_once_and_the_rest_stays(values: list[bytes], texts: list[bytes], fill: bool) -> None:
    replacer = Replacer(needles(map(Secret, values)))
    assume(not replacer.finds(b"\n".join(texts)))
    assume(not any(a != b and a in b for a in values for b in values))
    data = b"\n".join(text + b"\n" + value for text, value in zip(texts, values, strict=False))
    new = replacer.replaced(data, fill)
    assert not replacer.finds(new)
    want = [text + b"\n" + (filled(len(v)) if fill else MARK) for text, v in zip(texts, values, strict=False)]
    assert new == b"\n".join(want)


@modest
@given(VALUES, st.binary(min_size=12, max_size=90), st.binary(min_size=12, max_size=90), st.integers(0, 2))
def test_in_longer_base64_only_the_bytes_of_the_value_change(
    value: bytes, before: bytes, after: bytes, form: int
) -> None:
    content = before + value + after
    assume(not Replacer(needles([Secret(value)])).finds(before + b"\0\0\0\0" + after))
    assume(content.find(value) == len(before))
    encode = (base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes)[form]
    data = b"user_data: |\n" + encode(content)
    new = cleaned(data + b"\nnext: 1\n", value)
    assert len(new) == len(data) + 9
    body = new.removeprefix(b"user_data: |\n").removesuffix(b"\nnext: 1\n")
    decoded = (base64.b64decode, base64.urlsafe_b64decode, base64.decodebytes)[form](body)
    assert decoded == before + filled(len(value)) + after


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"made by hand"
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2021, 5, 6, 7, 8, 10))
            info.external_attr = 0o640 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _tar(files: dict[str, bytes], fmt: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uname, info.mode = len(content), 1_600_000_000, "ada", 0o600
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


FILES = {"app/values.yaml": b"password: " + VALUE + b"\n", "app/other.txt": b"other\n" * 200, "empty": b""}
CLEAN = {**FILES, "app/values.yaml": b"password: __REMOVED__\n"}


def test_a_zip_is_packed_again_with_its_names_dates_modes_and_comment() -> None:
    new = cleaned(_zip(FILES))
    with zipfile.ZipFile(io.BytesIO(new)) as archive:
        assert archive.testzip() is None
        assert archive.comment == b"made by hand"
        assert {i.filename: archive.read(i) for i in archive.infolist()} == CLEAN
        assert {(i.date_time, i.external_attr, i.compress_type) for i in archive.infolist()} == {
            ((2021, 5, 6, 7, 8, 10), 0o640 << 16, zipfile.ZIP_DEFLATED)
        }


@pytest.mark.parametrize("fmt", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar_keeps_every_header_and_the_other_members_byte_by_byte(fmt: int) -> None:
    assert cleaned(_tar(FILES, fmt)) == _tar(CLEAN, fmt)


def test_a_value_in_the_name_of_a_member_goes_too() -> None:
    value = b"a-token-0123-XYZ"
    new = cleaned(_tar({f"keys/{value.decode()}.pem": b"x"}), value)
    with tarfile.open(fileobj=io.BytesIO(new)) as archive:
        assert archive.getnames() == ["folder", f"keys/{filled(len(value)).decode()}.pem"]
    new = cleaned(_zip({f"keys/{value.decode()}.pem": b"x"}), value)
    assert zipfile.ZipFile(io.BytesIO(new)).namelist() == [f"keys/{filled(len(value)).decode()}.pem"]


COMPRESSED: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gzip": (lambda d: gzip.compress(d, mtime=7), gzip.decompress),
    "bzip2": (bz2.compress, bz2.decompress),
    "xz": (lzma.compress, lzma.decompress),
    "zlib": (zlib.compress, zlib.decompress),
}


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_compressed_file_is_compressed_again(name: str) -> None:
    pack, unpack = COMPRESSED[name]
    assert unpack(cleaned(pack(FILES["app/values.yaml"]))) == CLEAN["app/values.yaml"]
    untouched = pack(b"nothing in it\n")
    assert cleaned(untouched) == untouched


def test_archives_inside_one_another_are_packed_again_from_the_inside() -> None:
    data = gzip.compress(_tar({"inner/x.zip": _zip(FILES), "y": b"y"}), mtime=3)
    new = cleaned(data)
    assert new[:10] == data[:10]
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(new))) as archive:
        inner = archive.extractfile("inner/x.zip")
        assert inner is not None
        assert zipfile.ZipFile(inner).read("app/values.yaml") == CLEAN["app/values.yaml"]
        assert archive.getnames() == ["folder", "inner/x.zip", "y"]


def test_gzip_in_wrapped_base64_is_opened_and_laid_out_as_it_was() -> None:
    noise = bytes(random.Random(5).randbytes(900))
    data = b"user_data: |\n" + base64.encodebytes(gzip.compress(noise + VALUE)) + b"next: 1\n"
    new = cleaned(data)
    body = new.removeprefix(b"user_data: |\n").removesuffix(b"next: 1\n")
    assert gzip.decompress(base64.decodebytes(body)) == noise + filled(len(VALUE))
    assert {len(line) for line in body.split(b"\n")[:-2]} == {76}


def test_a_utf_16_file_stays_one_with_its_mark_and_line_ends() -> None:
    text = "\ufeffuser: ada\r\npassword: " + VALUE.decode() + "\r\nend: ü\r\n"
    new = cleaned(text.encode("utf-16-le"))
    assert new.decode("utf-16-le") == text.replace(VALUE.decode(), MARK.decode())


def test_what_cannot_be_packed_again_is_refused_and_not_changed_by_halves() -> None:
    whole = gzip.compress(FILES["app/values.yaml"] * 50)
    with pytest.raises(Unpackable):
        cleaned(whole[:-9])


def test_a_binary_file_keeps_its_length() -> None:
    data = b"\x7fELF\0\0" + VALUE + b"\0rest"
    assert cleaned(data) == b"\x7fELF\0\0" + filled(len(VALUE)) + b"\0rest"


@pytest.mark.parametrize("word", [b"flask", b"password", b"hunter2", b"12345678", b"20240101", b"aaaaaaaaaa"])
def test_a_word_is_left_where_nobody_found_it_as_a_credential(word: bytes) -> None:
    data = b"image: " + word + b"\n" + base64.b64encode(b"xx" + word + b"yy")
    assert cleaned(data, word) == data


@modest
@given(st.binary(max_size=300))
def test_nothing_happens_to_what_holds_no_value(data: bytes) -> None:
    assert cleaned(data) == data


def test_a_needle_shows_nothing() -> None:
    assert VALUE.decode() not in repr(needles([Secret(VALUE)]))
