"""Every rewrite fixture: before becomes after, byte by byte, and the value is nowhere any more."""

from pathlib import Path

import pytest
from rewrites import Case, applied, cases, found_in, laid_out, options_of, planned, remaining, tree_of

from secretsweep.model import REVIEW


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_before_becomes_after(case: Case, tmp_path: Path) -> None:
    root = laid_out(case, tmp_path / "repo")
    options, template = options_of(case)
    prepared = planned(root, case.store, options, template)
    plan = prepared.plan
    told = [f"{r.spot.path}:{r.spot.line} {r.reason}; {r.instead}" for r in plan.refusals]
    assert len(told) == len(case.refused), told
    for said, expected in zip(told, case.refused, strict=True):
        place, _, reason = expected.partition(" ")
        assert said.startswith(f"{place} "), (said, expected)
        assert reason in said
    assert any(change.disposition == REVIEW for change in plan.changes) == case.review
    if plan.changes:
        applied(prepared, root)
    expected_tree = tree_of(case.folder / "after")
    assert tree_of(root) == expected_tree
    moved = {put.reference: prepared.secrets[put.reference] for put in plan.puts}
    assert remaining(root, moved) == []
    assert len([f for _, findings in found_in(root) for f in findings]) <= len(case.refused)
    assert planned(root, case.store, options, template).plan.changes == ()
