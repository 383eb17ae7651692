"""cfn-lint says the same of a template that was remediated as of what it was before, or less."""

import json
import subprocess
from pathlib import Path

import pytest
from engines import tool
from rewrites import Case, cases, laid_out

CASES = [case for case in cases("cloudformation") if case.store.startswith("aws-")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_new_is_wrong(case: Case, tmp_path: Path) -> None:
    before = _said(laid_out(case, tmp_path / "before"))
    after = _said(case.folder / "after")
    assert after <= before


def test_a_secure_string_where_none_is_read_is_refused_by_the_linter_too(tmp_path: Path) -> None:
    """So that the table of properties is the linter's."""
    template = tmp_path / "stack.json"
    told = {}
    for kind, name in (("AWS::IAM::User", "LoginProfile"), ("AWS::AmazonMQ::Broker", "Users")):
        value = {"Password": "{{resolve:ssm-secure:/iac/app}}"}
        properties = {name: value if kind == "AWS::IAM::User" else [value]}
        template.write_text(json.dumps({"Resources": {"It": {"Type": kind, "Properties": properties}}}))
        told[kind] = "E1027" in {rule for rule, _ in _said(tmp_path)}
    assert told == {"AWS::IAM::User": False, "AWS::AmazonMQ::Broker": True}


def _said(folder: Path) -> set[tuple[str, str]]:
    """Rules and what they are about; lines move."""
    files = [str(p) for p in sorted(folder.iterdir()) if p.suffix in (".yaml", ".json")]
    told = subprocess.run([tool("cfn-lint"), "--format", "json", *files], capture_output=True, text=True, timeout=120)
    found = json.loads(told.stdout or "[]")
    assert told.stdout or told.returncode == 0, told.stderr
    return {(one["Rule"]["Id"], ".".join(map(str, one["Location"]["Path"] or ()))) for one in found}
