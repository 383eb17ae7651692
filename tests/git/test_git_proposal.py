"""A proposal is one commit of the given files on a branch of its own; whatever else is changed stays as it is."""

import os
from pathlib import Path

import pytest
from repositories import Repo
from traps import trap

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
    assert proposal.check(repo.path, ["a.yml", "new.yml"]) == ("a.yml", "new.yml")
    with pytest.raises(GitError, match=r"b\.yml: has changes"):
        proposal.check(repo.path, ["a.yml", "b.yml"])
    repo.run("add", "b.yml")
    (repo.path / "b.yml").write_text("b: 1\n")
    with pytest.raises(GitError, match=r"b\.yml: has changes"):
        proposal.check(repo.path, ["b.yml"])


def test_what_git_does_not_have_is_not_committed(repo: Repo) -> None:
    """An ignored `.env` is rewritten, and stays ignored."""
    repo.commit({"a.yml": "a: 1\n", ".gitignore": ".env\n"})
    (repo.path / ".env").write_text("A=1\n")
    assert proposal.check(repo.path, [".env", "a.yml"]) == ("a.yml",)
    with pytest.raises(GitError, match="nothing to commit"):
        proposal.check(repo.path, [".env"])


def test_no_program_that_the_repository_names_is_started(repo: Repo, tmp_path: Path) -> None:
    canary = trap(repo, tmp_path, "a: 1\n")
    (repo.path / "b.bin").write_text("changed\n")
    assert proposal.check(repo.path, ["a.yml", "new.yml"]) == ("a.yml", "new.yml")
    (repo.path / "a.yml").write_text("a: ü\n")
    (repo.path / "new.yml").write_text("n: 1\n")
    branch = proposal.made(repo.path, "vault-1", "Überschrift\n", ["a.yml", "new.yml"])
    assert not canary.exists()
    (repo.path / ".git/config").write_text("[core]\n\trepositoryformatversion = 0\n")
    assert text(repo, "symbolic-ref", "HEAD") == f"refs/heads/{branch}"
    assert text(repo, "show", "--format=%s", "--name-status", "HEAD").split() == [
        "Überschrift", "M", "a.yml", "A", "new.yml"
    ]  # fmt: skip
    assert text(repo, "cat-file", "blob", "HEAD:a.yml") == "a: ü"


def test_line_ends_are_those_that_git_has(repo: Repo) -> None:
    repo.commit({"a.yml": "a: 1\nb: 1\n", "b.yml": "a: 1\r\nb: 1\r\n", "run.sh": "a\n"})
    repo.run("update-index", "--chmod=+x", "run.sh")
    repo.run("commit", "-qm", "mode")
    paths = ["a.yml", "b.yml"]
    (repo.path / "a.yml").write_bytes(b"a: 1\r\nb: 1\r\n")
    assert list(proposal.check(repo.path, paths)) == paths
    for path in paths:
        (repo.path / path).write_bytes(b"a: 2\r\nb: 1\r\n")
    (repo.path / "run.sh").write_text("b\n")
    proposal.made(repo.path, "x", "m\n", [*paths, "run.sh"])
    assert text(repo, "diff", "--numstat", "HEAD^", "HEAD").split("\n") == [
        "1\t1\ta.yml",
        "1\t1\tb.yml",
        "1\t1\trun.sh",
    ]
    assert text(repo, "ls-tree", "HEAD", "run.sh").startswith("100755 ")


def test_odd_names_are_names(repo: Repo) -> None:
    names = [":(glob)*.yml", "-x.yml", "a b\n.yml", "*.yml", "ü.yml"]
    repo.commit({"z.yml": "a: 1\n", **dict.fromkeys(names, "a: 1\n")})
    assert list(proposal.check(repo.path, names)) == names
    for name in [*names, "z.yml"]:
        (repo.path / name).write_text("a: 2\n")
    proposal.made(repo.path, "x", "m\n", names)
    assert set(repo.run("show", "--format=", "--name-only", "-z", "HEAD").decode().split("\0")) == {*names, ""}


def test_a_change_as_young_as_the_index_stays_one(repo: Repo) -> None:
    """git looks again at files that are as young as its index, and this one has the size and time of what it was."""
    repo.commit({"a.yml": "a: 1\n", "b.yml": "b: 1\n"})
    for name, value in (("core.trustctime", "false"), ("core.checkStat", "minimal")):
        repo.run("config", name, value)
    before = 1_700_000_000 * 10**9
    os.utime(repo.path / "b.yml", ns=(before, before))
    repo.run("update-index", "--refresh")
    (repo.path / "b.yml").write_text("b: 2\n")
    for file in ("b.yml", ".git/index"):
        os.utime(repo.path / file, ns=(before, before))
    (repo.path / "a.yml").write_text("a: 2\n")
    proposal.made(repo.path, "x", "m\n", ["a.yml"])
    assert text(repo, "status", "--porcelain") == "M b.yml"
