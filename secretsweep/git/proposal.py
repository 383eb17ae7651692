"""A branch with one commit of the files that were rewritten; nothing is pushed, no other change is taken along.

The repository may be hostile here, too: no filter, hook, signing program or alias of it runs. So a file whose committed
content only a filter makes (git-lfs, git-crypt) cannot be compared, and is not proposed. Line ends are the exception.
"""

import getpass
import os
import platform
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from secretsweep.errors import GitError
from secretsweep.git.command import Git

PREFIX = "secretsweep/"
_FILES = ("100644", "100755")


class _Entry(NamedTuple):
    mode: str
    oid: str


def check(top: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """The files that the commit will hold: those that git has, and those that are yet to be made. GitError when it
    would hold more than the rewrite."""
    git = Git(str(top))
    if not git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}", fails=False):
        raise GitError("--pr: wants a repository with a commit to start from")
    head, staged = _committed(git, paths), _staged(git, paths)
    changed = [path for path in paths if head.get(path) != staged.get(path)]
    changed += (path for path, entry in head.items() if path not in changed and not _same(git, top / path, entry))
    if changed:
        named = ", ".join(sorted(changed)[:5])
        why = "has changes that are not committed (or only a filter makes what git has); commit or stash them first"
        raise GitError(f"--pr: {named}: {why}")
    found = tuple(path for path in paths if path in head or not os.path.lexists(top / path))
    if not found:
        raise GitError("--pr: git has none of these files, so there is nothing to commit")
    return found


def made(top: Path, name: str, message: str, paths: Sequence[str]) -> str:
    """Commit the files on a new branch that HEAD then is on; the branch's name. What else is changed or staged stays
    as it is."""
    git = Git(str(top))
    try:
        return _made(git, top, name, message, paths)
    except (GitError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise GitError(f"--pr: the commit cannot be made: {why}; the files are rewritten") from None


def _made(git: Git, top: Path, name: str, message: str, paths: Sequence[str]) -> str:
    head = _committed(git, paths)
    entries = {path: _stored(git, top / path, head.get(path)) for path in paths}
    text = message.encode("utf-8", "surrogateescape")
    settings = ("-c", "i18n.commitEncoding=UTF-8", *_identity(git))
    branch = _free(git, PREFIX + (re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "remediate"))
    with tempfile.TemporaryDirectory(prefix="secretsweep-") as empty, tempfile.TemporaryDirectory() as beside:
        # writing an index, git looks through their filters at files that may have changed: here it sees none
        blind = Git(empty, git_dir=git.text("rev-parse", "--absolute-git-dir"))
        own = replace(blind, index=os.path.join(beside, "index"))
        own.run("read-tree", "HEAD")
        own.run("update-index", "-z", "--index-info", data=_listed(entries))
        tree = own.text("write-tree")
        commit = git.run(*settings, "commit-tree", tree, "-p", "HEAD", "-F", "-", data=text).decode().strip()
        git.run("update-ref", f"refs/heads/{branch}", commit, "")
        git.run("symbolic-ref", "-m", f"secretsweep: {branch}", "HEAD", f"refs/heads/{branch}")
        blind.run("update-index", "-z", "--index-info", data=_listed(_racy(git, top) | entries))
    return branch


def _listed(entries: Mapping[str, _Entry]) -> bytes:
    """Entries as `update-index` reads them; it takes them for not looked at since."""
    return b"".join(f"{mode} {oid}\t".encode() + os.fsencode(path) + b"\0" for path, (mode, oid) in entries.items())


def _racy(git: Git, top: Path) -> dict[str, _Entry]:
    """What the index has of files as young as itself: they may have changed since it was written, and a younger index
    would hide that."""
    index = top / git.text("rev-parse", "--git-path", "index")
    written = int(index.stat().st_mtime) if index.exists() else 0  # git may compare seconds
    found = {}
    for path, entry in _staged(git, ()).items():
        with suppress(OSError):
            if entry.mode in _FILES and entry.oid and int((top / path).lstat().st_mtime) >= written:
                found[path] = entry
    return found


def _committed(git: Git, paths: Iterable[str]) -> dict[str, _Entry]:
    """What HEAD has at the paths."""
    rows = _rows(git, paths, "ls-tree", "-z", "--full-tree", "HEAD")
    return {path: _Entry(row[0], row[2]) for path, row in rows}


def _staged(git: Git, paths: Iterable[str]) -> dict[str, _Entry]:
    """What the index has there; nothing of HEAD's is like an entry in conflict."""
    rows = _rows(git, paths, "ls-files", "-z", "--stage")
    return {path: _Entry(row[0], row[1] if row[2] == "0" else "") for path, row in rows}


def _rows(git: Git, paths: Iterable[str], *command: str) -> Iterable[tuple[str, list[str]]]:
    given = list(paths)  # none: all
    for start in range(0, max(len(given), 1), 500):  # a command line is not endless
        listed = git.run("--literal-pathspecs", *command, "--", *given[start : start + 500])
        for row in filter(None, listed.split(b"\0")):
            words, _, path = row.partition(b"\t")
            yield os.fsdecode(path), words.decode().split()


def _same(git: Git, file: Path, entry: _Entry) -> bool:
    """Whether a file is what was committed, but for its line ends."""
    try:
        if entry.mode not in _FILES or not stat.S_ISREG(file.lstat().st_mode):
            return False
        data = file.read_bytes()
    except OSError:
        return False
    return any(_oid(git, one) == entry.oid for one in dict.fromkeys((data, data.replace(b"\r\n", b"\n"))))


def _stored(git: Git, file: Path, was: _Entry | None) -> _Entry:
    """The file as it is now, among git's objects; with the line ends that git has there."""
    data = file.read_bytes()
    if was is not None and b"\r\n" in data and b"\r\n" not in git.run("cat-file", "blob", was.oid):
        data = data.replace(b"\r\n", b"\n")
    runs = file.stat().st_mode & stat.S_IXUSR
    return _Entry(was.mode if was is not None else _FILES[bool(runs)], _oid(git, data, "-w"))


def _oid(git: Git, data: bytes, *options: str) -> str:
    """The id of a content, which no filter has seen."""
    return git.run("hash-object", *options, "--no-filters", "--stdin", data=data).decode().strip()


def _identity(git: Git) -> tuple[str, ...]:
    """Settings with a name for who git does not know."""
    if git.text("var", "GIT_COMMITTER_IDENT", fails=False) and git.text("var", "GIT_AUTHOR_IDENT", fails=False):
        return ()
    user = getpass.getuser()
    return ("-c", f"user.name={user}", "-c", f"user.email={user}@{platform.node() or 'localhost'}")


def _free(git: Git, name: str) -> str:
    taken = set(git.text("for-each-ref", "--format=%(refname)", "refs/heads/").split("\n"))
    number, free = 1, name
    while f"refs/heads/{free}" in taken:
        number += 1
        free = f"{name}-{number}"
    return free
