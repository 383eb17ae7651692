"""Secret Manager with the vendor's client against a fake: two steps to a value, and what it says no to."""

from pathlib import Path

import pytest
from fake_gcp import SecretManager, refused
from opener_gcp_secretmanager import account, served

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, gcp_secretmanager

ABOUT = {"managed-by": "secretsweep", "rotation-due": "true", "found-in": "a.tf:1"}
VALUE = Secret(b"Tr0ub4dor-and-3")


@pytest.fixture
def google(request: pytest.FixtureRequest) -> tuple[SecretManager, str]:
    return served(request)


def connect(url: str, **more: str) -> gcp_secretmanager.SecretManager:
    return gcp_secretmanager.connected(Options(url=url, **more), {})


def at(path: str = "iac/shop/db") -> Reference:
    return gcp_secretmanager.reference(gcp_secretmanager.fitted(path), Options())


def test_the_project_is_the_options_else_the_environments_else_the_accounts(google: tuple[SecretManager, str]) -> None:
    assert connect(google[1]).resolved(at()).scope == "shop-1"
    assert connect(google[1], project="shop-2").resolved(at()).scope == "shop-2"
    store = gcp_secretmanager.connected(Options(url=google[1]), {"GOOGLE_CLOUD_PROJECT": "shop-3"})
    assert store.resolved(at()).scope == "shop-3"


def test_a_value_of_another_project_is_not_looked_for_here(google: tuple[SecretManager, str]) -> None:
    with pytest.raises(StoreError, match=r"say --project shop-9"):
        connect(google[1]).get(at()._replace(scope="shop-9"))


def test_who_is_not_logged_in_is_told_how(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    account(tmp_path, monkeypatch)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/account.json")
    with pytest.raises(StoreError, match=r"no valid login: .*/nowhere/account\.json.*`gcloud auth application-default"):
        connect("")


@pytest.mark.parametrize(
    ("more", "replication"),
    [
        ({}, {"automatic": {}}),
        ({"key": "k"}, {"automatic": {"customerManagedEncryption": {"kmsKeyName": "k"}}}),
        ({"region": "europe-west3"}, {"userManaged": {"replicas": [{"location": "europe-west3"}]}}),
        (
            {"region": "europe-west3", "key": "k"},
            {
                "userManaged": {
                    "replicas": [{"location": "europe-west3", "customerManagedEncryption": {"kmsKeyName": "k"}}]
                }
            },
        ),
    ],
)
def test_a_value_lies_where_the_options_say(
    google: tuple[SecretManager, str], more: dict[str, str], replication: dict[str, object]
) -> None:
    connect(google[1], **more).create(at(), VALUE, ABOUT)
    assert google[0].secrets["iac-shop-db"]["replication"] == replication


def test_labels_hold_what_labels_may_hold(google: tuple[SecretManager, str]) -> None:
    connect(google[1]).create(at(), VALUE, ABOUT)
    kept = google[0].secrets["iac-shop-db"]
    assert kept["labels"] == {"managed-by": "secretsweep", "rotation-due": "true"}
    assert kept["annotations"] == {"found-in": "a.tf:1"}


def test_what_a_run_has_left_half_done_the_next_one_finishes(google: tuple[SecretManager, str]) -> None:
    store, fake = connect(google[1]), google[0]
    fake.refusing[":addVersion"] = refused(403, "PERMISSION_DENIED", "Permission denied")
    with pytest.raises(
        StoreError, match=r"secretmanager\.versions\.add on projects/shop-1/secrets/iac-shop-db: .*denied"
    ):
        store.create(at(), VALUE, ABOUT)
    assert fake.versions == {"iac-shop-db": []}
    fake.refusing.clear()
    assert store.get(at()) is None
    store.create(at(), VALUE, ABOUT)
    assert store.get(at()) == VALUE
    with pytest.raises(Taken):
        store.create(at(), VALUE, ABOUT)
    assert len(fake.versions["iac-shop-db"]) == 1


def test_an_empty_secret_of_somebody_else_stays_empty(google: tuple[SecretManager, str]) -> None:
    store, fake = connect(google[1]), google[0]
    fake.secrets["iac-shop-db"], fake.versions["iac-shop-db"] = {"labels": {"managed-by": "terraform"}}, []
    with pytest.raises(Taken):
        store.get(at())
    with pytest.raises(Taken):
        store.create(at(), VALUE, ABOUT)
    fake.refusing["get"] = refused(403, "PERMISSION_DENIED", "no")  # who may not look is stopped when it is made
    assert store.get(at()) is None
    with pytest.raises(Taken):
        store.create(at(), VALUE, ABOUT)
    assert fake.versions["iac-shop-db"] == []


@pytest.mark.parametrize("state", ["DISABLED", "DESTROYED"])
def test_a_version_that_was_shut_is_left_alone(google: tuple[SecretManager, str], state: str) -> None:
    store = connect(google[1])
    store.create(at(), VALUE, ABOUT)
    google[0].states["iac-shop-db"] = state
    with pytest.raises(Taken):
        store.get(at())
    with pytest.raises(Taken):
        store.create(at(), VALUE, ABOUT)


@pytest.mark.parametrize(
    ("operation", "said", "says"),
    [
        (
            "create",
            refused(403, "PERMISSION_DENIED", "denied"),
            r"secretmanager\.secrets\.create on projects/shop-1: .*denied",
        ),
        ("create", refused(401, "UNAUTHENTICATED", "expired"), r"no valid login: .*expired; `gcloud auth"),
        (":addVersion", refused(400, "INVALID_ARGUMENT", "Tr0ub4dor-and-3 is bad"), r"•••••••• is bad"),
        (":access", refused(403, "PERMISSION_DENIED", "denied"), r"secretmanager\.versions\.access on .*denied"),
    ],
)
def test_a_refusal_names_the_permission_and_not_the_value(
    google: tuple[SecretManager, str], operation: str, said: object, says: str
) -> None:
    google[0].secrets["other"], google[0].versions["other"] = {}, []
    store = connect(google[1])
    google[0].refusing[operation] = said  # type: ignore[assignment]
    with pytest.raises(StoreError, match=says) as raised:
        store.create(at("iac/shop/db"), VALUE, ABOUT)
    assert raised.value.__context__ is None
    assert "Tr0ub4dor-and-3" not in str(raised.value)


def test_googles_own_switch_for_debugging_shows_no_payload(
    google: tuple[SecretManager, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOOGLE_SDK_PYTHON_LOGGING_SCOPE", "google.cloud.secretmanager_v1")
    monkeypatch.setattr("google.api_core.client_logging._LOGGING_INITIALIZED", False)
    store = connect(google[1])
    store.create(at(), VALUE, ABOUT)
    assert store.get(at()) == VALUE
    shown = capfd.readouterr()
    assert "VHIwdWI0ZG9yLWFuZC0z" not in shown.out + shown.err


def test_a_binding_is_on_one_secret() -> None:
    assert gcp_secretmanager.grants([at()._replace(scope="shop-1")]) == (
        "gcloud secrets add-iam-policy-binding iac-shop-db --project=shop-1 "
        "--role=roles/secretmanager.secretAccessor --member=MEMBER\n"
    )
