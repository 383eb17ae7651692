"""A saved plan is read as what it is: a file that anybody may have written."""

import json
from pathlib import Path
from typing import Any

import pytest
from repositories import Repo
from rewrites import planned

from secretsweep import stores
from secretsweep.app.remediation import saved
from secretsweep.errors import UsageError


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    repo = Repo(tmp_path / "repo")
    repo.commit({"group_vars/all.yml": "db_password: Tr0ub4dor-and-3\n"})
    return json.loads(saved.written(planned(repo.path, "vault"), stores.Options(), "iac/{name}", (".",)))


def test_it_is_read_as_it_was_written(tmp_path: Path, plan: Any) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    assert saved.read(str(file)) == plan


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", "secretsweep.plan/9"),
        ("store", None),
        ("template", 1),
        ("salt", "!"),
        ("paths", [1]),
        ("paths", "abc"),
        ("files", [1]),
        ("files", {"a": 1}),
        ("puts", 5),
        ("puts", [5]),
        ("options", {"mount": 5}),
        ("options", {"nothing": "x"}),
    ],
)
def test_what_is_no_plan_is_told(tmp_path: Path, plan: Any, name: str, value: object) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan | {name: value}))
    with pytest.raises(UsageError, match="not a plan that"):
        saved.read(str(file))


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b"[" * 100_000])
def test_what_is_no_json_of_a_plan_is_told(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(data)
    with pytest.raises(UsageError, match="not a plan that"):
        saved.read(str(file))
