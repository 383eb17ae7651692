"""Real servers for tests: started on free loopback ports, stopped with the session. An engine that is missing is an
error, never a skip: CI installs every one."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ENGINES = Path(__file__).parent.parent / ".engines"  # what scripts/engines.sh set up
_PATIENCE = 60  # seconds for a server to answer


class OpenBao(NamedTuple):
    """A development server: speaks Vault's API, KV v2 at `secret/`."""

    url: str
    token: str

    @property
    def environ(self) -> dict[str, str]:
        return {"VAULT_ADDR": self.url, "VAULT_TOKEN": self.token}


class Moto(NamedTuple):
    """AWS, as far as tests need it."""

    url: str

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def reset(self) -> None:
        """Forget everything."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=30).close()


def tool(name: str) -> str:
    """The path of a program that the test command installs: beside this Python, in .engines, or on PATH."""
    places = (Path(sys.executable).with_name(name), ENGINES / "bin" / name)
    found = next((str(place) for place in places if place.exists()), None) or shutil.which(name)
    assert found, f"{name} is not installed: scripts/test installs it"
    return found


def sops_key(folder: Path) -> dict[str, str]:
    """What sops finds a new key of age by, and itself."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    file = folder / "age.txt"
    file.write_text(f"{identity}\n")
    path = f"{Path(tool('sops')).parent}{os.pathsep}{os.environ['PATH']}"
    return {"SOPS_AGE_KEY_FILE": str(file), "SOPS_AGE_RECIPIENTS": str(identity.to_public()), "PATH": path}


def free_port(following: bool = False) -> int:
    """A port that nobody listens on; with `following`, nor on the next one."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                if following:
                    other.bind(("127.0.0.1", port + 1))
                return port
            except (OSError, OverflowError):
                continue


@contextmanager
def openbao() -> Iterator[OpenBao]:
    port = free_port(following=True)  # the next one is its cluster port
    url = f"http://127.0.0.1:{port}"
    command = [tool("bao"), "server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token"]
    with running([*command, f"-dev-listen-address=127.0.0.1:{port}"], f"{url}/v1/sys/health"):
        yield OpenBao(url, "root")


@contextmanager
def moto() -> Iterator[Moto]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running([tool("moto_server"), "-H", "127.0.0.1", "-p", str(port)], f"{url}/moto-api/"):
        yield Moto(url)


@contextmanager
def running(command: list[str], health: str, environ: dict[str, str] | None = None) -> Iterator[None]:
    """A server while it is needed; what it said is shown when it does not come up."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environ or {})},
        )
        try:
            _answering(process, health, said)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answering(process: "subprocess.Popen[bytes]", health: str, said: object) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, f"{process.args!r} ended: {_tail(said)}"
        try:
            urllib.request.urlopen(health, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{process.args!r} does not answer: {_tail(said)}")


def _tail(said: object) -> str:
    said.seek(0)  # type: ignore[attr-defined]
    return str(said.read()[-2000:].decode("utf-8", "replace"))  # type: ignore[attr-defined]


class PostgreSQL(NamedTuple):
    """A cluster of its own, with the administrator `admin`; every login wants its password."""

    port: int
    password: str
    log: Path

    @property
    def environ(self) -> dict[str, str]:
        """As libpq's own variables say who the administrator is."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "admin",
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
        }

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Run it as administrator."""
        import psycopg

        where = {"host": "127.0.0.1", "port": self.port, "dbname": "postgres"}
        with psycopg.connect(**where, user="admin", password=self.password, autocommit=True) as connection:  # type: ignore[arg-type]
            done = connection.execute(statement)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []

    def lets_in(self, role: str, password: str) -> bool:
        """Whether a role can log in."""
        import psycopg

        try:
            psycopg.connect(host="127.0.0.1", port=self.port, dbname="postgres", user=role, password=password).close()
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error) or "not permitted" in str(error):
                return False
            raise
        return True


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Runs as the user `postgres` where the tests run as root: the server refuses root."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert programs, "PostgreSQL is not installed: .ci/run installs Debian's package `postgresql`"
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    password = "Adm1n-" + os.urandom(8).hex()
    (folder / "pw").write_text(password)
    if as_user:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "pw", "postgres")
    data, port, log = folder / "data", free_port(), folder / "log"
    made = [*as_user, str(programs[-1] / "initdb"), "-D", str(data), "-U", "admin", "-A", "scram-sha-256", "--no-sync"]
    made += [f"--pwfile={folder / 'pw'}", "-E", "UTF8", "--no-locale"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
    server = [*as_user, str(programs[-1] / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
    settings = ("listen_addresses=127.0.0.1", "fsync=off", "log_statement=all", "log_connections=on")
    further = [part for setting in settings for part in ("-c", setting)]
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*server, *further], stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/"
        )
        found = PostgreSQL(port, password, log)
        try:
            end = time.monotonic() + _PATIENCE
            while True:
                try:
                    found.sql("SELECT 1")
                    break
                except Exception:
                    assert process.poll() is None and time.monotonic() < end, log.read_text("utf-8", "replace")[-2000:]
                    time.sleep(0.05)
            yield found
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(folder, ignore_errors=True)
