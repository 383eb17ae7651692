"""From the command line to a real server and back: values go, files change, tokens are given back, an undo restores."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from engines import Moto, OpenBao
from opener_vault import client, mounted
from repositories import Repo

from secretsweep import stores
from secretsweep.model import Secret

BEFORE = "db_user: shop\ndb_password: 'Tr0ub4dor-and-3'\n"
PROGRAM = "from secretsweep.cli import main; main()"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    repo = Repo(tmp_path / "shop")
    file = tmp_path / "shop" / "group_vars" / "all.yml"
    file.parent.mkdir()
    file.write_text(BEFORE)
    repo.commit({}, "all")
    return file


def remediate(
    file: Path, environ: Mapping[str, str], *arguments: str, exits: int = 0
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        (sys.executable, "-c", PROGRAM, "remediate", ".", *arguments),
        cwd=file.parent.parent,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exits, done.stdout + done.stderr
    assert "Tr0ub4dor-and-3" not in done.stdout + done.stderr
    return done


def accessors(bao: OpenBao) -> set[str]:
    return set(client(bao).adapter.list("/v1/auth/token/accessors")["data"]["keys"])


@pytest.fixture
def logging_in(bao: OpenBao) -> dict[str, str]:
    """A login, whose tokens are to be given back."""
    client(bao).sys.create_or_update_policy("any", 'path "*" { capabilities = ["create", "read", "update", "list"] }')
    if "userpass/" not in client(bao).sys.list_auth_methods()["data"]:
        client(bao).sys.enable_auth_method("userpass")
    client(bao).auth.userpass.create_or_update_user("ben", "C0rrect-horse-9", policies=["any"])
    return {"VAULT_ADDR": bao.url, "VAULT_USERNAME": "ben", "VAULT_PASSWORD": "C0rrect-horse-9"}


@pytest.mark.parametrize("variant", ["kv1", "kv2"])
def test_vault(bao: OpenBao, logging_in: dict[str, str], file: Path, variant: str) -> None:
    mount, before = mounted(bao, variant), accessors(bao)
    remediate(file, logging_in, "--store", "vault", "--mount", mount, "--apply")
    rewritten = file.read_text()
    assert "lookup(" in rewritten
    assert "Tr0ub4dor" not in rewritten
    module, options = stores.named("vault"), stores.Options(mount=mount)
    store = module.connected(options, bao.environ)
    reference = store.resolved(module.reference("iac/shop/group_vars/db_password", options))
    assert store.get(reference) == Secret(b"Tr0ub4dor-and-3")
    remediate(file, logging_in, "--undo")
    assert file.read_text() == BEFORE
    assert accessors(bao) == before


def test_a_plan_gives_its_token_back_as_well(bao: OpenBao, logging_in: dict[str, str], file: Path) -> None:
    before = accessors(bao)
    remediate(file, logging_in, "--store", "vault", exits=1)
    remediate(file, logging_in, "--store", "vault", "--mount", "nope", exits=4)
    assert accessors(bao) == before
    assert file.read_text() == BEFORE


@pytest.mark.parametrize("store", ["aws-secretsmanager", "aws-ssm"])
def test_aws(aws: Moto, file: Path, store: str) -> None:
    environ = {**aws.environ, "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    remediate(file, environ, "--store", store, "--apply")
    assert "Tr0ub4dor" not in file.read_text()
    module = stores.named(store)
    reference = module.reference(module.fitted("iac/shop/group_vars/db_password"), stores.Options())
    assert module.connected(stores.Options(), environ).get(reference) == Secret(b"Tr0ub4dor-and-3")
    remediate(file, environ, "--undo")
    assert file.read_text() == BEFORE


def test_a_server_that_is_not_there_stops_it_with_exit_code_4(file: Path) -> None:
    environ = {"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": "x"}
    done = remediate(file, environ, "--store", "vault", "--apply", exits=4)
    assert "http://127.0.0.1:1 cannot be reached" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert file.read_text() == BEFORE
