"""Who brought a credential to a path, who took it away, and which refs still have it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from secretsweep.git import refs
from secretsweep.git.catfile import CatFile, read
from secretsweep.git.command import Git
from secretsweep.git.log import Change, Log
from secretsweep.git.repository import Repository
from secretsweep.model import Sighting

_AUTHOR = re.compile(rb"^author (.*?>)?[^>\n]*?(?: (-?\d{1,19}) ([+-]\d{2,9}))?$", re.MULTILINE)
_ENCODING = re.compile(rb"^encoding ([\w.:-]+)$", re.MULTILINE)
Held = Mapping[bytes, frozenset[int]]  # object id -> the credentials (by number) that it holds


@dataclass
class Story:
    """What happened to one credential at one path. Ids are hex, as bytes."""

    reach: str
    versions: dict[bytes, None] = field(default_factory=dict)  # contents that hold it, newest first
    introduced: Change | None = None
    removed: Change | None = None


def stories(logs: Iterable[tuple[str, Log]], held: Held) -> dict[tuple[int, bytes], Story]:
    """By (credential, path). The introducing commit is the one that has it while none of its parents had: over all
    versions of the path, so an edit beside the credential introduces nothing."""
    hot = frozenset(held)
    none: frozenset[int] = frozenset()
    found: dict[tuple[int, bytes], Story] = {}
    for reach, log in logs:
        for change in log.touching(hot):
            now = held.get(change.new, none)
            before = frozenset().union(*(held.get(old, none) for old in change.olds))
            for credential in sorted(now | before):
                story = found.setdefault((credential, change.path), Story(reach))
                if story.reach != reach:
                    continue  # what a ref reaches is told by the refs' log alone
                if credential in now:
                    story.versions.setdefault(change.new)
                    if credential not in before:
                        story.introduced = change  # the log runs backwards: the last one is the first
                elif story.removed is None:
                    story.removed = change
    return found


def merged_away(repository: Repository, told: Mapping[tuple[int, bytes], Story], where: "Holders") -> None:
    """Fill in `removed` where a merge took the side that has not got it. Such a merge equals one of its parents, so
    its combined diff is empty; it is looked for only where nothing else explains that HEAD has not got the credential.
    """
    open_ends = [
        (path, story)
        for (_, path), story in told.items()
        if story.reach == "refs" and story.introduced and not story.removed and b"\n" not in path
        if not any((path, version) in where.head for version in story.versions)
    ]
    if not open_ends or repository.head is None:
        return
    ours = set(repository.git.run("rev-list", repository.head, fails=False).split())
    lost: dict[bytes, list[Story]] = defaultdict(list)
    for path, story in open_ends:
        if story.introduced and story.introduced.commit in ours:
            lost[path].append(story)
    if not lost:
        return
    options = ("--merges", "--full-history", "--sparse", "--diff-merges=separate")
    log = Log(repository.git, repository.hex_length, [repository.head], options, paths=sorted(lost))
    for change in log.touching({version for stories in lost.values() for s in stories for version in s.versions}):
        for story in lost[change.path]:
            if story.removed is None and change.new not in story.versions and change.olds[0] in story.versions:
                story.removed = change
    log.close()


def sightings(git: Git, changes: Iterable[Change]) -> dict[bytes, Sighting]:
    """Author and date of each commit, by its id."""
    return commits(git, {change.commit for change in changes})


def commits(git: Git, ids: Iterable[bytes]) -> dict[bytes, Sighting]:
    """Author and date (ISO 8601, the author's offset) by commit id."""
    wanted = b"".join(oid + b"\n" for oid in sorted(ids))
    return {item.oid.encode(): _sighting(item.oid, item.data) for item in read(git, wanted) if not item.lost}


def _sighting(oid: str, commit: bytes) -> Sighting:
    header = commit.partition(b"\n\n")[0]
    line, encoding = _AUTHOR.search(header), _ENCODING.search(header)
    if not line:
        return Sighting(oid, "", _moment(b"", b""), "")
    name, seconds, zone = line.groups(b"")
    try:
        author = name.decode(encoding[1].decode() if encoding else "utf-8")
    except (LookupError, ValueError):
        author = name.decode("utf-8", "replace")
    return Sighting(oid, "", _moment(seconds, zone), author.strip())


def _moment(seconds: bytes, zone: bytes) -> str:
    """ISO 8601, whatever a commit says: in UTC when its time zone does not exist (+051800 is in real histories), and
    1970, as git shows it, when its date makes no sense."""
    minutes = int(zone[-2:] or b"0") + 60 * int(zone[1:-2] or b"0")
    offset = timedelta(minutes=-minutes if zone[:1] == b"-" else minutes) if minutes < 24 * 60 else timedelta()
    try:
        return datetime.fromtimestamp(int(seconds or b"0"), timezone(offset)).isoformat()
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC).isoformat()


