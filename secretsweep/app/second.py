"""Whether detect-secrets is asked, too: it is loaded only then, and once, before workers start."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secretsweep.detect.detect_secrets import Second


def opinion(wanted: bool) -> "Second | None":
    """The adapter, loaded."""
    if not wanted:
        return None
    from secretsweep.detect.detect_secrets import Second

    return Second()
