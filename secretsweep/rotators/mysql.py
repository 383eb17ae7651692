"""The password of a MySQL or MariaDB account.

MySQL from 8.0.14 on honours two passwords of an account until the older one is discarded; MariaDB has one. The server
gets what it keeps of a password and never the password, so that no general log, binary log or replica has it.

https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords,
https://mariadb.com/kb/en/alter-user/, https://dev.mysql.com/doc/refman/8.4/en/environment-variables.html
"""

import getpass
import os
import re
import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told, _mysql_hashes, _passwords
from secretsweep.rotators._library import needed
from secretsweep.rotators._plain import Plain

NAME = "mysql"
NEEDS = "mysql"
GUIDES = ("mysql",)
METHODS = {
    "dual": Method(
        "MySQL from 8.0.14 on: the account gets a second password, and both work until the first is discarded",
        overlap=True,
    ),
    "in-place": Method(
        "the account gets another password: the old one is refused at once, and consumers must load the new one now"
    ),
}
ACCOUNT = "the account (user, or user@host where there are several)"
PATIENCE: tuple[float, ...] = ()
OPTIONS: dict[str, str] = {}
_DUAL = (8, 0, 14)
_DENIED = (1045, 1698, 3118, 4151)  # access denied, by the password or by a plugin; the account is locked


def told(asked: Asked) -> Told:
    if asked.method == "dual":
        return Told(("MariaDB has no second password: there it is --method in-place",))
    return Told()


def connected(asked: Asked, environ: Mapping[str, str]) -> "MySQL":
    """As the administrator of ~/.my.cnf, or of MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_PWD and `--service mysql://user@host`."""
    with needed(NAME, NEEDS):
        import pymysql
    parts = urllib.parse.urlsplit(asked.url)
    if parts.password:
        raise RotateError("mysql: --service: holds a password; leave it to ~/.my.cnf or MYSQL_PWD")
    if not asked.account:
        raise RotateError("mysql: --account: whose password is it? Name the account")
    file = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".my.cnf")
    where: dict[str, Any] = {"host": parts.hostname or environ.get("MYSQL_HOST") or None, "connect_timeout": 10}
    port = str(parts.port or environ.get("MYSQL_TCP_PORT") or "")
    where |= {"port": int(port)} if port.isdigit() else {}
    where |= {"unix_socket": environ["MYSQL_UNIX_PORT"]} if environ.get("MYSQL_UNIX_PORT") else {}
    where |= {"read_default_file": file, "read_default_group": "client"} if os.path.isfile(file) else {}
    login: dict[str, Any] = {"password": environ.get("MYSQL_PWD") or ""}
    login["user"] = urllib.parse.unquote(parts.username or "") or (None if os.path.isfile(file) else getpass.getuser())
    problem = ""
    try:
        admin = pymysql.connect(**where, **login, autocommit=True)
    except (pymysql.Error, RuntimeError, OSError) as error:
        problem = _said(error)
    if problem:
        raise RotateError(f"mysql: no connection as administrator: {problem}; ~/.my.cnf or MYSQL_PWD say how")
    return MySQL(pymysql, admin, where, asked)


