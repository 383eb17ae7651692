"""Progress on standard error: a bar on a terminal, nothing elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Update = Callable[[int, int, int, int], None]  # done, of how many, bytes, findings


@contextmanager
def progress(quiet: bool) -> Iterator[Update]:
    """Yields the function to call; rich is imported only when there is a terminal to draw on."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, size, findings: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[objects]}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[found]} findings"),
    )
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, objects="", rate="", found=0)  # drawn before the first update

        def update(done: int, total: int, size: int, findings: int) -> None:
            rate = size / 1e6 / max(time.monotonic() - started, 0.01)
            objects, speed = f"{done:,}/{total:,} objects", f"{rate:,.0f} MB/s"
            bar.update(task, completed=done, total=total, objects=objects, rate=speed, found=findings)

        yield update
