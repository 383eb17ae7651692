"""A repository like an infrastructure team's, of any number of commits, in seconds: `git fast-import`."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benching.blocks import PATHS, SERVICES, block, leak

START = 1_500_000_000  # seconds
MERGE_EVERY = 25  # commits between two merges
LEAK_EVERY = 50  # commits between two planted credentials
AUTHORS = ("Ada Brook", "Ben Osei", "Cleo Marsh", "Dov Lind")
Files = dict[str, list[str]]  # path to its blocks


def write(folder: Path, commits: int) -> None:
    """Make a bare repository with so many commits on main; always the same one for the same number."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    clean |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments: str, stdin: int | None = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(("git", "-C", str(folder), *arguments), stdin=stdin, env=clean)

    folder.mkdir(parents=True, exist_ok=True)
    finish(git("init", "-q", "--bare", "-b", "main", "--template="))
    importer = git("fast-import", "--quiet", "--force", stdin=subprocess.PIPE)
    assert importer.stdin
    for part in stream(commits):
        importer.stdin.write(part)
    importer.stdin.close()
    finish(importer)
    # fast-import's pack has few deltas; a clone's has many
    finish(git("repack", "-a", "-d", "-f", "-q", "--depth=50", "--window=10"))


def finish(process: "subprocess.Popen[bytes]") -> None:
    if process.wait():
        raise OSError(f"git ended with {process.returncode} while the synthetic repository was made")


def stream(commits: int) -> Iterator[bytes]:
    """What git fast-import reads."""
    draw = random.Random(commits)
    files: Files = {}
    for number in range(1, commits + 1):
        changed = change(files, draw, number)
        merges = number % MERGE_EVERY == 0
        if merges:
            yield commit(f"refs/heads/topic-{number}", number, draw, f":{number - 1}")
            yield entry("NOTES.md", [f"Topic {number}\n"])
        yield commit("refs/heads/main", number, draw, mark=True)
        if merges:
            yield f"merge refs/heads/topic-{number}\n".encode()
        for path in changed:
            yield entry(path, files[path])
        if number % LEAK_EVERY == 1 and number > 1:  # taken out again after the next commit of that file
            path = changed[0]
            yield entry(path, [*files[path], leak(path, draw, number)])


def commit(ref: str, number: int, draw: random.Random, parent: str = "", mark: bool = False) -> bytes:
    author = draw.choice(AUTHORS)
    who = f"{author} <{author.split()[0].lower()}@example.com> {START + number * 3600} +0000"
    subject = f"Change {number}"
    lines = [f"commit {ref}", f"mark :{number}" if mark else "", f"committer {who}", f"data {len(subject)}", subject]
    return "".join(f"{line}\n" for line in (*lines, f"from {parent}" if parent else "") if line).encode()


def entry(path: str, blocks: list[str]) -> bytes:
    data = "\n".join(blocks).encode()
    return f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def change(files: Files, draw: random.Random, number: int) -> list[str]:
    """Add, replace or remove a block of one to four files, or add a file; the paths that changed."""
    if len(files) < 20 or draw.random() < 0.08:
        path = draw.choice(PATHS).format(name=f"{draw.choice(SERVICES)}-{number}")
        files[path] = [block(path, draw, at) for at in range(draw.randint(5, 60))]
        return [path]
    changed = draw.sample(sorted(files), draw.randint(1, 4))
    for path in changed:
        at = draw.randrange(len(files[path]) + 1)
        files[path][at : at + draw.randint(0, 1)] = [block(path, draw, number)]
    return changed
