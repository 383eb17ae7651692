"""secretsweep baseline: the findings that are accepted, and why."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import date

    from secretsweep.app.accepting import Done

INCOMPLETE = 3
_SHOWN = 20  # dropped records that are named


@click.group()
def command() -> None:
    """Accept findings that are known, with a reason.

    The file .secretsweep.baseline has one record a line and no line numbers. A record belongs to a value: another one
    at the same place is found. With `.secretsweep.baseline merge=union` in .gitattributes it never conflicts.
    """


def _options(function: "click.decorators.FC") -> "click.decorators.FC":
    for option in reversed(
        (
            click.argument("repo", default="."),
            click.option("--reason", default="", help="Why the new ones are accepted [unreviewed]."),
            click.option("--owner", default="", help="Who answers for the new ones; one word."),
            click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which they count."),
            click.option("--files", is_flag=True, help="Look at the files that git tracks, not at the history."),
            click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use."),
            click.option("-q", "--quiet", is_flag=True, help="No progress."),
        )
    ):
        function = option(function)
    return function


@command.command()
@_options
def create(
    repo: str, reason: str, owner: str, expires: datetime | None, files: bool, config: str | None, quiet: bool
) -> int:
    """Accept everything that is found in REPO now. The file must not be there yet."""
    return _written(repo, True, (reason, owner, expires.date() if expires else None), files, config, quiet)


@command.command()
@_options
def update(
    repo: str, reason: str, owner: str, expires: datetime | None, files: bool, config: str | None, quiet: bool
) -> int:
    """Accept what is new, and drop what is not found any more (with --files nothing is dropped)."""
    return _written(repo, False, (reason, owner, expires.date() if expires else None), files, config, quiet)


@command.command()
@click.argument("repo", default=".")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
def show(repo: str, config: str | None) -> int:
    """List what is accepted, and what of it nobody has reviewed or has expired."""
    from datetime import UTC

    from secretsweep.app import accepted, accepting
    from secretsweep.app._records import UNREVIEWED
    from secretsweep.git import repository as repositories
    from secretsweep.reports._safe import shown

    own = accepted.settings(repositories.find(repo), config, True, {})
    records = accepting.current(own).records
    today = datetime.now(UTC).date()
    for record in sorted(records, key=lambda r: (r.path, r.key, str(r))):
        until = f", until {record.expires}" if record.expires else ""
        who = f" ({record.owner})" if record.owner else ""
        state = "EXPIRED " if record.ended(today) else ""
        place = shown(f"{record.path}  {record.key}".rstrip())
        print(f"{record.fingerprint[:12]}  {record.rule}  {place}\n    {state}{shown(record.reason)}{who}{until}")
    unreviewed = sum(record.reason == UNREVIEWED for record in records)
    expired = sum(record.ended(today) for record in records)
    print(f"{len(records):,} records, {unreviewed:,} unreviewed, {expired:,} expired", file=sys.stderr)
    return 0


def _written(
    repo: str, new: bool, words: "tuple[str, str, date | None]", files: bool, config: str | None, quiet: bool
) -> int:
    from secretsweep.app import accepted, accepting
    from secretsweep.app.baseline import Baseline, Words
    from secretsweep.cli import _setup
    from secretsweep.cli._progress import progress
    from secretsweep.detect.gate import cache_folder
    from secretsweep.errors import UsageError
    from secretsweep.git import repository as repositories
    from secretsweep.rules._cache import in_force

    if repositories.is_url(repo):
        raise UsageError(f"{repositories.without_credentials(repo)}: a baseline is written into a clone of one's own")
    if any(c.isspace() for c in words[1]):
        raise UsageError("--owner: wants one word: a name, an address, a team")
    repository = repositories.find(repo)
    if repository.top is None:
        raise UsageError(f"{repo}: a bare repository has no place for a baseline; name a working tree of it")
    own = accepted.settings(repository, config, True, {})
    path = accepting.file_of(own).resolve()
    if new and path.is_file():
        raise UsageError(f"{own.config.baseline}: is there already; `secretsweep baseline update` keeps its reasons")
    old = Baseline(shown=own.config.baseline) if new else accepting.current(own)
    cache = cache_folder()
    rules = in_force(cache, own.rules, own.config.disable_rules).rules
    salt = accepting.salt_of(repository, own)
    with progress(quiet) as moved:
        if files:
            report = accepting.found_in_files(repository, own, rules, cache, moved)
        else:
            jobs = _setup.jobs(own.config.jobs)
            report = accepting.found_in_history(repository, own, rules, jobs, cache, moved)
    return _said(accepting.accept(report, old, own, path, Words(*words), salt, whole=not files))


def _said(done: "Done") -> int:
    from secretsweep.app._records import UNREVIEWED
    from secretsweep.reports import _coverage
    from secretsweep.reports._safe import shown

    dropped, added = done.updated.dropped, done.updated.added
    for record in dropped[:_SHOWN]:
        print(shown(f"dropped: {record}"))
    if dropped[_SHOWN:]:
        print(f"dropped: {len(dropped) - _SHOWN:,} more")
    print(
        f"secretsweep: {shown(done.path.name)}: {_coverage.count(done.updated.records, 'record')} "
        f"({len(added):,} new, {len(dropped):,} dropped) of {_coverage.count(done.credentials, 'credential')} found"
    )
    if any(record.reason == UNREVIEWED for record in added):
        print("Look at each `# unreviewed` and say why it is no risk. What is real is rotated, not accepted.")
    if done.kept_unseen:
        print("Records of what was not found are kept: only a complete audit of the history can tell.")
    for skip in done.left_out[:_SHOWN]:
        print(shown(f"not read: {skip.path or skip.oid}: {skip.reason} {skip.detail}".rstrip()), file=sys.stderr)
    return INCOMPLETE if done.left_out else 0
