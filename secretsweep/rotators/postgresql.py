"""The password of a PostgreSQL role.

In place: `ALTER ROLE … PASSWORD` with a SCRAM verifier that this side computes, so that the server, its log and
pg_stat_statements never see the value. By turns: a second role that inherits the first one's rights; its name is
another one, so that is for teams whose role name is kept in the store, too.

https://www.postgresql.org/docs/current/sql-alterrole.html, https://www.postgresql.org/docs/current/libpq-envars.html
"""

from collections.abc import Mapping
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, State, _passwords

NAME = "postgresql"
NEEDS = "postgresql"
GUIDES = ("postgresql",)
METHODS = {
    "in-place": "the role gets another password: the old one is refused at once, open connections live on until they "
    "are ended, and consumers must load the new one now",
}
OVERLAPS: tuple[str, ...] = ()
ACCOUNT = "the role"
_REFUSED = ("28P01", "28000")  # invalid_password, invalid_authorization_specification


def connected(asked: Asked, environ: Mapping[str, str]) -> "PostgreSQL":
    """As the administrator whom PGUSER, PGPASSWORD, PGPASSFILE … name, on the server of `--service` or PGHOST."""
    try:
        import psycopg
    except ImportError:
        raise RotateError("postgresql: its library is not installed: pip install 'secretsweep[postgresql]'") from None
    if not asked.account:
        raise RotateError("postgresql: --account: whose password is it? Name the role")
    if "@" in asked.url and ":" in asked.url.partition("://")[2].rpartition("@")[0]:
        raise RotateError("postgresql: --service: holds a password; leave it to PGPASSWORD or ~/.pgpass")
    problem = ""
    try:
        admin = psycopg.connect(asked.url, connect_timeout=10, autocommit=True)
    except psycopg.Error as error:
        problem = _said(error)
    if problem:
        raise RotateError(
            f"postgresql: no connection as administrator: {problem}; PGHOST, PGUSER and PGPASSWORD say how"
        )
    return PostgreSQL(psycopg, admin, asked)


class PostgreSQL:
    """A connection as administrator."""

    def __init__(self, library: Any, admin: Any, asked: Asked) -> None:
        self._library = library
        self._admin = admin
        self._role = asked.account
        self._old = asked.old

    def assess(self) -> str:
        row = self._one(
            "SELECT rolcanlogin, rolsuper, rolcreaterole,"
            " (SELECT count(*) FROM pg_stat_activity WHERE usename = rolname) FROM pg_roles WHERE rolname = %s"
        )
        if row is None:
            raise RotateError(f"postgresql: {self._where()} has no role {self._role}")
        if not row[0]:
            raise RotateError(f"postgresql: the role {self._role} may not log in")
        if self.works({VALUE: _passwords.password()}):
            raise RotateError(
                f"postgresql: {self._where()} lets {self._role} in with any password (pg_hba.conf: trust)"
            )
        if not self.works({VALUE: self._old}):
            raise RotateError(
                f"postgresql: {self._where()} refuses the leaked value for the role {self._role}: another role, "
                "another server, or dead already (`secretsweep verify`)"
            )
        rights = ", ".join(name for name, has in zip(("superuser", "createrole"), row[1:3], strict=True) if has)
        return f"role {self._role} on {self._where()}{f' ({rights})' if rights else ''}, {row[3]} connections open"

    def misuse(self, since: str) -> str:
        """Who is connected; the server's log alone knows who was."""
        rows = self._all(
            "SELECT DISTINCT coalesce(host(client_addr), 'local'), application_name FROM pg_stat_activity"
            " WHERE usename = %s ORDER BY 1, 2"
        )
        who = "; ".join(f"{address} {name}".strip() for address, name in rows) or "nobody"
        return f"connected as {self._role} at rotation: {who}"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _passwords.password()}

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        """The stored value is all there is."""

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        verifier = self._admin.pgconn.encrypt_password(new[VALUE].reveal(), self._role.encode(), b"scram-sha-256")
        sql = self._library.sql
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(self._role), sql.Literal(verifier.decode())
        )
        problem = ""
        try:
            self._admin.execute(statement)
        except self._library.Error as error:
            problem = _said(error)
        if problem:
            raise RotateError(f"postgresql: ALTER ROLE {self._role}: {problem}")
        return f"password of {self._role} changed on {self._where()}, as a SCRAM verifier"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """Whether the role can log in with it, by the same way."""
        info = self._admin.info
        problem: Exception | None = None
        try:
            password = value[VALUE].reveal().decode()
            where = {"host": info.host, "port": info.port, "dbname": info.dbname}
            self._library.connect(**where, user=self._role, password=password, connect_timeout=10).close()
        except (self._library.Error, UnicodeError) as error:
            problem = error
        if problem is None:
            return True
        said = _said(problem)
        if getattr(problem, "sqlstate", None) in _REFUSED or "password authentication failed" in said:
            return False
        raise RotateError(f"postgresql: cannot tell whether {self._role} may log in: {said}")

    def disable(self, state: State) -> str:
        """In place there is nothing to disable: connections that the old password opened are ended."""
        count = len(self._all("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"))
        return f"{count} connections of {self._role} ended"

    def delete(self, state: State) -> str:
        return f"the server has no verifier of the old password of {self._role} any more"

    def close(self) -> None:
        self._admin.close()

    def _where(self) -> str:
        return f"{self._admin.info.host}:{self._admin.info.port}"

    def _one(self, query: str) -> Any:
        found = self._all(query)
        return found[0] if found else None

    def _all(self, query: str) -> list[Any]:
        problem = ""
        try:
            return list(self._admin.execute(query, (self._role,)).fetchall())
        except self._library.Error as error:
            problem = _said(error)
        raise RotateError(f"postgresql: {problem}")


def _said(error: Exception) -> str:
    """The server's words; they never hold the password."""
    return " ".join(str(error).split())[:300]
