"""Accepted findings in a file that merges: one record a line, no line numbers, sorted, in any order when read.

The value decides: a record is found by the fingerprint, so another value at the same place is never hidden, and moved
lines, reformatting and rebased commits change nothing.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from secretsweep.app._covering import LOCAL, covering, spot
from secretsweep.app._records import UNREVIEWED, Record, parse
from secretsweep.app.narrow import Located, without
from secretsweep.errors import ConfigError, UsageError
from secretsweep.model import Credential, Occurrence, Report

NAME = ".secretsweep.baseline"
_HEADER = (
    "# secretsweep baseline 1: what is accepted, and why. One record a line, in any order:",
    "# fingerprint rule path key # reason owner=NAME expires=YYYY-MM-DD",
    "# A fingerprint is that of a value; nobody gets the value from it. A path of * means anywhere.",
)
_SALT = re.compile(r"#\s*salt\s+([0-9a-f]{40,64}|secretsweep)\s*$")
_KEYED = "# key SECRETSWEEP_KEY"


@dataclass(frozen=True)
class Baseline:
    """What a file accepts, and what its fingerprints were made with: a salt, or SECRETSWEEP_KEY."""

    records: tuple[Record, ...] = ()
    salts: tuple[str, ...] = ()
    keyed: bool = False
    shown: str = NAME

    @cached_property
    def by_fingerprint(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.records:
            found[record.fingerprint].append(record)
        return dict(found)

    @property
    def identity(self) -> bytes | None:
        """The salt to use, so that a shallow clone or an export, which cannot know its own, finds what it accepts."""
        return self.salts[0].encode() if len(self.salts) == 1 else None

    def unusable(self, keyed: bool) -> str:
        """Why no fingerprint can match here, and the next step; "" when they can."""
        if not self.records or self.keyed == keyed or (self.keyed and self.salts):
            return ""
        if self.keyed:
            return f"{self.shown} was made with SECRETSWEEP_KEY, which is not set: nothing in it can match."
        return f"{self.shown} was made without SECRETSWEEP_KEY, which is set: nothing in it can match."


class Applied(NamedTuple):
    """A report without what is accepted; records of nothing found any more, and those whose day has passed."""

    report: Report
    stale: tuple[Record, ...]
    expired: tuple[Record, ...]


def read(path: Path, shown: str = "") -> Baseline:
    """The baseline at a path; an empty one when there is no file. ConfigError for a bad record."""
    name = shown or str(path)
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return Baseline(shown=name)
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None
    lines = text.removeprefix("\ufeff").split("\n")
    records = [record for number, line in enumerate(lines, 1) if (record := parse(line, name, number))]
    salts = sorted({match[1] for line in lines if (match := _SALT.match(line))})
    return Baseline(tuple(records), tuple(salts), any(line.strip() == _KEYED for line in lines), name)


def apply(report: Report, baseline: Baseline, today: date, located: Located | None = None) -> Applied:
    """Take out of the report what the baseline accepts.

    Stale means: of nothing in this report. Only a whole, complete scan can say so of a baseline.
    """
    known = baseline.by_fingerprint
    used: set[Record] = set()

    def accepts(credential: Credential, place: Occurrence) -> bool:
        matching = covering(known, credential.id, place)
        used.update(matching)
        return any(not record.ended(today) for record in matching)

    left = without(report, accepts, located)
    stale = tuple(record for record in baseline.records if record not in used)
    expired = tuple(record for record in baseline.records if record.ended(today) and record in used)
    return Applied(left, stale, expired)


class Words(NamedTuple):
    """What new records say."""

    reason: str = ""
    owner: str = ""
    expires: date | None = None


def create(report: Report, words: Words, salt: str) -> str:
    """The text of a baseline that accepts everything in the report. No `salt`: made with SECRETSWEEP_KEY."""
    return _text(_records(report, words, {}), salt)


class Updated(NamedTuple):
    """The new text of a baseline, what is new in it, and what is not in it any more."""

    text: str
    records: int
    added: tuple[Record, ...]
    dropped: tuple[Record, ...]


def update(report: Report, old: Baseline, words: Words, salt: str, whole: bool) -> Updated:
    """A baseline for the report: records that still match keep their words, others go unless the scan was not whole."""
    known, kept = old.by_fingerprint, set[Record]()
    for credential in report.credentials:
        for place in credential.occurrences:
            kept.update(covering(known, credential.id, place))
    new = _records(report, words, known)
    gone = set(old.records) - kept
    added = [_moved(record, gone) for record in new] if whole and not words.reason else new
    if not whole:
        kept |= gone
        gone = set()
    records = _united([*kept, *added])
    return Updated(_text(records, salt), len(records), tuple(added), tuple(sorted(gone, key=str)))


def _moved(record: Record, gone: Iterable[Record]) -> Record:
    """A file that was renamed takes the words of its record along."""
    old = min((r for r in gone if r.fingerprint == record.fingerprint), key=str, default=None)
    return record._replace(reason=old.reason, owner=old.owner, expires=old.expires) if old else record


def _records(report: Report, words: Words, known: Mapping[str, list[Record]]) -> list[Record]:
    """A record for each value and path that no known one covers; local copies need none beside another place."""
    first: dict[tuple[str, str], Record] = {}
    for credential in report.credentials:
        shared = [place for place in credential.occurrences if place.reachable not in LOCAL]
        for place in shared or credential.occurrences:
            if covering(known, credential.id, place):
                continue
            record = Record(credential.id, place.rule, spot(place), place.key, words.reason or UNREVIEWED)
            record = record._replace(owner=words.owner, expires=words.expires)
            at = (record.fingerprint, record.path)
            first[at] = min(first.get(at, record), record)
    return list(first.values())


def _united(records: Iterable[Record]) -> list[Record]:
    """One record for a value at a path: after a union merge there can be two, and the reviewed one stays."""
    found: dict[tuple[str, str], Record] = {}
    for record in sorted(records, key=lambda r: (r.reason == UNREVIEWED, str(r))):
        found.setdefault((record.fingerprint, record.path), record)
    return list(found.values())


def _text(records: Iterable[Record], salt: str) -> str:
    header = (*_HEADER, f"# salt {salt}" if salt else _KEYED)
    return "\n".join((*header, *sorted(map(str, records)), ""))


def write(path: Path, text: str) -> None:
    """Replace the file in one step; its mode stays, and a link to it stays one."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else None
        with temporary.open("x", encoding="utf-8", errors="surrogateescape", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise UsageError(f"{path}: {error.strerror}; nothing was written") from None
