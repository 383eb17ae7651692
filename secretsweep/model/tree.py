"""The files around a file, for whoever must look further than one."""

from collections.abc import Sequence
from typing import Protocol


class Tree(Protocol):
    """A folder's files."""

    def paths(self) -> Sequence[str]: ...  # to list every file, POSIX, sorted
    def read(self, path: str) -> bytes | None: ...  # to read one; None when it is not there
