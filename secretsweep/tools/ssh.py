"""ssh with one key, which is only ever in the memory of an agent: no file has it, and no argument.

Nothing of the user's own keys, agents and configuration takes part, so that a login proves the key. Host keys are
checked against known_hosts, and unknown ones refused.
"""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from secretsweep.tools import Ran as Ran
from secretsweep.tools import found

SECONDS = 60  # one login
_PROGRAMS = ("ssh", "ssh-agent", "ssh-add")
_STRICT = (
    "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "PreferredAuthentications=publickey",
    "PasswordAuthentication=no", "KbdInteractiveAuthentication=no", "IdentityFile=none", "ForwardAgent=no",
    "ControlMaster=no", "ControlPath=none", "ConnectTimeout=15", "LogLevel=ERROR", "PermitLocalCommand=no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Login:
    """Whom and where."""

    user: str
    host: str
    port: int = 22
    known_hosts: str = ""  # a file; "" is the user's own


class NoKey(Exception):
    """The agent does not take the key: what it said."""


def missing() -> str:
    """A program that is not installed; "" when all are."""
    return next((program for program in _PROGRAMS if not found(program)), "")


@contextmanager
def holding(key: bytes) -> Iterator[str]:
    """An agent that holds one private key and ends afterwards; the path of its socket. NoKey when it takes none."""
    with tempfile.TemporaryDirectory(prefix="secretsweep-") as folder:
        place = str(Path(folder) / "agent")
        with subprocess.Popen(
            [found("ssh-agent"), "-D", "-a", place],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as agent:
            try:
                end = time.monotonic() + SECONDS
                while not _answers(place):
                    if agent.poll() is not None or time.monotonic() > end:
                        raise NoKey("ssh-agent does not start")
                    time.sleep(0.01)
                done = subprocess.run(
                    [found("ssh-add"), "-q", "-"],
                    input=key.rstrip() + b"\n",
                    env=_environment(place),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=SECONDS,
                    check=False,
                )
                if done.returncode:
                    raise NoKey("ssh-add does not take the key: it is damaged, or has a passphrase")
                yield place
            finally:
                agent.terminate()


def _answers(place: str) -> bool:
    """Whether somebody listens: the socket is there a moment before."""
    with socket.socket(socket.AF_UNIX) as one, suppress(OSError):  # a path that is too long is one
        return one.connect_ex(place) == 0
    return False


def run(agent: str, login: Login, command: str, given: bytes = b"") -> Ran:
    """Start a command over there. `code` is 255 when ssh itself failed, and -1 when it did not end in time."""
    options = [part for option in _STRICT for part in ("-o", option)]
    if login.known_hosts:
        options += ["-o", f"UserKnownHostsFile={login.known_hosts}", "-o", "GlobalKnownHostsFile=/dev/null"]
    words = [found("ssh"), "-F", "none", "-T", *options, "-o", f"IdentityAgent={agent}", "-p", str(login.port)]
    try:
        done = subprocess.run(
            [*words, "-l", login.user, "--", login.host, command],
            input=given,
            env=_environment(agent),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(-1, f"did not end in {SECONDS} seconds")
    said = done.stderr if done.returncode else done.stdout
    return Ran(done.returncode, said.decode("utf-8", "replace"))


def _environment(agent: str) -> Mapping[str, str]:
    """Of the user's own what ssh needs; nobody is asked for a passphrase."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "USER", "LOGNAME") if name in os.environ}
    return {**kept, "SSH_AUTH_SOCK": agent, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C.UTF-8"}
