"""How time grows with size, told within one run: a number of seconds is another one on every machine and every day."""

import gc
import resource
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LINEAR = 9.0  # four times as much takes four times as long, or 16 times where time is quadratic; halfway, with noise
_FLOOR = 0.01  # seconds that nobody can tell apart
_TRIES = 4  # one that is disturbed tells nothing


def seconds(work: Callable[[], object]) -> float:
    """CPU time of a call and of the processes that it waits for."""
    collects = gc.isenabled()
    gc.disable()  # it takes time whenever others have left enough behind
    try:
        before = _spent()
        work()
        return _spent() - before
    finally:
        if collects:
            gc.enable()


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def grows(prepared: Callable[[int], T], work: Callable[[T], object], size: int, most: float = LINEAR) -> None:
    """Assert that `size` takes no more than `most` times as long as a quarter of it."""
    quarter, whole = prepared(size // 4), prepared(size)
    work(prepared(max(size // 64, 1)))  # so that everything is imported
    small = large = 1e9
    for _ in range(_TRIES):
        small = min(small, seconds(lambda: work(quarter)))
        large = min(large, seconds(lambda: work(whole)))
        if large <= most * max(small, _FLOOR):
            return
    times = large / max(small, _FLOOR)
    raise AssertionError(f"{size:,}: {large:.3f} s, {size // 4:,}: {small:.3f} s, {times:.1f} times as long")
