"""The search for values wherever they stand: every blob, message, header, tree and name, with all encodings at once.

An audit knows credentials by what is around them; this search knows the values, and finds them in prose, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from secretsweep import decode
from secretsweep.app import pool
from secretsweep.decode.budget import Budget
from secretsweep.decode.writings import Replacer, needles, wrapped
from secretsweep.detect.members import Lost
from secretsweep.git import catfile
from secretsweep.git.command import running
from secretsweep.git.history import History
from secretsweep.git.repository import Repository
from secretsweep.model import Blob, Dismissed, Finding, Place, Secret, Skip, Span

LARGEST = 1 << 30  # bytes of an object that is searched: far more than an audit reads
_PEOPLE = (b"author ", b"committer ", b"tagger ")


class Sweeper:
    """Looks for values in objects, as a scanner of `pool`."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self.secrets = tuple(secrets)
        self._replacer = Replacer(needles(self.secrets))
        self._wrapped = wrapped()
        self.dismissed: dict[Dismissed, None] = {}
        self.fell_back: set[str] = set()

    def scan(self, blob: Blob, lost: list[Lost]) -> list[Finding]:
        """One finding for each value that is somewhere in an object."""
        place = Place(1, 1, 1, 1)
        return [
            Finding("purge", self.secrets[n], blob.oid, blob.path, Span(0, 0), "", "", (), "high", place)
            for n in sorted(self.numbers(blob.data))
        ]

    def numbers(self, data: bytes) -> set[int]:
        """Which values are in some bytes, archives and wrapped base64 opened."""
        return self._numbers(data, Budget())

    def text(self, data: bytes) -> bytes:
        """A name or a message without the values."""
        return self._replacer.replaced(data, False)

    def _numbers(self, data: bytes, budget: Budget) -> set[int]:
        found = self._replacer.numbers(data)
        if self._wrapped(data):
            joined = data.replace(b"\\r", b"").replace(b"\\n", b"").translate(None, b" \t\r\n")
            found |= self._replacer.numbers(joined)
        container = decode.container(data)
        if container and not getattr(container, "TEXT", False) and budget.deeper():
            for member in decode.members(data, container, budget):
                found |= self._replacer.numbers(member.name.encode("utf-8", "replace"))
                found |= self._numbers(member.data, budget)
            budget.up()
        return found


@dataclass
class Found:
    """Where values are. Ids are hex; numbers are those of the secrets."""

    blobs: dict[str, set[int]] = field(default_factory=dict)
    messages: dict[str, set[int]] = field(default_factory=dict)  # of commits and tags
    people: dict[bytes, set[int]] = field(default_factory=dict)  # names and addresses
    by_people: dict[str, set[int]] = field(default_factory=dict)  # commits and tags that name them
    paths: dict[bytes, set[int]] = field(default_factory=dict)
    refs: dict[bytes, set[int]] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)

    def numbers(self) -> set[int]:
        """All values that are anywhere."""
        every = (self.blobs, self.messages, self.by_people, self.paths, self.refs)
        return {n for table in every for numbers in table.values() for n in numbers}


def swept(repository: Repository, history: History, sweeper: Sweeper, jobs: int) -> Found:
    """Everything in a repository that holds one of the values."""
    found = Found()
    known = {secret: number for number, secret in enumerate(sweeper.secrets)}
    blobs = History([p for p in history.parts if p.kind == "blob"], [], 0, 0, False, largest=LARGEST)
    interrupted: list[bool] = []
    result = pool.scan(blobs, repository, sweeper, jobs, lambda *_: None, interrupted)
    if interrupted:
        raise KeyboardInterrupt
    found.skipped = result.skipped
    for finding in result.findings:
        found.blobs.setdefault(finding.oid, set()).add(known[finding.secret])
    _said(repository, history, sweeper, found)
    _named(repository, sweeper, found)
    return found


def _said(repository: Repository, history: History, sweeper: Sweeper, found: Found) -> None:
    ids = b"".join(oid + b"\n" for part in history.parts if part.kind in ("commit", "tag") for oid in part.ids)
    for item in catfile.read(repository.git, ids):
        if not (numbers := sweeper.numbers(item.data)):
            continue
        head, _, message = item.data.partition(b"\n\n")
        if said := sweeper.numbers(message):
            found.messages[item.oid] = said
        if said != numbers or (sweeper.numbers(head) - said):
            found.by_people.setdefault(item.oid, set()).update(sweeper.numbers(head))
        for line in head.split(b"\n"):
            if line.startswith(_PEOPLE):
                name, _, rest = line.partition(b" ")[2].partition(b" <")
                for part in (name, rest.partition(b">")[0]):
                    if inside := sweeper.numbers(part):
                        found.people[part] = inside
                        found.by_people.setdefault(item.oid, set()).update(inside)


def _named(repository: Repository, sweeper: Sweeper, found: Found) -> None:
    """Names of files and refs."""
    git = repository.git
    for name in git.run("for-each-ref", "--format=%(refname)").split(b"\n"):
        if inside := sweeper.numbers(name):
            found.refs[name] = inside
    trees = []
    process = git.start(
        "cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname) %(objecttype)"
    )
    with running(process):
        assert process.stdout is not None
        trees = [line[:-6] for line in process.stdout if line.endswith(b" tree\n")]
    hot = {i.oid for i in catfile.read(git, b"".join(t + b"\n" for t in trees)) if sweeper.numbers(i.data)}
    if hot:
        shape = ("--raw", "-z", "--no-abbrev", "--no-renames", "--diff-merges=separate", "--format=")
        fields = iter(git.run("log", "--all", *shape).split(b"\0"))
        for entry in fields:
            if entry.lstrip(b"\n").startswith(b":"):
                path = next(fields, b"")
                if path not in found.paths and (inside := sweeper.numbers(path)):
                    found.paths[path] = inside


def paths_of(history: History, ids: Mapping[str, object]) -> dict[str, list[str]]:
    """The paths that each of these blobs is read at."""
    wanted = {oid.encode() for oid in ids}
    found: dict[str, list[str]] = {}
    for part in history.parts:
        if part.kind == "blob" and part.paths:
            for oid, path in zip(part.ids, part.paths, strict=True):
                if oid in wanted:
                    found.setdefault(oid.decode(), []).append(path)
    return found
