"""Run one command and print what its whole process tree used, as JSON on the descriptor given first.

Started as a process of its own (`python -I -S tree.py FD SECONDS COMMAND…`), so that RUSAGE_CHILDREN holds this
command and nothing else. Orphaned grandchildren are adopted and waited for: none escapes the sum. Memory is
sampled here, in the parent, whose own use is not counted.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time

INTERVAL = 0.05  # seconds between two looks at memory
SHARE = 0.1  # … but a look may take at most this share of the time: reading smaps of a large process is slow
PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    channel, limit, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    os.set_inheritable(channel, False)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    status, finished, peak, timed_out = watch(child, started, limit)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    scale = 1 if sys.platform == "darwin" else 1024
    result = {
        "cpu": used.ru_utime + used.ru_stime,
        "user": used.ru_utime,
        "system": used.ru_stime,
        "wall": finished - started,
        "largest": used.ru_maxrss * scale,
        "tree": peak,
        "exit": status,
        "timed_out": timed_out,
    }
    os.write(channel, json.dumps(result).encode())


def watch(child: int, started: float, limit: float) -> tuple[int, float, int, bool]:
    """Wait for the child and all that it left behind: exit status, time of its end, peak, whether it was killed."""
    status, finished, peak, timed_out = -1, 0.0, 0, False
    look = started
    while True:
        try:
            pid, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status, finished, peak, timed_out
        now = time.monotonic()
        if pid == child:
            status, finished = os.waitstatus_to_exitcode(raw), now
        if pid:
            continue
        if now - started > limit:
            timed_out = True
            for process in descendants(os.getpid()):
                kill(process)
        if now >= look:
            peak = max(peak, memory())
            took = time.monotonic() - now
            look = now + max(INTERVAL, took / SHARE)
        time.sleep(0.004)


def kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def memory() -> int:
    """Bytes that the tree holds now: proportional set sizes, so that shared pages count once."""
    return sum(map(held, descendants(os.getpid())))


def held(process: int) -> int:
    """Proportional set size in bytes, the resident one where the kernel does not tell it, 0 after its end."""
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as rollup:
            for line in rollup:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
        with open(f"/proc/{process}/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def descendants(process: int) -> list[int]:
    """All processes below `process`; empty where there is no /proc."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/children") as children:
                found += map(int, children.read().split())
    except OSError:
        return []
    return [*found, *(below for child in found for below in descendants(child))]


if __name__ == "__main__":
    main()
