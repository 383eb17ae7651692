"""PostgreSQL's passwords against a real server that logs every statement: in place, and by turns."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from crashing import SAID, Case, book, everywhere, reference, run, silent
from engines import PostgreSQL
from entries import ID

from secretsweep.app.rotation.rotating import ENDED, Said
from secretsweep.errors import RotateError, UsageError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE

NUMBERS = count(1)


@pytest.fixture(autouse=True)
def _administrator(postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in postgres.environ.items():
        monkeypatch.setenv(name, value)


def made(postgres: PostgreSQL, method: str = "in-place", further: str = "") -> Case:
    """A role of its own with a leaked password."""
    role, old = f"shop{next(NUMBERS)}", f"Leaked-{next(NUMBERS)}-in-values"
    postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{old}' {further}")

    def opens(values: Mapping[str, Secret]) -> bool:
        name = values["account"].reveal().decode() if "account" in values else role
        return postgres.lets_in(name, values[VALUE].reveal().decode())

    old_values = {VALUE: Secret(old.encode()), "account": Secret(role.encode())}
    turns = method == "alternate"
    return Case(
        "postgresql",
        old_values,
        opens,
        os.environ,
        method,
        role,
        stored=(VALUE, "account") if turns else (VALUE,),
    )


@pytest.mark.parametrize("method", ["in-place", "alternate"])
def test_a_crash_at_any_step_loses_nothing(postgres: PostgreSQL, tmp_path: Path, method: str) -> None:
    steps = everywhere(lambda: made(postgres, method), tmp_path)
    assert {"prepared", "created", "activated", "disabled", "deleted"} <= set(steps)


def test_the_server_never_sees_the_new_password(postgres: PostgreSQL, tmp_path: Path) -> None:
    """log_statement=all writes every statement to its log; pg_stat_statements keeps them with their constants."""
    postgres.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    for method in ("in-place", "alternate"):
        case = made(postgres, method)
        run(case, book(tmp_path / method, case))
        new = case.held()[VALUE].reveal().decode()
        log = postgres.log.read_text("utf-8", "replace")
        kept = "\n".join(str(row[0]) for row in postgres.sql("SELECT query FROM pg_stat_statements"))
        name = case.held().get("account", Secret(case.account.encode())).reveal().decode()
        assert re.search(rf'ALTER ROLE "{name}" (LOGIN )?PASSWORD \'SCRAM-SHA-256\$', log)
        assert f'ALTER ROLE "{name}"' in kept
        for seen in (log, kept):
            assert new not in seen


def test_by_turns_both_work_until_the_old_one_is_disabled(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres, "alternate", "CONNECTION LIMIT 7")
    postgres.sql(f"ALTER ROLE {case.account} SET search_path TO shop, public")
    postgres.sql(f"ALTER ROLE {case.account} IN DATABASE postgres SET statement_timeout TO '7s'")
    ledger = book(tmp_path / "l", case)
    rotation = run(case, ledger, Said("ada"))
    assert rotation.waits == "rolled" and case.opens(case.old) and case.opens(case.held())
    rotation = run(case, ledger, Said("ada", "rolled"))
    assert rotation.waits == "watched" and not case.opens(case.old) and case.opens(case.held())
    postgres.sql(f"ALTER ROLE {case.account} LOGIN")
    assert case.opens(case.old)  # it could come back
    with pytest.raises(RotateError, match="although it was disabled"):
        run(case, ledger, Said("ada", "", "no errors"))
    postgres.sql(f"ALTER ROLE {case.account} NOLOGIN")
    assert run(case, ledger, Said("ada", "", "no errors")).at == ENDED
    new = case.held()
    name, password = new["account"].reveal().decode(), new[VALUE].reveal().decode()
    with psycopg.connect(host="127.0.0.1", port=postgres.port, dbname="postgres", user=name, password=password) as own:
        shown = [own.execute(f"SHOW {what}").fetchone() for what in ("search_path", "statement_timeout", "role")]
    assert shown == [("shop, public",), ("7s",), (case.account,)]
    assert postgres.sql(f"SELECT rolconnlimit FROM pg_roles WHERE rolname = '{name}'") == [(7,)]


def test_what_the_second_role_makes_belongs_to_the_first(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres, "alternate")
    postgres.sql(f"GRANT CREATE ON SCHEMA public TO {case.account}")
    run(case, book(tmp_path / "l", case))
    new = case.held()
    name, password = new["account"].reveal().decode(), new[VALUE].reveal().decode()
    table = f"made_by_{name}"
    with psycopg.connect(host="127.0.0.1", port=postgres.port, dbname="postgres", user=name, password=password) as own:
        own.execute(f"CREATE TABLE {table} (id int)")
    assert postgres.sql(f"SELECT tableowner FROM pg_tables WHERE tablename = '{table}'") == [(case.account,)]


def test_the_next_leak_turns_back_to_the_first_role_and_drops_the_second(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres, "alternate")
    run(case, book(tmp_path / "one", case))
    held = case.held()
    second = Case(
        "postgresql", held, case.opens, os.environ, "alternate", held["account"].reveal().decode(),
        stored=(VALUE, "account"),
    )  # fmt: skip
    assert second.account == f"{case.account}_b"
    run(second, book(tmp_path / "two", second))
    assert second.held()["account"].reveal().decode() == case.account and second.opens(second.held())
    assert postgres.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{second.account}'") == []


def test_a_second_role_that_owns_something_stays_without_a_login(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres, "alternate")
    run(case, book(tmp_path / "one", case))
    held = case.held()
    name = held["account"].reveal().decode()
    postgres.sql(f"CREATE TABLE kept_by_{name} (id int)")
    postgres.sql(f"ALTER TABLE kept_by_{name} OWNER TO {name}")
    second = Case("postgresql", held, case.opens, os.environ, "alternate", name, stored=(VALUE, "account"))
    ledger = book(tmp_path / "two", second)
    run(second, ledger)
    assert postgres.sql(f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{name}'") == [(False,)]
    done = ledger.entries()[ID].task("delete").done
    assert done is not None and "it stays" in done.evidence


def test_a_role_of_that_name_that_is_somebody_elses_is_left_alone(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres, "alternate")
    postgres.sql(f"CREATE ROLE {case.account}_b LOGIN PASSWORD 'theirs'")
    with pytest.raises(RotateError, match="is not one that takes turns"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and case.held() == case.old
    assert postgres.lets_in(f"{case.account}_b", "theirs")


def test_a_wrong_account_or_value_changes_nothing(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres)
    for number, (account, said) in enumerate({"nobody_here": "has no role", "admin": "refuses the leaked"}.items()):
        case.account = account
        with silent(case), pytest.raises(RotateError, match=said):
            run(case, book(tmp_path / str(number), case))
    assert case.opens(case.old) and case.store.get(reference()) == case.old[VALUE]


def test_an_administrator_without_the_right_changes_nothing(
    postgres: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = made(postgres)
    postgres.sql("DROP ROLE IF EXISTS plain")
    postgres.sql("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    monkeypatch.setenv("PGUSER", "plain")
    monkeypatch.setenv("PGPASSWORD", "plain")
    with silent(case), pytest.raises(RotateError, match="permission denied"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old)


def test_a_server_that_is_away_and_a_password_in_the_address_are_told(postgres: PostgreSQL) -> None:
    case = made(postgres)
    wrong = {"postgresql://127.0.0.1:1/x": "no connection", "postgresql://a:b@h/x": "holds a password"}
    for url, said in wrong.items():
        case.url = url
        with pytest.raises(RotateError, match=said):
            case.module.connected(case.job(book_entry()).asked, os.environ)


def book_entry() -> object:
    from entries import entry

    return entry()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that rotates as the command does, with the store in a file, so that it can be killed."""
    file = tmp_path / "program.py"
    file.write_text(
        "import os, sys\n"
        "from pathlib import Path\n"
        f"sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parent.parent)]!r}\n"
        "import crashing\n"
        "from secretsweep.model import Secret\n"
        "from secretsweep.stores.memory import Memory\n"
        "class Kept(Memory):\n"
        "    def __init__(self, file):\n"
        "        super().__init__(); self.file = Path(file)\n"
        "    def get(self, reference):\n"
        "        return Secret(self.file.read_bytes())\n"
        "    def create(self, reference, secret, about):\n"
        "        pass\n"
        "    def advance(self, reference, old, new):\n"
        "        assert self.get(reference) == old\n"
        "        part = self.file.with_suffix('.new'); part.write_bytes(new.reveal()); part.replace(self.file)\n"
        "folder, role, old = Path(sys.argv[1]), sys.argv[2], Secret((Path(sys.argv[1]) / 'old').read_bytes())\n"
        "case = crashing.Case('postgresql', {'value': old}, lambda v: True, os.environ, 'in-place', role,"
        " store=Kept(folder / 'store'))\n"
        "ledger = crashing.book(folder / 'l', case) if not (folder / 'l').exists() else crashing.Ledger(folder / 'l')\n"
        "print('begun', flush=True)\n"
        "if ledger.entries()[crashing.ID].state == 'open':\n"
        "    crashing.run(case, ledger)\n"
    )
    return file


