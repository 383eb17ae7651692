"""git-filter-repo over the part of a history that holds a value: what came before keeps its ids and signatures."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from secretsweep.errors import GitError, UsageError
from secretsweep.git import mirror as mirrors
from secretsweep.git import refs
from secretsweep.git.command import _CONFIG, environment
from secretsweep.git.log import Log
from secretsweep.git.repository import Repository

_TEMPORARY = "refs/secretsweep/"
_MOST = 20_000  # commits whose ids fit on a command line


@dataclass(frozen=True, slots=True)
class Changes:
    """What a rewrite changes. Ids are hex."""

    expressions: bytes = b""  # git-filter-repo's, for messages
    blobs: Mapping[str, str] = field(default_factory=dict)  # old id -> new id, which is there already
    messages: Mapping[str, bytes] = field(default_factory=dict)  # of commits and tags, by the old id
    paths: Mapping[bytes, bytes] = field(default_factory=dict)
    people: Mapping[bytes, bytes] = field(default_factory=dict)  # names and addresses of authors, committers, taggers
    commits: frozenset[str] = frozenset()  # whose message or author changes


def installed() -> None:
    """UsageError when git-filter-repo is not there."""
    import importlib.util

    if importlib.util.find_spec("git_filter_repo") is None:
        raise UsageError("git-filter-repo is not installed: pip install 'secretsweep[purge]'")


def affected(mirror: Repository, changes: Changes) -> tuple[set[str], dict[str, list[str]]]:
    """Commits that change, those that only descend from one included; and the parents of every commit."""
    git = mirror.git
    dirty = set(changes.commits)
    log = Log(git, mirror.hex_length, (), ("--exclude=refs/notes/*", "--all"))
    try:
        if log.failed:
            raise GitError(f"{mirror.shown}: git cannot walk its history; `git fsck` says what is damaged")
        dirty.update(c.commit.decode() for c in log.touching({oid.encode() for oid in changes.blobs}))
    finally:
        log.close()
    if changes.paths:
        shown = ("--all", "--full-history", "--diff-merges=separate", "--format=%H")
        for path in changes.paths:
            dirty.update(git.run("log", *shown, "--", os.fsdecode(b":(top,literal)" + path)).decode().split())
    parents: dict[str, list[str]] = {}
    found: set[str] = set()
    listed = git.run("rev-list", "--exclude=refs/notes/*", "--all", "--parents", "--topo-order", "--reverse")
    for line in listed.decode().splitlines():
        commit, *above = line.split()
        parents[commit] = above
        if commit in dirty or not found.isdisjoint(above):
            found.add(commit)
    return found, parents


def rewritten(
    mirror: Repository, changes: Changes, commits: set[str], parents: Mapping[str, list[str]]
) -> dict[str, str]:
    """Rewrite these commits and let the refs point at the new ones; old id -> new id of each."""
    if not commits:
        return {}
    bounds = {parent for commit in commits for parent in parents[commit]} - commits
    if len(bounds) > _MOST:
        bounds = set()
    names, aside = _chosen(mirror, commits)
    try:
        _run(mirror, changes, [*names, *(f"^{oid}" for oid in sorted(bounds))])
        made = _commit_map(mirror)
    finally:
        mirrors.moved(mirror, ((name, "") for name in aside.values()))
    lost = commits - made.keys()
    if lost:
        raise GitError(f"{mirror.shown}: git-filter-repo left {len(lost)} commits as they were")
    if "HEAD" in aside and mirror.head:
        mirrors.moved(mirror, [("HEAD", made[mirror.head])])
    return {old: oid for old, oid in made.items() if old != oid}


def _chosen(mirror: Repository, commits: set[str]) -> tuple[list[str], dict[str, str]]:
    """The refs to give to git-filter-repo; and those that it does not keep as they are (annotated tags elsewhere than
    in refs/tags, whose tag is rewritten afterwards; a detached HEAD), each with a temporary ref that it gets instead.
    """
    names: list[str] = []
    aside: dict[str, str] = {}
    kinds = dict(_kinds(mirror))
    for ref in refs.every(mirror.git):
        if ref.type != "commit" or ref.target not in commits or ref.name.startswith("refs/notes/"):
            continue
        if kinds.get(ref.name) == "tag" and not ref.name.startswith("refs/tags/"):
            aside[ref.name] = f"{_TEMPORARY}{len(aside)}"
            mirrors.moved(mirror, [(aside[ref.name], ref.target)])
            names.append(aside[ref.name])
        else:
            names.append(ref.name)
    if not mirror.git.text("symbolic-ref", "--quiet", "HEAD", fails=False) and mirror.head in commits:
        aside["HEAD"] = f"{_TEMPORARY}head"
        mirrors.moved(mirror, [(aside["HEAD"], mirror.head)])
        names.append(aside["HEAD"])
    return names, aside


def _kinds(mirror: Repository) -> Iterator[tuple[str, str]]:
    """(name, type of the object it points at itself) of every ref."""
    listed = mirror.git.run("for-each-ref", "--format=%(objecttype) %(refname)").decode("utf-8", "surrogateescape")
    for line in listed.split("\n"):
        kind, _, name = line.partition(" ")
        yield name, kind


def _run(mirror: Repository, changes: Changes, wanted: list[str]) -> None:
    document = json.dumps(
        {
            "expressions": changes.expressions.decode("latin-1"),
            "blobs": dict(changes.blobs),
            "messages": {oid: text.decode("latin-1") for oid, text in changes.messages.items()},
            "paths": _latin(changes.paths),
            "people": _latin(changes.people),
            "refs": wanted,
        }
    ).encode()
    settings = {f"GIT_CONFIG_KEY_{n}": s.partition("=")[0] for n, s in enumerate(_CONFIG)}
    settings |= {f"GIT_CONFIG_VALUE_{n}": s.partition("=")[2] for n, s in enumerate(_CONFIG)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "secretsweep.git._filter_repo", str(mirror.common_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment() | settings | {"GIT_CONFIG_COUNT": str(len(_CONFIG)), "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,  # with its own children, which end with it
    )
    try:
        _, said = process.communicate(document)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        last = said.decode("utf-8", "replace").strip().rpartition("\n")[2].partition(":")[0]
        raise GitError(f"git-filter-repo ended with code {process.returncode} ({last}); nothing but the clone changed")


def _latin(table: Mapping[bytes, bytes]) -> dict[str, str]:
    return {old.decode("latin-1"): new.decode("latin-1") for old, new in table.items()}


def _commit_map(mirror: Repository) -> dict[str, str]:
    """Old id -> new id. It stays, as hosts ask for it; what else is beside it names refs, which may hold a value."""
    folder = mirror.common_dir / "filter-repo"
    text = (folder / "commit-map").read_text()
    for file in folder.iterdir():
        if file.name != "commit-map":
            file.unlink()
    return {line[:40]: line[41:81] for line in text.splitlines()[1:]}
