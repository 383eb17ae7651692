"""A plan is made for what can be done, and says of everything else why not; one bad writer costs no other file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo
from rewrites import planned

from secretsweep.formats import Unparsed
from secretsweep.model import Addition, Change, Refusal, Spot
from secretsweep.writers import File, Tree, ansible


@pytest.fixture
def root(tmp_path: Path) -> Path:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {
            "a/group_vars/all.yml": "db_password: Tr0ub4dor-and-3\n",
            "b/group_vars/all.yml": "db_password: Summer-2024-prod\n",
        }
    )
    return repo.path


@pytest.mark.parametrize(
    ("raised", "said"), [(Unparsed("x"), "does not parse"), (KeyError("Tr0ub4dor-and-3"), "a bug: KeyError in ")]
)
def test_a_writer_that_fails_costs_its_own_file_only(
    root: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str
) -> None:
    own = ansible.rewrite

    def failing(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
        if file.path.startswith("a/"):
            raise raised
        return own(spots, file, tree)

    monkeypatch.setattr(ansible, "rewrite", failing)
    plan = planned(root, "vault").plan
    assert plan.paths == ("b/group_vars/all.yml",)
    [refusal] = plan.refusals
    assert refusal.spot.path == "a/group_vars/all.yml"
    assert said in refusal.reason
    assert "Tr0ub4dor" not in refusal.reason


def test_a_spot_that_a_writer_forgets_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible, "rewrite", lambda spots, file, tree: iter(()))
    plan = planned(root, "vault").plan
    assert plan.changes == ()
    assert [refusal.reason for refusal in plan.refusals] == ["a bug: the writer forgot it"] * 2


def test_a_comment_is_left_to_its_people(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.yaml": "auth:\n  # admin:$apr1$OFG3Xybp$ckL0FHDAkoXYIlH9.cysT0\n  enabled: true\n"})
    plan = planned(repo.path, "vault").plan
    assert plan.changes == ()
    [refusal] = plan.refusals
    assert (refusal.reason, refusal.instead) == ("in a comment, which nothing reads", "delete it by hand")


@pytest.mark.parametrize("how", ["file", "folder", "vendored", "outside", "taken"])
def test_what_belongs_to_a_change_is_not_written_just_anywhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    targets = {"file": "link.tf", "folder": "there/new.tf", "vendored": "vendor/new.tf", "outside": "../new.tf"}
    path = targets.get(how, "a")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine.tf").write_text("mine\n")
    (root / "link.tf").symlink_to(tmp_path / "elsewhere" / "mine.tf")
    (root / "there").symlink_to(tmp_path / "elsewhere")
    own = ansible.rewrite

    def adding(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
        for change in own(spots, file, tree):
            assert isinstance(change, Change)
            yield replace(change, additions=(Addition(path, "x\n", "a block"),))

    monkeypatch.setattr(ansible, "rewrite", adding)
    plan = planned(root, "vault").plan
    assert plan.changes == ()
    assert all(f"{path} would have to change with it" in refusal.reason for refusal in plan.refusals)
