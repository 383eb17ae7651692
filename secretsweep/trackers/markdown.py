"""The checklist as one Markdown file in the repository: people tick there, git merges, and the ledger can be made anew.

An entry is a section between its marker and the next one, in the order of its id, so that two branches which open
different entries change different lines. Text before the first marker and after the last section belongs to people.
"""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from secretsweep.checklist import body, kept
from secretsweep.checklist.tasks import committable
from secretsweep.errors import TrackerError
from secretsweep.model import Entry, Posted
from secretsweep.model.rotation import OPEN
from secretsweep.trackers import Options, Seen

NAME = "markdown"
FILE = "ROTATION.md"
_HEAD = """# Credentials to rotate

Each section is a credential that was found in this repository. Tick a step when it is done, and write what shows it
below as `  - evidence: …`; `secretsweep checklist sync` brings it to the ledger. No value is in this file.
"""
_END = "<!-- secretsweep:end -->"
_SECTION = re.compile(r"^## [^\n]*\n+(?=<!-- secretsweep:fp=)", re.MULTILINE)
_MARK = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


def connected(options: Options, environ: Mapping[str, str]) -> "Markdown":
    """The file; TrackerError when it cannot be read."""
    return Markdown(Path(options.where or FILE))


class Markdown:
    """The file is read once and written at the end, whole or not at all.

    Where a merge left its conflict marks, both sides count: sections are put together by their entries, and what was
    ticked on either side is ticked.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._text = self._read()
        mine, *theirs = (_parsed(side, file) for side in _sides(self._text, file))
        self._before, self._sections, self._after = mine
        self._others = theirs[0].sections if theirs else {}

    def _read(self) -> str:
        try:
            return self._file.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            raise TrackerError(f"{self._file}: not UTF-8") from None
        except OSError as error:
            raise TrackerError(f"{self._file}: {error.strerror}") from None

    def seen(self) -> Mapping[str, Seen]:
        """Sections by the ids of their entries."""
        found = {}
        for name in self._sections.keys() | self._others.keys():
            where = self._posted(name)
            sides = [side[name] for side in (self._sections, self._others) if name in side]
            done = {step: tick for section in reversed(sides) for step, tick in body.ticks(section).items()}
            entry = _together([_entry(name, section, where) for section in sides])
            found[name] = Seen(where, done, told=body.told(sides[0]), entry=entry)
        return found

    def post(self, entry: Entry) -> Posted:
        """Its section, new or as it is now."""
        where = self._posted(entry.id)
        others = (one for one in entry.posted if (one.tracker, one.where) != (where.tracker, where.where))
        text = body.written(committable(replace(entry, posted=(*others, where))), data=True)
        self._sections[entry.id] = f"## {body.inert(body.title(entry))}: {_state(entry)}\n\n{text}\n"
        return where

    def update(self, seen: Seen, entry: Entry) -> Posted:
        """The same: the section is made anew."""
        return self.post(entry)

    def _posted(self, name: str) -> Posted:
        return Posted(NAME, self._file.name, name[:12], "")

    def close(self) -> Sequence[str]:
        """Write the file when something changed: a temporary one beside it takes its place."""
        self._write()
        return ()

    def _write(self) -> None:
        sections = "".join(f"{self._sections[name].rstrip()}\n\n" for name in sorted(self._sections))
        text = f"{self._before.rstrip()}\n\n{sections}{_END}{self._after or chr(10)}"
        if text == self._text or not self._sections:
            return
        if self._file.is_symlink():
            raise TrackerError(f"{self._file}: a symbolic link; name the file that it points to")
        try:
            mode = self._file.stat().st_mode & 0o777 if self._file.exists() else 0o644
            descriptor, name = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
                    out.write(text)
                    out.flush()
                    os.fsync(out.fileno())
                os.chmod(name, mode)
                os.replace(name, self._file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise TrackerError(f"{self._file}: {error.strerror}") from None
        self._text = text


class _Parts(NamedTuple):
    before: str
    sections: dict[str, str]
    after: str


def _sides(text: str, file: Path) -> tuple[str, ...]:
    """The text; where it has conflict marks, as ours and as theirs."""
    if not _MARK.search(text):
        return (text,)
    sides: list[list[str]] = [[], []]
    into: tuple[int, ...] = (0, 1)
    for line in text.splitlines(keepends=True):
        match line[:7]:
            case "<<<<<<<" if into == (0, 1):
                into = (0,)
            case "|||||||" if into == (0,):
                into = ()
            case "=======" if into in ((0,), ()):
                into = (1,)
            case ">>>>>>>" if into == (1,):
                into = (0, 1)
            case _:
                for number in into:
                    sides[number].append(line)
    if into != (0, 1):
        raise TrackerError(f"{file}: the marks of a merge conflict in it do not match; resolve them first")
    return ("".join(sides[0]), "".join(sides[1]))


def _parsed(text: str, file: Path) -> _Parts:
    content, end, after = text.partition(_END)
    starts = [match.start() for match in _SECTION.finditer(content)]
    before = content[: starts[0]] if starts else content if content.strip() else _HEAD + "\n"
    sections = {}
    for start, stop in pairwise([*starts, len(content)]):
        section = content[start:stop]
        marks = body.marked(section)
        if len(set(marks)) != 1:
            raise TrackerError(f"{file}: one marker a section is wanted, near {section.splitlines()[0][:60]!r}")
        sections[marks[0]] = section
    return _Parts(before, sections, after if end else "\n")


def _together(sides: Sequence[Entry | None]) -> Entry | None:
    """One entry of both sides: the one that more happened to, with all that happened and was ticked."""
    entries = sorted(filter(None, sides), key=lambda e: max((event.when for event in e.events), default=""))
    if not entries:
        return None
    entry = entries[-1]
    for other in entries[:-1]:
        events = dict.fromkeys((*other.events, *entry.events))
        entry = replace(entry, events=tuple(sorted(events, key=lambda event: event.when)))
        for task in other.tasks:
            if task.done is not None and entry.task(task.id).done is None:
                entry = entry.ticked(task.id, task.done)
    return entry


def _state(entry: Entry) -> str:
    return f"open, due {entry.deadline[:10]}" if entry.state == OPEN else entry.state


def _entry(name: str, section: str, where: Posted) -> Entry | None:
    """The entry that the section's data gives back, with what people ticked; None when there is none."""
    facts = body.data(section)
    if facts is None:
        return None
    try:
        entry = kept.read(facts)
    except ValueError:
        return None
    if entry.id != name:
        return None
    events = facts.get("events")
    for step, done in body.ticks(section).items():
        entry = entry.ticked(step, done._replace(when=done.when or entry.opened, who=done.who or NAME))
    return replace(entry, events=body.events(events if isinstance(events, list) else ()), posted=(where,))
