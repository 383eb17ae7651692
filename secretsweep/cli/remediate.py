"""secretsweep remediate: values to a store, references to the files."""

import sys

import click

from secretsweep import stores
from secretsweep.cli._options import FINDINGS, INCOMPLETE
from secretsweep.cli._store_options import store_options
from secretsweep.model import Plan, Report
from secretsweep.reports import _safe
from secretsweep.tools import Ran
from secretsweep.tools.checkers import Check


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--store", type=click.Choice(stores.names()), help="Where values go.")
@click.option("--apply", "applying", is_flag=True, help="Perform the safe changes of the plan.")
@click.option("--review", is_flag=True, help="With --apply: those to review, too.")
@click.option("-i", "--interactive", is_flag=True, help="Ask for each change, and apply those that you take.")
@click.option(
    "--id", "wanted", multiple=True, metavar="ID", help="Only this credential (the id of a report); again for more."
)
@click.option(
    "--plan", "plan_file", type=click.Path(dir_okay=False), help="Save the plan; with --apply: perform that one."
)
@click.option("--pr", "proposing", is_flag=True, help="With --apply: commit the rewrite on a new branch; never pushes.")
@click.option("--check", "checking", is_flag=True, help="With --apply: run your checkers on the files for new faults.")
@click.option("--resume", is_flag=True, help="Finish an apply that was interrupted.")
@click.option("--undo", is_flag=True, help="Restore the files of the last apply; nothing is deleted from a store.")
@click.option("--explain", metavar="ID", help="Show the way of this credential's value to all that runs with it.")
@click.option("--format", "-f", "fmt", type=click.Choice(("text", "json")), default="text", help="Of output [text].")
@click.option(
    "--path-template", default="", help="What values are called [iac/{repo}/{dir}/{name}; sops: secrets/{dir}/{name}]."
)
@click.option("--offline", is_flag=True, help="Plan without asking the store what it has.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error.")
@store_options
def command(
    paths: tuple[str, ...],
    store: str | None,
    applying: bool,
    review: bool,
    interactive: bool,
    wanted: tuple[str, ...],
    plan_file: str | None,
    proposing: bool,
    checking: bool,
    resume: bool,
    undo: bool,
    explain: str | None,
    fmt: str,
    path_template: str,
    offline: bool,
    config: str | None,
    quiet: bool,
    options: stores.Options,
) -> int:
    """Move credentials in PATHS to a secret manager, and let the files refer to them.

    Without --apply only the plan is shown: where each value will live, a redacted diff, what else it needs, and what is
    left alone and why.
    """
    from secretsweep.app.remediation import running
    from secretsweep.cli._progress import progress
    from secretsweep.errors import UsageError

    if resume and undo:
        raise UsageError("--resume and --undo: one finishes what the other takes back")
    if undo:
        restored, kept = running.undone(paths, options)
        for path, removed in restored:
            print(_safe.shown(f"{'removed' if removed else 'restored'} {path}"))
        for path in kept:
            print(_safe.shown(f"left {path} as it is: nothing is deleted from a store"))
        if not restored:
            print("nothing was left to restore")
        return 0
    if resume:
        print("finished" if running.resumed(paths) else "nothing was left to finish")
        return 0
    if explain is not None:
        return _explained(paths, explain, applying, fmt, config, quiet)
    if interactive:
        if applying or review or plan_file or fmt != "text":
            raise UsageError("--interactive: applies what you take; leave --apply, --review, --plan and --format away")
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("--interactive: asks on a terminal; elsewhere use --apply, and --id to choose")
        applying = True
    for name, given in (("--review", review), ("--pr", proposing), ("--check", checking)):
        if given and not applying:
            raise UsageError(f"{name}: goes with --apply")
    request = running.Request(
        paths=paths,
        store=store or "",
        options=options,
        template=path_template,
        wanted=wanted,
        offline=offline and not applying,
        config=config,
        saved=plan_file if applying else None,
    )
    with progress(quiet) as update:
        prepared = running.prepared(request, update)
    click.get_current_context().call_on_close(prepared.close)
    taken = running.asked(prepared, input, print) if interactive else None
    for line in running.rendered(prepared, fmt, fmt == "text" and sys.stdout.isatty(), taken):
        print(line)

    def said(step: str) -> None:
        if not quiet:
            print(_safe.shown(f"secretsweep: {step}"), file=sys.stderr)

    unread = _unread(prepared.report)

    def code(findings: bool) -> int:
        return INCOMPLETE if unread else FINDINGS if findings else 0

    if plan_file and not applying:
        running.save(prepared, plan_file)
    if applying:
        before: dict[Check, Ran] = {}

        def first(chosen: Plan) -> None:
            if checking:
                before.update(running.faults(prepared, chosen))

        done = running.applied(prepared, review, said, proposing, taken, first)
        failed = False
        if checking and done.changes:
            text, failed = running.checked(prepared, done, before)
            print(text)
        print(running.closing(done))
        return code(failed or running.left(prepared, done))
    return code(running.left(prepared, None))


def _unread(report: Report) -> bool:
    """Say what was not read, and whether there is any."""
    from secretsweep.app.remediation import running

    told = running.unread(report)
    for line in told:
        print(_safe.shown(f"secretsweep: {line}"), file=sys.stderr)
    return bool(told)


def _explained(paths: tuple[str, ...], wanted: str, applying: bool, fmt: str, config: str | None, quiet: bool) -> int:
    from secretsweep.app.remediation import explaining
    from secretsweep.cli._progress import progress
    from secretsweep.errors import UsageError

    if applying:
        raise UsageError("--explain: shows only; it does not go with --apply")
    if not wanted:
        raise UsageError("--explain: needs the id of a credential, as reports show it")
    with progress(quiet) as update:
        found, seen = explaining.explained(paths, wanted, config, update)
    print(explaining.rendered(found, fmt, [f.secret for _, findings in seen.found for f in findings]))
    return INCOMPLETE if _unread(seen.report) else 0
