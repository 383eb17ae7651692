"""secretsweep verify: is a credential still live? Off unless asked, and nobody is asked without consent."""

import sys
from typing import TYPE_CHECKING

import click

from secretsweep.cli._options import FINDINGS, INCOMPLETE, INTERRUPTED, ledger_option

if TYPE_CHECKING:
    from secretsweep.app.verifying.running import Result


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--history", is_flag=True, help="Every object of one repository, instead of the files as they are.")
@click.option("--id", "wanted", multiple=True, metavar="ID", help="Only this credential; again for more.")
@click.option("--from", "saved", type=click.Path(exists=True, dir_okay=False), help="The credentials of a JSON report.")
@click.option("--provider", "providers", multiple=True, metavar="NAME,…", help="Who may be asked; again for more.")
@click.option("--all-providers", "everyone", is_flag=True, help="Everybody may be asked.")
@click.option(
    "--allow-address",
    "addresses",
    multiple=True,
    metavar="HOST[:PORT]",
    help="An address found beside a value that may be asked, or a network; private ones only so.",
)
@click.option(
    "--instance", "instances", multiple=True, metavar="NAME=HOST", help="Your own GitLab, Grafana …: gitlab=git.acme.io"
)
@click.option("--dry-run", "dry", is_flag=True, help="Show who would be asked about what; send nothing.")
@click.option("--timeout", type=click.FloatRange(1, 300), default=20, show_default=True, help="Seconds for a question.")
@click.option("--proxy", default="", metavar="URL", help="http://HOST:PORT, or none [HTTPS_PROXY and NO_PROXY].")
@click.option("--format", "-f", "fmt", type=click.Choice(("text", "json")), default="text", help="Of output [text].")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error.")
@ledger_option
def command(
    paths: tuple[str, ...],
    history: bool,
    wanted: tuple[str, ...],
    saved: str | None,
    providers: tuple[str, ...],
    everyone: bool,
    addresses: tuple[str, ...],
    instances: tuple[str, ...],
    dry: bool,
    timeout: float,
    proxy: str,
    fmt: str,
    config: str | None,
    quiet: bool,
    book: str | None,
) -> int:
    """Ask the issuers of the credentials in PATHS (with --history: in a repository) whether they are still live.

    Each credential is asked about once, with a request that changes nothing. Exit codes: 0 none is live, 1 one is, 3
    none is known to be live, but something that was asked for is unknown or was not read.
    """
    from secretsweep.app.verifying import running, shown
    from secretsweep.cli import _setup
    from secretsweep.cli._progress import progress

    request = running.Request(
        paths=paths,
        history=history,
        wanted=wanted,
        saved=saved,
        providers=tuple(name.strip() for text in providers for name in text.split(",") if name.strip()),
        everyone=everyone,
        addresses=addresses,
        instances=instances,
        proxy=proxy,
        timeout=timeout,
        config=config,
        dry=dry,
        jobs=_setup.jobs(0),
    )
    with progress(quiet) as update:
        result = running.verified(request, update)
    print(shown.rendered(result, fmt, dry))
    sys.stdout.flush()
    if not dry:
        _remember(result, book, quiet)
    if result.interrupted:
        return INTERRUPTED
    if dry:
        return 0
    return FINDINGS if result.live else INCOMPLETE if result.open else 0


def _remember(result: "Result", book: str | None, quiet: bool) -> None:
    """Tell the checklist, where there is one, what was answered."""
    from secretsweep.app.rotation import opening, recording, running
    from secretsweep.app.rotation.ledger import Ledger
    from secretsweep.model import Judgement
    from secretsweep.reports._safe import shown as safe

    home = running.home()
    place = recording.place(home, book)
    judgements = {
        v.credential.id: Judgement(v.answer.state, v.answer.who, v.answer.when, v.answer.status, v.answer.why)
        for v in result.verdicts
        if v.asked and v.answer is not None
    }
    if place is None or not judgements or not (book or place.exists()):
        return
    ledger = Ledger(place)
    try:
        for entry in recording.recorded(judgements, ledger, opening.present()):
            if not quiet:
                print(safe(f"secretsweep: checklist: {entry.id[:12]} is {entry.state} now"), file=sys.stderr)
            for line in running.told(ledger, entry, home, running.no_options()):
                print(safe(f"secretsweep: {line}"), file=sys.stderr)
    finally:
        ledger.close()
