"""Every object that the repository holds, by id and type: what an audit must have read to be complete."""

from typing import NamedTuple

from secretsweep.git.command import Git, running


class Inventory(NamedTuple):
    """Object ids by type; trees are counted, and kept only where somebody asks for their names."""

    blobs: list[bytes]
    commits: list[bytes]
    tags: list[bytes]
    trees: int
    failed: bool  # git could not list everything: a corrupt pack
    unreadable: frozenset[bytes] = frozenset()  # there by name, but damaged

    @property
    def total(self) -> int:
        return len(self.blobs) + len(self.commits) + len(self.tags) + self.trees


def inventory(git: Git) -> Inventory:
    """All objects in all packs, loose, and in alternates, in pack order."""
    blobs: list[bytes] = []
    commits: list[bytes] = []
    tags: list[bytes] = []
    unreadable: set[bytes] = set()
    trees = 0
    process = git.start(
        "cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname) %(objecttype)"
    )
    with running(process):
        assert process.stdout is not None
        for line in process.stdout:
            end = line[-4:-1]
            if end == b"ree":
                trees += 1
            elif end == b"lob":
                blobs.append(line[:-6])
            elif end == b"mit":
                commits.append(line[:-8])
            elif end == b"tag":
                tags.append(line[:-5])
            elif end == b"ing":  # "<id> missing"
                unreadable.add(line.split(b" ", 1)[0])
        process.wait()
    return Inventory(blobs, commits, tags, trees, process.returncode != 0, frozenset(unreadable))
