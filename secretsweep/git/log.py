"""One `git log --raw` tells which commit gave which path which content: the plan and the provenance of an audit."""

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import IO, NamedTuple

from secretsweep.git.command import Git, running

CHUNK = 1 << 22  # bytes of log parsed at a time, so that memory does not grow with history
_FORMAT = "%H %ct"
# Combined diffs show what a merge alone holds and nothing else; without them 2 to 6 % of the blobs never appear.
# Dates order commits, and no parent comes before its children.
_OPTIONS = (
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--diff-merges=combined",
    "--date-order",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--no-notes",
    "--no-decorate",
    "--no-color",
    f"--format={_FORMAT}",
)
_NO_CONTENT = (b"160000", b"000000")  # a submodule's commit; nothing, after a deletion


class Change(NamedTuple):
    """A commit gave `path` the content `new`; `olds` is what its parents had there (all zeros: nothing)."""

    commit: bytes
    when: int  # committer date, seconds since 1970
    order: int  # position in the log: newer first, children before parents
    path: bytes
    olds: tuple[bytes, ...]
    new: bytes
    mode: bytes


class Log:
    """The output of one `git log`, in an unnamed temporary file: ids and paths, no content."""

    def __init__(
        self,
        git: Git,
        hex_length: int,
        revisions: Iterable[str],
        options: Iterable[str] = (),
        walk: bool = True,
        paths: Iterable[bytes] = (),
    ) -> None:
        """`revisions` are ids (`^id` excludes), by the thousand; `options` such as `--all` choose refs. A path with a
        newline cannot be asked for."""
        self._hex = hex_length
        self._spool: IO[bytes] = tempfile.TemporaryFile(prefix="secretsweep-")  # noqa: SIM115 - closed by close()
        shape = _OPTIONS if walk else (*(o for o in _OPTIONS if o != "--date-order"), "--no-walk=unsorted")
        wanted = "".join(f"{r}\n" for r in revisions).encode()
        wanted += b"".join(b"%s\n" % line for line in (b"--", *(b":(top,literal)" + p for p in paths)) if paths)
        chosen = tuple(options)
        self.failed = False
        self.newer = 0  # commits that logs before this one have
        if wanted or chosen:
            with tempfile.TemporaryFile(prefix="secretsweep-") as names:
                names.write(wanted)
                names.seek(0)
                process = git.start("log", *shape, *chosen, "--stdin", stdin=names, stdout=self._spool)
                with running(process):
                    process.wait()
                self.failed = process.returncode != 0

    @classmethod
    def of_tree(cls, git: Git, hex_length: int, empty: str, commit: bytes, when: int) -> "Log":
        """As if a commit had brought all that it has: where its parent cannot be read."""
        log = cls(git, hex_length, ())
        options = ("-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv")
        changes = git.run("diff-tree", *options, empty, commit.decode(), fails=False)
        log._spool.write(b"%s %d\0" % (commit, when) + changes)
        return log

    def close(self) -> None:
        self._spool.close()

    def contents(
        self, seen: dict[bytes, bytes], wanted: Callable[[bytes], bool] | None = None
    ) -> Iterator[tuple[list[bytes], list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]]:
        """Per chunk of log: the commit ids in it, (id, path) of every content that is not in `seen` yet, which then
        has it under that path, and (id, path) of those that turn up at another path. Submodules are no content."""
        at = self._hex + 16  # ":100644 100644 OLD NEW M"
        end = at + self._hex
        names: dict[bytes, bytes] = {}
        for tokens in self._tokens():
            commits: list[bytes] = []
            contents: list[tuple[bytes, bytes]] = []
            again: list[tuple[bytes, bytes]] = []
            fields = iter(tokens)
            for token in fields:
                first = token[:2]
                if first == b"\n:":
                    token, first = token[1:], token[1:3]
                if first[:1] == b":":
                    path = next(fields, b"")
                    if first != b"::":
                        mode, new = token[8:14], token[at:end]
                    else:
                        mode, _, new = _combined(token)
                    before = seen.get(new)
                    if before == path or mode in _NO_CONTENT or (wanted and not wanted(path)):
                        continue
                    if before is None:
                        seen[new] = path = names.setdefault(path, path)  # one object for all versions of a file
                        contents.append((new, path))
                    else:
                        again.append((new, path))
                elif token:
                    commits.append(token[: self._hex])
            yield commits, contents, again

    def touching(self, hot: "frozenset[bytes] | set[bytes]") -> Iterator[Change]:
        """Every change that brings or takes one of the given contents, newest first."""
        old_at, new_at, end = 15, self._hex + 16, 2 * self._hex + 16
        commit, when, order = b"", 0, self.newer
        for tokens in self._tokens():
            fields = iter(tokens)
            for token in fields:
                first = token[:2]
                if first == b"\n:":
                    token, first = token[1:], token[1:3]
                if first[:1] != b":":
                    if token:
                        commit, _, date = token.partition(b" ")
                        when, order = int(date), order + 1
                    continue
                path = next(fields, b"")
                if first != b"::":
                    new, old = token[new_at:end], token[old_at : new_at - 1]
                    if new in hot or old in hot:
                        yield Change(commit, when, order, path, (old,), new, token[8:14])
                else:
                    mode, olds, new = _combined(token)
                    if new in hot or any(old in hot for old in olds):
                        yield Change(commit, when, order, path, olds, new, mode)

    def _tokens(self) -> Iterator[list[bytes]]:
        """NUL-separated fields in chunks that end between two entries; a path can hold any other byte."""
        self._spool.seek(0)
        rest = b""
        while chunk := self._spool.read(CHUNK):
            tokens = (rest + chunk).split(b"\0")
            keep = 1
            if len(tokens) > 1 and tokens[-2].lstrip(b"\n")[:1] == b":" and not _is_path(tokens, len(tokens) - 2):
                keep = 2
            rest = b"\0".join(tokens[-keep:])
            yield tokens[:-keep]
        last = rest.split(b"\0")
        if len(last) > 1:  # else a git that died in the middle of an entry
            yield last


