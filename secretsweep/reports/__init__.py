"""One module a report format; its name is the value of `--format`."""

from typing import Protocol, TextIO, cast

from secretsweep import plugins
from secretsweep.errors import UsageError
from secretsweep.model import Report


class Format(Protocol):
    """What a module in this package is; one whose name begins with `_` only serves the others."""

    # Name the media type, for a server or an upload.
    MEDIA: str

    # Write the whole report; more `verbose` shows more, `colour` and `width` matter to people only.
    def render(
        self, report: Report, out: TextIO, *, colour: bool = False, verbose: int = 0, width: int = 100
    ) -> None: ...


def names() -> tuple[str, ...]:
    """The values of `--format`; nothing is imported for it."""
    return plugins.names(__name__)


def load(name: str) -> Format:
    """The format of that name; UsageError lists the names that exist."""
    if name not in names():
        raise UsageError(f"--format {name}: no such report; there are {', '.join(names())}")
    return cast(Format, plugins.load(__name__, name))
