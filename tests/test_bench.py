"""The bench counts every process of a tree, and says it when a tool failed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent.parent / "scripts" / "bench"
BURN = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
HOLD = "import time; data = bytearray(60_000_000); time.sleep(1)"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "repo.git"
    subprocess.run(("git", "init", "-q", "--bare", str(folder)), check=True)
    return folder


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run((sys.executable, str(BENCH), *arguments), capture_output=True, text=True)


def one(repo: Path, tmp_path: Path, script: str, *options: str) -> dict[str, float]:
    """What the bench measured of a shell script."""
    (tmp_path / "tool.sh").write_text(script.replace("PYTHON", f"{sys.executable} -I -S -c"))
    figures = tmp_path / "figures.json"
    command = f"tool=sh {tmp_path}/tool.sh {{repo}}"
    quick = ("--tools", "git cat-file", "--runs", "1", "--json", str(figures))
    done = bench(str(repo), *quick, "--command", command, *options)
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(figures.read_text())["results"][0]["runs"]["tool"]
    return dict(run)


def test_grandchildren_are_counted(repo: Path, tmp_path: Path) -> None:
    assert one(repo, tmp_path, f"sh -c \"PYTHON '{BURN}'\"; true")["cpu"] >= 0.3


def test_a_process_that_its_parent_left_behind_is_counted(repo: Path, tmp_path: Path) -> None:
    assert one(repo, tmp_path, f"PYTHON '{BURN}' &")["cpu"] >= 0.3


def test_memory_is_the_sum_of_what_runs_at_the_same_time(repo: Path, tmp_path: Path) -> None:
    run = one(repo, tmp_path, f"PYTHON '{HOLD}' & PYTHON '{HOLD}' & wait")
    assert 60_000_000 <= run["largest"] < 110_000_000
    if sys.platform == "linux":
        assert run["tree"] >= 115_000_000


def test_a_tool_that_takes_too_long_is_ended_with_its_children(repo: Path, tmp_path: Path) -> None:
    run = one(repo, tmp_path, "sleep 60 & sleep 60", "--limit", "0.5")
    assert run["timed_out"]
    assert run["wall"] < 30


def test_a_made_repository_is_measured_with_git_alone(tmp_path: Path) -> None:
    done = bench("--synthetic", "60", "--runs", "1", "--tools", "git cat-file,git log --raw")
    assert done.returncode == 0, done.stderr
    assert "**synthetic, 60 commits**: 62 commits" in done.stdout
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| git")] == [
        "git cat-file",
        "git log --raw",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a repository"),
        (("no-such-folder",), "no such folder"),
        ((".", "--tools", "nothing"), "there are secretsweep, git cat-file"),
        ((".", "--command", "nothing"), "wants NAME=COMMAND"),
    ],
)
def test_a_wrong_request_is_explained(arguments: tuple[str, ...], said: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_folder_that_is_no_repository_is_explained(tmp_path: Path) -> None:
    done = bench(str(tmp_path))
    assert done.returncode == 2
    assert "not a git repository" in done.stderr


def test_the_share_of_each_stage_is_shown() -> None:
    done = bench("--synthetic", "20", "--tools", "git cat-file", "--runs", "1", "--stages")
    assert done.returncode == 0, done.stderr
    stages = done.stdout.partition("| stage | CPU s | share |")[2]
    assert "| git: log, listing, objects |" in stages and "| gate: hyperscan |" in stages
