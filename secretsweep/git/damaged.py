"""A history that git cannot walk, because an object in it is damaged: commit by commit, around the damage."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretsweep.git import refs
from secretsweep.git.catfile import read
from secretsweep.git.command import Git
from secretsweep.git.log import Log

_NOTHING = {  # the empty tree, which git knows without having it
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class _Commit(NamedTuple):
    parents: list[bytes]
    when: int


def logs(git: Git, hex_length: int, commits: Iterable[bytes], walked: set[bytes]) -> Iterator[Log]:
    """Logs of what refs reach and `walked` has not; whoever takes one adds its commits to `walked`."""
    known = dict(_readable(git, commits))
    names = [ref.target.encode() for ref in refs.every(git) if not ref.name.startswith(("refs/stash", "refs/notes/"))]
    head = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}", fails=False).encode()
    reached: set[bytes] = set()
    following = [*names, head]
    while following:
        oid = following.pop()
        if oid in known and oid not in reached:
            reached.add(oid)
            following += known[oid].parents
    left = sorted(reached - walked, key=lambda oid: (-known[oid].when, oid))
    while left:
        yield Log(git, hex_length, (oid.decode() for oid in left), walk=False)
        after = [oid for oid in left if oid not in walked]
        if len(after) == len(left):  # git ended at the first: its parent or its tree is damaged
            yield Log.of_tree(git, hex_length, _NOTHING[hex_length], after[0], known[after[0]].when)
            after = after[1:]
        left = after


def _readable(git: Git, commits: Iterable[bytes]) -> Iterator[tuple[bytes, _Commit]]:
    for item in read(git, b"".join(oid + b"\n" for oid in commits)):
        if item.lost:
            continue
        header = item.data.partition(b"\n\n")[0].split(b"\n")
        parents = [line.removeprefix(b"parent ") for line in header if line.startswith(b"parent ")]
        dates = [line.split()[-2:-1] for line in header if line.startswith(b"committer ")]
        seconds = dates[0][0] if dates and dates[0] else b""
        yield item.oid.encode(), _Commit(parents, int(seconds) if seconds.isdigit() else 0)