class MySQL(Plain):
    """A connection as administrator."""

    def __init__(self, library: Any, admin: Any, where: Mapping[str, Any], asked: Asked) -> None:
        self._library = library
        self._admin = admin
        self._where = where
        self._dual = asked.method == "dual"
        self._old = asked.old
        self._user, sign, host = asked.account.rpartition("@")
        if not sign:
            self._user, host = asked.account, ""
        self._host = host
        version = str(self._all("SELECT VERSION()")[0][0])
        self._maria = "mariadb" in version.lower()
        self._version = tuple(map(int, re.findall(r"\d+", version)[:3]))

    def assess(self) -> str:
        if self._dual and (self._maria or self._version < _DUAL):
            raise RotateError(
                "mysql: the server honours one password of an account (two: MySQL from 8.0.14 on): --method in-place"
            )
        plugin = self._plugin()
        if plugin not in (_mysql_hashes.NATIVE, _mysql_hashes.SHA2):
            raise RotateError(f"mysql: {self._account} logs in by {plugin}, whose passwords cannot be set from here")
        if self._dual and self._one_more():
            raise RotateError(
                f"mysql: {self._account} has two passwords already: ALTER USER {self._account} DISCARD OLD PASSWORD"
            )
        if self.works({VALUE: _passwords.password()}):
            raise RotateError(f"mysql: {self._place} lets {self._user} in with any password")
        if not self.works({VALUE: self._old}):
            raise RotateError(
                f"mysql: {self._place} refuses the leaked value for {self._account} from here: another account or "
                "host, or dead already (`secretsweep verify`)"
            )
        kind = "MariaDB" if self._maria else "MySQL"
        return f"account {self._account} ({plugin}) on {self._place}, {kind} {'.'.join(map(str, self._version))}"

    def misuse(self, since: str) -> str:
        """Who is connected; the audit log alone knows who was."""
        rows = self._all("SELECT DISTINCT HOST FROM information_schema.PROCESSLIST WHERE USER = %s", self._user)
        hosts = sorted({str(row[0]).rpartition(":")[0] or str(row[0]) for row in rows})
        return f"connected as {self._user} at rotation: {', '.join(hosts) or 'nobody'}"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _passwords.password()}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        """Twice would make the new one the older of the two: what works already is left alone."""
        plugin = self._plugin()
        if not self.works(new):
            way = "VIA {} USING %s" if self._maria else "WITH {} AS %s"
            statement = f"ALTER USER %s@%s IDENTIFIED {way.format(plugin)}{' RETAIN CURRENT PASSWORD' * self._dual}"
            self._all(statement, self._user, self._host, _mysql_hashes.kept(plugin, new[VALUE]))
        return f"password of {self._account} {'added' if self._dual else 'changed'} on {self._place}, as its hash"

    def works(self, value: Mapping[str, Secret]) -> bool:
        problem: Exception | None = None
        try:
            password = value[VALUE].reveal().decode()
            self._library.connect(**self._where, user=self._user, password=password).close()
        except (self._library.Error, RuntimeError, OSError, UnicodeError) as error:
            problem = error
        if problem is None:
            return True
        if problem.args and problem.args[0] in _DENIED:
            return False
        raise RotateError(f"mysql: cannot tell whether {self._user} may log in: {_said(problem)}")

    def disable(self, state: State) -> str:
        """Two passwords cannot be told apart by their connections; in place, what the old one opened is ended."""
        return "" if self._dual else self._ended()

    def delete(self, state: State) -> str:
        self._plugin()  # says which host the account is for
        if not self._dual:
            return f"the server has no hash of the old password of {self._account} any more"
        self._all("ALTER USER %s@%s DISCARD OLD PASSWORD", self._user, self._host)
        return f"old password of {self._account} discarded; {self._ended()}"

    def close(self) -> None:
        with suppress(self._library.Error):
            self._admin.close()

    def _plugin(self) -> str:
        """How the account logs in. RotateError when there is no such account, or more than one way."""
        rows = self._all("SELECT Host, plugin FROM mysql.user WHERE User = %s", self._user)
        hosts = [str(row[0]) for row in rows]
        if not self._host and len(hosts) > 1:
            raise RotateError(
                f"mysql: {self._user} is {len(hosts)} accounts with a password each; name one with --account: "
                f"{', '.join(f'{self._user}@{host}' for host in hosts)}"
            )
        found = [row for row in rows if not self._host or row[0] == self._host]
        if not found:
            raise RotateError(f"mysql: {self._place} has no account {self._user}{f'@{self._host}' * bool(self._host)}")
        self._host = str(found[0][0])
        if self._maria:
            shown = str(self._all("SHOW CREATE USER %s@%s", self._user, self._host)[0][0])
            if " OR " in shown:
                raise RotateError(f"mysql: {self._account} logs in by several ways, of which ALTER USER would drop one")
        return str(found[0][1]) or _mysql_hashes.NATIVE

    def _one_more(self) -> bool:
        query = "SELECT JSON_EXTRACT(User_attributes, '$.additional_password') FROM mysql.user"
        return any(row[0] for row in self._all(f"{query} WHERE User = %s AND Host = %s", self._user, self._host))

    def _ended(self) -> str:
        rows = self._all("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", self._user)
        ended = 0
        for (number,) in rows:
            with suppress(RotateError):  # it has ended by itself
                self._all("KILL %s", int(number))
                ended += 1
        return f"{ended} connections of {self._user} ended"

    @property
    def _account(self) -> str:
        return f"'{self._user}'@'{self._host or '%'}'"

    @property
    def _place(self) -> str:
        return f"{getattr(self._admin, 'host', '')}:{getattr(self._admin, 'port', '')}"

    def _all(self, statement: str, *parameters: object) -> list[Any]:
        problem = ""
        try:
            with self._admin.cursor() as cursor:
                cursor.execute(statement, parameters)
                return list(cursor.fetchall())
        except self._library.Error as error:
            problem = _said(error)
        raise RotateError(f"mysql: {' '.join(statement.split()[:2])}: {problem}")


def _said(error: Exception) -> str:
    """The server's words without the number that goes before them; they never hold the password."""
    return " ".join(str(error.args[-1] if error.args else error).split())[:300]
