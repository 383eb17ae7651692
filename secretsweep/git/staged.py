"""What is being committed: the content of the index where it differs from every parent of the commit to be.

In a merge only what neither side has is new. Renames are not followed here: a moved file is one deleted and one
added, and `origins` tells which, where it matters.
"""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretsweep.git import catfile
from secretsweep.git.command import Git, running

_LINK = "160000"  # a submodule: the id of a commit elsewhere
_RAW = ("--cached", "--raw", "-z", "--no-abbrev", "--ita-invisible-in-index", "--no-ext-diff", "-O/dev/null")


class Place(NamedTuple):
    """The repository that the hook runs in."""

    top: str  # its working tree
    git_dir: str
    common_dir: str
    prefix: str  # the current folder below `top`, with a slash at its end, or ""


class Change(NamedTuple):
    """A file whose content the commit brings. `olds` has its content in each parent, "" where it is not there.

    Without `olds` it is a file as it is in the index or, without an `oid`, on disk.
    """

    path: str
    oid: str
    olds: tuple[str, ...] = ()
    lines: int = 0  # added against the first parent; 0 for binary content


class Staged(NamedTuple):
    """Everything that is staged."""

    changes: tuple[Change, ...]
    gone: tuple[str, ...] = ()  # deleted files
    other: int = 0  # changed modes and submodules: nothing to read
    unmerged: tuple[str, ...] = ()  # paths in conflict: they have no content yet


def place(git: Git) -> Place:
    """Where the current folder is; GitError when it is in no working tree."""
    said = git.run("rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--show-prefix")
    top, git_dir, common, prefix = said.decode("utf-8", "surrogateescape").split("\n")[:4]
    return Place(top, git_dir, os.path.join(git.folder, common), prefix)


class Listing:
    """`git diff --cached`, started at once, read when it is needed."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._command = ("diff", *_RAW, "--numstat", "--no-renames")
        self._process = git.start(*self._command)

    def staged(self, others: Iterable[str] = ()) -> Staged:
        """What differs from HEAD (from nothing, before the first commit) and from the `others`, merged with it."""
        with running(self._process) as process:
            assert process.stdout is not None
            output = process.stdout.read()
            process.wait()
        if process.returncode:
            output = self._git.run(*self._command)  # says why it fails
        rows, added = _listed(output)
        news: dict[str, list[str]] = {}
        gone = []
        other = 0
        unmerged = {path for path, row in rows if row.status == "U"}
        for path, row in rows:
            if path in unmerged:
                continue
            if row.status == "D":
                gone.append(path)
            elif row.new_mode == _LINK or (row.old == row.new and row.old_mode != _LINK):
                other += 1
            else:
                news[path] = [row.new, row.kept]
        for parent in others:
            theirs = dict(_listed(self._git.run("diff", *_RAW, "--no-renames", parent))[0])
            news = {p: [*v, theirs[p].kept] for p, v in news.items() if p in theirs and theirs[p].old != v[0]}
        changes = tuple(Change(p, v[0], tuple(v[1:]), added.get(p, 0)) for p, v in news.items())
        return Staged(changes, tuple(gone), other, tuple(sorted(unmerged)))

    def close(self) -> None:
        """End git when nobody wants to know any more."""
        with running(self._process):
            pass


class _Row(NamedTuple):
    old_mode: str
    new_mode: str
    old: str
    new: str
    status: str

    @property
    def kept(self) -> str:
        """The old content by which lines are compared; none when it was another sort of thing (a link, say)."""
        return self.old if self.old.strip("0") and self.old_mode[:3] == self.new_mode[:3] else ""


def merging(location: Place) -> tuple[str, ...]:
    """The other parents of a merge in progress."""
    try:
        with open(os.path.join(location.git_dir, "MERGE_HEAD"), encoding="ascii") as file:
            return tuple(file.read().split())
    except FileNotFoundError:
        # `git merge` names them like this while its pre-merge-commit hook runs, before MERGE_HEAD is there
        return tuple(k.removeprefix("GITHEAD_") for k in sorted(os.environ) if k.startswith("GITHEAD_"))


def indexed(git: Git) -> tuple[list[Change], list[str]]:
    """Every file of the index, and the paths in conflict."""
    found, unmerged = [], set()
    for entry in git.run("ls-files", "--stage", "-z", "--full-name", ":/").split(b"\0"):
        if not entry:
            continue
        meta, _, name = entry.partition(b"\t")
        mode, oid, stage = meta.decode().split(" ")
        path = name.decode("utf-8", "surrogateescape")
        if stage != "0":
            unmerged.add(path)
        elif mode != _LINK:
            found.append(Change(path, oid))
    return found, sorted(unmerged)


def contents(
    git: Git, changes: Iterable[Change], largest: int, top: str = ""
) -> Iterator[tuple[Change, catfile.Object]]:
    """The content of each file, by one git; what git does not have is read below `top`."""
    wanted = list(changes)
    held = [change for change in wanted if change.oid]
    if held:
        yield from zip(held, catfile.read(git, "".join(c.oid + "\n" for c in held).encode(), largest), strict=True)
    for change in wanted:
        if not change.oid:
            yield change, _on_disk(os.path.join(top, change.path), largest)


def _on_disk(path: str, largest: int) -> catfile.Object:
    try:
        if os.stat(path).st_size > largest:
            return catfile.Object("", "blob", b"", "too-large")
        with open(path, "rb") as file:
            return catfile.Object("", "blob", file.read())
    except OSError:
        return catfile.Object("", "blob", b"", "unreadable")


def origins(git: Git) -> dict[str, str]:
    """For each file that was moved: the content that it had where it came from."""
    output = git.run("diff", *_RAW, "--find-renames", "--diff-filter=R")
    return {path: row.kept for path, row in _listed(output)[0]}


def _listed(output: bytes) -> tuple[list[tuple[str, _Row]], dict[str, int]]:
    """`--raw -z` entries, then `--numstat -z` ones; a moved file is listed by its new name."""
    rows, added = [], {}
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field.startswith(b":"):
            old_mode, new_mode, old, new, status = field[1:].decode().split(" ")
            name = next(fields)
            if status[0] in "RC":
                name = next(fields)
            rows.append((name.decode("utf-8", "surrogateescape"), _Row(old_mode, new_mode, old, new, status)))
        elif field:
            plus, _, name = field.split(b"\t", 2)
            added[name.decode("utf-8", "surrogateescape")] = int(plus) if plus.isdigit() else 0
    return rows, added
