"""The figures as Markdown, and the machine that they belong to."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from benching.measure import Run, median
from benching.tools import GIT_PASS, Tool, version

MB = 1_000_000


def machine(tools: Sequence[Tool]) -> dict[str, str]:
    """What a reader must know to compare: processor, systems, versions."""
    facts = {
        "processor": f"{processor()}, {len(cores())} cores",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()) + " (1, 5, 15 minutes, at the start)",
    }
    return facts | {tool.name: said for tool in tools if (said := version(tool))}


def processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cores() -> set[int]:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def size(repo: Path) -> dict[str, int]:
    """Objects and bytes of content, so that a figure has a scale."""
    command = ("git", "-C", str(repo), "cat-file", "--batch-all-objects", "--unordered")
    check = "--batch-check=%(objecttype) %(objectsize)"
    said = subprocess.run((*command, check), capture_output=True, check=False)
    if said.returncode:
        raise OSError(f"{repo}: {said.stderr.decode(errors='replace').strip()}")
    counts = {"commits": 0, "blobs": 0, "bytes": 0}
    for line in said.stdout.splitlines():
        kind, length = line.split()
        counts["commits"] += kind == b"commit"
        counts["blobs"] += kind == b"blob"
        counts["bytes"] += int(length) if kind == b"blob" else 0
    return counts


def title(name: str, scale: Mapping[str, int]) -> str:
    counts = f"{scale['commits']:,} commits, {scale['blobs']:,} blobs, {scale['bytes'] / MB:,.0f} MB of content"
    return f"**{name}**: {counts}"


def table(tools: Sequence[Tool], runs: Mapping[str, Sequence[Run]]) -> str:
    """One row a tool, medians; CPU also as a multiple of git's own pass."""
    base = median(runs[GIT_PASS]).cpu if runs.get(GIT_PASS) else None
    lines = [
        "| | CPU s | wall s | CPU / git cat-file | largest process MB (RSS) | all processes MB (PSS) | |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for tool in tools:
        if not runs.get(tool.name):
            continue
        run = median(runs[tool.name])
        more = ">" if run.timed_out else ""
        ratio = f"{more}{run.cpu / base:.2f}" if base else "–"
        whole = f"{run.tree / MB:.0f}" if run.tree else "–"
        cells = (f"{more}{run.cpu:.2f}", f"{more}{run.wall:.2f}", ratio, f"{run.largest / MB:.0f}", whole)
        lines.append(f"| {tool.name} | {' | '.join(cells)} | {remark(tool, runs[tool.name])} |")
    return "\n".join(lines)


def remark(tool: Tool, runs: Sequence[Run]) -> str:
    if any(run.timed_out for run in runs):
        return "did not end in time"
    odd = sorted({run.exit for run in runs} - set(tool.good))
    if odd:
        return f"failed: exit {odd[0]}"
    return "incomplete (exit 3)" if tool.name == "secretsweep" and any(run.exit == 3 for run in runs) else ""
