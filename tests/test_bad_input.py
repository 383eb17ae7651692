"""Files that are damaged, cut off, mixed up or made to hurt: nothing raises, places stay true, time stays linear."""

import base64
import bz2
import gzip
import html
import io
import lzma
import re
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import pytest
from fixture_files import Fixture, files, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pace import grows

from secretsweep import decode, formats
from secretsweep.decode import unicode
from secretsweep.decode.budget import Budget
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.detect.members import Lost
from secretsweep.formats import json, text
from secretsweep.model import Blob, Finding
from secretsweep.rules.load import load

FIXTURES = [fixture for file in files("found") if len((fixture := read(file)).data) < 20_000]
NOISE = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n", b'"', b"'", b"\\", b"`", b"{{", b"}}", b"${", b"{",
    b"[", b"]", b"}", b"<<EOF\n", b"|\n", b": ", b"- ", b"---\n", b"&a ", b"*a ", b"<![CDATA[", b"-->", b"#", b"/*",
    b"\t", b"=", b"%zz", b"&#xffffffff;", b"\\u", b"\xc3", b"password: ", b"k\0e\0y\0", b"====", b"-----BEGIN ",
)  # fmt: skip
WAYS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    lambda data: data.replace(b" ", b"\t"),
    lambda data: data.replace(b"\n", b" "),
    lambda data: gzip.compress(data, mtime=0),
    lambda data: b"data: " + base64.b64encode(data),
    lambda data: data[::-1],
    lambda data: data + data,
)
PASSWORD = b"Tr0ub4dor&3-x9q"
modest = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(), cache_folder())


def scanned(engine: Engine, path: str, data: bytes) -> tuple[list[Finding], list[Lost]]:
    lost: list[Lost] = []
    return engine.scan(Blob("", path, data), lost), lost


def mutated(draw: st.DataObject) -> tuple[Fixture, bytes]:
    """A file that people write, with one or a few things wrong in it."""
    fixture = draw.draw(st.sampled_from(FIXTURES))
    data = fixture.data
    for _ in range(draw.draw(st.integers(0, 3))):
        start = draw.draw(st.integers(0, len(data)))
        end = min(len(data), start + draw.draw(st.integers(0, 40)))
        data = data[:start] + draw.draw(st.sampled_from(NOISE) | st.binary(max_size=6)) + data[end:]
    if draw.draw(st.booleans()):
        data = data[draw.draw(st.integers(0, len(data))) :]
    data = draw.draw(st.sampled_from(WAYS))(data)
    if draw.draw(st.booleans()):
        data = data[: draw.draw(st.integers(0, len(data)))]
    return fixture, data


@modest
@given(draw=st.data())
def test_a_damaged_file_is_read_as_far_as_it_goes_and_every_place_is_true(draw: st.DataObject, engine: Engine) -> None:
    fixture, data = mutated(draw)
    path = draw.draw(st.sampled_from((fixture.path, fixture.path, "notes.txt", "a")))
    for finding in scanned(engine, path, data)[0]:
        if finding.path == path:
            assert 0 <= finding.span.start < finding.span.end <= len(data)
            assert shows(data[finding.span.start : finding.span.end], finding, data)


@modest
@given(draw=st.data())
def test_every_format_reads_what_is_not_its_own(draw: st.DataObject) -> None:
    _, data = mutated(draw)
    for fmt in formats.every():
        try:
            units = list(fmt.extract(Blob("", "x", data)))
        except formats.Unparsed:
            continue
        for unit in units:
            assert 0 <= unit.span.start <= unit.span.end <= len(data), fmt.NAME


def shows(raw: bytes, finding: Finding, data: bytes) -> bool:
    """Whether the bytes at a finding's place say its value, once the trail is undone."""
    wide = unicode.encoding(data)
    contents = [unicode.to_utf8(raw, wide) if wide else raw]
    for step in finding.trail:
        contents = [after for content in contents for after in undone(step, content)]
    wanted = squeezed(finding.secret.reveal())
    ways = [squeezed(way) for content in contents for way in readings(content)]
    return any(wanted in way or (len(wanted) < 200 and pieced(wanted, way)) for way in ways)


def pieced(wanted: bytes, way: bytes) -> bool:
    """Whether a value was put together of what stands there (`Fn::Join` with a separator, `+`)."""
    at = 0
    while at < len(wanted):
        size = next((n for n in range(len(wanted) - at, 2, -1) if wanted[at : at + n] in way), 0)
        if not size and wanted[at : at + 1].isalnum():
            return False
        at += size or 1
    return True


def undone(step: str, content: bytes) -> list[bytes]:
    """The content with one step of a trail undone; a document stays as it is."""
    if step in decode.encodings():
        runs = [content, *re.findall(rb"[A-Za-z0-9+/=_-]{16,}", content)]  # the whole, or runs in it
        return [said for run in runs if (said := decode.encodings()[step].decode(run))] or [content]
    if step in unicode.NAMES.values():
        return [unicode.to_utf8(content, unicode.encoding(content))]
    if (container := decode.container(content)) and step not in {fmt.NAME for fmt in formats.every()}:
        return [member.data for member in decode.members(content, container, Budget())]
    return [content, *readings(content)]


def readings(content: bytes) -> list[bytes]:
    """What a literal may say: as it is, and with each sort of escapes undone, or two of them."""
    once = [content, text.unescape(content), json.unescape(content), unquote_to_bytes(content)]
    once.append(html.unescape(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass"))
    if padded := decode.encodings()["base64"].decode(content.strip(b"'\" ").ljust(16, b"=")):
        once.append(padded)
    return [*once, *(json.unescape(way) for way in once)]


def squeezed(value: bytes) -> bytes:
    """Without what quoting, folding and indentation add or take."""
    return re.sub(rb"[\s\\'\"+,#>|`]+|\xef\xbb\xbf", b"", value)


