import pytest
from format_laws import extract, values, written

from secretsweep.formats import shell
from secretsweep.model import Span, Unit


def _values(data: bytes) -> dict[str, bytes]:
    return values("a.sh", data)


def test_an_assignment_has_its_place() -> None:
    assert extract("a.sh", b"export PW='hunter2'\n") == [Unit(Span(11, 18), "PW", b"hunter2", "single")]


def test_a_flag_that_names_a_secret_carries_none() -> None:
    assert _values(b"gcloud secrets versions access latest --secret=iac-PASSWORDS-2\n") == {}
    assert _values(b"vendor --secret=hunter2\n") == {"vendor.secret": b"hunter2"}


@pytest.mark.parametrize(
    "before", [b"", b"export ", b"local ", b"readonly ", b"declare -x ", b"env ", b"  ", b"true && "]
)
def test_assignments_of_every_kind(before: bytes) -> None:
    assert _values(before + b"PW=hunter2\n") == {"PW": b"hunter2"}


def test_quotes_and_escapes_are_undone_and_expansions_kept() -> None:
    data = b'A=a\\ b\nB="c\\"d$E"\nF=g\'h\'"i"\nJ=$(cat k)\nL="m\\\nn"\nO=${P}q\n'
    assert _values(data) == {
        "A": b"a b",
        "B": b'c"d$E',
        "F": b"ghi",
        "J": b"$(cat k)",
        "L": b"mn",
        "O": b"${P}q",
    }
    assert written("a.sh", data)["F"] == b"g'h'\"i\""


def test_defaults_of_expansions_are_called_by_the_variable() -> None:
    assert _values(b'echo ${A:-b} "${C:=d e}" ${F:-"g"} ${H:-$I} ${J}\n') == {"A": b"b", "C": b"d e", "F": b"g"}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b"mysql -u root -phunter2 app", "mysql.password"),
        (b"mysqldump -p'hunter2' app", "mysqldump.password"),
        (b"mysqladmin --password=hunter2 ping", "mysqladmin.password"),
        (b"/usr/bin/sshpass -p hunter2 ssh host", "sshpass.password"),
        (b"sshpass -phunter2 ssh host", "sshpass.password"),
        (b"curl -u me:hunter2 http://x", "curl.password"),
        (b'curl --user "me:hunter2" http://x', "curl.password"),
        (b"redis-cli -h x -a hunter2 ping", "redis-cli.password"),
        (b"docker login -u me -p hunter2 x", "docker.password"),
        (b"sudo docker login --password hunter2 x", "docker.password"),
        (b'docker login -u me -p="hunter2" x', "docker.password"),
        (b"--password=hunter2 --verbose", "password"),
        (b"tool --api-token hunter2", "tool.api-token"),
        (b"tool -token=hunter2", "tool.token"),
        (b"PGPASSWORD=hunter2 psql -h x", "PGPASSWORD"),
        (b"echo 'root:hunter2' | chpasswd", "chpasswd.root.password"),
        (b"kubectl create secret generic x --from-literal=password=hunter2", "kubectl.password"),
        (b"kubectl create secret generic x --from-literal password=hunter2", "password"),
        (b"helm install x y --set a.password=hunter2,b=", "helm.a.password"),
        (b"docker run -e PW=hunter2 x", "PW"),
        (b"curl -H 'Authorization: Bearer hunter2' http://x", "curl.Authorization"),
        (b"openssl rsa -passin pass:hunter2 -in k", "openssl.password"),
        (b"ssh host 'mysql -phunter2'", "mysql.password"),
        (b"X=$(sshpass -p hunter2 ssh h) # done", "sshpass.password"),
        (b"cmd \\\n  --password \\\n  hunter2", "cmd.password"),
    ],
)
def test_flags_that_carry_credentials(line: bytes, key: str) -> None:
    data = b"set -e\n" + line + b"\necho done\n"
    units = [unit for unit in extract("a.sh", data) if unit.value == b"hunter2"]
    assert [(unit.key, data[unit.span.start : unit.span.end]) for unit in units] == [(key, b"hunter2")]


