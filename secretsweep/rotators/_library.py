"""A vendor's library is imported when its driver connects, and only then."""

from collections.abc import Iterator
from contextlib import contextmanager

from secretsweep.errors import UsageError


@contextmanager
def needed(driver: str, extra: str) -> Iterator[None]:
    """Around the import: UsageError tells how to install what is missing."""
    try:
        yield
    except ImportError as error:
        missing = error.name
    else:
        return
    raise UsageError(f"--driver {driver}: {missing} is not installed: pip install 'secretsweep[{extra}]'")
