"""The commands that are compared, and which of them are here."""

import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

GIT_PASS = "git cat-file"  # what the others are divided by: git reading every object once


class Tool(NamedTuple):
    """A command with the places {repo} and {out}, the exit codes of success, how it tells its version."""

    name: str
    command: tuple[str, ...]
    good: tuple[int, ...] = (0,)
    version: tuple[str, ...] = ()

    def filled(self, repo: Path, out: Path) -> list[str]:
        return [part.replace("{repo}", str(repo)).replace("{out}", str(out)) for part in self.command]


def tool(name: str, line: str, good: tuple[int, ...] = (0,), version: str = "") -> Tool:
    return Tool(name, tuple(shlex.split(line)), good, tuple(shlex.split(version)))


KNOWN = (
    tool(
        "secretsweep",
        "secretsweep audit {repo} --format json --output {out} --fail-on never",
        (0, 3),
        "secretsweep --version",
    ),
    tool(GIT_PASS, "git -C {repo} cat-file --batch-all-objects --batch --unordered --buffer", version="git --version"),
    tool("git log -p", "git -C {repo} log -p -U0 --full-history --all"),
    tool(
        "git log --raw",
        "git -C {repo} log --raw -z --all --no-abbrev --no-renames --diff-merges=combined --format=%x01%H",
    ),
    tool("gitleaks", "gitleaks git --no-banner --exit-code 0 -f json -r {out} {repo}", version="gitleaks version"),
    tool(
        "betterleaks",
        "betterleaks git {repo} --no-banner --silent --exit-code 0 -o {out}",
        version="betterleaks --version",
    ),
    tool(
        "kingfisher",
        "kingfisher scan {repo} --no-validate --no-update-check -f jsonl -o {out} -q",
        (0, 200, 205),
        "kingfisher --version",
    ),
    tool(
        "kingfisher --turbo",
        "kingfisher scan {repo} --no-validate --no-update-check -f jsonl -o {out} -q --turbo",
        (0, 200, 205),
    ),
)


def chosen(names: str, extra: Iterable[str], ours: str | None) -> list[Tool]:
    """The named tools, or all that are on PATH, then the `NAME=COMMAND` ones. ValueError for a wrong name."""
    known = {t.name: t for t in KNOWN}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(f"--tools {unknown[0]}: there are {', '.join(known)}")
    tools = [located(known[name], ours) for name in wanted]
    here = [t for t in tools if shutil.which(t.command[0])]
    if names and len(here) < len(tools):
        missing = next(t.command[0] for t in tools if t not in here)
        raise ValueError(f"--tools: {missing} is not on PATH")
    for entry in extra:
        name, equals, line = entry.partition("=")
        if not equals or "{repo}" not in line:
            raise ValueError(f"--command {entry}: wants NAME=COMMAND with {{repo}} and perhaps {{out}} in it")
        here.append(tool(name, line, tuple(range(256))))
    return here


def located(known: Tool, ours: str | None) -> Tool:
    """secretsweep by the path given, for the checkout's own may not be on PATH."""
    if known.name != "secretsweep" or not ours:
        return known
    return known._replace(command=(ours, *known.command[1:]), version=(ours, *known.version[1:]))


def version(known: Tool) -> str:
    """The first line that it says about itself, "" when it says nothing."""
    if not known.version:
        return ""
    said = subprocess.run(known.version, capture_output=True, text=True, check=False)
    return next(iter((said.stdout or said.stderr).strip().splitlines()), "")
