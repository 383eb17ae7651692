"""The files of HEAD, as they are committed."""

from collections.abc import Callable, Iterable, Iterator

from secretsweep.git import catfile
from secretsweep.git.repository import Repository

_REGULAR = (b"100644", b"100755", b"100664")


def files(repository: Repository) -> list[tuple[str, bytes]]:
    """Path and object id of every regular file in HEAD; those that can be told, where trees are missing."""
    if not repository.head:
        return []
    found = []
    for entry in repository.git.run("ls-tree", "-r", "-z", repository.head, fails=False).split(b"\0"):
        about, _, path = entry.partition(b"\t")
        mode, _, oid = about.partition(b" blob ")
        if mode in _REGULAR and oid:
            found.append((path.decode("utf-8", "surrogateescape"), oid))
    return found


def contents(
    repository: Repository, chosen: Iterable[tuple[str, bytes]], wants: Callable[[str], bool] = lambda path: True
) -> Iterator[tuple[str, str, bytes]]:
    """Path, object id and content of those that `wants` takes; what cannot be read is left out."""
    those = [(path, oid) for path, oid in chosen if wants(path)]
    lines = b"".join(oid + b"\n" for _, oid in those)
    for (path, oid), item in zip(those, catfile.read(repository.git, lines), strict=False):
        if not item.lost:
            yield path, oid.decode(), item.data
