"""Two roles that take turns: the second one is a member of the first, acts as it, and has its settings.

`ALTER ROLE … SET role` makes every session of the second act as the first, so that what it makes belongs to the first,
and rights that members do not inherit count too. The first keeps everything and is only forbidden to log in.
"""

from collections.abc import Mapping

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, State, _passwords
from secretsweep.rotators._postgresql_login import said
from secretsweep.rotators.postgresql import PostgreSQL

_OTHER = "_b"
_MARK = "secretsweep: takes turns with "  # the comment of a role that this made


class Turns(PostgreSQL):
    """The role that is asked for is the one in use; which is the other one is noted in the state."""

    def prepare(self, state: State) -> None:
        """The name of the other role: free, or made by a rotation before."""
        base, other = self._names()
        if other != base and self._exists(other) and not self._ours(other, base):
            raise RotateError(
                f"postgresql: the role {other} exists, and is not one that takes turns with {base}; use --method "
                "in-place, or rename it"
            )
        if self._may_log_in(other):
            raise RotateError(f"postgresql: {other} may log in: it is in use, or was not disabled the last time")
        state["new"] = {"account": other}

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _passwords.password(), "account": Secret(state["new"]["account"].encode())}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        base, other = self._names()
        verifier = self._verifier(new[VALUE], other)
        with self._admin.transaction():
            if other != base and not self._exists(other):
                self._do("CREATE ROLE {} IN ROLE {}", other, base)
                self._do("COMMENT ON ROLE {} IS {}", other, verifier=_MARK + base)
                self._settings(base, other)
                self._do("ALTER ROLE {} SET role TO {}", other, base)
            self._do("ALTER ROLE {} LOGIN PASSWORD {}", other, verifier=verifier)
        return f"role {other} on {self._where()} may log in, with the rights of {base}, as a SCRAM verifier"

    def disable(self, state: State) -> str:
        self._do("ALTER ROLE {} NOLOGIN", self._role)
        ended = self._ended()
        return f"{self._role} may not log in, {ended} connections ended (ALTER ROLE {self._role} LOGIN undoes it)"

    def delete(self, state: State) -> str:
        """The second one goes where it owns nothing; the first one stays, its rights are what both live on."""
        base, _ = self._names()
        if not self._exists(self._role):
            return f"{self._role} was dropped"
        self._do("ALTER ROLE {} NOLOGIN PASSWORD NULL", self._role)
        if self._role == base:
            return f"{base} has no password and may not log in; it stays, since the role in use has its rights"
        problem = ""
        try:
            self._do("DROP ROLE {}", self._role)
        except RotateError as error:
            problem = str(error)
        if problem:
            return f"{self._role} has no password and may not log in; it stays: {problem}"
        return f"{self._role} was dropped"

    def _names(self) -> tuple[str, str]:
        """The role whose rights count, and the one that takes over."""
        base = self._role.removesuffix(_OTHER)
        if base != self._role and self._ours(self._role, base):
            return base, base
        return self._role, self._role + _OTHER

    def _exists(self, role: str) -> bool:
        return self._one("SELECT 1 FROM pg_roles WHERE rolname = %s", role) is not None

    def _may_log_in(self, role: str) -> bool:
        return self._one("SELECT 1 FROM pg_roles WHERE rolcanlogin AND rolname = %s", role) is not None

    def _ours(self, role: str, base: str) -> bool:
        found = self._one(
            "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s AND"
            " pg_has_role(oid, (SELECT oid FROM pg_roles WHERE rolname = %s), 'member')",
            role,
            base,
        )
        return found is not None and found[0] == _MARK + base

    def _settings(self, base: str, other: str) -> None:
        """What the first one's sessions begin with; in the order of its databases, then everywhere."""
        limit = self._one("SELECT rolconnlimit FROM pg_roles WHERE rolname = %s", base)
        rows = self._all(
            "SELECT coalesce(d.datname, ''), unnest(s.setconfig) FROM pg_db_role_setting s"
            " JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase"
            " WHERE r.rolname = %s",
            base,
        )
        sql = self._library.sql
        problem = ""
        try:
            if limit and limit[0] >= 0:
                statement = sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}")
                self._admin.execute(statement.format(sql.Identifier(other), sql.Literal(int(limit[0]))))
            for database, setting in rows:
                name, _, value = setting.partition("=")
                if name == "role":
                    continue
                self._admin.execute("SELECT set_config(%s, %s, true)", (name, value))
                where = sql.SQL(" IN DATABASE {}").format(sql.Identifier(database)) if database else sql.SQL("")
                name = sql.SQL(".").join(map(sql.Identifier, name.split(".")))
                statement = sql.SQL("ALTER ROLE {}{} SET {} FROM CURRENT")
                self._admin.execute(statement.format(sql.Identifier(other), where, name))
        except self._library.Error as error:
            problem = said(error)
        if problem:
            raise RotateError(f"postgresql: the settings of {base} for {other}: {problem}")
