"""A fake of MySQL 8.0 behind PyMySQL's interface: no real one can be installed here. It knows the statements of dual
passwords as MySQL's manual writes them, refuses every other one, and keeps two hashes an account."""

import re
import secrets
from hashlib import sha1
from types import SimpleNamespace
from typing import Any

from secretsweep.rotators._mysql_hashes import _crypt

_ALTER = re.compile(
    r"ALTER USER '(\w+)'@'([^']+)' IDENTIFIED WITH (\w+) AS '([^']+)'(?: (RETAIN CURRENT PASSWORD))?"
)
_DISCARD = re.compile(r"ALTER USER '(\w+)'@'([^']+)' DISCARD OLD PASSWORD")


class Error(Exception):
    """PyMySQL's own."""


class FakeMySQL:
    """The server, and what stands for the library."""

    def __init__(self, version: str = "8.0.36", plugin: str = "caching_sha2_password") -> None:
        self.version, self.plugin = version, plugin
        self.hashes: dict[str, list[str]] = {}  # the current one, then the retained one
        self.said: list[str] = []
        self.Error = Error

    def add(self, user: str, password: str) -> None:
        self.hashes[user] = [self.hashed(password)]

    def hashed(self, password: str) -> str:
        if self.plugin == "mysql_native_password":
            return "*" + sha1(sha1(password.encode()).digest()).hexdigest().upper()
        salt = secrets.token_hex(10)
        return f"$A$005${salt}{_crypt(password.encode(), salt.encode())}"

    def connect(self, user: str = "", password: str = "", **where: Any) -> Any:
        if user and not any(_matches(kept, password) for kept in self.hashes[user]):
            raise Error(1045, f"Access denied for user '{user}'@'127.0.0.1' (using password: YES)")
        return SimpleNamespace(cursor=lambda: Cursor(self), close=lambda: None, host="fake", port=3306)


class Cursor:
    """Puts parameters into statements as PyMySQL does."""

    def __init__(self, server: FakeMySQL) -> None:
        self._server = server
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *given: object) -> None:
        """Nothing is open."""

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> None:
        text = statement % tuple(f"'{p}'" if isinstance(p, str) else str(p) for p in parameters)
        server = self._server
        server.said.append(text)
        if text == "SELECT VERSION()":
            self._rows = [(server.version,)]
        elif "JSON_EXTRACT" in text:
            found = [kept for user, kept in server.hashes.items() if f"'{user}'" in text]
            self._rows = [('"hash"' if len(kept) > 1 else None,) for kept in found]
        elif "FROM mysql.user" in text:
            self._rows = [("%", server.plugin) for user in server.hashes if f"'{user}'" in text]
        elif "PROCESSLIST" in text:
            self._rows = []
        elif altered := _ALTER.fullmatch(text):
            user, _, plugin, kept, retain = altered.groups()
            if plugin != server.plugin:
                raise Error(3894, "Current password can not be retained because authentication plugin is being changed")
            server.hashes[user] = [kept, server.hashes[user][0]] if retain else [kept, *server.hashes[user][1:]]
        elif discarded := _DISCARD.fullmatch(text):
            server.hashes[discarded[1]] = server.hashes[discarded[1]][:1]
        else:
            raise Error(1064, f"You have an error in your SQL syntax near '{text[:40]}'")

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


def _matches(kept: str, password: str) -> bool:
    if kept.startswith("*"):
        return kept == "*" + sha1(sha1(password.encode()).digest()).hexdigest().upper()
    salt = kept[len("$A$005$") :][:20]
    return kept == f"$A$005${salt}{_crypt(password.encode(), salt.encode())}"
