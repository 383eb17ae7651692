"""The arguments of secretsweep-hook; loaded only when there are any."""

import argparse

from secretsweep import __version__

_ABOUT = """\
Find credentials in what is being committed: the staged content, not the files on disk. Only what a commit adds or
changes blocks it. FILEs that have no staged change are read as a whole, as they are in the index."""
_CODES = """\
Exit codes: 0 nothing found at or above fail-on, 1 credentials found, 2 the request or a configuration is wrong,
3 something could not be scanned, 70 a bug, 130 interrupted."""


def parse(arguments: list[str]) -> tuple[tuple[str, ...], bool, str | None]:
    """The files, whether all are meant, and the configuration."""
    parser = argparse.ArgumentParser("secretsweep-hook", description=_ABOUT, epilog=_CODES, allow_abbrev=False)
    parser.add_argument("files", nargs="*", metavar="FILE", help="only these files, or files in these folders")
    parser.add_argument("--all-files", action="store_true", help="every file of the index, all of its lines")
    parser.add_argument("--config", metavar="FILE", help="configuration to use instead of .secretsweep.toml")
    parser.add_argument("--version", action="version", version=f"secretsweep {__version__}")
    asked = parser.parse_args(arguments)
    return tuple(asked.files), asked.all_files, asked.config
