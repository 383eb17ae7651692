"""The rewritten modules, by Terraform's own core: what providers are given is the value, and who keeps it is as said.

The providers are test doubles with the names and types of the real ones; they read OpenBao and moto.
"""

import json
import re
import subprocess
from pathlib import Path

import boto3
import hvac
import pytest
from engines import Moto, OpenBao, sops_key, tool
from rewrites import ROOT, Case, applied, laid_out, options_of, planned
from terraform_stub import mirror
from terraform_stub.running import Terraform, kept, opened

from secretsweep import stores
from secretsweep.app.remediation.planning import Prepared
from secretsweep.stores import sops

_BLOCK = re.compile(r'^\s*(?:resource|data|ephemeral)\s+"(\w+)"', re.MULTILINE)
# of which keys the state keeps the value, by what the plan warns about
_VAULT = {
    "writeonly": (),
    "partial": (),
    "modules": (),
    "crlf": (),
    "tfvars": ("grafana",),
    "providers": (),
    "variables": ("mq_password",),
    "locals": ("smtp_password", "cache_password"),
    "nested": ("adminPassword",),
    "fallback": ("aws_db_instance", "events"),
}
_UNUSED = {  # no provider is given them
    "variables": ("registry_password", "db_url"),
    "providers": ("web", "vault"),
    "crlf": ("docker",),
    "locals": ("smtp_password",),
}


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = (file for folder in ROOT.glob("terraform_*") for file in folder.glob("*/*/**/*.tf"))
    kinds = {kind for file in files for kind in _BLOCK.findall(file.read_text())}
    return mirror.laid_out(tmp_path_factory.mktemp("providers"), kinds)


def _values(prepared: Prepared) -> dict[str, str]:
    return {str(put.reference.path): prepared.secrets[put.reference].reveal().decode() for put in prepared.plan.puts}


def _exports(prepared: Prepared, environ: dict[str, str], folder: Path, where: Path | None = None) -> dict[str, str]:
    """What the needs of the plan say is to be exported, done by bash where Terraform runs."""
    folder.mkdir()
    (folder / "vault").symlink_to(tool("bao"))
    needs = [need for change in prepared.plan.changes for need in change.needs if need.startswith("export ")]
    script = "\n".join(["set -e", *(need.partition(" wherever Terraform runs")[0] for need in needs), "env -0"])
    path = f"{folder}:{Path(tool('bao')).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", script], cwd=where, env=environ | {"PATH": path}, capture_output=True, check=True
    )
    pairs = (one.partition("=") for one in done.stdout.decode().split("\0"))
    return {name: value for name, _, value in pairs if name.startswith("TF_VAR_")}


def _performed(terraform: Terraform, variables: tuple[str, ...] = ()) -> None:
    terraform.must("init", "-no-color", "-input=false")
    terraform.must("plan", "-no-color", "-input=false", "-out=plan.tfplan", *variables)
    terraform.must("apply", "-no-color", "-input=false", "plan.tfplan")


@pytest.mark.parametrize("name", _VAULT)
def test_the_value_reaches_the_provider_and_is_kept_only_where_the_plan_says_so(
    name: str, bao: OpenBao, configuration: Path, tmp_path: Path
) -> None:
    root = laid_out(Case(ROOT / "terraform_vault" / name), tmp_path / "repo")
    clean = opened(root, tmp_path / "log", configuration, bao.environ).unformatted()
    prepared = planned(root, "vault")
    client = hvac.Client(url=bao.url, token=bao.token)
    for put in prepared.plan.puts:
        value = prepared.secrets[put.reference].reveal().decode()
        at = put.reference
        client.secrets.kv.v2.create_or_update_secret(at.path, {at.field: value}, mount_point=at.mount)
    applied(prepared, root)
    given = _exports(prepared, bao.environ, tmp_path / "bin")
    if "TF_VAR_vault_token" in given:  # the fixture's own token opens nothing
        given["TF_VAR_vault_token"] = bao.token
    terraform = opened(root, tmp_path / "log", configuration, bao.environ | given)
    assert terraform.unformatted() == clean
    _performed(terraform, ("-var-file=env/prod.tfvars",) if name == "tfvars" else ())
    said = json.dumps(terraform.given(), ensure_ascii=False)
    for path, value in _values(prepared).items():
        inside = json.dumps(value, ensure_ascii=False)[1:-1]
        twice = json.dumps(inside, ensure_ascii=False)[1:-1]  # in a document in a string
        unused = any(key in path for key in _UNUSED.get(name, ()))
        assert unused or inside in said or twice in said, path
        assert bool(kept(root, value)) == any(key in path for key in _VAULT[name]), (path, kept(root, value))