@pytest.mark.parametrize(
    "line",
    [
        b"mysql -u root -p app", b"ssh -p 22 host", b"docker run -p 80:80 x", b"mkdir -p a/b", b"curl -u me http://x",
        b"cp -a b c", b"# PW=hunter2", b"echo done", b"if [ -n $a ]; then", b"tool --verbose word",
        b"openssl x -keyform PEM",
        b"tool --password --next", b"", b"echo a:b | cat", b"case $x in a) ;; esac",
    ],
)  # fmt: skip
def test_other_flags_and_words_yield_nothing(line: bytes) -> None:
    assert extract("a.sh", line + b"\n") == []


def test_a_literal_that_a_variable_is_compared_with_is_called_by_it() -> None:
    assert _values(b'if [ "$PW" == hunter2 ]; then\n') == {"PW": b"hunter2"}


def test_a_word_goes_on_behind_a_backslash_at_the_end_of_its_line() -> None:
    data = b'PW="hun"\\\n"ter2"\nA=b\n'
    assert _values(data) == {"PW": b"hunter2", "A": b"b"}


def test_a_here_string_is_no_here_document() -> None:
    data = b"chpasswd <<< me:hunter2\nA=b\n"
    assert _values(data) == {"chpasswd.me.password": b"hunter2", "A": b"b"}


def test_elements_of_arrays_are_called_by_the_array() -> None:
    assert _values(b"TOKENS=(a b)\ndeclare -A c=([d]=e)\n") == {"TOKENS[0]": b"a", "TOKENS[1]": b"b", "c[d]": b"e"}


@pytest.mark.parametrize("at", [3, 20, 40])
def test_a_statement_is_the_whole_command_over_several_lines(at: int) -> None:
    data = b"a=b\ndocker login \\\n  -u me \\\n  -p hunter2 x\nc=d\n"
    start, end = shell.REGIONS["statement"](data, at)
    assert data[start:end] == (b"a=b" if at == 3 else data[4:-5])


def test_logins_in_a_heredoc_for_chpasswd() -> None:
    data = b"chpasswd <<EOF\nme:hunter2\nEOF\n"
    assert _values(data)["chpasswd.me.password"] == b"hunter2"


def test_a_heredoc_is_named_by_the_file_that_it_is_written_to_and_opened() -> None:
    data = b"cat > /etc/app.ini <<'EOF'\npassword = hunter2\nEOF\nA=b\n"
    assert _values(data) == {
        '"/etc/app.ini"': b"password = hunter2",
        '"/etc/app.ini" › password': b"hunter2",
        "A": b"b",
    }


def test_a_quote_without_its_end_stops_at_the_line() -> None:
    assert _values(b"echo don't\nA=b\n") == {"A": b"b"}


@pytest.mark.parametrize("path", ["a.sh", "b.bash", "c.zsh", "user-data.tpl", "x/user_data.txt", ".bashrc", "a.sh.j2"])
def test_names_it_owns(path: str) -> None:
    assert shell.owns(path, b"")


@pytest.mark.parametrize("head", [b"#!/bin/sh\n", b"#!/usr/bin/env bash\n", b"#!/bin/dash -e\n"])
def test_heads_it_owns(head: bytes) -> None:
    assert shell.owns("run", head)


@pytest.mark.parametrize("head", [b"#!/usr/bin/python3\n", b"# sh\n", b"", b"#!/usr/bin/fish\n"])
def test_heads_it_does_not_own(head: bytes) -> None:
    assert not shell.owns("run", head)


def test_escapes_of_ansi_quotes_are_undone() -> None:
    data = b"A=$'a\\tb\\x2dc\\055d\\u00e9\\'e\\q'\nB=$\"f\"\nC=$'g'h\n"
    assert _values(data) == {"A": b"a\tb-c-d\xc3\xa9'e\\q", "B": b"f", "C": b"gh"}
    assert written("a.sh", data)["B"] == b"f"
