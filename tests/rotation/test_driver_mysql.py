"""MariaDB's passwords against a real server with its general log on; MySQL's two passwords against a fake of it."""

import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest
from crashing import Case, book, ended, everywhere, run, silent
from engines import MariaDB
from entries import ID
from fake_mysql import FakeMySQL

from secretsweep.app.rotation.rotating import ENDED, Said
from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, _mysql_hashes, mysql

NUMBERS = count(1)


def made(maria: MariaDB, host: str = "%") -> Case:
    user, old = f"shop{next(NUMBERS)}", f"Leaked-{next(NUMBERS)}-in-values"
    maria.sql(f"CREATE USER '{user}'@'{host}' IDENTIFIED BY '{old}'")

    def opens(values: Mapping[str, Secret]) -> bool:
        return maria.lets_in(user, values[VALUE].reveal().decode())

    return Case("mysql", {VALUE: Secret(old.encode())}, opens, {**os.environ, **maria.environ}, "in-place", user,
                guide="mysql")  # fmt: skip


def test_a_crash_at_any_step_loses_nothing(maria: MariaDB, tmp_path: Path) -> None:
    everywhere(lambda: made(maria), tmp_path)


def test_no_log_of_the_server_has_the_new_password(maria: MariaDB, tmp_path: Path) -> None:
    case = made(maria)
    run(case, book(tmp_path / "l", case))
    new = case.held()[VALUE].reveal()
    general = maria.log.read_bytes()
    assert f"ALTER USER '{case.account}'@'%' IDENTIFIED VIA mysql_native_password USING '*".encode() in general
    files = [file for file in maria.log.parent.rglob("*") if file.is_file() and not file.is_socket()]
    assert any(file.name.startswith("bin.0") and b"ALTER USER" in file.read_bytes() for file in files)
    assert [file for file in files if new in file.read_bytes()] == []


def test_what_the_old_password_opened_is_ended(maria: MariaDB, tmp_path: Path) -> None:
    import pymysql

    case = made(maria)
    old = case.old[VALUE].reveal().decode()
    open_one = pymysql.connect(host="127.0.0.1", port=maria.port, user=case.account, password=old)
    run(case, book(tmp_path / "l", case))
    with pytest.raises(pymysql.Error):
        open_one.ping(reconnect=False)


