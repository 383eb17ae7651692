"""Options that several commands share, with one meaning each."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from secretsweep import reports
from secretsweep.cli import _streams
from secretsweep.errors import UsageError
from secretsweep.model import CONFIDENCES, SEVERITIES, Report
from secretsweep.model.report import Skipped

F = TypeVar("F", bound=Callable[..., Any])
FINDINGS = 1
INCOMPLETE = 3
INTERRUPTED = 130
REASONS = tuple(sorted(v for k, v in vars(Skipped).items() if k.isupper()))


def report_options(command: F) -> F:
    """What a command that prints a report takes."""
    for option in reversed(
        (
            click.option("-f", "--format", "fmt", type=click.Choice(reports.names()), help="Report format [text]."),
            click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write the report to this file."),
            click.option(
                "--fail-on",
                type=click.Choice((*SEVERITIES, "never")),
                help="Exit 1 from this severity on [low].",
            ),
            click.option(
                "--min-confidence", type=click.Choice(CONFIDENCES), help="Leave out findings below this [low]."
            ),
            click.option(
                "--allow-incomplete",
                metavar="REASON,…",
                default=None,
                help=f"Do not exit 3 for these reasons: {', '.join(REASONS)}.",
            ),
            click.option("-v", "--verbose", count=True, help="Say more: every place, and why something was dismissed."),
            click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error."),
            click.option("--show-secrets", is_flag=True, help="Show the values; only on a terminal, only as text."),
        )
    ):
        command = option(command)
    return command


def second_option(command: F) -> F:
    """What a command takes that may ask detect-secrets, too."""
    return click.option(
        "--detect-secrets/--no-detect-secrets",
        default=None,
        help="Ask detect-secrets, too: its plugins find more, its filters dismiss weak findings [no].",
    )(command)


def ledger_option(command: F) -> F:
    """What a command takes that knows of the checklist."""
    return click.option("--ledger", "book", metavar="FILE", help="The checklist's ledger [in the git directory].")(
        command
    )


def allowed_reasons(value: str | None) -> tuple[str, ...]:
    """The reasons of --allow-incomplete. UsageError for a name that does not exist."""
    named = tuple(part.strip() for part in (value or "").split(",") if part.strip())
    for reason in named:
        if reason not in REASONS:
            raise UsageError(f"--allow-incomplete {reason}: no such reason; there are {', '.join(REASONS)}")
    return named


def confident(report: Report, least: str) -> Report:
    """The report without credentials below a confidence."""
    from dataclasses import replace

    kept = tuple(c for c in report.credentials if CONFIDENCES.index(c.confidence) <= CONFIDENCES.index(least))
    return replace(report, credentials=kept)


def check_showing(show_secrets: bool, fmt: str, output: str | None) -> None:
    """UsageError unless the values would go to a terminal, as text."""
    if show_secrets and (fmt != "text" or output or not sys.stdout.isatty()):
        raise UsageError("--show-secrets: values are shown as text on a terminal only, never in a file or a pipe")


def write(report: Report, fmt: str, output: str | None, verbose: int, show_secrets: bool) -> None:
    """Render to standard output, or to a file that appears only when it is whole."""
    if output is None:
        try:
            _shown(report, fmt, verbose, show_secrets)
        except BrokenPipeError:  # of `| head`: what was found still decides
            _streams.left()
        return
    renderer = reports.load(fmt)
    try:
        _into(Path(output), lambda out: renderer.render(report, out, verbose=verbose))
    except OSError as error:
        print(f"secretsweep: --output {output}: {error.strerror}; the report follows here instead", file=sys.stderr)
        renderer.render(report, _utf8(sys.stdout), verbose=verbose)
        sys.stdout.flush()
        raise UsageError(f"--output {output}: {error.strerror}; nothing was written there") from None


def _shown(report: Report, fmt: str, verbose: int, show_secrets: bool) -> None:
    """Render to standard output."""
    renderer = reports.load(fmt)
    colour = fmt == "text" and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    out = _utf8(sys.stdout)
    if show_secrets:
        from secretsweep.reports import text

        text.render(report, out, colour=colour, verbose=verbose, width=width, show=True)
    else:
        renderer.render(report, out, colour=colour, verbose=verbose, width=width)
    out.flush()


def _into(target: Path, render: Callable[[TextIO], None]) -> None:
    """Write a file that appears only when it is whole, readable by its owner alone: it tells where credentials are.
    A pipe or device is written as it is."""
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", newline="\n") as out:
            render(out)
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
            render(out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_output(output: str | None) -> None:
    """UsageError at once, and not after an hour of reading, when a report cannot be written there."""
    if output is None:
        return
    target = Path(output)
    folder = target.parent
    if not folder.is_dir():
        raise UsageError(f"--output {output}: there is no folder {folder}")
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise UsageError(f"--output {output}: no permission to write there")


def exit_code(report: Report, fail_on: str, allowed: tuple[str, ...], interrupted: bool) -> int:
    """What the process says to its caller; incomplete goes before findings, since there may be more."""
    if interrupted:
        return INTERRUPTED
    if report.coverage.left_out(allowed):
        return INCOMPLETE
    return FINDINGS if report.failing(fail_on) else 0


def _utf8(stream: TextIO) -> TextIO:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream
