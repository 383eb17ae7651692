"""A branch with one commit of the files that were rewritten; nothing is pushed, no other change is taken along."""

import re
from collections.abc import Sequence
from pathlib import Path

from secretsweep.errors import GitError

PREFIX = "secretsweep/"


def check(top: Path, paths: Sequence[str]) -> None:
    """GitError when a commit of these files would hold more than the rewrite."""
    import git as gitpython

    with gitpython.Repo(top) as repo:
        if not repo.head.is_valid():
            raise GitError("--pr: wants a repository with a commit to start from")
        changed = {d.a_path for d in repo.head.commit.diff(None, paths=list(paths))} if paths else set()
        if changed:
            named = ", ".join(sorted(str(path) for path in changed)[:5])
            raise GitError(f"--pr: {named}: has changes that are not committed; commit or stash them first")


def made(top: Path, name: str, message: str, paths: Sequence[str]) -> str:
    """Commit the files on a new branch that HEAD then is on; the branch's name. What else is changed or staged stays
    as it is."""
    import git as gitpython

    with gitpython.Repo(top) as repo:
        branch = _free(repo, PREFIX + (re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "remediate"))
        index = gitpython.IndexFile.from_tree(repo, "HEAD")
        try:
            index.add(list(paths), write=False)
            tree = index.write_tree()
            commit = gitpython.Commit.create_from_tree(repo, tree, message, [repo.head.commit])
        except (gitpython.exc.GitError, OSError, ValueError) as error:
            why = f"--pr: the commit cannot be made: {type(error).__name__}; the files are rewritten"
            raise GitError(why) from None
        head = repo.create_head(branch, commit)
        repo.head.reference = head
        repo.git.reset("-q", "--", *paths)
        return branch


def _free(repo: "object", name: str) -> str:
    taken = {head.name for head in repo.heads}  # type: ignore[attr-defined]
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