def _is_path(tokens: list[bytes], index: int) -> bool:
    """Whether tokens[index] is the path of the entry before it (paths may start with a colon)."""
    run = 0
    while index - run - 1 >= 0 and tokens[index - run - 1].lstrip(b"\n")[:1] == b":":
        run += 1
    return run % 2 == 1


def _combined(token: bytes) -> tuple[bytes, tuple[bytes, ...], bytes]:
    """(mode, parents' ids, new id) of a merge's entry: as many colons as parents, then modes, ids, letters."""
    parents = len(token) - len(token.lstrip(b":"))
    fields = token[parents:].split(b" ")
    ids = fields[parents + 1 : 2 * parents + 2]
    return fields[parents], tuple(ids[:-1]), ids[-1]


class Contents:
    """Blob ids in reading order, each with one of its paths: 40 bytes an id and 4 a path, for millions."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.path_of: array[int] = array("I")
        self.paths: list[str] = []
        self._index: dict[bytes, int] = {}
        self.seen: dict[bytes, bytes] = {}  # id -> the path it was first seen at
        self._sorts: dict[bytes, set[object]] = {}  # id -> how it is read, for what is at paths of several sorts

    def add(self, oid: bytes, path: bytes) -> None:
        """Remember a blob under the path it is first seen at."""
        index = self._index.get(path)
        if index is None:
            index = self._index[path] = len(self.paths)
            self.paths.append(path.decode("utf-8", "surrogateescape"))
        self.ids.append(oid)
        self.path_of.append(index)

    def another(self, oid: bytes, path: bytes, sort: Callable[[str], object]) -> bool:
        """Whether a content that is known already is read in another way at this path: for the first of a sort."""
        sorts = self._sorts.get(oid)
        found = sort(path.decode("utf-8", "surrogateescape"))
        if sorts is None:
            sorts = {sort(self.seen[oid].decode("utf-8", "surrogateescape"))}
            if found not in sorts:
                self._sorts[oid] = sorts
        if found in sorts:
            return False
        sorts.add(found)
        return True

    def by_name(self, first: int) -> tuple[list[bytes], list[str]]:
        """The ids from number `first` on and their paths, all versions of a file together, files of one name beside
        each other. git's deltas follow names, so this reads as fast as the log's order; and what was learned of one
        version of a file is at hand for the next, in the same worker."""
        names = sorted(range(len(self.paths)), key=lambda i: (self.paths[i].rpartition("/")[2], self.paths[i]))
        rank = [0] * len(names)
        for position, index in enumerate(names):
            rank[index] = position
        path_of = self.path_of
        order = sorted(range(first, len(self.ids)), key=lambda i: rank[path_of[i]])
        return [self.ids[i] for i in order], [self.paths[path_of[i]] for i in order]