def test_mariadb_says_that_it_has_one_password(maria: MariaDB, tmp_path: Path) -> None:
    case = made(maria)
    case.method = "dual"
    with silent(case), pytest.raises(RotateError, match="--method in-place"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and case.held() == case.old


def test_a_name_with_several_accounts_wants_its_host(maria: MariaDB, tmp_path: Path) -> None:
    case = made(maria)
    user = case.account
    maria.sql(f"CREATE USER '{user}'@'10.0.0.1' IDENTIFIED BY 'theirs'")
    with silent(case), pytest.raises(RotateError, match=rf"{user}@10\.0\.0\.1"):
        run(case, book(tmp_path / "one", case))
    before = maria.sql(f"SHOW CREATE USER '{user}'@'10.0.0.1'")
    case.account = f"{user}@%"
    run(case, book(tmp_path / "two", case))
    ended(case, lambda case: None)
    assert maria.sql(f"SHOW CREATE USER '{user}'@'10.0.0.1'") == before


def test_what_cannot_be_set_from_here_is_refused(maria: MariaDB, tmp_path: Path) -> None:
    case = made(maria)
    old = case.old[VALUE].reveal().decode()
    ways = f"unix_socket OR mysql_native_password USING PASSWORD('{old}')"
    maria.sql(f"ALTER USER '{case.account}' IDENTIFIED VIA {ways}")
    with silent(case), pytest.raises(RotateError, match="several ways"):
        run(case, book(tmp_path / "one", case))
    case.account = "nobody_here"
    with silent(case), pytest.raises(RotateError, match="has no account"):
        run(case, book(tmp_path / "two", case))
    other = made(maria)
    case.account = other.account
    with silent(case), pytest.raises(RotateError, match="refuses the leaked value"):
        run(case, book(tmp_path / "three", case))
    assert other.opens(other.old) and case.opens(case.old)


def test_an_administrator_without_the_right_changes_nothing(maria: MariaDB, tmp_path: Path) -> None:
    case = made(maria)
    maria.sql("CREATE OR REPLACE USER plain IDENTIFIED BY 'plain'")
    maria.sql("GRANT SELECT ON mysql.* TO plain")
    case.environ = {**os.environ, "HOME": str(tmp_path), "MYSQL_HOST": "127.0.0.1", "MYSQL_PWD": "plain",
                    "MYSQL_TCP_PORT": str(maria.port)}  # fmt: skip
    case.url = "mysql://plain@127.0.0.1"
    with silent(case), pytest.raises(RotateError, match="ALTER USER: Access denied"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old)


def test_an_address_with_a_password_and_a_server_that_is_away_are_told(maria: MariaDB) -> None:
    case = made(maria)
    for url, said in {"mysql://a:b@h": "holds a password", "mysql://a@127.0.0.1:1": "no connection"}.items():
        case.url = url
        from entries import entry

        with pytest.raises(RotateError, match=said):
            mysql.connected(case.job(entry()).asked, {"HOME": "/nonexistent"})


def test_the_hash_of_caching_sha2_is_mysqls_own() -> None:
    """hashcat's published example of its mode 7401: password `hashcat`."""
    salt = bytes.fromhex("F9CC98CE08892924F50A213B6BC571A2C11778C5")
    text = bytes.fromhex("625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F")
    assert _mysql_hashes._crypt(b"hashcat", salt) == text.decode()


# MySQL's dual passwords, against a fake


@pytest.fixture(params=["caching_sha2_password", "mysql_native_password"])
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeMySQL:
    server = FakeMySQL(plugin=request.param)

    def connected(asked: mysql.Asked, environ: Mapping[str, str]) -> mysql.MySQL:
        return mysql.MySQL(server, server.connect(), {}, asked)

    monkeypatch.setattr(mysql, "connected", connected)
    return server


def dual(fake: FakeMySQL) -> Case:
    user, old = f"shop{next(NUMBERS)}", f"Leaked-{next(NUMBERS)}-in-values"
    fake.add(user, old)

    def opens(values: Mapping[str, Secret]) -> bool:
        try:
            fake.connect(user, values[VALUE].reveal().decode())
        except fake.Error:
            return False
        return True

    return Case("mysql", {VALUE: Secret(old.encode())}, opens, os.environ, "dual", user, guide="mysql")


def test_two_passwords_crash_at_any_step_and_one_is_left(fake: FakeMySQL, tmp_path: Path) -> None:
    def clean(case: Case) -> None:
        assert len(fake.hashes[case.account]) == 1

    everywhere(lambda: dual(fake), tmp_path, clean)


def test_two_passwords_work_until_the_old_one_is_discarded_and_no_statement_has_the_new_one(
    fake: FakeMySQL, tmp_path: Path
) -> None:
    case = dual(fake)
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada")).waits == "rolled"
    assert case.opens(case.old) and case.opens(case.held())
    rotation = run(case, ledger, Said("ada", "rolled"))
    assert rotation.at == ENDED and not case.opens(case.old)
    assert sum("DISCARD OLD PASSWORD" in said for said in fake.said) == 1
    assert case.held()[VALUE].reveal().decode() not in "\n".join(fake.said)
    done = ledger.entries()[ID].task("create").done
    assert done is not None and "added" in done.evidence


def test_a_server_before_8_0_14_and_an_account_with_two_passwords_are_refused(fake: FakeMySQL, tmp_path: Path) -> None:
    case = dual(fake)
    fake.hashes[case.account].append(fake.hashed("another"))
    with silent(case), pytest.raises(RotateError, match="has two passwords already"):
        run(case, book(tmp_path / "one", case))
    fake.version = "8.0.13"
    with silent(case), pytest.raises(RotateError, match="--method in-place"):
        run(case, book(tmp_path / "two", case))
    assert case.opens(case.old) and case.held() == case.old
