"""The private folder that a rehearsal works in: locked while it lives, gone afterwards, found again after a kill -9."""

import fcntl
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "secretsweep-purge-"
_LOCK = "lock"


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder with mode 0700 that is removed in any case: also on SIGTERM and SIGHUP, which then end the process."""
    with _ended_by_signals():
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            descriptor = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                yield folder
            finally:
                os.close(descriptor)
        finally:
            _remove(folder)


def leftovers() -> int:
    """Remove the folders of runs that were killed; how many there were. Those of running ones are locked."""
    count = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            about = folder.lstat()
            if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
                continue
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        finally:
            os.close(descriptor)
        _remove(folder)
        count += 1
    return count


def _remove(folder: Path) -> None:
    for _ in range(3):  # a git that ends meanwhile may write once more
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    names = (signal.SIGTERM, signal.SIGHUP)
    try:
        before = [(name, signal.signal(name, end)) for name in names]
    except ValueError:  # not in the main thread, which alone gets signals
        yield
        return
    try:
        yield
    finally:
        for name, handler in before:
            signal.signal(name, handler)
