import base64
import contextlib
import gzip

import pytest
from format_laws import extract, values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretsweep import formats
from secretsweep.formats import cloud_init
from secretsweep.model import Blob

HEAD = b"#cloud-config\n"
CONTENT = b"DB_PASSWORD=Tr0ub4dor&3-x\n"
REAL = (
    HEAD
    + b"""\
users:
  - name: ops
    plain_text_passwd: 'Tr0ub4dor&3-x'
chpasswd:
  list: |
    root:Tr0ub4dor&3-x
    ops:RANDOM
write_files:
  - path: /etc/app.env
    encoding: gz+b64
    content: %s
  - content: |
      [client]
      password = Tr0ub4dor&3-x
    path: /root/.my.cnf
runcmd:
  - [mysql, -uroot, "-pTr0ub4dor&3-x"]
  - echo 'root:Tr0ub4dor' | chpasswd
mounts:
  - [//nas/share, /mnt, cifs, "username=a,password=Tr0ub4dor"]
"""
    % base64.b64encode(gzip.compress(CONTENT, mtime=0))
)


@pytest.mark.parametrize(
    ("path", "head", "owned"),
    [
        ("a.txt", HEAD, True),
        ("x", b"## template: jinja\n#cloud-config\n", True),
        ("x", b"# made by hand\n\n#cloud-config\n", True),
        ("seed/user-data", b"password: x\n", True),
        ("etc/cloud/cloud.cfg.d/99-local.cfg", b"users:\n- default\n", True),
        ("user-data", b"#!/bin/sh\npassword: x\n", False),
        ("user-data", b"Content-Type: multipart/mixed\n", False),
        ("cloud-init.tf", b"a:\n", False),
        ("notes.md", b"see #cloud-config\n", False),
        ("x.yaml", b"# a #cloud-config\n", False),
    ],
)
def test_user_data_is_told_by_its_first_line_or_its_name(path: str, head: bytes, owned: bool) -> None:
    assert cloud_init.owns(path, head) is owned


@pytest.mark.parametrize("name", ["b64", "base64", "BASE64"])
def test_base64_content_is_decoded(name: str) -> None:
    found = values("user-data", _file(name, base64.b64encode(CONTENT)))
    assert found['write_files."/etc/app.env".content › DB_PASSWORD'] == b"Tr0ub4dor&3-x"


@pytest.mark.parametrize("name", ["gz+b64", "gzip+base64", "gz+base64", "gzip+b64"])
def test_compressed_content_is_decoded(name: str) -> None:
    found = values("user-data", _file(name, base64.b64encode(gzip.compress(CONTENT))))
    assert found['write_files."/etc/app.env".content › DB_PASSWORD'] == b"Tr0ub4dor&3-x"


@pytest.mark.parametrize("content", [b"${base64encode(x)}", b"not base64!", b"H4sIAAAA"])
def test_content_that_is_not_in_its_encoding_stays_as_it_is(content: bytes) -> None:
    assert values("user-data", _file("gz+b64", content))['write_files."/etc/app.env".content'] == content


def test_random_passwords_are_no_values() -> None:
    assert values("user-data", HEAD + b"chpasswd:\n  list: |\n    a:RANDOM\n    b:R\n") == {}


def test_a_section_is_all_that_a_place_depends_on() -> None:
    at = REAL.index(b"gz+b64")
    start, end = cloud_init.REGIONS["statement"](REAL, at)
    assert REAL[start:end].startswith(b"write_files:\n")
    assert REAL[end:].startswith(b"runcmd:\n")


@settings(max_examples=300, deadline=None)
@given(cut=st.tuples(st.integers(0, len(REAL)), st.integers(0, len(REAL))), noise=st.binary(max_size=6))
@example(cut=(0, len(REAL)), noise=b"")
def test_mutated_user_data_keeps_the_laws(cut: tuple[int, int], noise: bytes) -> None:
    first, second = sorted(cut)
    _obey(REAL[:first] + noise + REAL[second:])


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True),
        st.from_regex(r"[A-Za-z0-9!%+=.-]{4,20}", fullmatch=True),
        min_size=1,
    )
)
def test_every_login_of_chpasswd_is_found_at_its_place(logins: dict[str, str]) -> None:
    lines = "".join(f"    {user}:{password}\n" for user, password in logins.items())
    data = HEAD + b"chpasswd:\n  list: |\n" + lines.encode()
    found = {u.key: data[u.span.start : u.span.end].decode() for u in extract("user-data", data)}
    wanted = {f"chpasswd.list.{user}.password": p for user, p in logins.items() if p != "RANDOM"}
    assert found == wanted


def _file(encoding: str, content: bytes) -> bytes:
    return b"%swrite_files:\n- path: /etc/app.env\n  encoding: %s\n  content: '%s'\n" % (
        HEAD,
        encoding.encode(),
        content,
    )


def _obey(data: bytes) -> None:
    with contextlib.suppress(formats.Unparsed):
        for unit in cloud_init.extract(Blob("", "x", data)):
            assert 0 <= unit.span.start <= unit.span.end <= len(data)
            assert unit.value
