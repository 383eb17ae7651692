"""What the configuration accepts: `[[allow]]` entries and `exclude-paths`. It is counted, never silent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from secretsweep.app.narrow import Located, without
from secretsweep.config import Allow, Config, globs
from secretsweep.model import Credential, Occurrence, Report


def apply(report: Report, config: Config, today: date, located: Located | None = None) -> Report:
    """The report without what the configuration accepts, and with notes on how much that is and what has expired."""
    excluded = globs.paths(config.exclude_paths)
    entries = [entry for entry in config.allow if not expired(entry, today)]
    places: set[str] = set()

    def accepts(credential: Credential, place: Occurrence) -> bool:
        if excluded(place.path):
            places.add(place.path)
            return True
        return any(_matches(entry, place) for entry in entries)

    left = without(report, accepts, located)
    notes = (*_excluded(places, config), *_ended(config, today))
    return replace(left, coverage=replace(left.coverage, notes=(*left.coverage.notes, *notes))) if notes else left


def expired(entry: Allow, today: date) -> bool:
    """Whether its last day has passed."""
    return entry.expires is not None and entry.expires < today


def _matches(entry: Allow, place: Occurrence) -> bool:
    return (
        (not entry.rule or globs.text(entry.rule)(place.rule))
        and (not entry.path or globs.paths((entry.path,))(place.path))
        and (not entry.key or globs.text(entry.key)(place.key))
    )


def _excluded(paths: set[str], config: Config) -> Iterable[str]:
    if paths:
        files = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
        yield f"exclude-paths ({config.place('exclude-paths')}) accepts what was found in {files}."


def _ended(config: Config, today: date) -> Iterable[str]:
    for entry in config.allow:
        if expired(entry, today):
            yield f"{entry.where}: this [[allow]] expired on {entry.expires} and accepts nothing any more."