def archives() -> dict[str, bytes]:
    line = b"#!/bin/sh\nexport DB_PASSWORD='" + PASSWORD + b"'\n" + bytes(range(256)) * 4
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.sh", line)
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        info = tarfile.TarInfo("a.sh")
        info.size = len(line)
        tar.addfile(info, io.BytesIO(line))
    mime = b'Content-Type: multipart/mixed; boundary="B"\n\n--B\n\n' + line + b"\n--B--\n"
    return {
        "a.zip": zipped.getvalue(),
        "a.tar": tarred.getvalue(),
        "a.tgz": gzip.compress(tarred.getvalue(), mtime=0),
        "a.gz": gzip.compress(line, mtime=0),
        "a.zz": zlib.compress(line),
        "a.bz2": bz2.compress(line),
        "a.xz": lzma.compress(line),
        "a.mime": mime,
        "a.mime.gz": gzip.compress(mime, mtime=0),
    }


@pytest.mark.parametrize("name", archives())
def test_an_archive_that_was_cut_off_anywhere_raises_nothing_and_is_told(engine: Engine, name: str) -> None:
    data = archives()[name]
    [whole], lost = scanned(engine, name, data)
    assert (whole.secret.reveal(), lost) == (PASSWORD, [])
    for cut in sorted({*range(0, len(data), max(1, len(data) // 40)), len(data) - 1}):
        found, lost = scanned(engine, name, data[:cut])
        assert [f for f in found if not PASSWORD.startswith(f.secret.reveal())] == []
        assert found or lost or cut < 300 or name == "a.mime", cut
        scanned(engine, name, data[:cut] + b"\0\xff" + data[cut + 2 :])


DEEP = 10_000
NESTED: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "YAML in blocks": ("a.yaml", lambda n: b"".join(b" " * min(k, 500) + b"a:\n" for k in range(n)) + b"password: x"),
    "YAML in flow": ("a.yaml", lambda n: b"{a: " * n + b"{password: " + PASSWORD + b"}" + b"}" * n),
    "YAML lists": ("a.yaml", lambda n: b"- " * n + b"password: " + PASSWORD),
    "a Secret in flow": ("a.yaml", lambda n: b"kind: Secret\ndata: " + b"{a: " * n + b"x" + b"}" * n),
    "JSON": ("a.json", lambda n: b'{"a":' * n + b'{"password": "' + PASSWORD + b'"}' + b"}" * n),
    "JSON lists": ("a.json", lambda n: b"[" * n + b'{"password": "' + PASSWORD + b'"}' + b"]" * n),
    "CloudFormation": ("t.json", lambda n: b'{"Resources": ' + b'{"Fn::Join": ["",' * n + b'{"Password": "x"}'),
    "HCL blocks": ("a.tf", lambda n: b"a {\n" * n + b'password = "' + PASSWORD + b'"\n' + b"}\n" * n),
    "HCL calls": ("a.tf", lambda n: b"password = " + b"f(" * n + b'"' + PASSWORD + b'"' + b")" * n + b"\n"),
    "HCL templates": ("a.tf", lambda n: b'password = "' + b"${a[" + b'"${' * n + b"x" + b'}"' * n + b']}"\n'),
    "XML": ("a.xml", lambda n: b"<a>" * n + b"<password>" + PASSWORD + b"</password>" + b"</a>" * n),
    "shell": ("a.sh", lambda n: b"x=" + b"$(echo " * n + b"PASSWORD=" + PASSWORD + b")" * n),
    "braces": ("a.bicep", lambda n: b"param p string = " + b"{a: " * n + b"'password: x'" + b"}" * n),
    "escaped JSON": ("a.json", lambda n: b'{"a": "' + b"\\" * n + b'"password\\": \\"' + PASSWORD + b'"}'),
    "templates": ("templates/a.yaml", lambda n: b"{{ if a }}" * n + b"password: x" + b"{{ end }}" * n),
    "aliases": ("a.yaml", lambda n: b"a: &a [x]\n" + b"b: [" + b"*a, " * n + b"]\npassword: x-9aB-x\n"),
    "parts": ("a.mime", lambda n: b'Content-Type: multipart/x; boundary="B"\n\n' + b"--B\nA: b\n\npassword=x\n" * n),
    "headers": ("a.txt", lambda n: b"Content-Transfer-Encoding: base64\n" * n),
    "printable": ("a.txt", lambda n: b"password=3Dxx=\n" * n),
    "references": ("a.xml", lambda n: b"&#112;&#97;&#115;&#115;&#119;" * n),
    "escapes": ("a.txt", lambda n: b"\\x70\\x61\\x73\\x73\\x77 " * n),
    "octets": ("a.c", lambda n: b"{" + b"0x70, 0x61, 0x73, 0x73, " * n + b"}"),
    "lists of octets": ("a.c", lambda n: b"{0x70,0x61,0x73,0x73,0x70,0x61,0x73,0x73," * n),
    "keys": ("a.der", lambda n: bytes.fromhex("308204a20201000282010100") * n),
    "sequences": ("a.der", lambda n: b"\x30\x80" * n + bytes.fromhex("020100300d06092a86")),
    "base64 of keys": ("a.txt", lambda n: b"MIIEpAIBAAKCAQEA" * n),
    "broken lines of base64": ("a.json", lambda n: b'"' + (b"cGFzc3dvcmQ9" * 5 + b"\\n") * n + b'"'),
    "lines of base64": ("a.txt", lambda n: (b"cGFzc3dvcmQ9" * 5 + b"\n") * n),
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_ten_thousand_of_anything_are_read_in_linear_time(engine: Engine, name: str) -> None:
    path, content = NESTED[name]
    grows(content, lambda data: scanned(engine, path, data), DEEP)


def test_layers_of_base64_end_at_the_budget_and_it_is_told(engine: Engine) -> None:
    data = b"export DB_PASSWORD=" + PASSWORD + b"\n"
    seen = []
    for _ in range(14):
        data = base64.b64encode(data)
        found, lost = scanned(engine, "a.txt", b"data: " + data + b"\n")
        seen.append((len(found), bool(lost)))
    assert seen[:3] == [(1, False)] * 3
    assert not any(found for found, _ in seen[9:])
    packed = b"export DB_PASSWORD=" + PASSWORD + b"\n"
    for _ in range(12):
        packed = base64.b64encode(gzip.compress(packed, mtime=0))
    found, lost = scanned(engine, "a.txt", packed)
    assert (found, [entry.reason for entry in lost]) == ([], ["budget"])


@pytest.mark.parametrize("name", ["YAML in flow", "JSON", "HCL calls", "aliases", "keys"])
def test_memory_is_bounded_whatever_is_read(engine: Engine, name: str) -> None:
    path, content = NESTED[name]
    data = content(DEEP)
    tracemalloc.start()
    try:
        scanned(engine, path, data)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_aliases_of_aliases_are_not_multiplied(engine: Engine) -> None:
    def bomb(depth: int) -> bytes:
        lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, depth)]
        return b"\n".join([*lines, b"password: " + PASSWORD, b""])

    def read(data: bytes) -> None:
        assert [f.secret.reveal() for f in scanned(engine, "a.yaml", data)[0]] == [PASSWORD]
        assert [f.secret.reveal() for f in scanned(engine, "k.yaml", b"kind: Secret\n" + data)[0]] == [PASSWORD]

    grows(bomb, read, 1000)


UNPARSED = {
    "a.yaml": b"db:\n  - password: '" + PASSWORD + b"' x\n",
    "b.yaml": b"db:\n\tpassword: " + PASSWORD + b"\n",
    "c.yaml": b"db: {a: [b}, password: '" + PASSWORD + b"'}\n",
    "k8s/secret.yaml": b"apiVersion: v1\nkind: Secret\nstringData:\n\tpassword: " + PASSWORD + b"\n  'x: y\n\t}\n",
}


@pytest.mark.parametrize("path", UNPARSED)
def test_what_does_not_parse_is_read_by_lines_and_counted(path: str) -> None:
    engine = Engine(load(), cache_folder())
    found, lost = scanned(engine, path, UNPARSED[path])
    assert [f.secret.reveal() for f in found] == [PASSWORD]
    assert (engine.fell_back, lost) == ({path}, [])
    again = scanned(engine, f"other/{path}", UNPARSED[path])[0]  # remembered, and counted all the same
    assert [f.secret for f in again] == [f.secret for f in found]
    assert engine.fell_back == {path, f"other/{path}"}
