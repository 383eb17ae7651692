"""Whose word counts: the settings, the baseline and the markers of one's own repository, never a foreign one's."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from secretsweep import config as settings_of
from secretsweep.app import allowances, baseline
from secretsweep.app.fingerprint import KEY
from secretsweep.app.narrow import below
from secretsweep.config import Config
from secretsweep.errors import GitError, UsageError
from secretsweep.git import repository as repositories
from secretsweep.git.repository import Repository
from secretsweep.model import Report

_STALE = 5  # records that are named when nothing matches them any more


@dataclass(frozen=True, slots=True)
class Own:
    """The settings in force. `trusted`: the markers, allowances and baseline of what is scanned count."""

    config: Config
    trusted: bool
    baseline: baseline.Baseline
    identity: bytes | None  # the salt that the baseline was made with
    notes: tuple[str, ...]
    top: Path | None = None  # the folder that paths in the configuration and the baseline count from

    @property
    def rules(self) -> tuple[Path, ...]:
        """Further rule files and folders."""
        return tuple(self.config.resolved(name) for name in self.config.rules)

    def applied(self, report: Report, whole: bool) -> Report:
        """The report without what is accepted. A `whole` scan also knows which records accept nothing any more."""
        if not self.trusted:
            return report
        today = datetime.now(UTC).date()
        located = below(self.top) if self.top and report.target.kind == "files" else None
        allowed = allowances.apply(report, self.config, today, located)
        done = baseline.apply(allowed, self.baseline, today, located)
        notes = list(done.report.coverage.notes)
        if done.expired:
            notes.append(f"{len(done.expired)} records of {self.baseline.shown} have expired and accept nothing.")
        if done.stale and whole and report.coverage.complete:
            named = ", ".join(f"{r.fingerprint[:12]} {r.path}" for r in done.stale[:_STALE])
            more = f" and {len(done.stale) - _STALE} more" if len(done.stale) > _STALE else ""
            notes.append(
                f"{self.baseline.shown} accepts what is not there any more: {named}{more}; "
                "`secretsweep baseline update` drops it."
            )
        return replace(done.report, coverage=replace(done.report.coverage, notes=tuple(notes)))


def started_in() -> Repository | None:
    """The repository around the current folder."""
    try:
        return repositories.find(".")
    except (GitError, UsageError):
        return None


def settings(target: Repository | None, file: str | None, trust: bool, given: Mapping[str, Any]) -> Own:
    """The settings for a scan of `target` (None: files as they are), as its caller may set them.

    They come from `file`, or from the repository that the command is started in. A target elsewhere is foreign: its
    own settings, baseline and markers count only with `trust`.
    """
    home = started_in()
    foreign = target is not None and (home is None or home.common_dir != target.common_dir)
    around = target if foreign and trust else home
    folder = (around.top if around else None) or Path(".")
    config = settings_of.merged(settings_of.read(folder, Path(file) if file else None), os.environ, **given)
    trusted = not foreign or trust
    accepts = baseline.Baseline()
    if trusted:
        path = config.resolved(config.baseline)
        accepts = baseline.read(path, config.baseline)
    notes = list(config.notes)
    if unusable := accepts.unusable(bool(os.environ.get(KEY))):
        notes.append(unusable)
    return Own(config, trusted, accepts, accepts.identity, tuple(notes), folder)
