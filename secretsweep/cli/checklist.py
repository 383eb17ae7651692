"""secretsweep checklist: what is to be done about each leaked credential, and what shows that it was."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from secretsweep import trackers
from secretsweep.cli._options import INCOMPLETE, ledger_option
from secretsweep.model import SEVERITIES
from secretsweep.model.guide import STEPS
from secretsweep.model.rotation import STATES
from secretsweep.reports._safe import shown as safe

if TYPE_CHECKING:
    from secretsweep.model import Entry

F = TypeVar("F", bound=Callable[..., Any])
OVERDUE = 1
_TOLD = 20  # things that were not read, by their names


def _by_option(command: F) -> F:
    return click.option("--by", "who", default="", help="Who does it [user.email of git].")(command)


def _tracker_options(command: F) -> F:
    for option in reversed(
        (
            click.option("--tracker", type=click.Choice(trackers.names()), help="Where it lives [markdown]."),
            click.option("--where", default="", help="The file, owner/repository, group/project or key there."),
            click.option("--tracker-url", default="", metavar="URL", help="Of the service's API, when it is your own."),
            click.option("--label", "labels", multiple=True, help="A label for new issues; again for more."),
            click.option("--assignee", "assignees", multiple=True, help="Who gets new issues; again for more."),
            click.option("--issue-type", default="", help="Of Jira [Task]."),
            click.option("--public-tracker", is_flag=True, help="Post even where everybody can read it."),
        )
    ):
        command = option(command)
    return command


def _format_option(command: F) -> F:
    return click.option(
        "-f", "--format", "fmt", type=click.Choice(("text", "json")), default="text", help="Of output [text]."
    )(command)


@click.group()
def command() -> None:
    """Work off leaked credentials, until each is worthless."""


@command.command("open")
@click.argument("repo", default=".")
@click.option("--from", "report", type=click.Path(exists=True, dir_okay=False), help="A saved JSON report.")
@click.option("--id", "wanted", multiple=True, metavar="ID", help="Only this credential; again for more.")
@click.option("--min-severity", type=click.Choice(SEVERITIES), default="low", help="Leave out what is below [low].")
@click.option("--public/--private", "public", default=None, help="Whether everybody can read the repository.")
@click.option("--no-tracker", is_flag=True, help="Write the ledger only.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error.")
@_tracker_options
@_by_option
@ledger_option
def open_(
    repo: str,
    report: str | None,
    wanted: tuple[str, ...],
    min_severity: str,
    public: bool | None,
    no_tracker: bool,
    config: str | None,
    quiet: bool,
    who: str,
    book: str | None,
    **tracker: Any,
) -> int:
    """Give every credential of REPO (or of a report) its entry; what is there already is brought up to date."""
    from secretsweep.app.rotation import opening, running, syncing
    from secretsweep.cli._progress import progress
    from secretsweep.git.repository import find

    repository = find(repo) if report is None or repo != "." else running.home()
    config_ = running.settings(repository, config)
    request = opening.Request(
        repository=repository,
        report=report,
        wanted=wanted,
        severity=min_severity,
        public={None: "", True: "yes", False: "no"}[public],
        who=who,
        config=config,
    )
    with running.ledger(book, repository) as kept:
        with progress(quiet) as update:
            outcome = opening.opened(request, kept, update, opening.present())
        said = f"{len(outcome.opened)} opened, {len(outcome.reopened)} reopened, {len(outcome.known)} known already"
        print(said)
        name, options = _tracker(tracker, config_.tracker, config_.tracker_where)
        lines: tuple[str, ...] = ()
        nowhere = running.nowhere(name, options, repository)
        if nowhere and not no_tracker:
            lines = (nowhere,)
        elif not no_tracker and kept.entries():
            connection = running.tracker(name, options, repository)
            lines = syncing.synced(kept, connection, name, opening.present()).lines
        for entry in kept.entries().values():
            if entry.id in outcome.reopened:
                print(safe(f"reopened {entry.id[:12]}  {entry.name}: {entry.events[-1].said}"))
    for line in (*lines, *(() if quiet else outcome.notes), *_some(outcome.unread)):
        print(safe(f"secretsweep: {line}"), file=sys.stderr)
    return INCOMPLETE if outcome.unread else 0


@command.command("list")
@click.option("--state", type=click.Choice((*STATES, "all")), default="all", help="Only those [all].")
@_format_option
@ledger_option
def list_(state: str, fmt: str, book: str | None) -> int:
    """One line an entry, the worst and most urgent first."""
    from secretsweep.app.rotation import opening, running, shown

    with running.ledger(book, running.home()) as kept:
        entries = [entry for entry in kept.entries().values() if state in (entry.state, "all")]
    if fmt == "json":
        _json({"schema": shown.SCHEMA, "entries": [shown.data(entry) for entry in entries]})
    else:
        print("\n".join(shown.listed(entries, opening.present())))
    return 0


@command.command()
@click.argument("entry_id", metavar="ID")
@_format_option
@ledger_option
def show(entry_id: str, fmt: str, book: str | None) -> int:
    """Everything about one entry: what leaked, where, and the steps with their commands."""
    from secretsweep.app.rotation import checklist, opening, running, shown

    with running.ledger(book, running.home()) as kept:
        entry = checklist.chosen(kept.entries(), entry_id)
    if fmt == "json":
        _json({"schema": shown.SCHEMA, **shown.data(entry)})
    else:
        print("\n".join(shown.whole(entry, opening.present())))
    return 0


@command.command()
@click.argument("entry_id", metavar="ID")
@click.argument("step", type=click.Choice(STEPS))
@click.option("--evidence", default="", help="What shows it: a link, a ticket, what the log said.")
@click.option("--skip", metavar="REASON", default="", help="The step is not applicable, because …")
@click.option("--undo", is_flag=True, help="The step is not done after all.")
@_tracker_options
@_by_option
@ledger_option
def check(
    entry_id: str, step: str, evidence: str, skip: str, undo: bool, who: str, book: str | None, **tracker: Any
) -> int:
    """Tick a step of an entry."""
    from secretsweep.app.rotation import checklist, opening, running
    from secretsweep.errors import UsageError

    if sum(map(bool, (evidence, skip, undo))) > 1:
        raise UsageError("--evidence, --skip and --undo: choose one")
    running.harmless(evidence or skip, "--evidence" if evidence else "--skip")
    repository = running.home()
    who, now = opening.somebody(repository, who), opening.present()

    def change(entry: "Entry") -> "Entry":
        if undo:
            return checklist.unchecked(entry, step, who, now)
        return checklist.checked(entry, step, skip or evidence, who, now, bool(skip))

    return _changed(entry_id, book, tracker, change)


@command.command()
@click.argument("entry_id", metavar="ID")
@click.option("--evidence", default="", help="What else is to be said at the end.")
@click.option("--accept-risk", metavar="REASON", default="", help="Live with it until a day, instead of rotating.")
@click.option("--until", metavar="DAY", default="", help="With --accept-risk: the last day on which that counts.")
@_tracker_options
@_by_option
@ledger_option
def close(
    entry_id: str, evidence: str, accept_risk: str, until: str, who: str, book: str | None, **tracker: Any
) -> int:
    """Close an entry; refused without evidence that its credential opens nothing any more."""
    from datetime import date

    from secretsweep.app.rotation import checklist, opening, running
    from secretsweep.errors import UsageError

    if bool(accept_risk) != bool(until):
        raise UsageError("--accept-risk REASON and --until DAY go together: nothing is accepted for ever")
    if accept_risk and evidence:
        raise UsageError("--accept-risk: the reason is all there is to say; leave --evidence away")
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise UsageError(f"--until {until}: wants a day, as in 2027-01-31") from None
    running.harmless(evidence or accept_risk, "--evidence" if evidence else "--accept-risk")
    who, now = opening.somebody(running.home(), who), opening.present()

    def change(entry: "Entry") -> "Entry":
        if day is not None:
            return checklist.accepted(entry, accept_risk, day, who, now)
        return checklist.closed(entry, evidence, who, now)

    return _changed(entry_id, book, tracker, change)


@command.command()
@_tracker_options
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard error.")
@ledger_option
def sync(quiet: bool, book: str | None, **tracker: Any) -> int:
    """Bring ticks from the tracker to the ledger, and the ledger to the tracker; a lost one is made anew."""
    from secretsweep.app.rotation import opening, running, syncing

    repository = running.home()
    config = running.settings(repository)
    name, options = _tracker(tracker, config.tracker, config.tracker_where)
    with running.ledger(book, repository) as kept:
        done = syncing.synced(kept, running.tracker(name, options, repository), name, opening.present())
    print(f"{done.posted} posted, {done.updated} brought up to date in {name}")
    for line in () if quiet else done.lines:
        print(safe(f"secretsweep: {line}"), file=sys.stderr)
    return 0


@command.command()
@_format_option
@ledger_option
def status(fmt: str, book: str | None) -> int:
    """How it stands; exit 1 when something is overdue, for a daily job."""
    from secretsweep.app.rotation import checklist, opening, running, shown

    now = opening.present()
    with running.ledger(book, running.home()) as kept:
        entries = list(kept.entries().values())
    late = checklist.overdue(entries, now)
    if fmt == "json":
        counts = {state: sum(entry.state == state for entry in entries) for state in STATES}
        _json({"schema": shown.SCHEMA, **counts, "overdue": [shown.data(entry) for entry in late]})
    else:
        print("\n".join(shown.summary(entries, late, now)))
    return OVERDUE if late else 0


def _some(unread: tuple[str, ...]) -> tuple[str, ...]:
    """What was not read: the first of it by name, the rest by number."""
    more = (f"not read: {len(unread) - _TOLD:,} more; `secretsweep audit` lists them",) if len(unread) > _TOLD else ()
    return (*unread[:_TOLD], *more)


def _changed(entry_id: str, book: str | None, tracker: dict[str, Any], change: "Callable[[Entry], Entry]") -> int:
    """Change an entry in the ledger, and wherever it is posted."""
    from secretsweep.app.rotation import checklist, opening, running, shown

    repository = running.home()
    with running.ledger(book, repository) as kept:
        entry = change(checklist.chosen(kept.entries(), entry_id))
        kept.keep([entry])
        print("\n".join(shown.listed([entry], opening.present())))
        for line in running.told(kept, entry, repository, _tracker(tracker, "", "")[1], tracker["tracker"] or ""):
            print(safe(f"secretsweep: {line}"), file=sys.stderr)
    return 0


def _tracker(given: dict[str, Any], configured: str, where: str) -> tuple[str, trackers.Options]:
    """Which tracker, and what was said about it."""
    name = given["tracker"] or configured or "markdown"
    place = given["where"] or (where if name == configured else "")
    return name, trackers.Options(
        where=place,
        url=given["tracker_url"],
        labels=given["labels"],
        assignees=given["assignees"],
        public=given["public_tracker"],
        issue_type=given["issue_type"],
    )


def _json(document: dict[str, Any]) -> None:
    import json

    from secretsweep.reports._safe import encoded

    print(encoded(json.dumps(document, indent=2)))
