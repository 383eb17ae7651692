"""secretsweep scan: files and folders as they are, or standard input."""

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
from secretsweep.cli.audit import _given


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--name", default="-", help="What standard input is called: the name chooses its format.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@ledger_option
@second_option
@report_options
def command(
    paths: tuple[str, ...],
    name: str,
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
    """Find the credentials in PATHS as they are on disk (the current folder without any); `-` reads standard input."""
    import os

    from secretsweep.app import accepted
    from secretsweep.app.rotation import standing
    from secretsweep.app.scan import Request, scan
    from secretsweep.cli._progress import progress
    from secretsweep.detect.gate import cache_folder
    from secretsweep.errors import UsageError
    from secretsweep.rules._cache import in_force

    check_output(output)
    wanted = paths or (".",)
    if "-" in wanted and len(wanted) > 1:
        raise UsageError("-: standard input is scanned alone, not with paths")
    for path in wanted:
        if path != "-" and not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    own = accepted.settings(None, config, True, _given(locals()))
    fmt, fail_on = own.config.format, own.config.fail_on
    allowed = allowed_reasons(allow_incomplete) or own.config.allow_incomplete
    check_showing(show_secrets, fmt, output)
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    home = accepted.started_in()
    request = Request(
        rules.rules,
        rules.digest,
        paths=() if wanted == ("-",) else wanted,
        data=sys.stdin.buffer.read() if wanted == ("-",) else None,
        name=name,
        trusted=own.trusted,
        explain=verbose > 0,
        cache=cache_folder(),
        largest=own.config.max_file_size,
        second=own.config.detect_secrets,
        disabled=own.config.disable_rules,
        identity=own.identity or (home.identity() if home else b"secretsweep"),
    )
    with progress(quiet) as update:
        report = scan(request, update)
    report = confident(own.applied(report, whole=False), own.config.min_confidence)
    report = standing.known(report, home, book, own.trusted)
    if not quiet:
        for note in own.notes:
            print(f"secretsweep: {note}", file=sys.stderr)
    write(report, fmt, output, verbose, show_secrets)
    return exit_code(report, fail_on, allowed, False)
