"""secretsweep remediate --explain: the way of a value to what runs with it, without the value."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "Tr0ub4dor-and-3"
OTHER = "Summer-2024-prod"
TREE = {
    "main.tf": f'variable "db_password" {{\n  default = "{PASSWORD}"\n}}\n'
    'module "db" {\n  source   = "./modules/db"\n  password = var.db_password\n}\n',
    "modules/db/main.tf": 'variable "password" {}\nresource "aws_db_instance" "this" {\n  password = var.password\n}\n',
    "k8s/secret.yaml": f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: {PASSWORD}\n",
    "k8s/api.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: shop\nspec:\n"
    "  template:\n    spec:\n      containers:\n      - name: app\n        envFrom:\n        - secretRef: {name: db}\n",
    "group_vars/all.yml": f"db_password: {OTHER}\n",
}
SAID = """\
{id}  password

k8s/secret.yaml:6  stringData.password
└─ k8s/api.yaml:1  Deployment/shop/api  workload
   └─ k8s/api.yaml:12  spec.template.spec.containers[app].envFrom[0].secretRef  environment

main.tf:2  variable.db_password.default
└─ main.tf:6  module.db.password  module-input
   └─ modules/db/main.tf:3  resource.aws_db_instance.this.password  resource-argument

What runs with it, and needs the new value at a rotation:
  Deployment/shop/api  k8s/api.yaml:1
  aws_db_instance.this  modules/db/main.tf:3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Repo(tmp_path / "shop").commit(TREE)
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = "from secretsweep.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def ids() -> dict[str, str]:
    """Id by the first file of each credential."""
    report = json.loads(run("scan", "-q", "-f", "json").stdout)
    return {c["occurrences"][0]["path"]: c["id"] for c in report["credentials"]}


def test_every_literal_is_followed_and_what_runs_with_it_is_listed(folder: Path) -> None:
    wanted = ids()["k8s/secret.yaml"]
    result = run("remediate", "--explain", wanted[:10])
    assert (result.returncode, result.stdout) == (0, SAID.format(id=wanted))
    only = run("remediate", "main.tf", "--explain", wanted, "-q").stdout
    assert "modules/db/main.tf:3" in only and "k8s/" not in only


def test_the_same_for_programs(folder: Path) -> None:
    [one] = json.loads(run("remediate", "--explain", ids()["k8s/secret.yaml"], "-f", "json", "-q").stdout)[
        "credentials"
    ]
    assert [literal["address"] for literal in one["literals"]] == [
        "stringData.password",
        "variable.db_password.default",
    ]
    assert one["literals"][1]["children"][0]["children"][0]["consumer"] == "aws_db_instance.this"
    assert one["consumers"] == [
        {"name": "Deployment/shop/api", "path": "k8s/api.yaml", "line": 1},
        {"name": "aws_db_instance.this", "path": "modules/db/main.tf", "line": 3},
    ]


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_no_value_is_shown(folder: Path, fmt: str) -> None:
    for wanted in ids().values():
        result = run("remediate", "--explain", wanted, "-f", fmt)
        assert PASSWORD not in result.stdout + result.stderr
        assert OTHER not in result.stdout + result.stderr


def test_where_it_goes_is_said_to_be_unknown_where_it_is(folder: Path) -> None:
    result = run("remediate", "--explain", ids()["group_vars/all.yml"], "-q")
    assert "(where values of ansible files go is not known)" in result.stdout
    assert result.stdout.endswith("Nothing is known to run with it.\n")


@pytest.mark.parametrize(
    "arguments", [("--explain", "zz"), ("--explain", ""), ("--explain", "a", "--apply"), ("--explain", "a", "x")]
)
def test_what_cannot_be_explained_is_an_error_of_the_request(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run("remediate", *arguments, "-q")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("secretsweep: ")


def test_what_was_not_read_is_told_and_is_no_success(folder: Path) -> None:
    wanted = ids()["k8s/secret.yaml"]
    os.mkfifo(folder / "k8s" / "pipe.yml")
    result = run("remediate", "--explain", wanted, "-q")
    assert (result.returncode, result.stdout) == (3, SAID.format(id=wanted))
    assert "not read: k8s/pipe.yml" in result.stderr
