"""Tokens, AppRoles and database roles against OpenBao, whose database engine rotates a real PostgreSQL's."""

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import hvac
import pytest
from crashing import Case, Crash, book, ended, everywhere, run, silent
from engines import OpenBao, PostgreSQL
from entries import ID

from secretsweep import rotators
from secretsweep.app.rotation.rotating import ENDED, Said
from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked

NUMBERS = count(1)


@pytest.fixture
def root(bao: OpenBao) -> hvac.Client:
    return hvac.Client(url=bao.url, token=bao.token)


def honours(bao: OpenBao, token: str) -> bool:
    return bool(hvac.Client(url=bao.url, token=token).is_authenticated())


def token_case(bao: OpenBao, root: hvac.Client, **given: Any) -> Case:
    root.sys.create_or_update_policy("shop", 'path "secret/data/shop/*" { capabilities = ["read"] }')
    given = {"policies": ["shop"], "period": "24h", "display_name": "shop", "meta": {"team": "shop"}, **given}
    path = given.pop("path", "auth/token/create")
    old = root.adapter.post(f"/v1/{path}", json=given)["auth"]["client_token"]

    def opens(values: Mapping[str, Secret]) -> bool:
        return honours(bao, values[VALUE].reveal().decode())

    return Case("vault-token", {VALUE: Secret(old.encode())}, opens, bao.environ, guide="vault-token")


def test_tokens_crash_at_any_step_and_nothing_is_lost_or_left(bao: OpenBao, root: hvac.Client, tmp_path: Path) -> None:
    before = len(root.auth.token.list_accessors()["data"]["keys"])
    made: list[Case] = []

    def make() -> Case:
        made.append(token_case(bao, root))
        return made[-1]

    everywhere(make, tmp_path, lambda case: None)
    assert len(root.auth.token.list_accessors()["data"]["keys"]) == before + len(made)


def test_the_new_token_is_as_the_old_one_was_and_children_end_with_it(
    bao: OpenBao, root: hvac.Client, tmp_path: Path
) -> None:
    case = token_case(bao, root, no_default_policy=True, policies=["shop", "maker"])
    root.sys.create_or_update_policy("maker", 'path "auth/token/create" { capabilities = ["update"] }')
    old = case.old[VALUE].reveal().decode()
    before = root.auth.token.lookup(old)["data"]
    child = hvac.Client(url=bao.url, token=old).auth.token.create(policies=["shop"], no_default_policy=True)["auth"]
    run(case, book(tmp_path / "l", case))
    after = root.auth.token.lookup(case.held()[VALUE].reveal().decode())["data"]
    for name in ("policies", "period", "display_name", "meta", "renewable", "type"):
        assert after[name] == before[name], name
    assert after["orphan"]
    with pytest.raises(hvac.exceptions.VaultError):
        root.auth.token.lookup_accessor(child["accessor"])


