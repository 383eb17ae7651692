"""Files on disk: which there are at or below the paths that a user names, and their content."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from secretsweep.model import Skip, Skipped

_NOT_OURS = frozenset((".git", ".hg", ".svn"))


def contents(
    paths: Iterable[str], excluded: Callable[[str], bool], largest: int, skipped: list[Skip]
) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each file, once however it is reached; what cannot be read goes to `skipped`."""
    seen: set[tuple[int, int]] = set()
    for given in paths:
        for path in _files(given, skipped):
            shown = posix(path)
            if excluded(shown):
                continue
            try:
                info = os.stat(path)
                if (info.st_dev, info.st_ino) in seen:
                    continue
                seen.add((info.st_dev, info.st_ino))
                if not stat.S_ISREG(info.st_mode):
                    skipped.append(Skip(Skipped.UNREADABLE, shown, "", "not a regular file"))
                elif info.st_size > largest:
                    skipped.append(Skip(Skipped.TOO_LARGE, shown, "", f"{info.st_size:,} bytes"))
                else:
                    yield shown, Path(path).read_bytes()
            except OSError as error:
                skipped.append(Skip(Skipped.UNREADABLE, shown, "", error.strerror or "cannot be read"))


def _files(given: str, skipped: list[Skip]) -> Iterator[str]:
    """The files at or below a path, sorted; links to folders are not followed, those to files are read there only."""
    if not os.path.isdir(given):
        yield given
        return

    def unreadable(error: OSError) -> None:
        skipped.append(Skip(Skipped.UNREADABLE, posix(str(error.filename)), "", error.strerror or ""))

    for folder, folders, names in os.walk(given, onerror=unreadable):
        folders[:] = sorted(f for f in folders if f not in _NOT_OURS)
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not os.path.islink(path) or os.path.isfile(path):
                yield path


def posix(path: str) -> str:
    """POSIX and without a leading `./`."""
    return Path(path).as_posix()
