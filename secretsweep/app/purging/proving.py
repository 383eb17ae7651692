"""The proof: an audit of the rewritten history, and a search for the values in every byte of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from secretsweep.app.audit import Request, audited
from secretsweep.app.purging.sweeping import Sweeper, paths_of, swept
from secretsweep.git import history
from secretsweep.git.repository import Repository
from secretsweep.model import Secret, Skip


@dataclass(frozen=True, slots=True, order=True)
class Left:
    """A place where a value still is. `object` is a hex id, or the kind of a name."""

    id: str  # of the credential
    path: str
    object: str
    how: str  # found by the audit, or by the search


@dataclass(frozen=True, slots=True)
class Proof:
    """What is left, and what was not read."""

    left: tuple[Left, ...]
    skipped: tuple[Skip, ...]


def proof(repository: Repository, request: Request, wanted: dict[Secret, str], jobs: int) -> Proof:
    """Audit and search a repository for the values, whose ids in reports are given; the same salt must be in the
    request, as the root commit may be another one now."""
    done = audited(repository, replace(request, trusted=False), lambda *_: None)
    if done.interrupted:
        raise KeyboardInterrupt
    ids = set(wanted.values())
    left = {
        Left(c.id, o.path, (o.blob or "")[:12], "audit")
        for c in done.report.credentials
        if c.id in ids
        for o in c.occurrences
    }
    plan = history.plan(repository)
    try:
        sweeper = Sweeper(wanted)
        found = swept(repository, plan, sweeper, jobs)
        paths = paths_of(plan, found.blobs)
    finally:
        plan.close()

    def of(numbers: Iterable[int], path: str, name: str) -> set[Left]:
        return {Left(wanted[sweeper.secrets[n]], path, name, "search") for n in numbers}

    audits = {(place.id, place.object) for place in left}
    for oid, numbers in found.blobs.items():
        places = of(numbers, paths.get(oid, [""])[0], oid[:12])
        left |= {place for place in places if (place.id, place.object) not in audits}
    for kind, table in (("message", found.messages), ("author", found.by_people)):
        for oid, numbers in table.items():
            left |= of(numbers, kind, oid[:12])
    for kind, names in (("file name", found.paths), ("ref", found.refs)):
        for name, numbers in names.items():
            left |= of(numbers, sweeper.text(name).decode("utf-8", "replace"), kind)
    skipped = {*done.report.coverage.skipped, *found.skipped}
    return Proof(tuple(sorted(left)), tuple(sorted(skipped)))
