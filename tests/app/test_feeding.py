"""A value in Terraform's state is told with the line of the configuration that feeds it."""

import json
from pathlib import Path

import pytest
from repositories import Repo, audited

from secretsweep.app.scan import Request, scan
from secretsweep.detect.gate import cache_folder
from secretsweep.model import Report
from secretsweep.rules.load import load

PASSWORD = "Tr0ub4dor-and-3"
MAIN = 'variable "pw" {}\n\nresource "aws_db_instance" "main" {\n  engine   = "postgres"\n  password = var.pw\n}\n'
OTHER = MAIN.replace("var.pw", "var.other")


def state(module: str = "") -> str:
    resource = {
        "mode": "managed",
        "type": "aws_db_instance",
        "name": "main",
        "provider": "p",
        "instances": [{"index_key": 0, "attributes": {"password": PASSWORD, "engine": "postgres"}}],
    } | ({"module": module} if module else {})
    head = {"version": 4, "terraform_version": "1.5.0", "serial": 1, "lineage": "x"}
    return json.dumps(head | {"resources": [resource]})


def lines(report: Report) -> list[tuple[str, str]]:
    places = [place for credential in report.credentials for place in credential.occurrences]
    return [(place.path.rpartition("repo/")[2], place.fed_by.rpartition("repo/")[2]) for place in places]


@pytest.mark.parametrize("how", ["scan", "audit"])
def test_the_line_of_the_same_folder_is_named(repo: Repo, how: str) -> None:
    repo.commit({"prod/main.tf": MAIN, "prod/terraform.tfstate": state(), "test/main.tf": OTHER, "main.tf": OTHER})
    found = read(repo, how)
    assert lines(found) == [("prod/terraform.tfstate", "prod/main.tf:5")]


@pytest.mark.parametrize("how", ["scan", "audit"])
def test_a_modules_line_is_named(repo: Repo, how: str) -> None:
    repo.commit({"modules/db/main.tf": MAIN, "terraform.tfstate": state("module.db"), "main.tf": 'module "db" {}\n'})
    assert lines(read(repo, how)) == [("terraform.tfstate", "modules/db/main.tf:5")]


@pytest.mark.parametrize("how", ["scan", "audit"])
def test_without_the_configuration_nothing_is_said(repo: Repo, how: str) -> None:
    repo.commit({"terraform.tfstate": state(), "main.tf": MAIN.replace("main", "other")})
    assert lines(read(repo, how)) == [("terraform.tfstate", "")]


def read(repo: Repo, how: str) -> Report:
    if how == "audit":
        return audited(repo)
    return scan(Request(load(), "", paths=(str(repo.path),), cache=cache_folder()), lambda *_: None)


def test_the_line_is_in_reports(repo: Repo, tmp_path: Path) -> None:
    import io

    from secretsweep.reports import json as as_json
    from secretsweep.reports import text

    repo.commit({"main.tf": MAIN, "terraform.tfstate": state()})
    report, out, said = audited(repo), io.StringIO(), io.StringIO()
    as_json.render(report, out)
    [credential] = json.loads(out.getvalue())["credentials"]
    assert credential["occurrences"][0]["fed_by"] == "main.tf:5"
    text.render(report, said)
    assert "(fed by main.tf:5)" in said.getvalue()
