"""Passwords that the database engine of Vault or OpenBao rotates: of a static role, and the engine's own login.

The engine makes the value. A static role's is read back and goes to the store, yet the engine changes it again after
its period: consumers had better read `static-creds`. The engine's own (`root`) is known to nobody after its rotation,
so that is left to a person's command.

https://developer.hashicorp.com/vault/api-docs/secret/databases
"""

import urllib.parse
from collections.abc import Mapping
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators._http import quoted
from secretsweep.rotators._library import needed
from secretsweep.rotators._plain import Plain
from secretsweep.rotators._vault import Vault, mounted

NAME = "vault-database"
NEEDS = "postgresql"
GUIDES: tuple[str, ...] = ()  # a password in a file does not tell that an engine manages it: --driver says so
METHODS = {
    "static-role": Method(
        "the engine gives the role another password: the old one is refused at once, and consumers must load the new "
        "one now"
    ),
    "root": Method(
        "the engine changes its own login at the database to a password that nobody else knows",
        by_hand=True,
        kept=False,
    ),
}
ACCOUNT = "the static role of the engine, or with --method root its connection,"
PATIENCE: tuple[float, ...] = ()
OPTIONS = {"mount": "where the database engine is mounted [database]"}
_TEMPLATE = "{{username}}:{{password}}@"


def told(asked: Asked) -> Told:
    mount = mounted(asked, "database")
    if asked.method == "root":
        command = f"vault write -force {mount}/rotate-root/{quoted(asked.account)}"
        note = "afterwards nobody but the engine can log in as that user: keep another administrator of the database"
        return Told((note,), {"delete": (command,)})
    return Told(
        (f"the engine changes it again after its period: let consumers read {mount}/static-creds/{asked.account}",)
    )


def connected(asked: Asked, environ: Mapping[str, str]) -> "Engine":
    """The database is tried where `--service` or the engine's configuration says that it is."""
    vault = Vault(NAME, "", environ)
    found = Root(vault, asked) if asked.method == "root" else Engine(vault, asked)
    found.look()
    return found


class Engine(Plain):
    """A static role."""

    def __init__(self, vault: Vault, asked: Asked) -> None:
        self._vault = vault
        self._mount = mounted(asked, "database")
        self._name = asked.account
        self._old = asked.old
        self._url = asked.url
        self._user = ""
        self._where: Mapping[str, Any] = {}

    def look(self) -> None:
        """Which login it is, and where."""
        role = self._vault.read(f"{self._mount}/static-roles/{quoted(self._name)}")
        self._user = str(role["username"])
        self._period = int(role.get("rotation_period") or 0)
        self._where = self._database(str(role["db_name"]))

    def assess(self) -> str:
        if not self.works({VALUE: self._old}):
            raise RotateError(
                f"vault-database: the database refuses the leaked value for {self._user}: rotated by the engine "
                "already, or another role"
            )
        every = f", rotated every {self._period} s" if self._period else ""
        return f"static role {self._name} is {self._user} at {self._where['host']}:{self._where['port']}{every}"

    def create(self, state: State) -> Mapping[str, Secret]:
        """What the engine has, when it has changed it already; else it is told to."""
        found = self._password()
        if found == self._old:
            self._vault.write(f"{self._mount}/rotate-role/{quoted(self._name)}")
            found = self._password()
        if found == self._old:
            raise RotateError("vault-database: the engine did not change the password")
        return {VALUE: found}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return f"the engine changed the password of {self._user}"

    def works(self, value: Mapping[str, Secret]) -> bool:
        from secretsweep.rotators._postgresql_login import lets_in

        with needed(NAME, NEEDS):
            import psycopg
        return lets_in(psycopg, self._where, self._user, value[VALUE])

    def delete(self, state: State) -> str:
        return f"{self._user} has another password at the database"

    def _password(self) -> Secret:
        found = self._vault.read(f"{self._mount}/static-creds/{quoted(self._name)}")
        return Secret(str(found["password"]).encode())

    def _database(self, connection: str) -> Mapping[str, Any]:
        """Host, port and name of the database."""
        url = self._url
        if not url:
            config = self._vault.read(f"{self._mount}/config/{quoted(connection)}")
            if not str(config.get("plugin_name")).startswith("postgresql"):
                raise RotateError(f"vault-database: {config.get('plugin_name')}: only PostgreSQL can be tried")
            self._user = self._user or str(config["connection_details"].get("username") or "")
            url = str(config["connection_details"]["connection_url"]).replace(_TEMPLATE, "")
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("postgresql", "postgres") or parts.password or not parts.hostname:
            raise RotateError("vault-database: where is the database? --service postgresql://host:port/name")
        given = dict(urllib.parse.parse_qsl(parts.query))
        where: dict[str, Any] = {"host": parts.hostname, "port": parts.port or 5432}
        where["dbname"] = parts.path.strip("/") or "postgres"
        return where | {name: given[name] for name in ("sslmode", "sslrootcert") if name in given}


class Root(Engine):
    """The engine's own login; a person tells the engine to change it."""

    def look(self) -> None:
        config = self._vault.read(f"{self._mount}/config/{quoted(self._name)}")
        self._user = str(config["connection_details"].get("username") or "")
        self._period = 0
        self._where = self._database(self._name)
        if not self._user:
            raise RotateError(f"vault-database: the connection {self._name} does not say as whom it logs in")

    def assess(self) -> str:
        if not self.works({VALUE: self._old}):
            raise RotateError(f"vault-database: the database refuses the leaked value for {self._user}")
        return f"connection {self._name} logs in as {self._user} at {self._where['host']}:{self._where['port']}"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return ""

    def delete(self, state: State) -> str:
        return "the engine changed its own password"
