"""Run a command under tree.py and read what it used."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

WRAPPER = Path(__file__).with_name("tree.py")


class Run(NamedTuple):
    """What one run of a command used, in seconds and bytes.

    `largest` is its largest process (at least the measuring Python's own 12 MB), `tree` the peak of the sum.
    """

    cpu: float
    user: float
    system: float
    wall: float
    largest: int
    tree: int
    exit: int
    timed_out: bool


def measured(command: Sequence[str], limit: float, log: Path) -> Run:
    """Run it with its output thrown away and its errors in `log`. OSError when it cannot be started."""
    reading, writing = os.pipe()
    wrapper = (sys.executable, "-I", "-S", str(WRAPPER), str(writing), str(limit), *command)
    with open(log, "wb") as errors, os.fdopen(reading, "rb") as channel:
        process = subprocess.Popen(
            wrapper, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, pass_fds=(writing,)
        )
        os.close(writing)
        result = channel.read()
        process.wait()
    if not result:
        said = log.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise OSError(f"{command[0]} could not be run: {said[-1]}")
    return Run(**json.loads(result))


def median(runs: Sequence[Run]) -> Run:
    """Each figure's own median; exit status and timeout of the worst run."""

    def middle(field: str) -> float:
        return float(statistics.median(getattr(run, field) for run in runs))

    worst = max(runs, key=lambda run: (run.timed_out, run.exit != 0, run.exit))
    return worst._replace(
        cpu=middle("cpu"),
        user=middle("user"),
        system=middle("system"),
        wall=middle("wall"),
        largest=int(middle("largest")),
        tree=int(middle("tree")),
    )
