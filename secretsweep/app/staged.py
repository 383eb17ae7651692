"""The use case of the hook: what a commit adds, judged in its staged content."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from secretsweep import __version__
from secretsweep.app import allowances, baseline, group
from secretsweep.app._fresh import Reader
from secretsweep.app.fingerprint import KEY, Fingerprints
from secretsweep.app.masked import masked
from secretsweep.app.occurrence import addressed, occurrence
from secretsweep.config import Config, globs
from secretsweep.detect.engine import Engine
from secretsweep.git import catfile, staged
from secretsweep.git.command import Git
from secretsweep.git.staged import Place, Staged
from secretsweep.model import (
    CONFIDENCES,
    Blob,
    Coverage,
    Credential,
    Finding,
    Occurrence,
    Report,
    Rule,
    Secret,
    Skip,
    Skipped,
    Target,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What to scan: of a change with old contents what is new, of any other the whole file."""

    git: Git
    place: Place
    config: Config
    rules: tuple[Rule, ...]
    rules_digest: str
    staged: Staged
    today: date
    cache: Path | None = None


class Outcome(NamedTuple):
    """The report on what is new, and what else there is to say."""

    report: Report
    lines: int  # added ones; all of a file that is read as a whole
    whole: bool  # no file is read for its added lines alone
    older: int  # credentials on lines that the commit does not touch
    excluded: int  # files that the configuration excludes


def scan(request: Request) -> Outcome:
    """Scan what is staged; what could not be read is in the report's coverage."""
    engine = Engine(request.rules, request.cache)
    reader = Reader(request.git, Path(request.place.common_dir), engine, bool(request.staged.gone))
    excluded = globs.paths(request.config.exclude_paths)
    wanted = [change for change in request.staged.changes if not excluded(change.path)]
    conflict = "in conflict: merge it, then stage it"
    skipped = [Skip(Skipped.UNREADABLE, path, "", conflict) for path in request.staged.unmerged]
    largest = min(request.config.max_file_size, catfile.LARGEST)
    size = lines = 0
    places: dict[Secret, list[tuple[Finding, Occurrence]]] = {}
    older: set[Secret] = set()
    for change, item in staged.contents(request.git, wanted, largest, request.place.top):
        if item.lost:
            skipped.append(Skip(item.lost, change.path, change.oid))
            continue
        size += len(item.data)
        lines += change.lines if change.olds else len(item.data.splitlines())
        blob = Blob(change.oid, change.path, item.data)
        if found := reader.findings(blob, skipped):
            new = reader.new(change, blob, found)
            older.update(f.secret for f in found)
            for finding, occurrence in _occurrences(blob, new):
                places.setdefault(finding.secret, []).append((finding, occurrence))
    coverage = Coverage(
        files=len(wanted),
        blobs=len(wanted),
        bytes=size,
        skipped=tuple(sorted(set(skipped))),
        fallbacks=len(engine.fell_back),
        notes=request.config.notes,
    )
    target = Target("staged", request.place.top)
    report = Report(__version__, request.rules_digest, target, coverage, ())
    return Outcome(
        report=masked(_without_accepted(report, request, places)),
        lines=lines,
        whole=not any(change.olds for change in wanted),
        older=len(older.difference(places)),
        excluded=len(request.staged.changes) - len(wanted),
    )


def _occurrences(blob: Blob, found: list[Finding]) -> Iterator[tuple[Finding, Occurrence]]:
    for finding, fmt, key in addressed(blob, found):
        yield finding, replace(occurrence(finding), format=fmt, key=key, reachable="index")


def _without_accepted(
    report: Report, request: Request, places: dict[Secret, list[tuple[Finding, Occurrence]]]
) -> Report:
    """The report with the credentials that nobody accepts."""
    config = request.config
    accepting = baseline.read(config.resolved(config.baseline), config.baseline)
    fingerprints: Fingerprints = _Nameless()
    if places and accepting.records:
        fingerprints = Fingerprints(accepting.identity or _identity(request.place), request.cache)
    rules = {rule.id: rule for rule in request.rules}
    found: list[Credential] = [
        group.credential(secret, [f for f, _ in pairs], [o for _, o in pairs], rules, fingerprints)
        for secret, pairs in places.items()
    ]
    fingerprints.keep()
    least = CONFIDENCES.index(config.min_confidence)
    sure = group.ranked(c for c in found if CONFIDENCES.index(c.confidence) <= least)
    report = allowances.apply(replace(report, credentials=sure), config, request.today)
    applied = baseline.apply(report, accepting, request.today)
    notes = [accepting.unusable(bool(os.environ.get(KEY)))] if sure else []
    notes += (f"{accepting.shown}:{record.line}: expired on {record.expires}." for record in applied.expired)
    if not any(notes):
        return applied.report
    coverage = applied.report.coverage
    return replace(applied.report, coverage=replace(coverage, notes=(*coverage.notes, *filter(None, notes))))


def _identity(place: Place) -> bytes:
    """What only the history tells: a walk through all of it."""
    from secretsweep.git import repository

    return repository.find(place.top).identity()


class _Nameless(Fingerprints):
    """No baseline asks for fingerprints, and each takes 8 ms."""

    def __init__(self) -> None:
        pass

    def of(self, secret: Secret) -> str:
        return ""

    def keep(self) -> None:
        pass