def test_killed_at_any_moment_it_goes_on(postgres: PostgreSQL, program: Path, tmp_path: Path) -> None:
    """kill -9 at moments all over its run, as long as it takes on this machine."""

    @contextmanager
    def started(folder: Path, role: str) -> Iterator["subprocess.Popen[str]"]:
        command = [sys.executable, str(program), str(folder), role]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            yield process

    def new(number: int) -> tuple[Path, str, str]:
        folder, role, old = tmp_path / str(number), f"killed{next(NUMBERS)}", f"Leaked-{next(NUMBERS)}-killed"
        folder.mkdir()
        for name in ("old", "store"):
            (folder / name).write_text(old)
        postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{old}'")
        return folder, role, old

    folder, role, old = new(0)
    with started(folder, role) as process:
        begun = time.monotonic()
        assert process.wait() == 0
        length = time.monotonic() - begun
    for number, part in enumerate((0.25, 0.5, 0.75), 1):
        folder, role, old = new(number)
        with started(folder, role) as process:
            time.sleep(length * part)
            process.send_signal(signal.SIGKILL)
        stored = (folder / "store").read_text()
        assert stored != old or postgres.lets_in(role, old)
        with started(folder, role) as process:
            assert process.wait() == 0
        stored = (folder / "store").read_text()
        assert stored != old and postgres.lets_in(role, stored) and not postgres.lets_in(role, old)


def test_without_its_library_it_says_how_to_get_it(postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    case = made(postgres)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=re.escape("secretsweep[postgresql]")):
        case.module.connected(case.job(book_entry()).asked, os.environ)


def test_what_was_said_by_people_is_with_its_step(postgres: PostgreSQL, tmp_path: Path) -> None:
    case = made(postgres, "alternate")
    ledger = book(tmp_path / "l", case)
    run(case, ledger)
    done = ledger.entries()[ID]
    for step, text in {"roll": SAID.rolled, "watch": SAID.watched}.items():
        task = done.task(step).done
        assert task is not None and (task.evidence, task.who) == (text, "ada")
    assert done.judgement is not None and (done.judgement.state, done.judgement.who) == ("dead", "postgresql")
