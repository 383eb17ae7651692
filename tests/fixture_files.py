"""Fixtures: files with their expectation on the line, without a single live-looking token.

`fixtures/FAMILY/found/PATH` holds credentials, `fixtures/FAMILY/clean/PATH` is its twin that holds references only.
PATH is what the scanner sees. In the text of a fixture,

    ${secret:14}, ${alnum:40}, ${hex:64} …   are filled as in the examples of rules (never the same twice)
    «…»                        stands around each credential, exactly as written; taken away before the scan
    #~ rule-id @ key via a › b     says at the end of the line of each «, in their order and separated by `;`, what
                               must be found: the rule, and when given, the whole address and the whole trail. An
                               address that begins with … is compared by its end. Taken away with the blanks before it
    ⟦base64 gzip: text⟧        is replaced by the text, encoded from right to left; \n and \t are undone first
    ⟦base64 gzip < NAME⟧       the same with the file `fixtures/FAMILY/parts/NAME`, a fixture text as well. What its
                               own lines expect is found at the place of the ⟦, with the trail that they name
    ⟦zip NAME1 < PART1, NAME2 < PART2⟧   an archive (`zip`, `tar`) of parts: expectations hold inside the members

A line of nothing but `#~ …` vanishes wholly; its expectations belong to the « of the line above. A fixture that
begins with ⟦ and holds nothing else (but lines of `#~`) is a binary file. Everything else is as it stands.
"""

import base64
import bz2
import gzip
import html
import io
import lzma
import quopri
import re
import tarfile
import textwrap
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_from_bytes

from secretsweep.model import Span
from secretsweep.rules.placeholders import fill

ROOT = Path(__file__).parent.parent / "fixtures"

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "base64bare": lambda data: base64.b64encode(data).rstrip(b"="),
    "base64lines": lambda data: b"\n".join(re.findall(rb".{1,76}", base64.b64encode(data))),
    "base32": base64.b32encode,
    "hex": lambda data: data.hex().encode(),
    "percent": lambda data: quote_from_bytes(data, safe="").encode(),
    "html": lambda data: html.escape(data.decode()).encode(),
    "entities": lambda data: "".join(f"&#{ord(c)};" for c in data.decode()).encode(),
    "unicode": lambda data: "".join(f"\\u{ord(c):04x}" for c in data.decode()).encode(),
    "escaped": lambda data: data.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n"),
    "quoted-printable": quopri.encodestring,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "utf-16-le": lambda data: data.decode().encode("utf-16-le"),
    "utf-16-be": lambda data: data.decode().encode("utf-16-be"),
    "utf-32": lambda data: data.decode().encode("utf-32"),
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "indent4": lambda data: textwrap.indent(data.decode(), "    ").encode(),
}
_TOKEN = re.compile("(?P<open>«)|(?P<close>»)|(?P<directive>⟦[^⟧]*⟧)|(?P<say>[ \t]*#~[^\n]*)")
_SAID = re.compile(r"\s*(?P<rule>[\w-]+)(?:\s+@\s+(?P<key>.+?))?(?:\s+via\s+(?P<trail>.+?))?\s*\Z", re.DOTALL)
_MEMBER = re.compile(r"\s*(\S+)\s*<\s*(\S+)\s*")


class Expected(NamedTuple):
    """A credential that must be found. `span` is None inside an encoding; `member` is the path in an archive."""

    rule: str
    key: str | None
    trail: str | None
    value: bytes
    span: Span | None
    line: int
    member: str


class Fixture(NamedTuple):
    """A file as the scanner sees it, and all that must be found in it."""

    family: str
    path: str
    data: bytes
    expected: tuple[Expected, ...]


def read(file: Path) -> Fixture:
    """The fixture in `fixtures/FAMILY/(found|clean)/PATH`."""
    family, _, *path = file.relative_to(ROOT).parts
    data, expected = _built(file.read_text(encoding="utf-8"), ROOT / family / "parts", f"{file.relative_to(ROOT)}")
    return Fixture(family, "/".join(path), data, tuple(expected))


