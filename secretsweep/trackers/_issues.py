"""One issue an entry: what GitHub, GitLab and Jira have in common.

An issue is found by its marker among those with the label, and by its number where the label is gone. It is looked for
again before anything is opened a second time; where two runs opened one each, the younger is closed as a duplicate.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from secretsweep.checklist import body
from secretsweep.errors import TrackerError
from secretsweep.model import Done, Entry, Posted
from secretsweep.model.rotation import ACCEPTED, OPEN
from secretsweep.trackers import Seen
from secretsweep.trackers._http import Lost

LABEL = "secretsweep"
WAITS = (0.0, 1.0, 3.0)  # seconds before each look for an issue whose creation was not answered: lists lag behind
sleep = time.sleep


class Issue(NamedTuple):
    """As the service has it."""

    number: str
    url: str
    text: Any  # the description
    closed: bool
    trusted: bool  # whether who opened it may: others can write a marker, too
    labelled: bool = True  # has the label, and whatever else the service is to keep it by
    more: Mapping[str, Any] = {}  # what the service's own part needs to know


class Texts(Protocol):
    """How an entry is written in a description, and read there."""

    def written(self, entry: Entry, old: Any) -> Any: ...  # to rebuild our part of `old` (None: new), and keep the rest
    def markers(self, text: Any) -> Sequence[str]: ...  # to name the entries whose part this is
    def ticks(self, text: Any) -> Mapping[str, Done]: ...  # to read what is ticked in our part
    def told(self, text: Any) -> str: ...  # to read the state that our part tells, as `Seen.told`
    def same(self, one: Any, other: Any) -> bool: ...  # to compare what services store a little differently


class Desk(Protocol):
    """What differs from service to service."""

    name: str
    where: str
    host: str  # of the pages that people see
    notes: list[str]  # what people should know

    @property
    def texts(self) -> Texts: ...

    def check(self) -> None: ...  # to refuse a place that is public, closed, or not there
    def listed(self) -> Iterator[Issue]: ...  # to list the issues with the label, open or not
    def recent(self) -> Iterator[Issue]: ...  # to list the newest ones, with and without label
    def one(self, number: str) -> Issue | None: ...  # to get one; None when it is gone
    def create(self, title: str, text: Any, entry: Entry) -> Issue: ...
    def change(self, issue: Issue, change: "Change") -> None: ...
    def comment(self, issue: Issue, said: str) -> None: ...  # `said` is Markdown


class Change(NamedTuple):
    """What is to be different; None stays."""

    text: Any = None
    closed: bool | None = None
    accepted: bool = False  # with closed: not done, but lived with


@dataclass(slots=True)
class Issues:
    """The tracker for a command's time."""

    desk: Desk
    _own: dict[str, Issue] = field(default_factory=dict)  # by the ids of their entries
    _doubles: dict[str, list[Issue]] = field(default_factory=dict)
    _opened: bool = False
    _checked: bool = False

    def seen(self) -> Mapping[str, Seen]:
        """Issues by the ids of their entries; ticks in a duplicate count."""
        self._check()
        self._own, self._doubles = self._sorted(self.desk.listed())
        return {name: self._seen(name, issue) for name, issue in self._own.items()}

    def post(self, entry: Entry) -> Posted:
        """Its issue: that which is known by its number, else a new one, opened once."""
        self._check()
        known = self._own.get(entry.id) or self._numbered(entry)
        if known is not None:
            self._own[entry.id] = known
            return self.update(self._seen(entry.id, known), entry)
        text = self.desk.texts.written(_told(entry), None)
        title = body.title(entry).replace("@", "@\u200b")  # GitLab mentions people in titles
        issue = self._created(title, text, entry)
        self._own[entry.id] = issue
        self._opened = True
        if entry.state != OPEN:
            self.desk.change(issue, Change(closed=True, accepted=entry.state == ACCEPTED))
        return self._posted(issue)

    def update(self, seen: Seen, entry: Entry) -> Posted:
        """Its text and state as they are now; what people changed since `seen()` is not overwritten."""
        before = self._own[entry.id]
        text, closed = self.desk.texts.written(_told(entry), before.text), entry.state != OPEN
        same = self.desk.texts.same(text, before.text)
        if same and closed == before.closed and before.labelled:
            return self._posted(before)
        issue = self.desk.one(before.number)
        if issue is None:
            del self._own[entry.id]
            return self.post(replace(entry, posted=()))
        if not self.desk.texts.same(issue.text, before.text) or issue.closed != before.closed:
            self.desk.notes.append(f"{self._at(issue)} was edited just now; the next `checklist sync` has both")
            return self._posted(issue)
        state = closed if closed != issue.closed else None
        change = Change(None if same else text, state, entry.state == ACCEPTED)
        if change != Change(accepted=change.accepted) or not issue.labelled:
            self.desk.change(issue, change)
        if state is False:
            self.desk.comment(issue, self._why(issue, entry))
        return self._posted(issue)

    def close(self) -> Sequence[str]:
        """Close duplicates, and say what people should know."""
        if self._opened:
            self._own, self._doubles = self._sorted(self.desk.listed())
        for name, issues in self._doubles.items():
            first = self._own[name]
            for issue in issues:
                if not issue.closed:
                    self.desk.change(issue, Change(closed=True, accepted=True))
                    self.desk.comment(issue, f"A duplicate of {first.url}, which is worked off.")
                    self.desk.notes.append(f"{self._at(issue)} was a duplicate of {first.number}, and is closed")
        return tuple(self.desk.notes)

    def _check(self) -> None:
        if not self._checked:
            self.desk.check()
            self._checked = True

    def _sorted(self, issues: Iterable[Issue]) -> tuple[dict[str, Issue], dict[str, list[Issue]]]:
        """The oldest of each entry, and the others."""
        first: dict[str, Issue] = {}
        others: dict[str, list[Issue]] = {}
        for issue in sorted(issues, key=lambda one: (len(one.number), one.number)):
            names = set(self.desk.texts.markers(issue.text))
            if not issue.trusted or len(names) != 1:
                if names:
                    why = "several markers" if issue.trusted else "a marker, but not from a member"
                    self.desk.notes.append(f"{self._at(issue)} has {why}: left alone")
                continue
            (name,) = names
            if name in first and issue.number != first[name].number:
                others.setdefault(name, []).append(issue)
            first.setdefault(name, issue)
        return first, others

    def _seen(self, name: str, issue: Issue) -> Seen:
        done: dict[str, Done] = {}
        for one in (*self._doubles.get(name, ()), issue):
            ticked = self.desk.texts.ticks(one.text)
            done |= {step: tick for step, tick in ticked.items() if tick.evidence or step not in done}
        return Seen(self._posted(issue), done, issue.closed, self.desk.texts.told(issue.text))

    def _numbered(self, entry: Entry) -> Issue | None:
        """The issue that the ledger knows by its number: without its label it is in no list."""
        for posted in entry.posted:
            if (posted.tracker, posted.where) == (self.desk.name, self.desk.where) and posted.number:
                host = urlsplit(posted.url).hostname
                if host and host != self.desk.host:
                    raise TrackerError(
                        f"{entry.id[:12]} is at {posted.url}, but {self.desk.host} is asked; say --tracker-url"
                    )
                return self.desk.one(posted.number)
        return None

    def _created(self, title: str, text: Any, entry: Entry) -> Issue:
        try:
            return self.desk.create(title, text, entry)
        except Lost:
            if found := self._again(entry.id):
                return found
        try:
            return self.desk.create(title, text, entry)
        except Lost as lost:
            if found := self._again(entry.id):
                return found
            raise TrackerError(f"{lost}; whether it opened the issue is not known: the next run looks first") from None

    def _again(self, name: str) -> Issue | None:
        for wait in WAITS:
            sleep(wait)
            own, _ = self._sorted(chain(self.desk.recent(), self.desk.listed()))
            if name in own:
                if not own[name].labelled:
                    self.desk.change(own[name], Change())
                return own[name]
        return None

    def _why(self, issue: Issue, entry: Entry) -> str:
        """Why an issue is open again."""
        if self.desk.texts.told(issue.text) in ("", OPEN):
            lacking = ", ".join(entry.missing) or "the files, which still have the value"
            return f"Open again: it was closed here without evidence of {lacking}."
        said = next((event.said for event in reversed(entry.events) if event.what == "reopened"), "")
        return f"Open again: {body.inert(said)}" if said else "Open again."

    def _posted(self, issue: Issue) -> Posted:
        return Posted(self.desk.name, self.desk.where, issue.number, issue.url)

    def _at(self, issue: Issue) -> str:
        return f"{self.desk.name} {self.desk.where} {issue.number}"


def _told(entry: Entry) -> Entry:
    """Without the event that says where it is told: that would be one more edit of each issue."""
    return replace(entry, events=tuple(event for event in entry.events if event.what != "posted"))
