"""Just enough git to tell a story: fixed dates, named authors, none of the user's configuration."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

Tree = Mapping[str, bytes | None]  # path to content; None removes the file

START = 1_700_000_000  # seconds; every commit is a day later than the one before
DAY = 86_400


class Git:
    """One repository being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits = 0

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._git("init", "-q", "-b", "main", "--template=")

    def commit(self, message: str, tree: Tree, author: str) -> None:
        self._write(tree)
        self._git("add", "-A")
        self._record(message, author)

    def branch(self, name: str, message: str, tree: Tree, author: str) -> None:
        """One commit on a new branch, then back to main."""
        self._git("switch", "-q", "-c", name)
        self.commit(message, tree, author)
        self._git("switch", "-q", "main")

    def merge(self, name: str, message: str, tree: Tree, author: str) -> None:
        """Merge, and write what only the merge commit holds."""
        self._git("merge", "-q", "--no-commit", "--no-ff", name)
        self.commit(message, tree, author)
        self._git("branch", "-q", "-d", name)

    def stash(self, message: str, tree: Tree, author: str) -> None:
        self._write(tree)
        self._git("stash", "push", "-q", "-u", "-m", message, author=author)

    def _record(self, message: str, author: str) -> None:
        self.commits += 1
        self._git("commit", "-q", "-m", message, author=author)

    def _write(self, tree: Tree) -> None:
        for name, data in tree.items():
            path = self.folder / name
            if data is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _git(self, *arguments: str, author: str = "Ada Brook") -> None:
        mail = f"{author.split()[0].lower()}@example.com"
        when = f"{START + self.commits * DAY} +0000"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_MERGE_AUTOEDIT": "no"}
        for role in ("AUTHOR", "COMMITTER"):
            own |= {f"GIT_{role}_NAME": author, f"GIT_{role}_EMAIL": mail, f"GIT_{role}_DATE": when}
        command = ("git", "-C", str(self.folder), "-c", f"core.excludesFile={os.devnull}", *arguments)
        done = subprocess.run(command, env=clean | own, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
