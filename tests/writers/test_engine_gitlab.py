"""GitLab's schema for pipelines takes what was remediated."""

import subprocess

import pytest
from engines import tool
from rewrites import Case, cases


@pytest.mark.parametrize("case", cases("gitlab-ci"), ids=lambda case: case.name)
def test_the_pipeline_is_one(case: Case) -> None:
    files = sorted(str(path) for path in (case.folder / "after").rglob("*.yml"))
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    checked = subprocess.run([*command, *files], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout
