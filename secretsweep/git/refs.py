"""Refs by name and what they point at."""

import fnmatch
from typing import NamedTuple

from secretsweep.errors import UsageError
from secretsweep.git.command import Git

_TYPES = ("commit", "tree", "blob")


class Ref(NamedTuple):
    """`target` is the commit (or other object) after peeling tags; `type` is the peeled object's type."""

    name: str
    target: str
    type: str


def every(git: Git) -> list[Ref]:
    """All refs, peeled (60,000 of them in 0.5 s). One that points at an object that is not there has no type."""
    listed = git.run("for-each-ref", "--format=%(objectname) %(refname)").decode("utf-8", "surrogateescape")
    # names may hold any character beside ASCII controls and blanks, so only a newline ends a line
    named = [(oid, name) for oid, _, name in (line.partition(" ") for line in listed.split("\n")) if oid]
    asked = "".join(f"{oid}^{{}}\n" for oid, _ in named).encode()
    said = (
        git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", data=asked, fails=False).decode().split("\n")
    )
    refs = []
    for (oid, name), answer in zip(named, said + [""] * len(named), strict=False):
        target, _, kind = answer.partition(" ")
        refs.append(Ref(name, target, kind) if kind in _TYPES else Ref(name, oid, ""))
    return refs


def objects(git: Git) -> dict[str, str]:
    """What each ref points at itself, tags not peeled, by its full name."""
    listed = git.run("for-each-ref", "--format=%(objectname) %(refname)").decode("utf-8", "surrogateescape")
    return {name: oid for oid, _, name in (line.partition(" ") for line in listed.split("\n")) if oid}


def matching(git: Git, pattern: str) -> list[Ref]:
    """The refs whose full or short name matches the glob. UsageError when none does."""
    found = [r for r in every(git) if any(fnmatch.fnmatchcase(n, pattern) for n in (r.name, short(r.name)))]
    if not found:
        raise UsageError(f"--ref {pattern}: no ref matches; `git for-each-ref` lists them")
    return found


def short(name: str) -> str:
    """`main` for `refs/heads/main`, `origin/main` for a remote's, `v1` for a tag's; others without `refs/`."""
    for prefix in ("refs/heads/", "refs/remotes/", "refs/tags/", "refs/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
