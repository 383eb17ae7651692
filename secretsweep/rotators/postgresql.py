"""The password of a PostgreSQL role.

In place: `ALTER ROLE … PASSWORD` with a SCRAM verifier that this side computes, so that the server, its log and
pg_stat_statements never see the value. By turns (`alternate`): a second role that has the first one's rights; its name
is another one, so that is for teams whose role name is kept in the store, too.

https://www.postgresql.org/docs/current/sql-alterrole.html, https://www.postgresql.org/docs/current/libpq-envars.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told, _passwords
from secretsweep.rotators._library import needed
from secretsweep.rotators._plain import Plain
from secretsweep.rotators._postgresql_login import lets_in, said

if TYPE_CHECKING:
    from secretsweep.rotators import Rotator

NAME = "postgresql"
NEEDS = "postgresql"
GUIDES = ("postgresql",)
METHODS = {
    "in-place": Method(
        "the role gets another password: the old one is refused at once, open connections live on until they are "
        "ended, and consumers must load the new one now"
    ),
    "alternate": Method(
        "a second role with the rights of the first takes over, and both work until you have rolled; its name is "
        "another one, so the name must be in the store, too (--reference account=PATH)",
        overlap=True,
        reversible=True,
        beside=("account",),
        bound=True,
    ),
}
ACCOUNT = "the role"
PATIENCE: tuple[float, ...] = ()
OPTIONS: dict[str, str] = {}
_KEPT = ("host", "port", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")


def told(asked: Asked) -> Told:
    if asked.method == "alternate":
        return Told((f"members of {asked.account} and its pg_hba.conf lines by name do not count for the second role",))
    return Told(("the password is set as a SCRAM verifier: clients that know md5 alone cannot log in any more",))


def connected(asked: Asked, environ: Mapping[str, str]) -> "Rotator":
    """As the administrator whom PGUSER, PGPASSWORD, PGPASSFILE … name, on the server of `--service` or PGHOST."""
    with needed(NAME, NEEDS):
        import psycopg
    if not asked.account:
        raise RotateError("postgresql: --account: whose password is it? Name the role")
    if "@" in asked.url and ":" in asked.url.partition("://")[2].rpartition("@")[0]:
        raise RotateError("postgresql: --service: holds a password; leave it to PGPASSWORD or ~/.pgpass")
    problem = ""
    try:
        admin = psycopg.connect(asked.url, connect_timeout=10, autocommit=True)
    except psycopg.Error as error:
        problem = said(error)
    if problem:
        raise RotateError(
            f"postgresql: no connection as administrator: {problem}; PGHOST, PGUSER and PGPASSWORD say how"
        )
    if asked.method == "alternate":
        from secretsweep.rotators._postgresql_turns import Turns

        return Turns(psycopg, admin, asked)
    return PostgreSQL(psycopg, admin, asked)


class PostgreSQL(Plain):
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

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        self._do("ALTER ROLE {} PASSWORD {}", self._role, verifier=self._verifier(new[VALUE], self._role))
        return f"password of {self._role} changed on {self._where()}, as a SCRAM verifier"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """Whether the role can log in with it, by the same way."""
        role = value["account"].reveal().decode() if "account" in value else self._role
        parameters = self._admin.info.get_parameters()
        where = {name: parameters[name] for name in _KEPT if parameters.get(name)}
        where |= {"host": self._admin.info.host, "port": self._admin.info.port}
        return lets_in(self._library, where, role, value[VALUE])

    def disable(self, state: State) -> str:
        """In place there is nothing to disable: connections that the old password opened are ended."""
        return f"{self._ended()} connections of {self._role} ended"

    def delete(self, state: State) -> str:
        return f"the server has no verifier of the old password of {self._role} any more"

    def close(self) -> None:
        self._admin.close()

    def _verifier(self, password: Secret, role: str) -> str:
        """What the server keeps of a password: it cannot be turned back."""
        return str(self._admin.pgconn.encrypt_password(password.reveal(), role.encode(), b"scram-sha-256").decode())

    def _ended(self) -> int:
        return len(self._all("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"))

    def _where(self) -> str:
        return f"{self._admin.info.host}:{self._admin.info.port}"

    def _do(self, statement: str, *names: str, verifier: str = "") -> None:
        """A statement with names, and last a literal, in its braces. RotateError has the server's words."""
        sql = self._library.sql
        parts = [*map(sql.Identifier, names), *([sql.Literal(verifier)] if verifier else [])]
        problem = ""
        try:
            self._admin.execute(sql.SQL(statement).format(*parts))
        except self._library.Error as error:
            problem = said(error)
        if problem:
            raise RotateError(f"postgresql: {' '.join(statement.split()[:2])} {names[0]}: {problem}")

    def _one(self, query: str, *parameters: object) -> Any:
        found = self._all(query, *parameters)
        return found[0] if found else None

    def _all(self, query: str, *parameters: object) -> list[Any]:
        """Of the role, unless something else is named."""
        problem = ""
        try:
            return list(self._admin.execute(query, parameters or (self._role,)).fetchall())
        except self._library.Error as error:
            problem = said(error)
        raise RotateError(f"postgresql: {problem}")
