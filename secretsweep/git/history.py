"""What there is to read in a repository, in the order in which reading is cheapest, each thing with its reach."""

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from secretsweep.errors import GitError, UsageError
from secretsweep.git import damaged, refs
from secretsweep.git.catfile import LARGEST
from secretsweep.git.command import Git
from secretsweep.git.log import Contents, Log
from secretsweep.git.objects import inventory
from secretsweep.git.repository import Repository

_NOT_CODE = ("--exclude=refs/stash", "--exclude=refs/notes/*")


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the history is wanted; empty means all of it."""

    since: str = ""
    ref: str = ""
    path: str = ""

    def __bool__(self) -> bool:
        return bool(self.since or self.ref or self.path)

    def wants(self, path: bytes) -> bool:
        """Whether a file is asked for: by a glob over its whole path, or by the folder it is in."""
        name = path.decode("utf-8", "surrogateescape")
        return not self.path or fnmatch.fnmatchcase(name, self.path) or name.startswith(self.path.rstrip("/") + "/")


@dataclass
class Part:
    """Objects of one reach. `reach`: refs, note, stash, reflog, unreachable, index; messages have their own."""

    reach: str
    kind: str  # blob, commit, tag
    ids: list[bytes]
    paths: list[str] = field(default_factory=list)  # one an id; empty for commits and tags
    again: bool = False  # contents of other parts, at paths where they are read as something else


@dataclass
class History:
    """The plan of an audit."""

    parts: list[Part]
    logs: list[tuple[str, Log]]  # (reach, log), for provenance afterwards
    commits: int
    objects: int
    damaged: bool  # git could not list or walk everything
    unreadable: set[bytes] = field(default_factory=set)  # ids of damaged objects
    notes: tuple[str, ...] = ()
    absent: list[tuple[bytes, str]] = field(default_factory=list)  # (id, path) of what was never fetched
    named: dict[bytes, list[str]] = field(default_factory=dict)  # blobs that refs point at themselves
    largest: int = LARGEST  # bytes of an object that is read

    def close(self) -> None:
        for _, log in self.logs:
            log.close()


def plan(
    repository: Repository, selection: Selection = Selection(), sort: Callable[[str], object] = lambda path: ""
) -> History:
    """Everything to read: what refs reach first, then notes, stashes, reflogs, then what nothing reaches.

    `sort` says how a path makes its content read: a copy at a path of another sort is read again.
    """
    git = repository.git
    length = repository.hex_length
    known = Contents()
    history = History([], [], 0, 0, False)
    walked: set[bytes] = set()
    copies: list[tuple[bytes, str]] = []
    everything = inventory(git) if repository.partial or not selection else None
    # git would try to fetch what it has not: ask for nothing that is not there
    there = set(everything.blobs) if everything and repository.partial else None

    def walk(reach: str, revisions: Iterable[str], options: Iterable[str] = (), walk: bool = True) -> None:
        take(reach, Log(git, length, revisions, options, walk))

    def take(reach: str, log: Log) -> None:
        log.newer = len(walked)
        history.damaged |= log.failed
        history.logs.append((reach, log))
        first = len(known.ids)
        for commits, contents, again in log.contents(known.seen, selection.wants if selection.path else None):
            walked.update(commits)
            for oid, path in contents:
                if there is None or oid in there:
                    known.add(oid, path)
                else:
                    history.absent.append((oid, path.decode("utf-8", "surrogateescape")))
            for oid, path in again:
                if (there is None or oid in there) and known.another(oid, path, sort):
                    copies.append((oid, path.decode("utf-8", "surrogateescape")))
        _add(history, Part(reach, "blob", *known.by_name(first)))

    if selection:
        walk("refs", *_selected(git, selection))
        _add(history, Part("refs", "blob", [oid for oid, _ in copies], [path for _, path in copies], again=True))
        if not selection.path:
            _add(history, Part("refs", "commit", sorted(walked)))
        history.objects = sum(len(part.ids) for part in history.parts)
        history.commits = len(walked)
        if selection.path and not known.ids and not history.absent:
            where = "the chosen commits" if selection.since or selection.ref else "this history"
            asked = f"no file in {where} matches --path {selection.path}, so nothing was read"
            history.notes += (f"{asked}: it is a folder, or a glob over a whole path from the top of the repository.",)
        return history

    assert everything is not None
    history.damaged |= everything.failed
    history.unreadable |= everything.unreadable
    walk("refs", (), (*_NOT_CODE, "--all"))
    if history.damaged:
        for log in damaged.logs(git, length, everything.commits, walked):
            take("refs", log)
    walk("note", (), ("--glob=refs/notes/*",))
    for reach, commits in _leftover(git, everything.commits, walked):
        walk(reach, commits, walk=False)
    _add(history, Part("refs", "blob", [oid for oid, _ in copies], [path for _, path in copies], again=True))
    _add(history, Part("refs", "commit", everything.commits))
    _add(history, Part("refs", "tag", everything.tags))
    _unwalked(git, history, known, everything.blobs)
    history.objects = everything.total
    history.commits = len(everything.commits)
    return history


def _add(history: History, part: Part) -> None:
    if part.ids:
        history.parts.append(part)


def _selected(git: Git, selection: Selection) -> tuple[list[str], tuple[str, ...]]:
    names: list[str] = []
    options: tuple[str, ...] = (*_NOT_CODE, "--all")
    if selection.ref:
        names = sorted({r.target for r in refs.matching(git, selection.ref) if r.type == "commit"})
        options = ()
    if selection.since:
        try:
            since = git.text("rev-parse", "--verify", "--end-of-options", f"{selection.since}^{{commit}}")
        except GitError:
            raise UsageError(f"--since {selection.since}: no commit has that name in this repository") from None
        names.append(f"^{since}")
    return names, options


def _leftover(git: Git, commits: Iterable[bytes], walked: set[bytes]) -> list[tuple[str, list[str]]]:
    """Commits that no ref reaches, by what still holds them."""
    left = {c.decode() for c in commits if c not in walked}
    if not left:
        return []
    found: list[tuple[str, list[str]]] = []
    stashed = set(git.text("rev-list", "-g", "refs/stash", "--", fails=False).split())
    if not stashed and (top := git.text("rev-parse", "--verify", "--quiet", "refs/stash", fails=False)):
        stashed = {top}  # a mirror clone has the newest stash only, and no reflog of it
    if stashed:  # a stash is a merge of HEAD, the index and perhaps the untracked files
        reached = ("rev-list", "--stdin", "--not", *_NOT_CODE, "--all")
        stashed = set(git.run(*reached, data="\n".join(sorted(stashed)).encode(), fails=False).decode().split())
    reflog = set(git.text("rev-list", "--reflog", "--not", *_NOT_CODE, "--all", fails=False).split())
    for reach, group in (("stash", left & stashed), ("reflog", (left - stashed) & reflog)):
        if group:
            found.append((reach, sorted(group)))
        left -= group
    if left:
        found.append(("unreachable", sorted(left)))
    return found


def _unwalked(git: Git, history: History, known: Contents, blobs: Iterable[bytes]) -> None:
    """Blobs that no commit holds: staged ones have a path, dangling trees name some, the rest has none."""
    left = [oid for oid in blobs if oid not in known.seen]
    if not left:
        return
    missing = set(left)
    staged: dict[bytes, str] = {}
    for entry in git.run("ls-files", "-s", "-z", "--full-name", "--", ":/", fails=False).split(b"\0"):
        meta, _, path = entry.partition(b"\t")
        fields = meta.split()
        if len(fields) == 3 and fields[1] in missing:
            staged.setdefault(fields[1], path.decode("utf-8", "surrogateescape"))
    if staged:
        history.parts.append(Part("index", "blob", list(staged), list(staged.values())))
        missing -= set(staged)
    missing -= _named(git, history, missing)
    rest = [oid for oid in left if oid in missing]
    if rest:
        named = _names_in_dangling_trees(git, missing)
        history.parts.append(Part("unreachable", "blob", rest, [named.get(oid, "") for oid in rest]))


def _named(git: Git, history: History, blobs: set[bytes]) -> set[bytes]:
    """Blobs that a ref names without any commit: the ref of a blob itself, or of a tree that holds it."""
    found: dict[bytes, str] = {}
    for ref in refs.every(git):
        oid = ref.target.encode()
        if ref.type == "blob" and oid in blobs:
            history.named.setdefault(oid, []).append(ref.name)
            found.setdefault(oid, "")
        elif ref.type == "tree":
            found |= {oid: path for oid, path in _files(git, ref.target) if oid in blobs}
    if found:
        history.parts.append(Part("refs", "blob", list(found), list(found.values())))
    return set(found)


def _files(git: Git, tree: str) -> Iterator[tuple[bytes, str]]:
    """Id and path of every file below a tree."""
    for entry in git.run("ls-tree", "-r", "-z", "--full-tree", tree, fails=False).split(b"\0"):
        meta, _, path = entry.partition(b"\t")
        if meta:
            yield meta.split()[2], path.decode("utf-8", "surrogateescape")


def _names_in_dangling_trees(git: Git, blobs: set[bytes]) -> dict[bytes, str]:
    """Paths of unreachable blobs, where a tree that no commit holds still names them."""
    trees = git.text("fsck", "--unreachable", "--no-reflogs", "--no-progress", "--connectivity-only", fails=False)
    roots = [line.split()[2] for line in trees.splitlines() if line.startswith("unreachable tree ")]
    found: dict[bytes, str] = {}
    for tree in roots[:1000]:
        for oid, name in _files(git, tree):
            if oid in blobs and len(found.get(oid, "")) < len(name):
                found[oid] = name
    return found
