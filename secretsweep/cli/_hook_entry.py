"""The console script secretsweep-hook: what is staged, in the blink of an eye.

It runs before every commit, so it imports nothing that it does not need at once: no click, no rich, no YAML. git
lists what is staged while Python still loads.
"""

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from secretsweep.cli import _streams
from secretsweep.errors import SecretsweepError
from secretsweep.git import staged
from secretsweep.git.command import Git

if TYPE_CHECKING:
    from secretsweep.app.staged import Request

BUG = 70
INTERRUPTED = 130


class Asked(NamedTuple):
    """What the command line asks for."""

    files: tuple[str, ...] = ()
    all_files: bool = False
    config: str | None = None


def main() -> None:
    """Scan what is staged; every exception becomes an exit code and one clear line."""
    _streams.filled()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _run(_asked(sys.argv[1:]))
        sys.stdout.flush()
    except SecretsweepError as error:
        code = _said(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = _said("interrupted; nothing was checked", INTERRUPTED)
    except OSError as error:
        code = _said(f"{error.filename or 'output'}: {error.strerror or error}", 2)
    except Exception as error:
        code = _bug(error)
    sys.exit(code)


def _asked(arguments: list[str]) -> Asked:
    if not arguments:
        return Asked()
    from secretsweep.cli._hook_options import parse

    return Asked(*parse(arguments))


def _run(asked: Asked) -> int:
    request = _request(asked)
    if isinstance(request, str):
        print(f"secretsweep: {request}")
        return 0
    from secretsweep.app.staged import scan
    from secretsweep.cli import _hook_page

    return _hook_page.write(scan(request), request.config, sys.stdout)


def _request(asked: Asked) -> "Request | str":
    """What to scan, or why there is nothing to scan."""
    git = Git(".", in_hook=True)
    listing = staged.Listing(git)
    try:
        from pathlib import Path

        from secretsweep import config
        from secretsweep.app import chosen

        place = chosen.place(git)
        settings = config.read(Path(place.top), Path(asked.config) if asked.config else None)
        settings = config.merged(settings, os.environ)
        found = listing.staged(staged.merging(place))
    finally:
        listing.close()
    # the pre-commit framework starts a hook without file names only when there are files: with nothing staged this
    # is `pre-commit run --all-files`, which must not pass because nothing was looked at
    everything = asked.all_files or ("PRE_COMMIT" in os.environ and found == staged.Staged(()))
    found = chosen.of(git, place, found, asked.files, everything)
    if not found.changes and not found.unmerged:
        return chosen.nothing(found)
    from datetime import date

    from secretsweep.app.staged import Request
    from secretsweep.detect.gate import cache_folder
    from secretsweep.rules._cache import in_force

    further = [settings.resolved(name) for name in settings.rules]
    rules = in_force(cache_folder(), further, settings.disable_rules)
    return Request(git, place, settings, rules.rules, rules.digest, found, date.today(), cache_folder())


def _said(message: str, code: int) -> int:
    from secretsweep.reports._safe import shown

    print(f"secretsweep: {shown(message)}", file=sys.stderr)
    return code


def _bug(error: Exception) -> int:
    """Where it happened, without values: a message or a local variable could hold a credential."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)[-5:]
    places = " < ".join(f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames))
    print(f"secretsweep: a bug: {type(error).__name__} at {places}", file=sys.stderr)
    print("Nothing was checked. Please report this line; it holds nothing of what was scanned.", file=sys.stderr)
    return BUG
