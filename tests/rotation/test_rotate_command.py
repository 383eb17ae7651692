"""The command: plans in words and JSON, what changes beside a value, and rotations from a repository to their end."""

import base64
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import boto3
import botocore.exceptions
import hvac
import pytest
from engines import OpenBao, PostgreSQL
from repositories import Repo, password
from test_from_leak_to_end import ROOT, Person

from secretsweep import rotators
from secretsweep.app.fingerprint import Fingerprints
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.git import repository
from secretsweep.model import Reference, Secret


def opened(do: Person) -> list[str]:
    """Ids of the entries."""
    do("checklist", "open", "-q", "--private")
    return [entry["id"] for entry in json.loads(do("checklist", "list", "-f", "json"))["entries"]]


def leaky(folder: Path, environ: dict[str, str], *never: str, **files: str) -> tuple[Repo, Person]:
    """A repository that had something in its history, and somebody in it."""
    repo = Repo(folder / "shop")
    repo.commit({name.replace("_env", ".env"): text for name, text in files.items()}, "leaked")
    return repo, Person(repo.path, environ, list(never))


AWS = tuple[str, dict[str, str]]


def test_an_access_key_and_its_id_from_the_file_to_the_end(tmp_path: Path, iam: AWS) -> None:
    url, environ = iam
    own = {"aws_access_key_id": environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": environ["AWS_SECRET_ACCESS_KEY"]}
    session = boto3.Session(region_name="us-east-1", **own)
    admin, store = session.client("iam", endpoint_url=url), session.client("secretsmanager", endpoint_url=url)
    admin.create_user(UserName="shop")
    key = admin.create_access_key(UserName="shop")["AccessKey"]
    name, old = key["AccessKeyId"], key["SecretAccessKey"]
    for path, value in {"shop/secret": old, "shop/id": name}.items():
        store.create_secret(Name=path, SecretString=value)
    repo, do = leaky(
        tmp_path, environ, old, deploy_env=f"AWS_ACCESS_KEY_ID={name}\nAWS_SECRET_ACCESS_KEY={old}\n"
    )
    entries = opened(do)
    [entry] = entries  # the id is but the name of the key
    assert json.loads(do("checklist", "show", entry, "-f", "json"))["identifiers"] == {"key-id": name}

    where = ("--store", "aws-secretsmanager", "--reference", "shop/secret")
    plan = do("rotate", entry, *where, code=1)
    assert "driver    aws-access-key, method second-key" in plan and "Nothing was changed" in plan
    assert f"Change {name} by hand before --rolled:\n  deploy.env:1\n" in plan
    both = (*where, "--reference", "key-id=shop/id")
    plan = json.loads(do("rotate", entry, *both, "-f", "json", code=1))
    assert plan["by_hand"] == {} and plan["references"]["key-id"]["path"] == "shop/id"

    repo.commit({"deploy.env": "AWS_PROFILE=shop\n"}, "both live in the store")
    do("checklist", "open", "-q")
    said = do("rotate", entry, *both, "--apply", "-q", code=1)
    assert "let every consumer load it" in said
    said = do("rotate", entry, "--apply", "--rolled", "pods restarted", "-q", code=1)  # it knows the rest
    assert "is disabled, and refused" in said
    said = do("rotate", entry, "--apply", "--watched", "a day without errors", "-q")
    assert "is rotated" in said
    new_name, new = (store.get_secret_value(SecretId=path)["SecretString"] for path in ("shop/id", "shop/secret"))
    assert new not in said and new_name != name
    [left] = admin.list_access_keys(UserName="shop")["AccessKeyMetadata"]
    assert (left["AccessKeyId"], left["Status"]) == (new_name, "Active")
    sts = session.client("sts", endpoint_url=url, aws_access_key_id=name, aws_secret_access_key=old)
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    report = json.loads(do("audit", "-q", "-f", "json", "--fail-on", "never"))
    assert {c["state"] for c in report["credentials"] if c["rule"] != "aws-access-key-id"} == {"dead"}
    for client in (admin, store, sts):
        client.close()


def test_what_remediate_moved_beside_the_value_is_found_by_itself(tmp_path: Path) -> None:
    name = "AKIA" + base64.b32encode(hashlib.sha256(b"id").digest()).decode()[:16]
    old = base64.b64encode(hashlib.sha256(b"aws").digest()).decode()[:40]
    repo, do = leaky(tmp_path, {}, deploy_env=f"AWS_ACCESS_KEY_ID={name}\nAWS_SECRET_ACCESS_KEY={old}\n")
    [entry] = opened(do)
    found = repository.find(str(repo.path))
    book = Ledger(found.common_dir / "secretsweep" / "ledger.sqlite")
    own = Fingerprints(found.identity(), None).of(Secret(name.encode()))
    places = {entry: "shop/secret", own: "shop/id"}
    book.move({i: Reference("vault", path, "value", "secret", 2) for i, path in places.items()}, "2026-01-01T00:00:00Z")
    book.close()
    plan = json.loads(do("rotate", entry, "-f", "json", code=1))
    assert {name: r["path"] for name, r in plan["references"].items()} == {
        "value": "secret/shop/secret#value",
        "key-id": "secret/shop/id#value",
    }


def test_a_secret_of_the_application_ends_by_a_persons_word(tmp_path: Path, bao: OpenBao) -> None:
    old = password("django") + password("secret key")
    client = hvac.Client(url=bao.url, token=bao.token)
    client.secrets.kv.v2.create_or_update_secret("shop/django", {"value": old}, mount_point="secret")
    repo, do = leaky(tmp_path, bao.environ, old, app_env=f'DJANGO_SECRET_KEY="{old}"\n')
    [entry] = opened(do)
    assert json.loads(do("checklist", "show", entry, "-f", "json"))["guide"] == "django-secret-key"
    repo.commit({"app.env": "DJANGO_SECRET_KEY=${SECRET}\n"}, "it lives in Vault")
    do("checklist", "open", "-q")
    do("checklist", "check", entry, "misuse", "--evidence", "the log of logins has nothing")
    where = ("--store", "vault", "--reference", "shop/django", "--method", "keep-old")
    plan = do("rotate", entry, *where, code=1)
    assert "SECRET_KEY_FALLBACKS = [the value at shop/django-previous]" in plan and "no machine tries it" in plan
    assert "let every consumer load it" in do("rotate", entry, *where, "--apply", "-q", code=1)

    def stored(path: str) -> str:
        read = client.secrets.kv.v2.read_secret_version(path, mount_point="secret", raise_on_deleted_version=True)
        return str(read["data"]["data"]["value"])

    assert stored("shop/django-previous") == old and len(stored("shop/django")) == len(old)
    said = do("rotate", entry, "--apply", "--rolled", "both settings are out", "-q", code=1)
    assert "is accepted until" in said
    said = do("rotate", entry, *where, "--apply", "--watched", "the fallback is gone", "-q", code=1)
    assert "No machine can try the old value" in said
    assert "is rotated" in do(
        "rotate", entry, *where, "--apply", "--refused", "an old cookie leads to the login", "--by", "ada", "-q"
    )
    done = json.loads(do("checklist", "show", entry, "-f", "json"))
    assert done["state"] == "closed" and done["judgement"]["who"] == "ada"


def killed(do: Person, line: str, delay: float, *arguments: str) -> bool:
    """Whether the command was alive when it was killed -9, a little after it said `line`."""
    command = [sys.executable, "-c", "from secretsweep.cli import main; main()", *arguments]
    with subprocess.Popen(
        command, cwd=do.folder, env={**os.environ, "PYTHONPATH": str(ROOT), **do.environ}, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for said in process.stderr:
            if said.startswith(f"secretsweep: {line}"):
                break
        time.sleep(delay)
        alive = process.poll() is None
        process.kill()
        process.stderr.read()
    return alive


def test_the_command_is_killed_at_three_moments_and_goes_on(
    tmp_path: Path, bao: OpenBao, postgres: PostgreSQL
) -> None:
    client = hvac.Client(url=bao.url, token=bao.token)
    alive = 0
    for number, line in enumerate(("begun", "stored", "active")):
        role, old = f"killed{number}", password(f"killed {number}")
        postgres.sql(f"DROP ROLE IF EXISTS {role}")
        postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{old}'")
        client.secrets.kv.v2.create_or_update_secret(f"shop/{role}", {"value": old}, mount_point="secret")

        def stored(role: str = role) -> str:
            read = client.secrets.kv.v2.read_secret_version(
                f"shop/{role}", mount_point="secret", raise_on_deleted_version=True
            )
            return str(read["data"]["data"]["value"])

        repo, do = leaky(tmp_path / role, {**bao.environ, **postgres.environ}, old, app_env=f"DB_PASSWORD={old}\n")
        [entry] = opened(do)
        repo.commit({"app.env": "DB_PASSWORD=${FROM_VAULT}\n"}, "it lives in Vault")
        do("checklist", "open", "-q")
        where = ("--store", "vault", "--reference", f"shop/{role}", "--driver", "postgresql", "--account", role)
        asked = ("rotate", entry, *where, "--apply", "--rolled", "pods restarted")
        alive += killed(do, line, random.uniform(0, 0.02), *asked)
        assert postgres.lets_in(role, old) or postgres.lets_in(role, stored())
        if json.loads(do("checklist", "show", entry, "-f", "json"))["state"] == "open":
            assert "is rotated" in do(*asked, "-q")
        assert stored() != old and postgres.lets_in(role, stored()) and not postgres.lets_in(role, old)
    assert alive == 3


@pytest.fixture
def one(tmp_path: Path) -> tuple[Person, str]:
    """Somebody with an entry about a password."""
    _, do = leaky(tmp_path, {}, app_env=f'DATABASE_PASSWORD="{password("plans")}"\n')
    [entry] = opened(do)
    return do, entry


WHERE = ("--store", "vault", "--reference", "shop/db", "--driver", "postgresql", "--account", "shop")


@pytest.mark.parametrize(
    "given",
    [
        (*WHERE, "--method", "nothing"),
        (*WHERE, "--method", "alternate"),  # the role's name must be in the store
        (*WHERE, "--set", "color=red"),
        (*WHERE, "--reference", "key-id=shop/id"),
        (*WHERE, "--rolled", "yes"),  # without --apply
        (*WHERE, "--refused", "yes"),
        (*WHERE[:-2],),  # no account
        (*WHERE[4:],),  # no store
    ],
)
def test_what_cannot_be_planned_is_refused(one: tuple[Person, str], given: tuple[str, ...]) -> None:
    do, entry = one
    assert do("rotate", entry, *given, code=2) == ""


ACCOUNTS = {
    "ssh-key": "deploy@host.example.com",
    "github-deploy-key": "shop/api",
    "kubernetes-token": "shop/deployer",
    "mysql": "shop@%",
}


@pytest.mark.parametrize("driver", rotators.names())
def test_every_driver_and_method_has_a_plan_that_asks_nobody(one: tuple[Person, str], driver: str) -> None:
    do, entry = one
    module = rotators.named(driver)
    account = ("--account", ACCOUNTS.get(driver, "shop")) if module.ACCOUNT else ()
    for method, how in module.METHODS.items():
        beside = ("--reference", f"{how.beside[0]}=shop/beside") if how.bound else ()
        where = ("--store", "vault", "--reference", "shop/db", *beside)
        given = (*where, "--driver", driver, "--method", method, *account)
        plan = do("rotate", entry, *given, code=1)
        assert f"{driver}, method {method}: {how.about}"[:60] in plan and "Nothing was changed" in plan
        assert ("STOP until you have run the commands" in plan) == (how.by_hand and how.kept)
        assert ("--refused" in plan) != how.tried and ("--watched" in plan) == how.reversible
        document = json.loads(do("rotate", entry, *given, "-f", "json", code=1))
        assert document["driver"] == driver and [step["id"] for step in document["steps"]][-1] == "close"
        assert bool(document["references"]) == how.kept