@pytest.mark.parametrize("name", [*(name for name in _VAULT if name not in ("partial", "nested")), "stacks"])
def test_the_value_reaches_the_provider_from_a_file_of_sops(name: str, configuration: Path, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "terraform_sops" / name), tmp_path / "repo")
    clean = opened(root, tmp_path / "log", configuration, {}).unformatted()
    prepared = planned(root, "sops")
    environ = sops_key(tmp_path)
    applied(prepared, root, sops.connected(stores.Options(tree=str(root)), environ))
    folders = sorted((root / "infra").iterdir()) if name == "stacks" else [root]
    said = ""
    for folder in folders:
        given = _exports(prepared, environ, tmp_path / "bin", root) if folder == root else {}
        terraform = opened(folder, tmp_path / "log", configuration, environ | given)
        assert terraform.unformatted() <= clean
        _performed(terraform, ("-var-file=env/prod.tfvars",) if name == "tfvars" else ())
        said = json.dumps(terraform.given(), ensure_ascii=False)
    for put in prepared.plan.puts:
        key, value = put.reference.field, prepared.secrets[put.reference].reveal().decode()
        inside = json.dumps(value, ensure_ascii=False)[1:-1]
        twice = json.dumps(inside, ensure_ascii=False)[1:-1]  # in a document in a string
        assert any(one in key for one in _UNUSED.get(name, ())) or inside in said or twice in said, key
        for folder in folders:  # a data source reads all of a file, as the plan says
            whole = any('data "sops_file"' in file.read_text() for file in folder.glob("*.tf"))
            wanted = whole or any(one in key for one in _VAULT.get(name, ()))
            assert bool(kept(folder, value)) == wanted, (key, folder, kept(folder, value))
    told = any("every value of iac.enc.yaml" in w for change in prepared.plan.changes for w in change.warnings)
    assert told == any('data "sops_file"' in file.read_text() for file in root.rglob("*.tf"))


@pytest.mark.parametrize("store", ["aws-secretsmanager", "aws-ssm"])
def test_aws_reads_its_own_stores(store: str, aws: Moto, configuration: Path, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / f"terraform_{store}" / "database"), tmp_path / "repo")
    prepared = planned(root, store)
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    for put in prepared.plan.puts:
        value = prepared.secrets[put.reference].reveal().decode()
        if store == "aws-ssm":
            client = boto3.client("ssm", endpoint_url=aws.url, **keys)
            client.put_parameter(Name=put.reference.path, Value=value, Type="SecureString")
        else:
            client = boto3.client("secretsmanager", endpoint_url=aws.url, **keys)
            client.create_secret(Name=put.reference.path, SecretString=value)
    applied(prepared, root)
    terraform = opened(root, tmp_path / "log", configuration, aws.environ)
    _performed(terraform)
    said = json.dumps(terraform.given(), ensure_ascii=False)
    for path, value in _values(prepared).items():
        assert json.dumps(value, ensure_ascii=False)[1:-1] in said, path
        assert bool(kept(root, value)) == ("_directory_" in path or "events" in path), path


@pytest.mark.parametrize("store", ["azure-keyvault", "gcp-secretmanager"])
def test_names_and_types_are_those_of_the_other_providers(store: str, configuration: Path, tmp_path: Path) -> None:
    case = Case(ROOT / f"terraform_{store}" / "database")
    root = laid_out(case, tmp_path / "repo")
    options, template = options_of(case)
    applied(planned(root, store, options, template), root)
    terraform = opened(root, tmp_path / "log", configuration, {})
    terraform.must("init", "-no-color", "-input=false")
    terraform.must("validate", "-no-color")


def test_a_literal_that_became_write_only_leaves_the_state(bao: OpenBao, configuration: Path, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "terraform_vault" / "migration"), tmp_path / "repo")
    terraform = opened(root, tmp_path / "log", configuration, bao.environ)
    _performed(terraform)
    prepared = planned(root, "vault")
    (path, value), *_ = _values(prepared).items()
    assert kept(root, value)
    client = hvac.Client(url=bao.url, token=bao.token)
    client.secrets.kv.v2.create_or_update_secret(path, {"value": value}, mount_point="secret")
    applied(prepared, root)
    terraform.must("init", "-no-color", "-input=false", "-upgrade")
    _performed(terraform)
    assert all(place.startswith("plan.tfplan ") for place in kept(root, value))  # that knows what was there before
    assert "No changes" in terraform.must("plan", "-no-color", "-input=false")
    assert value in (root / "terraform.tfstate.backup").read_text()  # what the checklist of the state is about
