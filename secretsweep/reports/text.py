"""The report for people: what leaked, where, since when, and what to do next."""

from typing import TextIO

from secretsweep.model import Credential, Occurrence, Report, Sighting
from secretsweep.reports import _advice, _order, _safe
from secretsweep.reports._ending import ending
from secretsweep.reports._page import Page

MEDIA = "text/plain"
PLACES = 5  # shown of one credential
NAMES = 3  # shown of its branches and of its tags
_PLAIN = ("refs", "index", "worktree")  # ways to be reachable that go without saying
_STATES = {"live": "LIVE: it still works", "dead": "dead: it is refused", "unknown": "could not be verified"}


def render(
    report: Report,
    out: TextIO,
    *,
    colour: bool = False,
    verbose: int = 0,
    width: int = 100,
    show: bool = False,
) -> None:
    """Write the page; `show` adds the values, and is a ValueError unless `out` is a terminal."""
    page = Page(out, width=width, colour=colour)
    for credential in _order.credentials(report):
        _headline(page, credential)
        if show:
            _value(page, credential)
        _where(page, credential, verbose > 0)
        if report.target.kind == "history":
            _history(page, credential, verbose > 0)
        page.field("id", (_safe.shown(credential.id),))
        _next(page, credential, report.target.kind)
        page.blank()
    ending(page, report, verbose > 0)


def _headline(page: Page, credential: Credential) -> None:
    notes = []
    if credential.confidence != "high":
        notes.append(f"{credential.confidence} confidence")
    if credential.state != "unverified":
        notes.append(_STATES.get(credential.state, credential.state))
    pieces = [_safe.shown(credential.name or credential.rule)]
    if credential.preview:
        pieces.append(_safe.shown(credential.preview))
    if notes:
        pieces.append(f"({_safe.shown(', '.join(notes))})")
    page.headline(credential.severity.upper(), credential.severity, pieces)


def _value(page: Page, credential: Credential) -> None:
    """The one line with plaintext; a saved report has none."""
    page.out.write("  value: ")
    credential.secret.show(page.out)
    page.blank()


def _where(page: Page, credential: Credential, everything: bool) -> None:
    places = _order.occurrences(credential)
    count = len(places) if everything else PLACES
    for number, place in enumerate(places[:count]):
        page.field("" if number else "where", _place(place, credential, page.room), hang=2)
    if places[count:]:
        page.field("", (f"+{len(places) - count:,} more (-v shows all)",))


def _place(place: Occurrence, credential: Credential, room: int) -> list[str]:
    pieces = [f"{_safe.shown(place.path) or _holder(place)}:{place.line}:{place.column}"]
    if place.key:
        pieces.append(_safe.shortened(_safe.shown(place.key), room))
    if place.trail:
        pieces.append(_safe.shortened(f"[{_safe.shown(' > '.join(place.trail))}]", room))
    pieces.append(_safe.shown(place.format))
    if place.fed_by:
        pieces.append(f"(fed by {_safe.shown(place.fed_by)})")
    if place.path and place.reachable not in _PLAIN:
        pieces.append(f"({_safe.shown(place.reachable.replace('-', ' '))})")
    if place.removed and credential.in_head:
        pieces.append(f"(removed {_safe.shown(place.removed.when[:10])})")
    return [piece for piece in pieces if piece]


def _holder(place: Occurrence) -> str:
    """What holds text that is in no file: a commit message, a note, standard input."""
    if place.reachable in _PLAIN:
        return "-"
    commit = place.introduced.commit if place.introduced else None
    return _safe.shown(f"{place.reachable} {commit[:12]}" if commit else place.reachable)


def _history(page: Page, credential: Credential, everything: bool) -> None:
    if since := _sighting(credential.introduced):
        page.field("since", since)
    page.field("HEAD", (_head(credential),))
    if removed := _sighting(credential.removed):
        page.field("removed", removed)
    for label, names in (
        ("branches", _order.union(place.branches for place in credential.occurrences)),
        ("tags", _order.union(place.tags for place in credential.occurrences)),
    ):
        if names:
            page.field(label, _some(names, len(names) if everything else NAMES), " ")


def _head(credential: Credential) -> str:
    if not credential.in_head:
        return "gone, but still in the history" if credential.removed else "not there"
    still, places = sum(place.in_head for place in credential.occurrences), len(credential.occurrences)
    return "still there" if still == places else f"still there, in {still:,} of {places:,} places"


def _sighting(sighting: Sighting | None) -> list[str]:
    """Date, short commit, author: those that are known."""
    if sighting is None:
        return []
    commit = f"commit {sighting.commit[:12]}" if sighting.commit else ""
    return [_safe.shown(piece) for piece in (sighting.when[:10], commit, sighting.author) if piece]


def _some(names: list[str], count: int) -> list[str]:
    """The first names, a comma after each, and how many are left."""
    left = len(names) - count
    words = [*map(_safe.shown, names[:count]), *([f"+{left:,} more"] if left > 0 else [])]
    return [f"{word}," for word in words[:-1]] + words[-1:]


def _next(page: Page, credential: Credential, target: str) -> None:
    for number, step in enumerate(_advice.steps(credential, target), 1):
        label = "next" if number == 1 else ""
        page.field(label, f"{number}. {_safe.shown(step)}".split(" "), " ", hang=3)
