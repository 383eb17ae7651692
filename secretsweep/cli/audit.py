"""secretsweep audit: every object of a git repository's history."""

import sys

import click

from secretsweep.cli._options import (
    allowed_reasons,
    check_output,
    check_showing,
    confident,
    exit_code,
    ledger_option,
    report_options,
    second_option,
    write,
)


@click.command()
@click.argument("repo", default=".")
@click.option("--since", metavar="REV", default="", help="Only commits that REV does not have.")
@click.option("--ref", metavar="GLOB", default="", help="Only what these refs reach (main, v1.*, refs/pull/*).")
@click.option("--path", metavar="GLOB", default="", help="Only files whose path matches, or lies below.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), default=None, help="Worker processes [one a core].")
@click.option("--trust", is_flag=True, help="Believe the configuration, baseline and markers of a foreign repository.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@ledger_option
@second_option
@report_options
def command(
    repo: str,
    since: str,
    ref: str,
    path: str,
    jobs: int | None,
    trust: bool,
    config: str | None,
    book: str | None,
    detect_secrets: bool | None,
    fmt: str | None,
    output: str | None,
    fail_on: str | None,
    min_confidence: str | None,
    allow_incomplete: str | None,
    verbose: int,
    quiet: bool,
    show_secrets: bool,
) -> int:
    """Find the credentials in every object of REPO, a path or a URL.

    Reads all branches, tags, remotes, pull requests, notes, stashes, reflogs and unreachable objects; deleted files,
    merges, commit and tag messages; archives and encodings inside them.
    """
    from secretsweep.app import accepted
    from secretsweep.app.audit import Request, audit
    from secretsweep.app.rotation import standing
    from secretsweep.cli import _setup
    from secretsweep.cli._progress import progress
    from secretsweep.detect.gate import cache_folder
    from secretsweep.git.history import Selection
    from secretsweep.git.repository import opened
    from secretsweep.rules._cache import in_force

    check_output(output)
    with opened(repo) as repository:
        own = accepted.settings(repository, config, trust, _given(locals()))
        fmt, fail_on = own.config.format, own.config.fail_on
        allowed = allowed_reasons(allow_incomplete) or own.config.allow_incomplete
        check_showing(show_secrets, fmt, output)
        rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
        request = Request(
            rules.rules,
            rules.digest,
            Selection(since, ref, path),
            _setup.jobs(own.config.jobs),
            own.trusted,
            verbose > 0,
            cache_folder(),
            largest=own.config.max_file_size,
            identity=own.identity,
            second=own.config.detect_secrets,
            disabled=own.config.disable_rules,
        )
        with progress(quiet) as update:
            report, interrupted = audit(repository, request, update)
        report = confident(own.applied(report, whole=not request.selection), own.config.min_confidence)
        report = standing.known(report, repository, book, own.trusted)
    if not quiet:
        for note in own.notes:
            print(f"secretsweep: {note}", file=sys.stderr)
    write(report, fmt, output, verbose, show_secrets)
    return exit_code(report, fail_on, allowed, interrupted)


def _given(options: dict[str, object]) -> dict[str, object]:
    """What the command line said that a configuration could say too."""
    names = {"fmt": "format", **{name: name for name in ("fail_on", "min_confidence", "jobs", "detect_secrets")}}
    return {name: options[option] for option, name in names.items() if options.get(option) is not None}
