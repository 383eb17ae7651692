"""secretsweep rotate: let a machine replace a leaked credential, step by step."""

import sys

import click

from secretsweep import rotators, stores
from secretsweep.cli._options import ledger_option
from secretsweep.cli._store_options import store_options
from secretsweep.reports._safe import shown as safe

OPEN = 1


@click.command()
@click.argument("entry_id", metavar="ID")
@click.option("--apply", "applying", is_flag=True, help="Do it, up to the point where consumers must be rolled.")
@click.option("--rolled", default="", metavar="TEXT", help="What shows that every consumer has the new value.")
@click.option("--watched", default="", metavar="TEXT", help="What shows that nothing fails without the old one.")
@click.option("--refused", default="", metavar="TEXT", help="What shows that the old one is refused.")
@click.option("--driver", type=click.Choice(rotators.names()), help="What rotates it [what its guide names].")
@click.option("--method", default="", help="How, where a driver knows several ways.")
@click.option("--account", default="", help="Whose credential it is there: a role, a user.")
@click.option("--service", default="", metavar="URL", help="Where the service is; never with a password.")
@click.option("--set", "further", multiple=True, metavar="NAME=VALUE", help="A further option of the driver.")
@click.option("--store", type=click.Choice(stores.names()), help="Where the value is, when remediate did not move it.")
@click.option("--reference", "paths", multiple=True, metavar="[NAME=]PATH", help="Its path there; again for an id.")
@click.option("--by", "who", default="", help="Who does it [user.email of git].")
@click.option("-f", "--format", "fmt", type=click.Choice(("text", "json")), default="text", help="Of the plan [text].")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error.")
@ledger_option
@store_options
def command(
    entry_id: str,
    applying: bool,
    rolled: str,
    watched: str,
    refused: str,
    driver: str | None,
    method: str,
    account: str,
    service: str,
    further: tuple[str, ...],
    store: str | None,
    paths: tuple[str, ...],
    who: str,
    fmt: str,
    config: str | None,
    quiet: bool,
    book: str | None,
    options: stores.Options,
) -> int:
    """Replace the credential of checklist entry ID: the new value becomes the next version of its path in the store.

    Without --apply only the plan is shown. The old value ends only after the new one has worked and --rolled says that
    its consumers have it; where it can be disabled first, it is deleted after --watched. Running it again goes on where
    it stopped.
    """
    from dataclasses import replace

    from secretsweep.app.rotation import opening, running, telling, turning
    from secretsweep.app.rotation.rotating import Said
    from secretsweep.cli._progress import progress
    from secretsweep.errors import UsageError

    for name, text in {"--rolled": rolled, "--watched": watched, "--refused": refused}.items():
        if text and not applying:
            raise UsageError(f"{name}: goes with --apply")
        running.harmless(text, name)
    repository = running.home()
    request = turning.Request(
        entry=entry_id,
        driver=driver or "",
        method=method,
        account=account,
        url=service,
        further=turning.pairs("--set", further),
        store=store or "",
        paths=turning.paths(paths),
        options=replace(options, tree=turning.tree(repository)),
        config=config,
    )
    with running.ledger(book, repository) as kept:
        planned = turning.planned(request, kept, repository)
        if not applying:
            print(telling.rendered(planned, fmt))
            return OPEN
        with progress(quiet) as update:
            job = turning.job(planned, request, repository, update)

        def said(step: str) -> None:
            if not quiet:
                print(safe(f"secretsweep: {step}"), file=sys.stderr)

        shown = Said(opening.somebody(repository, who), rolled, watched, refused)
        done = turning.performed(job, request, kept, shown, said)
        print("\n".join(telling.closing(done, planned)))
        for line in running.told(kept, done.entry, repository, running.no_options()):
            print(safe(f"secretsweep: {line}"), file=sys.stderr)
    return 0 if done.entry.state == "closed" else OPEN
