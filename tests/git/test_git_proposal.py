"""A proposal is one commit of the given files on a branch of its own; whatever else is changed stays as it is."""

import pytest
from repositories import Repo

from secretsweep.errors import GitError
from secretsweep.git import proposal


def text(repo: Repo, *args: str) -> str:
    return repo.run(*args).decode().strip()


def test_only_the_given_files_are_committed(repo: Repo) -> None:
    first = repo.commit({"a.yml": "a: 1\n", "b.yml": "b: 1\n", "c.yml": "c: 1\n"})
    (repo.path / "a.yml").write_text("a: 2\n")
    (repo.path / "b.yml").write_text("b: staged\n")
    repo.run("add", "b.yml")
    (repo.path / "c.yml").write_text("c: changed\n")
    (repo.path / "new.yml").write_text("n: 1\n")
    branch = proposal.made(repo.path, "vault-1", "Read 1 credential from vault\n", ["a.yml", "new.yml"])
    assert branch == "secretsweep/vault-1"
    assert text(repo, "symbolic-ref", "HEAD") == "refs/heads/secretsweep/vault-1"
    assert text(repo, "rev-parse", "HEAD^") == first
    assert text(repo, "show", "--format=%s", "--name-status", "HEAD").split("\n") == [
        "Read 1 credential from vault",
        "",
        "M\ta.yml",
        "A\tnew.yml",
    ]
    assert text(repo, "status", "--porcelain").split("\n") == ["M  b.yml", " M c.yml"]


def test_a_branch_that_is_there_is_not_touched(repo: Repo) -> None:
    repo.commit({"a.yml": "a: 1\n"})
    names = []
    for number in range(2, 4):
        (repo.path / "a.yml").write_text(f"a: {number}\n")
        names.append(proposal.made(repo.path, "vault/../1 x", "m\n", ["a.yml"]))
    assert names == ["secretsweep/vault-1-x", "secretsweep/vault-1-x-2"]


def test_changes_that_are_not_committed_are_refused(repo: Repo) -> None:
    with pytest.raises(GitError, match="a commit to start from"):
        proposal.check(repo.path, ["a.yml"])
    repo.commit({"a.yml": "a: 1\n", "b.yml": "b: 1\n"})
    (repo.path / "b.yml").write_text("b: 2\n")
    proposal.check(repo.path, ["a.yml", "new.yml"])
    with pytest.raises(GitError, match=r"b\.yml: has changes"):
        proposal.check(repo.path, ["a.yml", "b.yml"])
