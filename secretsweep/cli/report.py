"""secretsweep report: a saved JSON report in another format."""

import click

from secretsweep import reports


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("-f", "--format", "fmt", type=click.Choice(reports.names()), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write the report to this file.")
@click.option("-v", "--verbose", count=True, help="Say more.")
def command(file: str, fmt: str, output: str | None, verbose: int) -> int:
    """Render FILE, a report saved with --format json or jsonl, in another format."""
    from pathlib import Path

    from secretsweep.cli._options import write
    from secretsweep.reports import _saved

    write(_saved.read(Path(file)), fmt, output, verbose, False)
    return 0
