"""Key Vault with the vendor's client against a fake: names that are not free, logins, and what it says no to."""

import pytest
from fake_azure import HOST, KeyVault
from faking import Said
from opener_azure_keyvault import Credential, served

from secretsweep.errors import StoreError
from secretsweep.model import Secret
from secretsweep.stores import Options, Taken, azure_keyvault

ABOUT = {"managed-by": "secretsweep", "rotation-due": "true", "found-in": "a.tf:1"}
VALUE = Secret(b"Tr0ub4dor-and-3")


@pytest.fixture
def vault(request: pytest.FixtureRequest) -> tuple[KeyVault, str]:
    return served(request)


def connect(url: str) -> azure_keyvault.KeyVault:
    return azure_keyvault.connected(Options(url=url), {})


def at(path: str = "iac/shop/db") -> azure_keyvault.Reference:
    return azure_keyvault.reference(azure_keyvault.fitted(path), Options())


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("shop", "https://shop.vault.azure.net"),
        ("shop.vault.azure.cn", "https://shop.vault.azure.cn"),
        ("https://shop.vault.azure.net/", "https://shop.vault.azure.net"),
        ("", ""),
    ],
)
def test_a_vault_is_its_url_its_host_or_its_name(said: str, url: str) -> None:
    assert azure_keyvault.reference("db", Options(url=said)).scope == url


@pytest.mark.parametrize("name", ["AZURE_KEYVAULT_URL", "KEY_VAULT_NAME"])
def test_the_environment_may_name_the_vault(vault: tuple[KeyVault, str], name: str) -> None:
    store = azure_keyvault.connected(Options(), {name: vault[1]})
    assert store.resolved(at()).scope == vault[1]
    assert store.get(at()) is None


@pytest.mark.parametrize("url", ["", "http://shop.vault.azure.net"])
@pytest.mark.usefixtures("vault")
def test_a_vault_is_wanted_and_tls_with_it(url: str) -> None:
    with pytest.raises(StoreError, match=r"which vault\? Say --url https://NAME\.vault\.azure\.net"):
        connect(url)


def test_a_value_of_another_vault_is_not_looked_for_here(vault: tuple[KeyVault, str]) -> None:
    with pytest.raises(StoreError, match=r"say --url https://other\.vault\.azure\.net"):
        connect(vault[1]).get(at()._replace(scope="https://other.vault.azure.net"))


def test_nothing_is_set_where_something_is(vault: tuple[KeyVault, str]) -> None:
    store = connect(vault[1])
    store.create(at(), VALUE, ABOUT)
    with pytest.raises(Taken):
        store.create(at(), Secret(b"another"), ABOUT)
    assert len(vault[0].held["iac-shop-db"]) == 1


def test_names_that_differ_in_capitals_are_one(vault: tuple[KeyVault, str]) -> None:
    assert at("iac/Shop/DB") == at()


def test_a_deleted_secret_keeps_its_name(vault: tuple[KeyVault, str]) -> None:
    store = connect(vault[1])
    store.create(at(), VALUE, ABOUT)
    vault[0].deleted.add("iac-shop-db")
    with pytest.raises(Taken):
        store.get(at())
    with pytest.raises(Taken):
        store.create(at(), VALUE, ABOUT)


def test_who_may_not_see_deleted_secrets_is_told_of_one_all_the_same(vault: tuple[KeyVault, str]) -> None:
    store = connect(vault[1])
    store.create(at(), VALUE, ABOUT)
    vault[0].deleted.add("iac-shop-db")
    vault[0].purged_is_secret = True
    assert store.get(at()) is None
    with pytest.raises(StoreError, match=r"belongs to a deleted secret: recover or purge .*--path-template"):
        store.create(at(), VALUE, ABOUT)


def test_a_disabled_secret_is_left_alone(vault: tuple[KeyVault, str]) -> None:
    store = connect(vault[1])
    store.create(at(), VALUE, ABOUT)
    vault[0].disabled.add("iac-shop-db")
    with pytest.raises(Taken):
        store.get(at())


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            Said(403, {"error": {"code": "Forbidden", "message": "does not have secrets set permission"}}),
            "set iac-shop-db: .*set permission",
        ),
        (
            Said(400, {"error": {"code": "BadParameter", "message": "value Tr0ub4dor-and-3 is bad"}}),
            "value •••••••• is bad",
        ),
    ],
)
def test_a_refusal_is_told_without_the_value(vault: tuple[KeyVault, str], said: Said, says: str) -> None:
    vault[0].refusing = said
    with pytest.raises(StoreError, match=says) as raised:
        connect(vault[1]).create(at(), VALUE, ABOUT)
    assert raised.value.__context__ is None
    assert "Tr0ub4dor-and-3" not in str(raised.value)


def test_who_is_not_logged_in_is_told_how(vault: tuple[KeyVault, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    def refuse(self: Credential, *scopes: str, **given: object) -> None:
        raise ClientAuthenticationError("DefaultAzureCredential failed to retrieve a token")

    monkeypatch.setattr(Credential, "get_token", refuse)
    with pytest.raises(StoreError, match=r"no valid login: DefaultAzureCredential failed.*`az login`"):
        connect(vault[1]).get(at())


def test_what_is_no_text_is_base64_and_says_so(vault: tuple[KeyVault, str]) -> None:
    connect(vault[1]).create(at(), Secret(b"\xff\x00"), ABOUT)
    (kept,) = vault[0].held["iac-shop-db"]
    assert (kept["value"], kept["tags"]["encoding"]) == ("/wA=", "base64")


def test_a_role_is_assigned_on_one_secret() -> None:
    reference = at()._replace(scope=f"https://{HOST}")
    assert azure_keyvault.grants([reference]) == (
        'az role assignment create --role "Key Vault Secrets User" --assignee PRINCIPAL '
        '--scope "$(az keyvault show --name shop --query id --output tsv)/secrets/iac-shop-db"\n'
    )
