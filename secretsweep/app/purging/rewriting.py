"""Values taken out of a mirror clone: blobs are cleaned, git-filter-repo puts them in place, the rest is finished."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from secretsweep.app.purging.sweeping import LARGEST, Found, Sweeper, paths_of
from secretsweep.decode.cleaning import Cleaner, Unclean
from secretsweep.decode.repacking import Unpackable
from secretsweep.decode.writings import MARK, expressions, needles, telling
from secretsweep.detect.engine import Engine
from secretsweep.git import catfile, filtering, mirror
from secretsweep.git.finishing import Finisher
from secretsweep.git.history import History
from secretsweep.git.repository import Repository
from secretsweep.model import Blob, Finding, Secret

_STUB = MARK + b" This file held a credential and could not be cleaned, so all of it was removed from the history.\n"


@dataclass
class Rewrite:
    """What was done."""

    commits: dict[str, str] = field(default_factory=dict)  # old id -> new id
    blobs: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)  # blob -> why all of it had to go
    total: int = 0  # commits there are
    parents: Mapping[str, list[str]] = field(default_factory=dict)

    def first(self) -> list[str]:
        """The commits that the rewrite begins with: they change and none of their parents does."""
        return [c for c in self.commits if not any(p in self.commits for p in self.parents.get(c, ()))]


def rewrite(
    clone: Repository,
    history: History,
    secrets: Iterable[Secret],
    found: Found,
    findings: Iterable[Finding],
    engine: Engine,
    step: Callable[[str], None],
) -> Rewrite:
    """Rewrite the clone in place; nothing of the old history is left in it afterwards."""
    wanted = tuple(secrets)
    of_wanted = frozenset(wanted)
    cleaner = Cleaner(wanted, lambda blob: engine.scan(blob, []))
    hot = {f.oid: f for f in findings if f.secret in of_wanted}
    done = Rewrite()
    kinds = {oid.decode(): part.kind for part in history.parts for oid in part.ids if oid.decode() in hot}
    blobs = sorted({*found.blobs, *(oid for oid in hot if kinds.get(oid) == "blob")})
    step(f"cleaning {len(blobs)} files")
    done.blobs = _cleaned(clone, history, blobs, cleaner, Sweeper(wanted), done.dropped)
    said = {*found.messages, *(oid for oid, kind in kinds.items() if kind != "blob")}
    changes = filtering.Changes(
        expressions=expressions(needles(wanted)),
        blobs=done.blobs,
        messages=dict(_messages(clone, said, cleaner, wanted)),
        paths=_renamed(found.paths, cleaner.text),
        people={name: cleaner.text(name) for name in found.people},
        commits=frozenset({*said, *found.by_people}),
    )
    commits, done.parents = filtering.affected(clone, changes)
    done.total = len(done.parents)
    step(f"rewriting {len(commits)} of {done.total} commits")
    done.commits = filtering.rewritten(clone, changes, commits, done.parents)
    Finisher(clone, done.commits, done.blobs, changes.messages, cleaner.text).finish()
    step("dropping what no ref reaches any more")
    mirror.forget(clone)
    return done


def _cleaned(
    clone: Repository,
    history: History,
    blobs: list[str],
    cleaner: Cleaner,
    sweeper: Sweeper,
    dropped: dict[str, str],
) -> dict[str, str]:
    """Old id -> new id of every blob that a value was taken out of."""
    paths = paths_of(history, dict.fromkeys(blobs))
    changed: list[str] = []

    def contents() -> Iterator[bytes]:
        for item in catfile.read(clone.git, "".join(f"{oid}\n" for oid in blobs).encode(), LARGEST):
            new = _content(item, paths.get(item.oid, [""]), cleaner, sweeper, dropped)
            if new != item.data:
                changed.append(item.oid)
                yield new

    made = mirror.written(clone, contents())
    return dict(zip(changed, made, strict=True))


def _content(
    item: catfile.Object, paths: Iterable[str], cleaner: Cleaner, sweeper: Sweeper, dropped: dict[str, str]
) -> bytes:
    data = item.data
    try:
        if item.lost:
            raise Unclean(item.lost)
        for path in dict.fromkeys(paths):
            data = cleaner.cleaned(Blob(item.oid, path, data))
        if sweeper.numbers(data):
            raise Unclean("a value still stands in it")
    except (Unclean, Unpackable) as error:
        dropped[item.oid] = str(error)
        return _STUB
    return data


def _messages(
    clone: Repository, ids: Iterable[str], cleaner: Cleaner, secrets: Iterable[Secret]
) -> Iterator[tuple[str, bytes]]:
    """Messages in which more than git-filter-repo's expressions is to be done: encoded runs, and words."""
    kinds = {"commit": "commit-message", "tag": "tag-message"}
    words = any(not telling(secret) for secret in secrets)
    for item in catfile.read(clone.git, "".join(f"{oid}\n" for oid in sorted(ids)).encode()):
        message = item.data.partition(b"\n\n")[2]
        try:
            new = cleaner.cleaned(Blob(item.oid, f"{kinds[item.type]}:{item.oid[:12]}", message))
        except (Unclean, Unpackable):
            new = MARK + b"\n"
        if words or new != cleaner.text(message):
            yield item.oid, new


def _renamed(paths: Iterable[bytes], text: Callable[[bytes], bytes]) -> dict[bytes, bytes]:
    """Other names for files; two that would be called alike are numbered."""
    new: dict[bytes, bytes] = {}
    taken: set[bytes] = set()
    for path in sorted(paths):
        name = wanted = text(path)
        number = 1
        while name in taken:
            number += 1
            name = b"%s-%d" % (wanted, number)
        taken.add(name)
        new[path] = name
    return new
