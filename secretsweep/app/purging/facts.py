"""What a rewrite costs others: refs that move, signatures that go, ids of commits that are written down somewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from secretsweep.app.purging.rewriting import Rewrite
from secretsweep.git import catfile, lfs, tree
from secretsweep.git.objects import inventory
from secretsweep.git.repository import Repository

_ID = re.compile(rb"(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])")
_PULLS = ("refs/pull/", "refs/merge-requests/", "refs/pull-requests/", "refs/changes/")
_KINDS = (  # what a line with an id is, by what else is on it
    ("workflow", re.compile(rb"\buses:\s*[\"']?[\w./-]+@")),
    ("module", re.compile(rb"[?&]ref=")),
    ("submodule or subtree", re.compile(rb"(?i)sub(?:module|tree)")),
)
_SIGNED = re.compile(rb"^gpgsig(?:-sha256)? ", re.MULTILINE)
_LARGEST = 1 << 20  # bytes of a file that is searched for ids


@dataclass(frozen=True, slots=True)
class Pin:
    """An id of a commit that will be another one, written down in a file of HEAD."""

    path: str
    line: int
    commit: str
    kind: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What people have to be told."""

    commits: int = 0
    total: int = 0
    first: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()  # that point at something else now
    pulls: tuple[str, ...] = ()  # of these the ones that the host keeps
    tags: tuple[str, ...] = ()
    signed_commits: int = 0
    signed_tags: int = 0
    pins: tuple[Pin, ...] = ()
    mentioned: int = 0  # messages that name a commit which is another one now
    submodules: tuple[str, ...] = ()
    lfs: int = 0  # pointers in HEAD


@dataclass
class Before:
    """The same as far as it is known before."""

    signed: set[str] = field(default_factory=set)
    signed_tags: set[str] = field(default_factory=set)
    mentions: dict[str, set[str]] = field(default_factory=dict)  # commit -> ids in its message
    written: list[tuple[str, int, str, str]] = field(default_factory=list)  # (path, line, id, kind) in HEAD
    submodules: tuple[str, ...] = ()
    lfs: int = 0
    tag_names: dict[str, str] = field(default_factory=dict)  # ref -> the tag object

    def after(self, done: Rewrite, old: Mapping[str, str], new: Mapping[str, str]) -> Facts:
        """What the rewrite makes of it, by the refs as they were and as they are."""
        moved = tuple(sorted(name for name, oid in old.items() if new.get(name) != oid))
        known = _Prefixes(done.commits)
        pins = (Pin(path, line, full, kind) for path, line, oid, kind in self.written if (full := known.full(oid)))
        tags = [name for name in self.tag_names if name in moved]
        return Facts(
            commits=len(done.commits),
            total=done.total,
            first=tuple(sorted(done.first())),
            refs=moved,
            pulls=tuple(name for name in moved if name.startswith(_PULLS)),
            tags=tuple(sorted(name for name in moved if name.startswith("refs/tags/"))),
            signed_commits=len(self.signed & done.commits.keys()),
            signed_tags=sum(self.tag_names[name] in self.signed_tags for name in tags),
            pins=tuple(sorted(set(pins), key=lambda pin: (pin.path, pin.line))),
            mentioned=sum(any(known.full(oid) for oid in ids) for ids in self.mentions.values()),
            submodules=self.submodules,
            lfs=self.lfs,
        )


class _Prefixes:
    def __init__(self, commits: Mapping[str, str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for commit in commits:
            self._by_start.setdefault(commit[:7], []).append(commit)

    def full(self, oid: str) -> str:
        """The one commit of those that the id, or its beginning, means; "" when there is none."""
        found = [commit for commit in self._by_start.get(oid[:7], ()) if commit.startswith(oid)]
        return found[0] if len(found) == 1 else ""


def gathered(clone: Repository) -> Before:
    """Read commits, tags and HEAD for what a rewrite will change."""
    found = Before()
    objects = inventory(clone.git)
    for item in catfile.read(clone.git, b"".join(oid + b"\n" for oid in objects.commits)):
        head, _, message = item.data.partition(b"\n\n")
        if _SIGNED.search(head):
            found.signed.add(item.oid)
        if ids := {match.group().decode() for match in _ID.finditer(message)}:
            found.mentions[item.oid] = ids
    for item in catfile.read(clone.git, b"".join(oid + b"\n" for oid in objects.tags)):
        if b"\n-----BEGIN " in item.data and b"SIGNATURE-----" in item.data:
            found.signed_tags.add(item.oid)
    listed = clone.git.run("for-each-ref", "--format=%(objecttype) %(objectname) %(refname)")
    for line in listed.decode("utf-8", "surrogateescape").split("\n"):
        kind, _, rest = line.partition(" ")
        if kind == "tag":
            oid, _, name = rest.partition(" ")
            found.tag_names[name] = oid
    for path, _, data in tree.contents(clone, tree.files(clone)):
        if lfs.pointed(data):
            found.lfs += 1
        if len(data) <= _LARGEST and b"\0" not in data[:8192]:
            for number, text in enumerate(data.split(b"\n"), 1):
                for match in _ID.finditer(text):
                    kind = next((name for name, is_one in _KINDS if is_one.search(text)), "text")
                    found.written.append((path, number, match.group().decode(), kind))
    if clone.head:
        entries = clone.git.run("ls-tree", "-r", "-z", clone.head, fails=False).split(b"\0")
        names = (e.partition(b"\t")[2].decode("utf-8", "surrogateescape") for e in entries if e.startswith(b"160000"))
        found.submodules = tuple(names)
    return found
