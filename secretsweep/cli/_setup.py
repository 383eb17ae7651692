"""What a scan starts from, as the machine offers it."""

import os


def jobs(given: int | None) -> int:
    """Worker processes: as asked, else one a core that this process may use."""
    if given:
        return given
    available = getattr(os, "sched_getaffinity", None)
    return min(len(available(0)) if available else os.cpu_count() or 1, 16)
