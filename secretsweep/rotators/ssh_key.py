"""An SSH key pair: a new one beside the old in authorized_keys, then the old line goes.

The new line is the old one with another key, so its options (`from=`, `restrict`, `command=`) and comment stay. It is
written by a login with the old key, and the old line is removed by a login with the new one. Host keys must be known.

https://man.openbsd.org/sshd.8#AUTHORIZED_KEYS_FILE_FORMAT
"""

import base64
import hashlib
import os
import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators._library import needed
from secretsweep.rotators._plain import Plain
from secretsweep.tools import ssh

NAME = "ssh-key"
NEEDS = "ssh"
GUIDES = ("ssh-key",)
METHODS = {
    "second-key": Method(
        "a new ed25519 key beside the old one in authorized_keys, and both log in until the old line goes", overlap=True
    )
}
ACCOUNT = "the login (user@host, user@host:port, several with commas)"
PATIENCE: tuple[float, ...] = ()
OPTIONS = {
    "known-hosts": "file with the hosts' keys [~/.ssh/known_hosts]",
    "authorized-keys": "its path over there [.ssh/authorized_keys]",
}
_LOGIN = re.compile(r"(?P<user>[\w.][\w.-]*)@(?P<host>\w[\w.-]*|\[[0-9A-Fa-f:.%]+\])(?::(?P<port>\d{1,5}))?")
_ADD = (
    'f={file}; [ -z "$(tail -c1 -- "$f")" ] || echo >> "$f"; '
    'grep -qxF -e {line} -- "$f" || printf "%s\\n" {line} >> "$f"; grep -qxF -e {line} -- "$f"'
)
_REMOVE = (
    'f=$(readlink -f -- {file}) && t="$f.secretsweep" && cp -p -- "$f" "$t" && '
    '{{ grep -vF -e {blob} -- "$f" > "$t"; [ $? -le 1 ]; }} && mv -f -- "$t" "$f" && ! grep -qF -e {blob} -- "$f"'
)


