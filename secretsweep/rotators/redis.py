"""The password of a Redis or Valkey user.

An ACL user may have several: the new one is added and the old one taken away by their SHA-256, which is what the server
keeps, so that neither MONITOR nor a slow log nor the ACL log can show a value. `requirepass` is one password for the
default user, and goes to the server as it is.

https://redis.io/docs/latest/commands/acl-setuser/, https://redis.io/docs/latest/operate/rc/databases/connect/
"""

import hashlib
import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told, _passwords
from secretsweep.rotators._plain import Plain
from secretsweep.rotators._resp import Refused, Resp

NAME = "redis"
NEEDS = ""
GUIDES = ("redis",)
METHODS = {
    "acl": Method("the user gets a second password, and both work until the first is taken away", overlap=True),
    "requirepass": Method(
        "the default user gets another password: the old one is refused at once, and consumers must load the new one "
        "now"
    ),
}
ACCOUNT = "the ACL user (default, with requirepass)"
PATIENCE: tuple[float, ...] = ()
OPTIONS = {"rewrite": "yes: let the server write its configuration file (CONFIG REWRITE)"}
_DEFAULT = "default"


def told(asked: Asked) -> Told:
    notes = ["every replica, sentinel and node of a cluster has passwords of its own: run it for each (--service)"]
    if asked.method == "requirepass":
        notes.append("replicas need the same in masterauth: change it there first")
        notes.append("if you work as the default user: after it was changed, REDISCLI_AUTH is what the store has")
        if asked.options.get("rewrite") != "yes":
            notes.append("redis.conf keeps the old one: change it there, too, or --set rewrite=yes")
    return Told(tuple(notes))


def connected(asked: Asked, environ: Mapping[str, str]) -> "Redis":
    """As the administrator of `--service redis://user@host:port`, whose password is in REDISCLI_AUTH."""
    parts = urllib.parse.urlsplit(asked.url or "redis://127.0.0.1:6379")
    if parts.password:
        raise RotateError("redis: --service: holds a password; leave it to REDISCLI_AUTH")
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise RotateError(f"redis: --service {asked.url}: begins with redis:// or rediss://")
    where = (parts.hostname, parts.port or 6379, parts.scheme == "rediss")
    admin = Resp(*where)
    problem = ""
    try:
        if password := environ.get("REDISCLI_AUTH", ""):
            user = (urllib.parse.unquote(parts.username),) if parts.username else ()
            admin.ask("AUTH", *user, Secret(password.encode()))
        admin.ask("PING")
    except Refused as refused:
        problem = str(refused)
    if problem:
        admin.close()
        raise RotateError(f"redis: no login as administrator: {problem}; --service redis://user@host, REDISCLI_AUTH")
    return Redis(admin, where, asked)


class Redis(Plain):
    """A connection as administrator."""

    def __init__(self, admin: Resp, where: tuple[str, int, bool], asked: Asked) -> None:
        self._admin = admin
        self._where = where
        self._user = asked.account
        self._old = asked.old
        self._acl = asked.method == "acl"
        self._rewrites = asked.options.get("rewrite") == "yes"

    def assess(self) -> str:
        required = self._setting("requirepass")
        if self._acl and self._user == _DEFAULT and required:
            raise RotateError("redis: the default user's password is requirepass, which stays: --method requirepass")
        if not self._acl and (self._user != _DEFAULT or not required):
            raise RotateError("redis: requirepass is the default user's, and is not set here: --method acl")
        rights = ""
        if self._acl:
            found = self._found()
            if "nopass" in found["flags"]:
                raise RotateError(f"redis: {self._user} logs in with any password (nopass)")
            if "on" not in found["flags"]:
                raise RotateError(f"redis: {self._user} may not log in (off)")
            rights = f": {found.get('commands')}, keys {found.get('keys')}; {len(found['passwords'])} passwords"
        if not self.works({VALUE: self._old}):
            raise RotateError(
                f"redis: {self._place} refuses the leaked value for {self._user}: another user or server, or dead "
                "already (`secretsweep verify`)"
            )
        return f"user {self._user} on {self._place}{rights}"

    def misuse(self, since: str) -> str:
        """Who is connected: the ACL log has refusals only."""
        names = [line.partition("addr=")[2].split(" ")[0].rpartition(":")[0] for line in self._clients()]
        return f"connected as {self._user} at rotation: {', '.join(sorted(set(names))) or 'nobody'}"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _passwords.password()}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        if self._acl:
            self._do("ACL", "SETUSER", self._user, f"#{_hashed(new[VALUE])}")
        else:
            self._do("CONFIG", "SET", "requirepass", new[VALUE])
        return f"password of {self._user} {'added' if self._acl else 'changed'} on {self._place}; {self._saved()}"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """A login on a connection of its own."""
        trial = Resp(*self._where)
        said = ""
        try:
            user = () if self._user == _DEFAULT else (self._user,)
            trial.ask("AUTH", *user, value[VALUE])
        except Refused as refused:
            said = str(refused)
        finally:
            trial.close()
        if not said:
            return True
        if said.startswith(("WRONGPASS", "ERR invalid password")):
            return False
        raise RotateError(f"redis: cannot tell whether {self._user} may log in: {said}")

    def disable(self, state: State) -> str:
        """What the old password opened is ended where it cannot open anything new; else that is for the end."""
        return "" if self._acl else self._ended()

    def delete(self, state: State) -> str:
        if not self._acl:
            return f"requirepass is another one on {self._place}"
        if _hashed(self._old) in self._found()["passwords"]:
            self._do("ACL", "SETUSER", self._user, f"!{_hashed(self._old)}")
        return f"old password of {self._user} taken away; {self._ended()}; {self._saved()}"

    def close(self) -> None:
        self._admin.close()

    def _found(self) -> Mapping[str, Any]:
        answer = self._do("ACL", "GETUSER", self._user)
        if not answer:
            raise RotateError(f"redis: {self._place} has no user {self._user}")
        return dict(zip(answer[::2], answer[1::2], strict=False))

    def _saved(self) -> str:
        """Whether a restart knows of it."""
        if self._acl and self._setting("aclfile"):
            self._do("ACL", "SAVE")
            return "saved in the ACL file"
        if self._rewrites:
            self._do("CONFIG", "REWRITE")
            return "saved in the configuration file"
        return "NOT saved: a restart forgets it until redis.conf says so too"

    def _setting(self, name: str) -> str:
        """ "" also where one may not ask, as at hosted ones."""
        with suppress(Refused):
            answer = self._admin.ask("CONFIG", "GET", name)
            return str(answer[1]) if answer else ""
        return ""

    def _clients(self) -> list[str]:
        listed = str(self._do("CLIENT", "LIST"))
        return [line for line in listed.splitlines() if f" user={self._user} " in f"{line} "]

    def _ended(self) -> str:
        count = 0
        with suppress(Refused):
            count = int(self._admin.ask("CLIENT", "KILL", "USER", self._user, "SKIPME", "yes"))
        return f"{count} connections of {self._user} ended"

    def _do(self, *words: str | Secret) -> Any:
        problem = ""
        try:
            return self._admin.ask(*words)
        except Refused as refused:
            problem = str(refused)
        raise RotateError(f"redis: {' '.join(word for word in words[:2] if isinstance(word, str))}: {problem}")

    @property
    def _place(self) -> str:
        return f"{self._where[0]}:{self._where[1]}"


def _hashed(secret: Secret) -> str:
    """As the server keeps it."""
    return hashlib.sha256(secret.reveal()).hexdigest()
