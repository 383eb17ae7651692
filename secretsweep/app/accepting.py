"""The use case `baseline`: find what there is, in the history or in the files, and accept it."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from secretsweep.app import accepted, allowances, audit, scan
from secretsweep.app.baseline import Baseline, Updated, Words, read, update, write
from secretsweep.app.fingerprint import KEY
from secretsweep.errors import UsageError
from secretsweep.git import staged
from secretsweep.git.repository import Repository
from secretsweep.model import CONFIDENCES, Report, Rule, Skip, Skipped

Progress = Callable[[int, int, int, int], None]


class Done(NamedTuple):
    """What has been written, and what was not read for it."""

    path: Path
    updated: Updated
    credentials: int
    left_out: tuple[Skip, ...]
    kept_unseen: bool  # records of nothing found are still there: the scan saw only a part


def file_of(own: accepted.Own) -> Path:
    """Where the baseline is."""
    return own.config.resolved(own.config.baseline)


def current(own: accepted.Own) -> Baseline:
    """The baseline that there is. UsageError when there is none."""
    path = file_of(own)
    if not path.is_file():
        raise UsageError(f"{own.config.baseline}: there is none yet; `secretsweep baseline create` makes one")
    return read(path, own.config.baseline)


def found_in_history(
    repository: Repository, own: accepted.Own, rules: tuple[Rule, ...], jobs: int, cache: Path, progress: Progress
) -> Report:
    """Everything that nothing else accepts, in every object of the repository."""
    request = audit.Request(rules=rules, rules_digest="", jobs=jobs, cache=cache, identity=own.identity)
    report, interrupted = audit.audit(repository, request, progress)
    if interrupted:
        raise KeyboardInterrupt
    return _rest(report, own)


def found_in_files(
    repository: Repository, own: accepted.Own, rules: tuple[Rule, ...], cache: Path, progress: Progress
) -> Report:
    """Everything that nothing else accepts, in the files that git tracks, as they are on disk.

    The current folder becomes the top of the working tree, so that paths count from there.
    """
    assert repository.top is not None
    changes, unmerged = staged.indexed(repository.git)
    os.chdir(repository.top)
    paths = tuple(change.path for change in changes if os.path.isfile(change.path))
    identity = own.identity or repository.identity()
    request = scan.Request(rules=rules, rules_digest="", paths=paths, cache=cache, identity=identity)
    report = scan.scan(request, progress)
    skips = (Skip(Skipped.UNREADABLE, path, "", "in conflict: merge it, then stage it") for path in unmerged)
    coverage = replace(report.coverage, skipped=(*report.coverage.skipped, *skips))
    return _rest(replace(report, coverage=coverage), own)


def accept(
    report: Report, old: Baseline, own: accepted.Own, path: Path, words: Words, salt: str, *, whole: bool
) -> Done:
    """Write the baseline for a report. Only a scan that was whole and complete drops what it did not find."""
    if unusable := old.unusable(bool(os.environ.get(KEY))):
        raise UsageError(unusable)
    left_out = report.coverage.left_out(own.config.allow_incomplete)
    sure = whole and not left_out
    done = update(report, old, words, salt, sure)
    write(path, done.text)
    return Done(path, done, len(report.credentials), left_out, bool(old.records) and not sure)


def salt_of(repository: Repository, own: accepted.Own) -> str:
    """What fingerprints are salted with; nothing under SECRETSWEEP_KEY."""
    return "" if os.environ.get(KEY) else (own.identity or repository.identity()).decode()


def _rest(report: Report, own: accepted.Own) -> Report:
    report = allowances.apply(report, own.config, datetime.now(UTC).date())
    least = CONFIDENCES.index(own.config.min_confidence)
    sure = tuple(c for c in report.credentials if CONFIDENCES.index(c.confidence) <= least)
    return replace(report, credentials=sure)