def test_a_token_of_a_role_gets_another_one_of_the_role(bao: OpenBao, root: hvac.Client, tmp_path: Path) -> None:
    root.auth.token.create_or_update_role("ci", allowed_policies=["shop"], orphan=True, token_period="2h")
    case = token_case(bao, root, path="auth/token/create/ci")
    run(case, book(tmp_path / "l", case))
    assert root.auth.token.lookup(case.held()[VALUE].reveal().decode())["data"]["path"] == "auth/token/create/ci"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "batch", "period": "", "ttl": "1h"}, "batch token"),
        ({"policies": ["root"], "period": ""}, "root token"),
        ({"num_uses": 20}, "use it up"),
    ],
)
def test_tokens_that_are_rotated_otherwise_are_refused(
    bao: OpenBao, root: hvac.Client, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    case = token_case(bao, root, **given)
    with silent(case), pytest.raises(RotateError, match=said):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and case.held() == case.old


def test_the_token_that_one_works_with_and_one_that_is_dead_are_refused(
    bao: OpenBao, root: hvac.Client, tmp_path: Path
) -> None:
    case = token_case(bao, root)
    case.environ = {**bao.environ, "VAULT_TOKEN": case.old[VALUE].reveal().decode()}
    with silent(case), pytest.raises(RotateError, match="be another administrator"):
        run(case, book(tmp_path / "one", case))
    case = token_case(bao, root)
    root.auth.token.revoke(case.old[VALUE].reveal().decode())
    with silent(case), pytest.raises(RotateError, match="does not know the leaked token"):
        run(case, book(tmp_path / "two", case))


# AppRole


class Login:
    """An AppRole with secret ids."""

    def __init__(self, bao: OpenBao, root: hvac.Client) -> None:
        self.bao, self.root = bao, root
        if "approle/" not in root.sys.list_auth_methods()["data"]:
            root.sys.enable_auth_method("approle")
        self.role = f"shop{next(NUMBERS)}"

    def case(self, **given: Any) -> Case:
        self.role = f"shop{next(NUMBERS)}"
        self.root.auth.approle.create_or_update_approle(self.role, token_policies=["default"], token_ttl="1h", **given)
        made = self.root.auth.approle.generate_secret_id(self.role, metadata={"team": "shop"})["data"]
        role = self.role

        def opens(values: Mapping[str, Secret]) -> bool:
            role_id = self.root.auth.approle.read_role_id(role)["data"]["role_id"]
            try:
                hvac.Client(url=self.bao.url).auth.approle.login(role_id, values[VALUE].reveal().decode())
            except hvac.exceptions.InvalidRequest:
                return False
            return True

        return Case("vault-approle", {VALUE: Secret(made["secret_id"].encode())}, opens, self.bao.environ,
                    account=role, guide="vault-approle")  # fmt: skip

    def secret_ids(self, role: str) -> list[str]:
        return list(self.root.auth.approle.list_secret_id_accessors(role)["data"]["keys"])


@pytest.fixture
def login(bao: OpenBao, root: hvac.Client) -> Login:
    return Login(bao, root)


def test_secret_ids_crash_at_any_step_and_one_is_left(login: Login, tmp_path: Path) -> None:
    def clean(case: Case) -> None:
        assert len(login.secret_ids(case.account)) == 1

    everywhere(login.case, tmp_path, clean)


def test_a_secret_id_that_was_made_and_never_noted_is_destroyed_by_its_mark(login: Login, tmp_path: Path) -> None:
    case = login.case()
    ledger = book(tmp_path / "l", case)
    with pytest.raises(Crash):
        run(case, ledger, crash="prepared")
    _, state = ledger.rotation(ID) or ("", {})
    mark = {"secretsweep": state["driver"]["mark"]}
    login.root.auth.approle.generate_secret_id(case.account, metadata=mark)
    other = login.root.auth.approle.generate_secret_id(case.account)["data"]["secret_id_accessor"]
    run(case, ledger)
    ended(case, lambda case: None)
    assert len(login.secret_ids(case.account)) == 2 and other in login.secret_ids(case.account)


def test_the_new_secret_id_keeps_its_metadata_and_both_log_in_until_rolled(login: Login, tmp_path: Path) -> None:
    case = login.case()
    assert run(case, book(tmp_path / "l", case), Said("ada")).waits == "rolled"
    assert case.opens(case.old) and case.opens(case.held())
    found = login.root.auth.approle.read_secret_id(case.account, case.held()[VALUE].reveal().decode())["data"]
    assert found["metadata"]["team"] == "shop"


def test_a_secret_id_with_a_number_of_uses_is_not_used_up(login: Login, tmp_path: Path) -> None:
    case = login.case(secret_id_num_uses=3)
    rotation = run(case, book(tmp_path / "l", case))
    assert rotation.at == ENDED and len(login.secret_ids(case.account)) == 1
    found = login.root.auth.approle.read_secret_id(case.account, case.held()[VALUE].reveal().decode())["data"]
    assert found["secret_id_num_uses"] == 3


def test_another_role_or_no_right_changes_nothing(login: Login, bao: OpenBao, tmp_path: Path) -> None:
    case, other = login.case(), login.case()
    account, case.account = case.account, other.account
    with silent(case), pytest.raises(RotateError, match="no secret id of the role"):
        run(case, book(tmp_path / "one", case))
    case.account = account
    weak = login.root.auth.token.create(policies=["default"])["auth"]["client_token"]
    case.environ = {**bao.environ, "VAULT_TOKEN": weak}
    with silent(case), pytest.raises(RotateError, match="permission denied"):
        run(case, book(tmp_path / "two", case))
    assert case.opens(case.old) and len(login.secret_ids(account)) == 1


# the database engine


@pytest.fixture
def database(bao: OpenBao, root: hvac.Client, postgres: PostgreSQL) -> str:
    """The engine with a login of its own at PostgreSQL; the name of the connection, which is that login's, too."""
    name = f"engine{next(NUMBERS)}"
    postgres.sql(f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD 'root-{name}'")
    if "database/" not in root.sys.list_mounted_secrets_engines()["data"]:
        root.sys.enable_secrets_engine("database")
    where = f"127.0.0.1:{postgres.port}/postgres?sslmode=disable"
    root.secrets.database.configure(
        name, "postgresql-database-plugin", allowed_roles=["*"], username=name, password=f"root-{name}",
        connection_url="postgresql://{{username}}:{{password}}@" + where,
    )  # fmt: skip
    return name


def static(bao: OpenBao, root: hvac.Client, postgres: PostgreSQL, connection: str) -> Case:
    role = f"app{next(NUMBERS)}"
    postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'first'")
    root.secrets.database.create_static_role(role, connection, role, [], rotation_period="24h")
    old = root.secrets.database.get_static_credentials(role)["data"]["password"]

    def opens(values: Mapping[str, Secret]) -> bool:
        return postgres.lets_in(role, values[VALUE].reveal().decode())

    return Case("vault-database", {VALUE: Secret(old.encode())}, opens, bao.environ, account=role)


def test_static_roles_crash_at_any_step(
    bao: OpenBao, root: hvac.Client, postgres: PostgreSQL, database: str, tmp_path: Path
) -> None:
    everywhere(lambda: static(bao, root, postgres, database), tmp_path, gap="created")


def test_a_static_role_that_the_engine_changed_before_the_crash_is_not_changed_twice(
    bao: OpenBao, root: hvac.Client, postgres: PostgreSQL, database: str, tmp_path: Path
) -> None:
    case = static(bao, root, postgres, database)
    ledger = book(tmp_path / "l", case)
    with pytest.raises(Crash):
        run(case, ledger, crash="prepared")
    root.adapter.post(f"/v1/database/rotate-role/{case.account}")
    now = root.secrets.database.get_static_credentials(case.account)["data"]["password"]
    run(case, ledger)
    assert case.held()[VALUE].reveal().decode() == now and postgres.lets_in(case.account, now)


def test_a_value_that_the_engine_has_replaced_already_is_told(
    bao: OpenBao, root: hvac.Client, postgres: PostgreSQL, database: str, tmp_path: Path
) -> None:
    case = static(bao, root, postgres, database)
    root.adapter.post(f"/v1/database/rotate-role/{case.account}")
    with silent(case), pytest.raises(RotateError, match="refuses the leaked value"):
        run(case, book(tmp_path / "l", case))


def test_the_engines_own_login_ends_by_a_persons_command(
    bao: OpenBao, root: hvac.Client, postgres: PostgreSQL, database: str, tmp_path: Path
) -> None:
    case = Case("vault-database", {VALUE: Secret(f"root-{database}".encode())},
                lambda values: postgres.lets_in(database, values[VALUE].reveal().decode()), bao.environ,
                method="root", account=database)  # fmt: skip
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada", "nobody else uses it")).waits == "refused" and case.opens(case.old)
    [command] = rotators.named("vault-database").told(Asked(Secret(b""), "root", database)).commands["delete"]
    assert command == f"vault write -force database/rotate-root/{database}"
    root.secrets.database.rotate_root_credentials(database)
    assert run(case, ledger, Said("ada")).at == ENDED and not case.opens(case.old)
    assert case.held() == case.old  # the store has no new value: nobody has
