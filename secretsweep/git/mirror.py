"""A fresh mirror clone to rewrite, what a rewrite may be done to, and how nothing of the old history stays in it."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from secretsweep.errors import GitError
from secretsweep.git import refs
from secretsweep.git import repository as repositories
from secretsweep.git.command import _CONFIG, environment, running
from secretsweep.git.repository import Repository

_CLONE = ("protocol.file.allow=always", "transfer.fsckObjects=false", "clone.rejectShallow=false", "pack.threads=0")


def cloned(source: Repository, folder: Path) -> Repository:
    """A mirror of all that the refs of `source` reach, read through git's own transport: nothing of its configuration,
    hooks or objects that no ref reaches comes along. GitError when `source` has not got its whole history."""
    check_source(source)
    target = folder / "mirror.git"
    where = str(source.common_dir)
    settings = [part for setting in (*_CONFIG, *_CLONE) for part in ("-c", setting)]
    command = ["git", *settings, "clone", "-q", "--mirror", "--no-local", "--template=", "--", where, str(target)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment() | {"GIT_ALLOW_PROTOCOL": "file"},
        start_new_session=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("fatal: ")[2]
        raise GitError(f"{source.shown}: cannot be cloned: {said}")
    return repositories.find(str(target))


def check_source(source: Repository) -> None:
    """GitError for what git-filter-repo cannot rewrite, or what would be rewritten by halves."""
    if source.partial:
        raise GitError(f"{source.shown}: a partial clone: purge needs every object; clone it without --filter")
    if source.shallow:
        raise GitError(f"{source.shown}: a shallow clone: purge needs the whole history; git fetch --unshallow")
    if source.hex_length != 40:
        raise GitError(f"{source.shown}: git-filter-repo cannot rewrite a SHA-256 repository")


def check_mirror(mirror: Repository) -> None:
    """GitError unless this is a mirror clone that nobody works in: only such a one is ever rewritten."""
    why = "purge --run rewrites a fresh mirror clone only: git clone --mirror URL FOLDER"
    if mirror.top is not None:
        raise GitError(f"{mirror.shown}: has a working tree; {why}")
    if mirror.git.text("config", "--get", "remote.origin.mirror", fails=False) != "true":
        raise GitError(f"{mirror.shown}: is no mirror clone; {why}")
    check_source(mirror)
    if (mirror.common_dir / "worktrees").is_dir():
        raise GitError(f"{mirror.shown}: has linked working trees; {why}")
    if (mirror.common_dir / "objects" / "info" / "alternates").exists():
        raise GitError(f"{mirror.shown}: shares objects with another repository; {why}")
    if (mirror.common_dir / "filter-repo").exists():
        raise GitError(f"{mirror.shown}: was rewritten already; {why}")


def missing(source: Repository, mirror: Repository) -> tuple[str, ...]:
    """Refs of `source` that the clone has not got, or not as they are there."""
    there = refs.objects(mirror.git)
    return tuple(name for name, oid in refs.objects(source.git).items() if there.get(name) != oid)


def forget(mirror: Repository) -> None:
    """Drop every object that no ref reaches any more."""
    mirror.git.run("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    mirror.git.run("-c", "pack.threads=0", "repack", "-a", "-d", "-q", "--no-write-bitmap-index")
    mirror.git.run("prune", "--expire=now")


def written(mirror: Repository, contents: Iterable[bytes]) -> list[str]:
    """Blobs with these contents, made by one git; their ids in the same order."""
    process = mirror.git.start("fast-import", "--quiet", "--force", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    ids = []
    with running(process):
        try:
            for data in contents:
                process.stdin.write(b"blob\nmark :1\ndata %d\n" % len(data) + data + b"\nget-mark :1\n")
                process.stdin.flush()
                ids.append(process.stdout.readline().decode().strip())
            process.stdin.close()
            failed = process.wait() != 0
        except BrokenPipeError:
            failed = True
    if failed:
        raise GitError("git fast-import: cannot write the cleaned files; is the disk full?")
    return ids


def made(mirror: Repository, kind: str, data: bytes) -> str:
    """The id of a new object."""
    return mirror.git.run("hash-object", "-w", "--literally", "-t", kind, "--stdin", data=data).decode().strip()


def moved(mirror: Repository, changes: Iterable[tuple[str, str]]) -> None:
    """Let refs (full name) point at other objects; "" deletes one."""
    lines = [f"delete {name}\n" if not oid else f"update {name} {oid}\n" for name, oid in changes]
    if lines:
        mirror.git.run("update-ref", "--no-deref", "--stdin", data=os.fsencode("".join(lines)))
