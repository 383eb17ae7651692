"""The command line: one lazily imported module a command. Importing this package imports nothing heavy."""

import sys


def main() -> None:
    """The console script `secretsweep`."""
    from secretsweep.cli._group import run

    sys.exit(run())
