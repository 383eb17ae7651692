"""Servers that people log in to: real ones on free loopback ports, and a socket that misbehaves."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from certificates import Paths, issued
from engines import free_port
from questions import around

from secretsweep import verifiers
from secretsweep.app.verifying.companions import Missing
from secretsweep.verifiers import Answer, Asked, _addresses
from secretsweep.verifiers._net import Net
from secretsweep.verifiers._pace import Pace
from secretsweep.verifiers._proxy import Proxy

HERE = "127.0.0.1"


def net(*allowed: str, total: float = 20.0) -> Net:
    """The machine's own network, as it is shipped but for its patience."""
    return Net(_addresses.allowed(allowed), Proxy.of("none", {}), total, pace=Pace(apart=0))


class Server(NamedTuple):
    port: int
    password: str  # of the user `app`
    paths: Paths | None = None  # its certificate


WRONG = "Wr0ngTr0ub4dor3x"


def asked(text: str, path: str = "app.env", address: str = "") -> tuple[verifiers.Verifier, Asked]:
    """The question about the first credential of a file that somebody fits, as `verify` would ask it."""
    place = around(text, path)
    for finding in place.findings:
        for verifier in verifiers.by_rule().get(finding.rule, ()):
            try:
                beside = place.beside(finding, verifier.BESIDE)
            except Missing:
                continue
            one = Asked(finding.secret, finding.rule, "", beside, address, finding.address, place.literal(finding))
            if verifiers.fits(verifier, one):
                return verifier, one
    raise AssertionError([finding.rule for finding in place.findings])


def verified(text: str, path: str = "app.env", over: Net | None = None, address: str = "") -> Answer:
    """What comes of that question; no value is in it."""
    verifier, one = asked(text, path, address)
    line = (over or net(HERE)).line(verifier.PROVIDER, verifier.HOSTS)
    verifier.where(one)
    try:
        answer = verifier.verify(one, line)
    except verifiers.NoAnswer as trouble:
        answer = verifiers.unknown(trouble.why, trouble.who)
    assert one.secret.reveal().decode() not in repr(answer)
    return answer


@contextmanager
def started(command: list[str], port: int, patience: float = 60) -> Iterator[None]:
    """A server from when it takes connections."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/")
        try:
            end = time.monotonic() + patience
            while True:
                with contextlib.suppress(OSError), socket.create_connection((HERE, port), 1):
                    break
                if process.poll() is not None or time.monotonic() > end:
                    said.seek(0)
                    raise AssertionError(command[0] + said.read()[-2000:].decode("utf-8", "replace"))
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def program(name: str) -> str:
    """A server of Debian's; an error when it is missing."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is not installed: .ci/run installs Debian's package"
    return found


@contextmanager
def redis() -> Iterator[Server]:
    """With the users `app`, `off` (disabled) and `open` (any password), and a password for those that name no user."""
    port, password = free_port(), "Tr0ub4dor" + os.urandom(6).hex()
    command = [program("redis-server"), "--port", str(port), "--bind", HERE, "--save", "", "--requirepass", password]
    users = (f"app on >{password}", f"off off >{password}", "open on nopass")
    command += [part for user in users for part in ("--user", *user.split(), "~*", "+@all")]
    with started(command, port):
        yield Server(port, password)


@contextmanager
def mariadb() -> Iterator[Server]:
    """With TLS; `app` logs in by its password."""
    folder = Path(tempfile.mkdtemp(prefix="maria-", dir="/tmp"))
    port, password = free_port(), "Tr0ub4dor" + os.urandom(6).hex()
    paths = issued(folder, "localhost")
    root = ["--user=root"] if os.geteuid() == 0 else []
    made = [program("mariadb-install-db"), "--no-defaults", f"--datadir={folder / 'data'}", "--skip-test-db", *root]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    (folder / "init.sql").write_text(f"CREATE USER app@'%' IDENTIFIED BY '{password}';\nCREATE DATABASE shop;\n")
    command = [program("mariadbd"), "--no-defaults", f"--datadir={folder / 'data'}", f"--port={port}", *root]
    command += [f"--bind-address={HERE}", f"--socket={folder / 's'}", f"--init-file={folder / 'init.sql'}"]
    command += [f"--ssl-cert={paths.certificate}", f"--ssl-key={paths.key}", "--innodb-buffer-pool-size=8M"]
    try:
        with started(command, port):
            yield Server(port, password, paths)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def misbehaving(conduct: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a socket that does as it is told with each connection."""
    listener = socket.create_server((HERE, 0))
    ended = threading.Event()

    def served(sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            sock.settimeout(10)
            conduct(sock)

    def accepting() -> None:
        while not ended.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=served, args=(sock,), daemon=True).start()

    threading.Thread(target=accepting, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def relayed(raw: bytes, port: int) -> bytes:
    """What a real server on loopback answers to an HTTP request as it was sent."""
    with socket.create_connection((HERE, port), 10) as sock:
        sock.sendall(raw)
        answer = b""
        while part := sock.recv(65536):
            answer += part
    return answer


@contextmanager
def sshd() -> Iterator[Server]:
    """OpenSSH as the user of the tests; `password` is the path of the file of authorized keys."""
    folder = Path(tempfile.mkdtemp(prefix="sshd-", dir="/tmp"))
    port = free_port()
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder / "host"], check=True)
    keys = folder / "authorized"
    keys.write_text("")
    settings = (f"Port {port}", f"ListenAddress {HERE}", f"HostKey {folder / 'host'}", f"AuthorizedKeysFile {keys}")
    settings += ("PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes")
    (folder / "config").write_text("\n".join(settings) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    try:
        with started([program("sshd"), "-D", "-e", "-f", str(folder / "config")], port):
            yield Server(port, str(keys))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