class Holders(NamedTuple):
    """Where a content at a path is still to be found."""

    head: frozenset[tuple[bytes, bytes]]  # (path, object id) in HEAD
    branches: Mapping[tuple[bytes, bytes], tuple[str, ...]]
    tags: Mapping[tuple[bytes, bytes], tuple[str, ...]]


def holders(repository: Repository, wanted: Mapping[bytes, Iterable[bytes]]) -> Holders:
    """Which of the wanted (path -> object ids) HEAD, branches and tags have. Trees that refs share are read once."""
    finder = _Finder(repository, {path: frozenset(ids) for path, ids in wanted.items()})
    try:
        head = finder.found(repository.head) if repository.head else frozenset()
        branches: dict[tuple[bytes, bytes], list[str]] = defaultdict(list)
        tags: dict[tuple[bytes, bytes], list[str]] = defaultdict(list)
        for ref in refs.every(repository.git):
            if ref.type != "commit" or not ref.name.startswith(("refs/heads/", "refs/remotes/", "refs/tags/")):
                continue
            if ref.name.startswith("refs/remotes/") and ref.name.endswith("/HEAD"):
                continue
            into = tags if ref.name.startswith("refs/tags/") else branches
            for pair in finder.found(ref.target):
                into[pair].append(refs.short(ref.name))
    finally:
        finder.close()
    return Holders(
        head, {k: tuple(sorted(v)) for k, v in branches.items()}, {k: tuple(sorted(v)) for k, v in tags.items()}
    )


class _Finder:
    """Looks wanted paths up in trees, each (tree, prefix) once."""

    def __init__(self, repository: Repository, wanted: Mapping[bytes, frozenset[bytes]]) -> None:
        self._cat = CatFile(repository.git)
        self._raw = repository.hex_length // 2
        self._wanted: dict[bytes, object] = {}
        for path, ids in wanted.items():
            self._want(path, ids)
        self._known: dict[tuple[bytes, bytes], frozenset[tuple[bytes, bytes]]] = {}
        self._tips: dict[str, frozenset[tuple[bytes, bytes]]] = {}

    def close(self) -> None:
        self._cat.close()

    def found(self, commit: str) -> frozenset[tuple[bytes, bytes]]:
        if commit not in self._tips:
            tree = self._cat.get(f"{commit}^{{tree}}")
            entries = frozenset() if tree.lost else self._in(tree.oid.encode(), tree.data, b"", self._wanted)
            self._tips[commit] = entries
        return self._tips[commit]

    def _want(self, path: bytes, ids: frozenset[bytes]) -> None:
        node = self._wanted
        *folders, name = path.split(b"/")
        for folder in folders:
            node = node.setdefault(folder + b"/", {})  # type: ignore[assignment]
        node[name] = ids

    def _in(self, oid: bytes, data: bytes, prefix: bytes, node: dict[bytes, object]) -> frozenset[tuple[bytes, bytes]]:
        key = (oid, prefix)
        if key not in self._known:
            pairs: set[tuple[bytes, bytes]] = set()
            for mode, name, entry in self._entries(data):
                if mode == b"40000":
                    below = node.get(name + b"/")
                    if isinstance(below, dict):
                        tree = self._cat.get(entry.decode())
                        pairs |= self._in(entry, tree.data, prefix + name + b"/", below)
                else:
                    ids = node.get(name)
                    if isinstance(ids, frozenset) and entry in ids:
                        pairs.add((prefix + name, entry))
            self._known[key] = frozenset(pairs)
        return self._known[key]

    def _entries(self, data: bytes) -> Iterable[tuple[bytes, bytes, bytes]]:
        """(mode, name, hex id) of a tree object."""
        at = 0
        while at < len(data):
            nul = data.index(b"\0", at)
            mode, _, name = data[at:nul].partition(b" ")
            at = nul + 1 + self._raw
            yield mode, name, data[nul + 1 : at].hex().encode()
