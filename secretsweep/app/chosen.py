"""Which files the hook reads: what is staged, the files that are named, or every file of the index."""

import os
from collections.abc import Callable

from secretsweep.errors import GitError, UsageError
from secretsweep.git import staged
from secretsweep.git.command import Git
from secretsweep.git.staged import Change, Place, Staged


def place(git: Git) -> Place:
    """The working tree around the current folder. GitError says what is there instead."""
    try:
        return staged.place(git)
    except GitError:
        from secretsweep.git import repository

        found = repository.find(git.folder)
        raise GitError(f"{found.common_dir}: a bare repository has nothing staged") from None


def of(git: Git, where: Place, found: Staged, files: tuple[str, ...], everything: bool) -> Staged:
    """The part of `found` that is asked for, and whole files where those have no staged change."""
    if not files and not everything:
        return found
    indexed, unmerged = staged.indexed(git)
    if everything:
        return Staged(tuple(indexed), unmerged=tuple(unmerged))
    changed = {change.path: change for change in found.changes}
    held = {change.path: changed.get(change.path, change) for change in indexed}
    wanted: dict[str, Change] = {}
    conflicts: set[str] = set()
    for name in files:
        inside = _below(_path(where, name))
        in_conflict = set(filter(inside, unmerged))
        chosen = {path: change for path, change in held.items() if inside(path)}
        if not chosen and not in_conflict and not any(map(inside, found.gone)):
            path = _path(where, name)
            if not os.path.isfile(os.path.join(where.top, path)):
                raise UsageError(f"{name}: no such file, neither in the index nor on disk")
            chosen = {path: Change(path, "")}
        wanted.update(chosen)
        conflicts |= in_conflict
    return found._replace(changes=tuple(wanted.values()), unmerged=tuple(sorted(conflicts)))


def nothing(found: Staged) -> str:
    """Why there is nothing to read, in words."""
    if not found.gone and not found.other:
        return "nothing is staged: nothing was scanned"
    what = [f"{len(found.gone)} deleted"] if found.gone else []
    what += [f"{found.other} changed in mode or a submodule"] if found.other else []
    return f"no content is staged ({', '.join(what)}): nothing to scan"


def _path(where: Place, name: str) -> str:
    """A name given in the current folder as a path below the top."""
    if os.path.isabs(name):
        path = os.path.relpath(os.path.realpath(os.path.dirname(name)), os.path.realpath(where.top))
        path = os.path.normpath(os.path.join(path, os.path.basename(name)))
    else:
        path = os.path.normpath(os.path.join(where.prefix, name))
    if path == ".." or path.startswith("../"):
        raise UsageError(f"{name}: outside of {where.top}")
    return path


def _below(folder: str) -> Callable[[str], bool]:
    return lambda path: folder in (".", path) or path.startswith(f"{folder}/")