def files(kind: str) -> list[Path]:
    """All fixtures of a kind (`found`, `clean`), sorted."""
    return sorted(f for f in ROOT.glob(f"*/{kind}/**/*") if f.is_file())


def _built(text: str, parts: Path, name: str) -> tuple[bytes, list[Expected]]:
    """Bytes and expectations of a fixture's text; spans and lines count in those bytes."""
    text = "".join(fill(line, seed) for seed, line in enumerate(text.splitlines(keepends=True)))
    binary = text.startswith("⟦")
    out = b""
    at = 0
    begun: int | None = None
    marks: list[tuple[int, int]] = []
    waiting = 0  # marks that have their expectation
    expected: list[Expected] = []
    for token in _TOKEN.finditer(text):
        out += text[at : token.start()].encode()
        at = token.end()
        if token["open"]:
            assert begun is None, f"{name}: « inside «"
            begun = len(out)
        elif token["close"]:
            assert begun is not None, f"{name}: » without «"
            marks.append((begun, len(out)))
            begun = None
        elif token["directive"]:
            content, inner = _encoded(token["directive"][1:-1], parts, name)
            line = out.count(b"\n") + 1
            expected += [one if one.member else one._replace(span=None, line=line) for one in inner]
            out += content
        else:
            said = [e for e in token["say"].strip()[2:].split(";") if e.strip() and e.strip() != "ok"]
            assert len(said) == len(marks) - waiting, f"{name}: {len(marks) - waiting} marks, {token['say'].strip()}"
            for entry, (start, end) in zip(said, marks[waiting:], strict=True):
                parsed = _SAID.match(entry)
                assert parsed, f"{name}: {entry}"
                line = out.count(b"\n", 0, start) + 1
                rule, key, trail = parsed["rule"], parsed["key"], parsed["trail"]
                expected.append(Expected(rule, key, trail, out[start:end], Span(start, end), line, ""))
            waiting = len(marks)
            if (not out or out.endswith(b"\n")) and text[at : at + 1] == "\n":
                at += 1  # the line held nothing else
    out += text[at:].encode()
    assert waiting == len(marks), f"{name}: a « without its expectation"
    if binary:
        out = out.rstrip(b"\n") if not out.rstrip(b"\n") else out.removesuffix(b"\n")
    return out, expected


def _encoded(directive: str, parts: Path, name: str) -> tuple[bytes, list[Expected]]:
    head = re.match(r"[\w\s-]*?(?=\s*[:<])", directive)
    if directive.startswith(("zip ", "tar ")):
        kind, _, members = directive.partition(" ")
        return _archive(kind, members, parts)
    assert head, f"{name}: ⟦{directive}⟧"
    encoders = head.group().split()
    rest = directive[head.end() :].lstrip()
    if rest.startswith("<"):
        part = rest[1:].strip()
        content, inner = _built((parts / part).read_text(encoding="utf-8"), parts, part)
    else:
        raw = rest[1:].strip().replace("\\n", "\n").replace("\\t", "\t")
        content, inner = _built(raw, parts, name)
    for encoder in reversed(encoders):
        content = ENCODERS[encoder](content)
    return content, inner


def _archive(kind: str, members: str, parts: Path) -> tuple[bytes, list[Expected]]:
    stream = io.BytesIO()
    contents: list[tuple[str, bytes]] = []
    expected: list[Expected] = []
    for member in members.split(","):
        named = _MEMBER.fullmatch(member)
        assert named, member
        data, inner = _built((parts / named[2]).read_text(encoding="utf-8"), parts, named[2])
        contents.append((named[1], data))
        expected += [one._replace(member="!".join(filter(None, (named[1], one.member)))) for one in inner]
    if kind == "zip":
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in contents:
                archive.writestr(zipfile.ZipInfo(path), data)
    else:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for path, data in contents:
                info = tarfile.TarInfo(path)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return stream.getvalue(), expected
