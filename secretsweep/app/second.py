"""Whether detect-secrets is asked, too: it is loaded only then, and once, before workers start."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secretsweep.detect.detect_secrets import Second


def opinion(wanted: bool, disabled: Iterable[str] = ()) -> "Second | None":
    """The adapter, loaded, without the plugins whose rules are disabled."""
    if not wanted:
        return None
    from secretsweep.detect.detect_secrets import Second

    return Second(disabled)
