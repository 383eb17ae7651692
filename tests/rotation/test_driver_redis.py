"""Redis' passwords against real servers, one with users in an ACL file and one with requirepass."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from crashing import Case, book, ended, everywhere, run, silent
from engines import Redis, redis_server, tool
from entries import ID, entry

from secretsweep.app.rotation.rotating import ENDED, Said
from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE
from secretsweep.rotators import redis as driver

NUMBERS = count(1)


def made(redis: Redis) -> Case:
    user, old = f"shop{next(NUMBERS)}", f"Leaked-{next(NUMBERS)}-in-values"
    redis.ask("ACL", "SETUSER", user, "on", f">{old}", "~shop:*", "+@read")

    def opens(values: Mapping[str, Secret]) -> bool:
        return redis.lets_in(user, values[VALUE].reveal().decode())

    return Case("redis", {VALUE: Secret(old.encode())}, opens, {**os.environ, "REDISCLI_AUTH": redis.password},
                "acl", user, f"redis://admin@127.0.0.1:{redis.port}", guide="redis")  # fmt: skip


def test_a_crash_at_any_step_loses_nothing_and_leaves_one_password(redis: Redis, tmp_path: Path) -> None:
    def clean(case: Case) -> None:
        assert f"user {case.account} on #" in redis.ask("ACL", "LIST")
        assert redis.ask("ACL", "GETUSER", case.account).split("passwords")[1].split("commands")[0].count("\n") == 2

    everywhere(lambda: made(redis), tmp_path, clean)


def test_both_passwords_work_until_rolled_and_the_acl_file_has_hashes(redis: Redis, tmp_path: Path) -> None:
    case = made(redis)
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada")).waits == "rolled"
    assert case.opens(case.old) and case.opens(case.held())
    assert run(case, ledger, Said("ada", "rolled")).at == ENDED
    ended(case, lambda case: None)
    saved = (redis.folder / "users.acl").read_text()
    assert f"user {case.account} on #" in saved
    for value in (case.old, case.held()):
        assert value[VALUE].reveal().decode() not in saved


@contextmanager
def monitored(redis: Redis, said: list[str]) -> Iterator[None]:
    """What MONITOR shows meanwhile."""
    acl = ["--user", "admin"] if (redis.folder / "users.acl").exists() else []
    environ = {**os.environ, "REDISCLI_AUTH": redis.password}
    command = [tool("redis-cli"), "-p", str(redis.port), *acl, "MONITOR"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "OK\n"
        try:
            yield
            time.sleep(0.2)
        finally:
            process.terminate()
            said.append(process.stdout.read())


def test_neither_monitor_nor_the_logs_have_a_value(redis: Redis, tmp_path: Path) -> None:
    case, said = made(redis), list[str]()
    with monitored(redis, said):
        redis.ask("GET", "proof")
        run(case, book(tmp_path / "l", case))
    assert "proof" in said[0]
    assert not redis.lets_in(case.account, case.old[VALUE].reveal().decode())
    slow = redis.ask("SLOWLOG", "GET", "-1")
    said += [slow, redis.ask("ACL", "LOG")]
    assert "SETUSER" in slow and case.account in said[-1]
    new = case.held()[VALUE].reveal().decode()
    assert new not in "\n".join(said)
    assert case.old[VALUE].reveal().decode() not in "\n".join([said[0], said[2]])


def test_what_the_old_password_opened_is_ended(redis: Redis, tmp_path: Path) -> None:
    case = made(redis)
    with socket.create_connection(("127.0.0.1", redis.port), timeout=10) as old:
        old.sendall(f"AUTH {case.account} {case.old[VALUE].reveal().decode()}\r\n".encode())
        assert old.recv(100) == b"+OK\r\n"
        run(case, book(tmp_path / "l", case))
        assert old.recv(100) == b""


@pytest.mark.parametrize(
    ("modifier", "said"), [("off", "may not log in"), ("nopass", "any password"), ("resetpass", "refuses the leaked")]
)
def test_users_that_it_is_not_for_are_refused(redis: Redis, tmp_path: Path, modifier: str, said: str) -> None:
    case = made(redis)
    redis.ask("ACL", "SETUSER", case.account, modifier)
    before = redis.ask("ACL", "GETUSER", case.account)
    with silent(case), pytest.raises(RotateError, match=said):
        run(case, book(tmp_path / "l", case))
    assert redis.ask("ACL", "GETUSER", case.account) == before and case.held() == case.old


def test_a_user_that_is_not_there_and_the_wrong_method_are_refused(redis: Redis, tmp_path: Path) -> None:
    case = made(redis)
    user, case.account = case.account, "nobody_here"
    with silent(case), pytest.raises(RotateError, match="has no user"):
        run(case, book(tmp_path / "one", case))
    case.account, case.method = user, "requirepass"
    with silent(case), pytest.raises(RotateError, match="--method acl"):
        run(case, book(tmp_path / "two", case))
    assert case.opens(case.old)


def test_an_administrator_without_the_right_changes_nothing(redis: Redis, tmp_path: Path) -> None:
    case = made(redis)
    redis.ask("ACL", "SETUSER", "plain", "on", ">plain-password", "+ping")
    case.environ = {**os.environ, "REDISCLI_AUTH": "plain-password"}
    case.url = f"redis://plain@127.0.0.1:{redis.port}"
    with silent(case), pytest.raises(RotateError, match="ACL GETUSER: NOPERM"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old)


def test_wrong_addresses_and_logins_are_told(redis: Redis) -> None:
    case = made(redis)
    wrong = {
        "redis://a:b@h": "holds a password",
        "http://127.0.0.1": "begins with redis",
        "redis://127.0.0.1:1": "no connection",
        f"redis://somebody@127.0.0.1:{redis.port}": "no login as administrator: WRONGPASS",
    }
    for url, said in wrong.items():
        case.url = url
        with pytest.raises(RotateError, match=said):
            driver.connected(case.job(entry()).asked, case.environ)


# requirepass


@pytest.fixture
def required() -> Iterator[Redis]:
    with redis_server("Leaked-in-redis-conf") as server:
        yield server


def default(required: Redis, **options: str) -> Case:
    def opens(values: Mapping[str, Secret]) -> bool:
        return required.lets_in("default", values[VALUE].reveal().decode())

    return Case("redis", {VALUE: Secret(required.password.encode())}, opens,
                {**os.environ, "REDISCLI_AUTH": required.password}, "requirepass", "default",
                f"redis://127.0.0.1:{required.port}", options, guide="redis")  # fmt: skip


def test_requirepass_changes_in_place_and_is_written_only_when_asked(required: Redis, tmp_path: Path) -> None:
    case = default(required)
    ledger = book(tmp_path / "one", case)
    run(case, ledger, Said("ada"))
    assert case.opens(case.held()) and not case.opens(case.old)
    done = ledger.entries()[ID].task("create").done
    assert done is not None and "NOT saved" in done.evidence
    new = case.held()[VALUE].reveal().decode()
    assert new not in (required.folder / "redis.conf").read_text()
    # the administrator logs in with the new one now
    case.environ = {**os.environ, "REDISCLI_AUTH": new}
    assert run(case, ledger, Said("ada", "rolled")).at == ENDED
    again = required._replace(password=new)
    slow = again.ask("SLOWLOG", "GET", "-1")
    assert new not in slow and "(redacted)" in slow


def test_requirepass_is_written_to_the_configuration_when_asked(required: Redis, tmp_path: Path) -> None:
    case = default(required, rewrite="yes")
    run(case, book(tmp_path / "l", case))
    new = case.held()[VALUE].reveal().decode()
    written = (required.folder / "redis.conf").read_text()
    assert new in written and required.password not in written


def test_the_default_user_with_requirepass_is_not_rotated_by_acl(required: Redis, tmp_path: Path) -> None:
    case = default(required)
    case.method = "acl"
    with silent(case), pytest.raises(RotateError, match="--method requirepass"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old)
