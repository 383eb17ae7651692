"""An SSH key pair: a new one beside the old in authorized_keys, then the old line goes.

The new line is the old one with another key, so its options (`from=`, `restrict`, `command=`) and comment stay. It is
written by a login with the old key, and the old line is removed by a login with the new one. Host keys must be known.

https://man.openbsd.org/sshd.8#AUTHORIZED_KEYS_FILE_FORMAT
"""

import os
import shlex
from collections.abc import Mapping

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told, _keypairs
from secretsweep.rotators._keypairs import named
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
_ADD = (
    'f={file}; [ -z "$(tail -c1 -- "$f")" ] || echo >> "$f"; '
    'grep -qxF -e {line} -- "$f" || printf "%s\\n" {line} >> "$f"; grep -qxF -e {line} -- "$f"'
)
_REMOVE = (
    'f=$(readlink -f -- {file}) && t="$f.secretsweep" && cp -p -- "$f" "$t" && '
    '{{ grep -vF -e {blob} -- "$f" > "$t"; [ $? -le 1 ]; }} && mv -f -- "$t" "$f" && ! grep -qF -e {blob} -- "$f"'
)


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
    _keypairs.ready(NAME)
    known = asked.options.get("known-hosts", "")
    if known and not os.path.isfile(known):
        raise RotateError(f"ssh-key: --set known-hosts={known}: no such file")
    known = os.path.abspath(known) if known else ""
    return KeyPair(tuple(_keypairs.login(NAME, one, known) for one in asked.account.split(",")), asked)


class KeyPair(Plain):
    """The logins, and the old key."""

    def __init__(self, logins: tuple[ssh.Login, ...], asked: Asked) -> None:
        self._logins = logins
        self._old = asked.old
        self._file = shlex.quote(asked.options.get("authorized-keys") or ".ssh/authorized_keys")
        self._new: Secret | None = None  # the one that was tried last

    def assess(self) -> str:
        public = _keypairs.public(NAME, self._old)
        for login in self._logins:
            if self._line(login, public) is None:
                raise RotateError(
                    f"ssh-key: {named(login)} refuses the leaked key {public.fingerprint}: another login, or dead "
                    "already (`secretsweep verify`)"
                )
        return f"{public.kind} {public.fingerprint} at {', '.join(map(named, self._logins))}"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _keypairs.made(self._old)}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        old, public = _keypairs.public(NAME, self._old), _keypairs.public(NAME, new[VALUE])
        for login in self._logins:
            line = self._line(login, old)
            if line is None:
                raise RotateError(f"ssh-key: {named(login)} refuses the old key now; nothing was added there")
            line = line.replace(str(old), str(public))
            self._do(self._old, login, _ADD.format(file=self._file, line=shlex.quote(line)), "cannot be written to")
        return f"{public.fingerprint} added at {', '.join(map(named, self._logins))}"

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
        old = _keypairs.public(NAME, self._old)
        for login in self._logins:
            self._do(self._new, login, _REMOVE.format(file=self._file, blob=old.blob), "still has the old key")
        return f"{old.fingerprint} removed at {', '.join(map(named, self._logins))}"

    def _opens(self, key: Secret, login: ssh.Login) -> bool:
        return _keypairs.tried(NAME, key, login, "true") is not None

    def _line(self, login: ssh.Login, public: _keypairs.Public) -> str | None:
        """That of the key in authorized_keys; None when it does not log in. RotateError when there is no line."""
        command = f"grep -F -e {shlex.quote(public.blob)} -- {self._file}"
        done = _keypairs.tried(NAME, self._old, login, command)
        if done is None:
            return None
        lines = [line for line in done.said.splitlines() if str(public) in line]
        if done.code or not lines or lines[0].startswith("#"):
            raise RotateError(
                f"ssh-key: {named(login)}: the key is in no line of {self._file} that can be read with it: another "
                "file (--set authorized-keys=PATH), a fixed command, or another source of keys: change it by hand"
            )
        return lines[0]

    def _do(self, key: Secret, login: ssh.Login, command: str, problem: str) -> None:
        done = _keypairs.tried(NAME, key, login, command)
        if done is None or done.code:
            said = " ".join(done.said.split())[:300] if done else "it refuses the key"
            raise RotateError(f"ssh-key: {named(login)}: {self._file} {problem}: {said}")
