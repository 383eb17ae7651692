"""Where a repository is and what kind it is: bare, shallow, partial, SHA-256, a clone of a URL."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from secretsweep.errors import GitError, UsageError
from secretsweep.git import catfile
from secretsweep.git.command import Git

_URL = re.compile(r"^(?:[a-z][a-z0-9+.-]*://|[\w.-]+@[\w.-]+:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repository:
    """An opened repository. `shown` is how the user named it, without any credential in a URL."""

    git: Git
    shown: str
    common_dir: Path  # where objects, refs and LFS content are; shared by linked worktrees
    top: Path | None  # working tree; None when bare
    head: str | None  # commit id; None in an empty repository
    hex_length: int  # 40, or 64 in SHA-256 repositories
    shallow: bool
    partial: bool

    def identity(self) -> bytes:
        """The salt of fingerprints: the oldest root commit that HEAD has, or any ref has; the same in every clone.

        A shallow clone does not have it: there the fingerprints differ, and the report says so.
        """
        for revisions in (["HEAD"] if self.head else [], ["--exclude=refs/stash", "--all"]):
            roots = self.git.text("rev-list", "--max-parents=0", *revisions, fails=False).split() if revisions else []
            if roots:
                listed = "".join(f"{root}\n" for root in roots).encode()
                return min((_committed(item.data), item.oid) for item in catfile.read(self.git, listed))[1].encode()
        return b"secretsweep"


def _committed(commit: bytes) -> int:
    """Seconds since 1970, by the committer's clock; 0 when the commit does not say."""
    date = re.search(rb"^committer .* (\d+) [+-]\d+$", commit.partition(b"\n\n")[0], re.MULTILINE)
    return int(date[1]) if date else 0


def is_url(target: str) -> bool:
    """Whether the target is to be cloned rather than opened."""
    return bool(_URL.match(target)) and not Path(target).exists()


def without_credentials(url: str) -> str:
    """The URL as it may be shown."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", url)


def find(path: str) -> Repository:
    """The repository at a path or above it. GitError says what is there instead, and the next step."""
    shown = path
    if not os.path.exists(path):
        raise UsageError(f"{path}: no such file or folder")
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    git = Git(folder)
    try:
        found = git.run("rev-parse", "--is-bare-repository", "--is-shallow-repository", "--git-common-dir").decode()
    except GitError as error:
        raise GitError(_explained(path, str(error))) from None
    bare, shallow, common = found.split("\n")[:3]
    common_dir = (Path(folder) / common).resolve()
    top = None if bare == "true" else Path(git.text("rev-parse", "--show-toplevel", fails=False) or folder)
    head = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}", fails=False) or None
    algorithm = git.text("rev-parse", "--show-object-format", fails=False)
    return Repository(
        git=git,
        shown=shown,
        common_dir=common_dir,
        top=top,
        head=head,
        hex_length=64 if algorithm == "sha256" else 40,
        shallow=shallow == "true",
        partial=_is_partial(git, common_dir),
    )


@contextmanager
def opened(target: str) -> Iterator[Repository]:
    """A repository by path, or a URL cloned as a mirror into a temporary folder that is removed in any case."""
    if not is_url(target):
        yield find(target)
        return
    folder = tempfile.mkdtemp(prefix="secretsweep-")
    try:
        yield _cloned(target, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cloned(url: str, folder: str) -> Repository:
    import git as gitpython

    where = os.path.join(folder, "mirror.git")
    try:
        # GitPython refuses ext:: and other transports that run programs
        gitpython.Repo.clone_from(
            url, where, mirror=True, env={"GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
        ).close()
    except gitpython.exc.UnsafeProtocolError:
        raise GitError(f"{without_credentials(url)}: this kind of URL can run programs, so it is not cloned") from None
    except gitpython.exc.GitCommandError as error:
        said = [line for line in str(error.stderr).splitlines() if "fatal:" in line or "error:" in line]
        reason = without_credentials(" ".join(said).strip(" '").removeprefix("stderr: '").strip())
        raise GitError(f"{without_credentials(url)}: cannot be cloned: {reason or 'git clone failed'}") from None
    repository = find(where)
    return Repository(
        **{name: getattr(repository, name) for name in Repository.__slots__ if name != "shown"},
        shown=without_credentials(url),
    )


def _is_partial(git: Git, common_dir: Path) -> bool:
    packs = common_dir / "objects" / "pack"
    if packs.is_dir() and any(name.endswith(".promisor") for name in os.listdir(packs)):
        return True
    return bool(git.text("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$", fails=False))


def _explained(path: str, said: str) -> str:
    if "dubious ownership" in said:
        return (
            f"{path}: the repository belongs to another user, so git does not read it. If you trust it: "
            f"git config --global --add safe.directory {os.path.abspath(path)}"
        )
    if "not a git repository" in said:
        return f"{path}: not a git repository. To scan files as they are: secretsweep scan {path}"
    if "ermission denied" in said or "cannot change to" in said:
        return f"{path}: no permission to read it"
    return f"{path}: {said}"
