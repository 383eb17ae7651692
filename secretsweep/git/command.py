"""How git is started: a scanned repository is hostile, so nothing that its configuration names may run.

Hooks, filters, textconv, fsmonitor, signature programs, external diffs and lazy fetches are switched off; grafts,
replace refs, commit-graphs and multi-pack-indexes, which could hide history, are not believed.
"""

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from secretsweep.errors import GitError

_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "core.untrackedCache=false",
    "core.alternateRefsCommand=",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "diff.submodule=short",
    "diff.ignoreSubmodules=none",
    "diff.relative=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showRoot=true",
    "log.showSignature=false",
    "log.follow=false",
    "log.mailmap=false",
    "i18n.logOutputEncoding=UTF-8",
    "protocol.allow=never",
    # Mapped pack windows count as memory: 1 GiB each by default. This keeps each git below about 170 MB on a repository
    # of 7.6 GB of blobs; the window must stay large, or re-mapping costs a fifth more CPU.
    "core.packedGitWindowSize=28m",
    "core.packedGitLimit=112m",
)
_DROPPED = (
    "GIT_DIR GIT_COMMON_DIR GIT_WORK_TREE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE "
    "GIT_SHALLOW_FILE GIT_CONFIG GIT_EXTERNAL_DIFF GIT_PAGER"
).split()
_SET = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # what GIT_NO_LAZY_FETCH does, for git before 2.44
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}


def environment(keep: Iterable[str] = ()) -> dict[str, str]:
    """The environment for git: the user's own, less what would point it elsewhere. `keep` names variables of a
    running hook (GIT_INDEX_FILE, GIT_DIR …) that stay."""
    kept = set(keep)
    base = {k: v for k, v in os.environ.items() if k in kept or k not in _DROPPED}
    base = {k: v for k, v in base.items() if not k.startswith(("GIT_TRACE", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))}
    base.pop("GIT_CONFIG_COUNT", None)
    if "GIT_INDEX_FILE" not in kept:
        base.pop("GIT_INDEX_FILE", None)
    return base | _SET


@dataclass(frozen=True, slots=True)
class Git:
    """git, bound to one repository. `folder` is any path inside it."""

    folder: str
    in_hook: bool = False  # keep GIT_DIR and GIT_INDEX_FILE, which git sets for its hooks
    index: str = ""  # another index than the repository's own
    git_dir: str = ""  # of the repository, when `folder` is to be taken for its working tree

    def command(self, *args: str) -> list[str]:
        options = [part for setting in _CONFIG for part in ("-c", setting)]
        return ["git", "--no-pager", "-C", self.folder, *options, *args]

    def start(
        self, *args: str, stdin: int | IO[bytes] | None = subprocess.DEVNULL, stdout: int | IO[bytes] = subprocess.PIPE
    ) -> "subprocess.Popen[bytes]":
        """A running git; its error text is kept out of sight (`run` shows it, where a command can fail)."""
        try:
            return subprocess.Popen(
                self.command(*args),
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                env=self._environment(),
                bufsize=1 << 20,
                pipesize=1 << 20,  # 64 KiB by default: a switch between git and us for each
                start_new_session=True,  # ctrl-C reaches us, and we end our children ourselves
            )
        except FileNotFoundError:
            raise GitError("git is not installed, or not on PATH: install git 2.31 or newer") from None

    def run(self, *args: str, data: bytes | None = None, fails: bool = True) -> bytes:
        """The output of one git command. GitError with git's own words when it fails and `fails` is true."""
        try:
            done = subprocess.run(
                self.command(*args),
                input=data,
                stdin=subprocess.DEVNULL if data is None else None,
                capture_output=True,
                env=self._environment(),
                check=False,
            )
        except FileNotFoundError:
            raise GitError("git is not installed, or not on PATH: install git 2.31 or newer") from None
        if done.returncode and fails:
            said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
            raise GitError(f"git {args[0]}: {said or f'exit code {done.returncode}'}")
        return done.stdout

    def text(self, *args: str, fails: bool = True) -> str:
        """The output of one git command, decoded and stripped."""
        return self.run(*args, fails=fails).decode("utf-8", "surrogateescape").strip()

    def _environment(self) -> dict[str, str]:
        found = environment(("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE") if self.in_hook else ())
        if self.git_dir:
            found |= {"GIT_DIR": self.git_dir, "GIT_WORK_TREE": self.folder}
        return found | {"GIT_INDEX_FILE": self.index} if self.index else found


@contextmanager
def running(process: "subprocess.Popen[bytes]") -> Iterator["subprocess.Popen[bytes]"]:
    """End the process when the block ends, however it ends."""
    try:
        yield process
    finally:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        if process.poll() is None:
            process.terminate()
        process.wait()
