"""Real servers for tests: started on free loopback ports, stopped with the session. An engine that is missing is an
error, never a skip: CI installs every one."""

import getpass
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
        """Forget everything, and believe everybody."""
        self._post("reset")
        self._post("reset-auth", b"inf")

    def guarded(self) -> dict[str, str]:
        """From now on every request wants a key that is there, with its signature; the administrator's environment."""
        import boto3

        iam = boto3.client("iam", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="testing",
                           aws_secret_access_key="testing")  # fmt: skip
        iam.create_user(UserName="admin")
        policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
        iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=policy)
        key = iam.create_access_key(UserName="admin")["AccessKey"]
        iam.close()
        self._post("reset-auth", b"0")
        own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        return {**self.environ, **own}

    def _post(self, path: str, data: bytes = b"") -> None:
        request = urllib.request.Request(f"{self.url}/moto-api/{path}", data=data, method="POST")
        request.add_header("Content-Type", "text/plain")
        urllib.request.urlopen(request, timeout=30).close()


def tool(name: str) -> str:
    """The path of a program that the test command installs: beside this Python, in .engines, or on PATH."""
    places = (Path(sys.executable).with_name(name), ENGINES / "bin" / name)
    found = next((str(place) for place in places if place.exists()), None) or shutil.which(
        name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    )
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
def moto(strict: bool = False) -> Iterator[Moto]:
    """`strict` makes it able to refuse keys, after Moto.guarded."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    program = [sys.executable, str(Path(__file__).with_name("strict_moto.py"))] if strict else [tool("moto_server")]
    with running([*program, "-H", "127.0.0.1", "-p", str(port)], f"{url}/moto-api/"):
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
    as_user = [tool("runuser"), "-u", "postgres", "--"] if os.geteuid() == 0 else []
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
    settings += ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_utility=on")
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


class MariaDB(NamedTuple):
    """A server of its own, with the administrator `root`, that writes every statement to its general log."""

    port: int
    password: str
    log: Path
    home: Path  # where ~/.my.cnf says all that

    @property
    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.home)}

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Run it as administrator."""
        import pymysql

        with (
            pymysql.connect(
                host="127.0.0.1", port=self.port, user="root", password=self.password, autocommit=True
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return list(cursor.fetchall())

    def lets_in(self, user: str, password: str) -> bool:
        """Whether an account can log in."""
        import pymysql

        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=password).close()
        except pymysql.OperationalError as error:
            if error.args[0] == 1045:
                return False
            raise
        return True


@contextmanager
def mariadb() -> Iterator[MariaDB]:
    """Every statement is in `log`, and in the binary log beside it."""
    import pymysql

    folder = Path(tempfile.mkdtemp(prefix="maria-", dir="/tmp"))
    data, home, port, password = folder / "data", folder / "home", free_port(), "Adm1n-" + os.urandom(8).hex()
    home.mkdir()
    common = [f"--datadir={data}", *(["--user=root"] if os.geteuid() == 0 else [])]
    subprocess.run(
        [tool("mariadb-install-db"), "--no-defaults", *common, "--auth-root-authentication-method=normal",
         "--skip-test-db"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    server = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    log, socket_file, said = folder / "general.log", folder / "socket", folder / "said"
    command = [server, "--no-defaults", *common, "--bind-address=127.0.0.1", f"--port={port}", "--general-log=1",
               f"--general-log-file={log}", f"--socket={socket_file}", f"--log-bin={folder / 'bin'}",
               f"--pid-file={folder / 'pid'}", "--innodb-flush-method=nosync", "--skip-name-resolve"]  # fmt: skip
    with said.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/")
        try:
            end = time.monotonic() + _PATIENCE
            while not (socket_file.exists() and b"ready for connections" in said.read_bytes()):
                assert process.poll() is None and time.monotonic() < end, said.read_text("utf-8", "replace")[-2000:]
                time.sleep(0.05)
            with (
                pymysql.connect(unix_socket=str(socket_file), user="root") as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute("CREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY %s", (password,))
                cursor.execute("GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION")
            file = home / ".my.cnf"
            file.touch(0o600)
            file.write_text(f"[client]\nhost=127.0.0.1\nport={port}\nuser=root\npassword={password}\n")
            yield MariaDB(port, password, log, home)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(folder, ignore_errors=True)


class Redis(NamedTuple):
    """A server of its own, whose administrator is `admin`; or the default user, where `config` says requirepass."""

    port: int
    password: str
    folder: Path

    def ask(self, *words: str) -> str:
        """What redis-cli prints for the administrator."""
        acl = ["--user", "admin"] if (self.folder / "users.acl").exists() else []
        done = subprocess.run(
            [tool("redis-cli"), "-p", str(self.port), *acl, *words],
            env={**os.environ, "REDISCLI_AUTH": self.password}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def lets_in(self, user: str, password: str) -> bool:
        """Whether a user can log in; `default` as before there were users."""
        named = [] if user == "default" else ["--user", user]
        done = subprocess.run(
            [tool("redis-cli"), "-p", str(self.port), *named, "PING"],
            env={**os.environ, "REDISCLI_AUTH": password}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return "NOAUTH" not in done.stdout  # NOPERM is the answer to somebody who is in


@contextmanager
def redis_server(requirepass: str = "") -> Iterator[Redis]:
    """With users in an ACL file, or with `requirepass` in its configuration."""
    folder = Path(tempfile.mkdtemp(prefix="redis-", dir="/tmp"))
    port, password = free_port(), requirepass or "Adm1n-" + os.urandom(8).hex()
    lines = [f"port {port}", "bind 127.0.0.1", f"dir {folder}", 'save ""', "slowlog-log-slower-than 0"]
    if requirepass:
        lines.append(f"requirepass {requirepass}")
    else:
        (folder / "users.acl").write_text(f"user default off\nuser admin on >{password} ~* &* +@all\n")
        lines.append(f"aclfile {folder / 'users.acl'}")
    (folder / "redis.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(
        [tool("redis-server"), str(folder / "redis.conf")], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        yield Redis(port, password, folder)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


class SSHD(NamedTuple):
    """A daemon that lets this user in by the keys of a file of its own."""

    port: int
    user: str
    keys: Path
    known_hosts: Path

    @property
    def account(self) -> str:
        return f"{self.user}@127.0.0.1:{self.port}"

    def lets_in(self, key: str) -> bool:
        """Whether a private key logs in."""
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(key.rstrip("\n") + "\n")
            file.flush()
            options = f"-F none -i {file.name} -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes".split()
            options += f"-o UserKnownHostsFile={self.known_hosts} -p {self.port} {self.user}@127.0.0.1 true".split()
            done = subprocess.run([tool("ssh"), *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "Permission denied" in done.stderr, done
        return done.returncode == 0


@contextmanager
def sshd() -> Iterator[SSHD]:
    folder = Path(tempfile.mkdtemp(prefix="sshd-", dir="/tmp"))
    port, keys, known = free_port(), folder / "authorized_keys", folder / "known_hosts"
    keys.touch(0o600)
    subprocess.run([tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host")], check=True)
    kind, blob = (folder / "host.pub").read_text().split()[:2]
    known.write_text(f"[127.0.0.1]:{port} {kind} {blob}\n")
    lines = [f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder / 'host'}", f"AuthorizedKeysFile {keys}",
             f"PidFile {folder / 'pid'}", "UsePAM no", "StrictModes no", "PermitRootLogin prohibit-password",
             "PasswordAuthentication no", "KbdInteractiveAuthentication no"]  # fmt: skip
    (folder / "conf").write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # where it goes to be nobody
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(folder / "conf")], stdout=said, stderr=said, stdin=subprocess.DEVNULL
        )
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None and time.monotonic() < end, (folder / "said").read_text()
            time.sleep(0.02)
        yield SSHD(port, getpass.getuser(), keys, known)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