class Public(NamedTuple):
    """The half that everybody may know."""

    kind: str  # ssh-ed25519
    blob: str  # base64

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(base64.b64decode(self.blob)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def told(asked: Asked) -> Told:
    return Told(
        (
            "every other host that trusts the key must be named too: --account user@a,user@b; images and templates "
            "that carry it are changed by hand",
            "sessions that the old key opened stay open",
        )
    )


def connected(asked: Asked, environ: Mapping[str, str]) -> "KeyPair":
    """Nothing is opened yet: each step logs in with one of the two keys."""
    with needed(NAME, NEEDS):
        import cryptography.hazmat.primitives.serialization
    if missing := ssh.missing():
        raise RotateError(f"ssh-key: the program {missing} is not installed")
    known = asked.options.get("known-hosts", "")
    if known and not os.path.isfile(known):
        raise RotateError(f"ssh-key: --set known-hosts={known}: no such file")
    logins = []
    for one in asked.account.split(","):
        match = _LOGIN.fullmatch(one.strip())
        if match is None:
            raise RotateError(f"ssh-key: --account {one}: wants user@host, or user@host:port")
        host = match["host"].strip("[]")
        logins.append(ssh.Login(match["user"], host, int(match["port"] or 22), os.path.abspath(known) if known else ""))
    return KeyPair(cryptography.hazmat.primitives.serialization, tuple(logins), asked)


class KeyPair(Plain):
    """The logins, and the old key."""

    def __init__(self, library: Any, logins: tuple[ssh.Login, ...], asked: Asked) -> None:
        self._library = library
        self._logins = logins
        self._old = asked.old
        self._file = shlex.quote(asked.options.get("authorized-keys") or ".ssh/authorized_keys")
        self._new: Secret | None = None  # the one that was tried last

    def assess(self) -> str:
        public = self._public(self._old)
        for login in self._logins:
            if self._line(login, public) is None:
                raise RotateError(
                    f"ssh-key: {_named(login)} refuses the leaked key {public.fingerprint}: another login, or dead "
                    "already (`secretsweep verify`)"
                )
        return f"{public.kind} {public.fingerprint} at {', '.join(map(_named, self._logins))}"

    def create(self, state: State) -> Mapping[str, Secret]:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        form = self._library
        made = Ed25519PrivateKey.generate().private_bytes(
            form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()
        )
        ends = self._old.reveal().endswith(b"\n")  # as what reads it is used to
        return {VALUE: Secret(made.rstrip(b"\n") + b"\n" * ends)}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        old, public = self._public(self._old), self._public(new[VALUE])
        for login in self._logins:
            line = self._line(login, old)
            if line is None:
                raise RotateError(f"ssh-key: {_named(login)} refuses the old key now; nothing was added there")
            line = line.replace(f"{old.kind} {old.blob}", f"{public.kind} {public.blob}")
            self._do(self._old, login, _ADD.format(file=self._file, line=shlex.quote(line)), "cannot be written to")
        return f"{public.fingerprint} added at {', '.join(map(_named, self._logins))}"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """The new one must open every login; the old one works as long as it opens one."""
        if value[VALUE] == self._old:
            return any(self._opens(self._old, login) for login in self._logins)
        self._new = value[VALUE]
        return all(self._opens(self._new, login) for login in self._logins)

    def delete(self, state: State) -> str:
        """By the new key, which was tried just before."""
        if self._new is None:
            raise RotateError("ssh-key: the new key was not tried; nothing was removed")
        old = self._public(self._old)
        for login in self._logins:
            self._do(self._new, login, _REMOVE.format(file=self._file, blob=old.blob), "still has the old key")
        return f"{old.fingerprint} removed at {', '.join(map(_named, self._logins))}"

    def _public(self, key: Secret) -> Public:
        form = self._library
        private: Any = None
        text = key.reveal().strip() + b"\n"
        for load in (form.load_ssh_private_key, form.load_pem_private_key):
            try:
                private = private or load(text, None)
            except (ValueError, TypeError):  # a TypeError is a passphrase that is wanted
                continue
            except Exception as error:  # UnsupportedAlgorithm, which is no ValueError
                if type(error).__name__ != "UnsupportedAlgorithm":
                    raise
        if private is None:
            raise RotateError("ssh-key: the value is no private key that can be read: damaged, or with a passphrase")
        kind, blob = private.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).split()[:2]
        return Public(kind.decode(), blob.decode())

    def _opens(self, key: Secret, login: ssh.Login) -> bool:
        return self._in(self._run(key, login, "true"), login)

    def _in(self, done: ssh.Ran, login: ssh.Login) -> bool:
        """Whether the key let it in, whatever the command said."""
        if done.code == 255 and "Permission denied" in done.said:
            return False
        if done.code in (255, -1):
            said = " ".join(done.said.split())[:300]
            if "IDENTIFICATION HAS CHANGED" in done.said:
                said = "its host key is another one than known_hosts says: somebody may be in between"
            elif "Host key verification failed" in done.said:
                said = "its host key is not known: is it in known_hosts (--set known-hosts=FILE)?"
            raise RotateError(f"ssh-key: cannot tell whether {_named(login)} may be logged in to: {said}")
        return True

    def _line(self, login: ssh.Login, public: Public) -> str | None:
        """That of the key in authorized_keys; None when it does not log in. RotateError when there is no line."""
        command = f"grep -F -e {shlex.quote(public.blob)} -- {self._file}"
        done = self._run(self._old, login, command)
        if not self._in(done, login):
            return None
        lines = [line for line in done.said.splitlines() if f"{public.kind} {public.blob}" in line]
        if done.code or not lines or lines[0].startswith("#"):
            raise RotateError(
                f"ssh-key: {_named(login)}: the key is in no line of {self._file} that can be read with it: another "
                "file (--set authorized-keys=PATH), a fixed command, or another source of keys: change it by hand"
            )
        return lines[0]

    def _do(self, key: Secret, login: ssh.Login, command: str, problem: str) -> None:
        done = self._run(key, login, command)
        if done.code:
            said = " ".join(done.said.split())[:300]
            raise RotateError(f"ssh-key: {_named(login)}: {self._file} {problem}: {said}")

    def _run(self, key: Secret, login: ssh.Login, command: str) -> ssh.Ran:
        said = ""
        try:
            with ssh.holding(key.reveal()) as agent:
                return ssh.run(agent, login, command)
        except ssh.NoKey as error:
            said = str(error)
        raise RotateError(f"ssh-key: {said}")


def _named(login: ssh.Login) -> str:
    return f"{login.user}@{login.host}" + (f":{login.port}" if login.port != 22 else "")
