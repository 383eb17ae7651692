"""Commands are the modules of this package: their names, loaded when they are called."""

import os
import sys
import traceback

import click

from secretsweep import __version__, plugins
from secretsweep.cli import _streams
from secretsweep.errors import SecretsweepError

_PACKAGE = "secretsweep.cli"
BUG = 70
INTERRUPTED = 130


class Commands(click.Group):
    """A group whose commands are files."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name.replace("_", "-") for name in plugins.names(_PACKAGE)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        command = plugins.load(_PACKAGE, name).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, context: click.Context) -> object:
        """Run the command; click itself would exit as if something was found when the reader of a list went away."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            _streams.left()
            return 0


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="secretsweep")
def cli() -> None:
    """Find credentials in infrastructure repositories, in every object of their history, and move them to a store.

    \b
    Exit codes: 0 nothing found at or above --fail-on, 1 findings, 2 the request or a
    configuration is wrong, 3 something could not be scanned, 4 a store refused, 5 a rewrite
    was refused, 70 a bug, 130 interrupted.
    """


def run() -> int:
    """Run the command that the arguments name; every exception becomes an exit code and one clear line."""
    _streams.filled()
    try:
        result = cli.main(standalone_mode=False)
        code = result if isinstance(result, int) else 0
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.Abort:
        code = _said("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        code = 2
    except SecretsweepError as error:
        code = _said(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = _said("interrupted", INTERRUPTED)
    except BrokenPipeError:  # not an error
        _streams.left()
        code = 0
    except OSError as error:
        code = _said(f"{error.filename or 'output'}: {error.strerror or error}", 2)
    except Exception as error:
        code = _bug(error)
    return code


def _said(message: str, code: int) -> int:
    from secretsweep.reports._safe import shown

    print(f"secretsweep: {shown(message)}", file=sys.stderr)
    return code


def _bug(error: Exception) -> int:
    """Where it happened, without values: a message or a local variable could hold a credential."""
    places = [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    print(f"secretsweep: a bug: {type(error).__name__} at {' < '.join(reversed(places[-5:]))}", file=sys.stderr)
    print("Please report this line; it holds nothing of what was scanned.", file=sys.stderr)
    return BUG
