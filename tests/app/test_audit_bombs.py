"""Content that was made to use up the machine: bounded time and memory, and what was not read is told."""

import base64
import bz2
import gzip
import io
import resource
import signal
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from repositories import Repo, audited, hcl, only, password, reasons, token, values

SECONDS = 120  # of a busy machine; each takes less than a few on a free one
MEGABYTES = 900


@contextmanager
def bounded(seconds: int = SECONDS) -> Iterator[None]:
    """TimeoutError when it takes longer; no process that it starts may need much memory."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10 < MEGABYTES


def _zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _zeros(megabytes: int) -> bytes:
    """So many zeros, gzipped, with a secret before them."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [packer.compress(f"token: {token('before zeros')}\n".encode())]
    block = bytes(1 << 20)
    parts += [packer.compress(block) for _ in range(megabytes)]
    return b"".join((*parts, packer.flush()))


def _nested(depth: int) -> bytes:
    data = f"token: {token('deep')}\n".encode()
    for number in range(depth):
        data = _zip({f"{number}.zip" if number else "a.yml": data})
    return data


def _directory(entries: int) -> bytes:
    """A zip whose directory lists one small file a great many times."""
    whole = _zip({"a": b"x"}, zipfile.ZIP_STORED)
    at = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[at:end]
    listing = entry * entries
    tail = bytearray(whole[end:])
    tail[8:10] = tail[10:12] = (entries & 0xFFFF).to_bytes(2, "little")
    tail[12:16] = len(listing).to_bytes(4, "little")
    return whole[:at] + listing + bytes(tail)


def _bzip2_bombs(count: int) -> bytes:
    bomb = bz2.compress(bytes(70 << 20))
    return _tar({f"{number}.bz2": bomb for number in range(count)})


ARCHIVES: dict[str, tuple[str, Callable[[], bytes], list[str]]] = {
    "a zip of 300 MB of zeros": ("a.zip", lambda: _zip({"zeros": bytes(300 << 20)}), ["budget"]),
    "1 GB of zeros in gzip": ("a.gz", lambda: _zeros(1024), ["budget"]),
    "zips 20 deep": ("a.zip", lambda: _nested(20), ["budget"]),
    "a tar of bzip2 bombs": ("a.tar", lambda: _bzip2_bombs(500), ["budget"]),
    "a tar of gzip bombs": ("a.tar", lambda: _tar({f"{n}.gz": _zeros(80) for n in range(20)}), ["budget"]),
    "a zip of many files": ("a.zip", lambda: _zip({str(n): b"x" for n in range(12_000)}), ["budget"]),
    "a zip that lists a million files": ("a.zip", lambda: _directory(1_000_000), ["budget"]),
    "gzip of 100,000 parts": ("a.gz", lambda: gzip.compress(b"") * 100_000, ["budget"]),
    "zips in zips in zips": (
        "a.zip",
        lambda: _zip({f"{n}.zip": _zip({f"{m}.zip": _zip({"z": bytes(4 << 20)}) for m in range(9)}) for n in range(9)}),
        ["budget"],
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_bomb_is_stopped_and_reported(repo: Repo, name: str) -> None:
    path, content, wanted = ARCHIVES[name]
    repo.commit({path: content(), "z.yml": f"token: {token('beside')}\n"})
    with bounded():
        report = audited(repo)
    assert token("beside") in values(report)
    assert sorted({reason for reason, _ in reasons(report)}) == wanted
    assert {where.partition("!")[0] for _, where in reasons(report)} == {path}
    assert not report.coverage.complete


def test_what_comes_before_the_limit_is_found(repo: Repo) -> None:
    repo.commit({"a.gz": _zeros(80)})
    assert only(audited(repo), token("before zeros")).path == "a.gz!a"


def test_archives_within_the_depth_are_opened(repo: Repo) -> None:
    repo.commit({"a.zip": _nested(8)})
    report = audited(repo)
    inside = "!".join(f"{number}.zip" for number in range(7, 0, -1))
    assert only(report, token("deep")).path == f"a.zip!{inside}!a.yml"
    assert report.coverage.complete


_PASSWORD = b"password: " + password("nested").encode()
TEXTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a line of 200,000 assignments": ("a.txt", lambda: (b"password=" + b"x" * 141) * 200_000),
    "a line of 50,000 different assignments": (
        "a.txt", lambda: b" ".join(b"password=%d-Ab%d!" % (n, n * 7) for n in range(50_000)),
    ),
    "a line of 50,000 JSON objects": ("a.json", lambda: b"[" + b'{"password": "changeme"},' * 50_000 + b"]"),
    "JSON 5,000 deep": ("a.json", lambda: b'{"a":' * 5000 + b'{"password": "x-Tr0ub4dor&3"}' + b"}" * 5000),
    "JSON 300,000 deep": ("a.json", lambda: b'{"a":' * 300_000 + b'{"password": "x-Tr0ub4dor&3"}'),
    "JSON lists 5,000 deep": ("a.json", lambda: b"[\n" * 5000 + b'{"password": "x-Tr0ub4dor&3"}' + b"]" * 5000),
    "flow YAML 5,000 deep": ("a.yaml", lambda: b"{a: " * 5000 + b"{" + _PASSWORD + b"}" + b"}" * 5000),
    "YAML 3,000 deep": ("a.yaml", lambda: b"".join(b" " * n + b"a:\n" for n in range(3000)) + b" " * 3000 + _PASSWORD),
    "YAML of aliases of aliases": (
        "a.yaml",
        lambda: b"a: &a [x, x, x, x, x, x, x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 8)) for c in range(98, 122))
        + _PASSWORD,
    ),
    "Terraform 5,000 deep": ("a.tf", lambda: b"a {\n" * 5000 + hcl("x-Tr0ub4dor&3").encode() + b"}\n" * 5000),
    "quotes in quotes": ("a.sh", lambda: b'bash -c "' * 3000 + b"export PASSWORD=x-Tr0ub4dor&3" + b'"' * 3000),
    "one run of base64 full of hits": ("a.txt", lambda: base64.b64encode(b"password=changeme; " * 600_000)),
    "one run of hex full of hits": ("a.txt", lambda: b"password=changeme; ".hex().encode() * 200_000),
    "runs of hex in text": ("a.txt", lambda: (b"text " + b"password=changeme; ".hex().encode() + b" text\n") * 50_000),
    "percent signs": ("a.txt", lambda: b"password%3Dchangeme%26" * 300_000),
    "heads of keys": ("a.txt", lambda: b"-----BEGIN RSA PRIVATE KEY-----\n" * 150_000),
    "beginnings of URLs": ("a.txt", lambda: b"postgres://a:" * 400_000),
    "blanks before an operator": ("a.txt", lambda: b"password" + b" " * 5_000_000 + b"= x\n"),
    "quotes that never close": ("a.txt", lambda: b'password="' * 300_000),
    "heredocs that never close": ("a.tf", lambda: b"password = <<EOT\n" * 10_000),
    "keys without values": ("a.yaml", lambda: b"".join(b" " * (n % 200) + b"password:\n" for n in range(20_000))),
    "many secrets of Kubernetes": ("a.yaml", lambda: b"kind: Secret\ndata:\n  a: aGVsbG8gd29ybGQ=\n---\n" * 30_000),
    "many templates": ("templates/a.yaml", lambda: b"{{ if .password }}\npassword: x\n" * 20_000),
    "one document of many secrets": ("a.yaml", lambda: b"kind: Secret\ndata:\n" + b"  password: aGVsbG8=\n" * 30_000),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_was_made_to_be_slow_is_not(repo: Repo, name: str) -> None:
    path, content = TEXTS[name]
    repo.commit({path: content(), "z.yml": f"token: {token('beside')}\n"})
    with bounded():
        report = audited(repo)
    assert token("beside") in values(report)
    assert {reason for reason, _ in reasons(report)} <= {"budget"}


def test_a_line_of_too_many_candidates_is_reported(repo: Repo) -> None:
    repo.commit({"a.txt": b"password=x " * 101_000})
    with bounded():
        report = audited(repo)
    assert reasons(report) == [("budget", "a.txt")]


def test_thousands_of_different_credentials_in_one_file(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETSWEEP_KEY", "fast")  # without it each costs 8 ms of scrypt, on purpose
    repo.commit({"a.tf": "".join(hcl(f"Tr0ub4dor-{n}-x") for n in range(5000))})
    with bounded():
        report = audited(repo)
    assert len(report.credentials) == 5000
    assert {o.line % 3 for c in report.credentials for o in c.occurrences} == {2}


def test_a_limit_that_one_object_reached_is_reported_for_every_other_one_too(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of one object must not hide that another one was not read either."""
    monkeypatch.setattr("secretsweep.decode._unpack.MEMBER", 1 << 16)
    run = base64.b64encode(gzip.compress(b"export password=x\n" + bytes(1 << 18)))
    files = {f"{n}.txt": f"# {n}\nuser_data: {run.decode()}\n" for n in range(600)}
    repo.commit(files)
    one, two = (audited(repo, jobs=jobs) for jobs in (1, 2))
    assert one.coverage.skipped == two.coverage.skipped
    assert len(one.coverage.skipped) == 600


@pytest.mark.parametrize("kind", ["zip", "tar", "gz", "bz2", "xz"])
def test_a_damaged_archive_is_reported_and_what_comes_before_is_found(repo: Repo, kind: str) -> None:
    import lzma

    line = f"token: {token('before')}\n".encode()
    noise = token("noise").encode() + bytes(range(256)) * 2000
    if kind == "zip":
        data = bytearray(_zip({"a.yml": line, "b.bin": noise}))
        data[len(line) + 120 : len(line) + 140] = b"x" * 20
    elif kind == "tar":
        data = bytearray(_tar({"a.yml": line, "b.bin": noise})[:-300_000])
    else:
        pack = {"gz": gzip.compress, "bz2": lambda d: bz2.compress(d, 1), "xz": lzma.compress}[kind]
        import random

        data = bytearray(pack(line + random.Random(1).randbytes(1_500_000))[:-200_000])  # type: ignore[operator]
    repo.commit({f"a.{kind}": bytes(data), "z.yml": f"token: {token('beside')}\n"})
    report = audited(repo)
    assert values(report) == sorted([token("before"), token("beside")])
    assert {reason for reason, _ in reasons(report)} == {"corrupt"}


def test_an_encrypted_zip_is_reported(repo: Repo) -> None:
    data = bytearray(_zip({"a.yml": f"token: {token('locked')}\n".encode()}, zipfile.ZIP_STORED))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    repo.commit({"a.zip": bytes(data)})
    assert reasons(audited(repo)) == [("unreadable", "a.zip!a.yml")]


@pytest.mark.parametrize("start", ["BZhelper: yes\n", "BZh9: x\n", "PK: x\n", "\x1f: x\n", "P"])
def test_a_text_that_begins_like_an_archive_is_a_text(repo: Repo, start: str) -> None:
    repo.commit({"a.yml": f"{start}\ntoken: {token('text')}\n"})
    report = audited(repo)
    assert (values(report), reasons(report)) == ([token("text")], [])
