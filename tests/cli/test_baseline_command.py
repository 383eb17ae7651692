"""secretsweep baseline: what it writes, what it refuses, and that a partial scan drops nothing."""

import os
import subprocess
import sys
from pathlib import Path

from repositories import Repo, hcl, password

_ROOT = Path(__file__).resolve().parents[2]


def run(repo: Repo, *args: str, **env: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", "from secretsweep.cli import main; main()", "baseline", *args],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(_ROOT), **env},
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def records(repo: Repo) -> list[str]:
    """The lines of the baseline without fingerprints and comments."""
    lines = (repo.path / ".secretsweep.baseline").read_text(encoding="utf-8").splitlines()
    return sorted(line.split(" ", 1)[1] for line in lines if not line.startswith("#"))


def test_create_reads_the_whole_history(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    repo.commit({"a.tf": None})
    code, said = run(repo, "create", "--reason", "rotated in 2024", "--owner", "ada")
    assert code == 0
    assert said == "secretsweep: .secretsweep.baseline: 1 record (1 new, 0 dropped) of 1 credential found\n"
    assert records(repo) == ["generic-password a.tf provider.acme.password # rotated in 2024 owner=ada"]


def test_create_with_files_reads_what_is_tracked_now(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "d/b.tf": hcl(password("b"))})
    repo.commit({"a.tf": None})
    repo.write("untracked.tf", hcl(password("c")))
    assert run(repo, "create", "--files")[0] == 0
    assert records(repo) == ["generic-password d/b.tf provider.acme.password # unreviewed"]


def test_create_does_not_replace_a_baseline(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), ".secretsweep.baseline": "# mine\n"})
    code, said = run(repo, "create")
    assert (code, said) == (
        2,
        "secretsweep: .secretsweep.baseline: is there already; `secretsweep baseline update` keeps its reasons\n",
    )
    assert (repo.path / ".secretsweep.baseline").read_text() == "# mine\n"


def test_update_and_show_want_a_baseline(repo: Repo) -> None:
    repo.commit({"a": "x"})
    assert run(repo, "update")[0] == run(repo, "show")[0] == 2


def test_update_keeps_reasons_adds_what_is_new_and_names_what_it_drops(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    run(repo, "create", "--reason", "reviewed")
    with (repo.path / ".secretsweep.baseline").open("a") as file:
        file.write(f"{'0' * 32} rule gone.tf - # old\n")
    repo.commit({"b.tf": hcl(password("b"))})
    code, said = run(repo, "update")
    assert code == 0
    assert said.startswith(
        f"dropped: {'0' * 32} rule gone.tf - # old\nsecretsweep: .secretsweep.baseline: 2 records (1 new"
    )
    assert [line.rpartition("# ")[2] for line in records(repo)] == ["reviewed", "unreviewed"]
    before = (repo.path / ".secretsweep.baseline").read_bytes()
    assert run(repo, "update")[0] == 0
    assert (repo.path / ".secretsweep.baseline").read_bytes() == before


def test_an_update_that_could_not_read_everything_drops_nothing_and_is_exit_code_3(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "b.tf": hcl(password("b"))})
    run(repo, "create", "--reason", "reviewed")
    before = records(repo)
    oid = repo.text("rev-parse", "HEAD:b.tf")
    (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    code, said = run(repo, "update")
    assert (code, "only a complete audit of the history can tell" in said) == (3, True)
    assert records(repo) == before


def test_an_update_from_the_files_drops_nothing(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    run(repo, "create")
    repo.commit({"a.tf": None, "b.tf": hcl(password("b"))})
    run(repo, "update", "--files")
    assert [line.split(" ")[1] for line in records(repo)] == ["a.tf", "b.tf"]


def test_a_baseline_made_with_a_key_is_not_updated_without_it(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    assert run(repo, "create", SECRETSWEEP_KEY="k")[0] == 0
    before = (repo.path / ".secretsweep.baseline").read_bytes()
    assert run(repo, "update")[0] == 2
    assert (repo.path / ".secretsweep.baseline").read_bytes() == before
    assert run(repo, "update", SECRETSWEEP_KEY="k")[0] == 0


def test_show_lists_reasons_and_what_is_left_to_do(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    run(repo, "create", "--expires", "2020-01-31")
    code, said = run(repo, "show")
    assert (code, "EXPIRED unreviewed, until 2020-01-31" in said) == (0, True)
    assert said.endswith("1 records, 1 unreviewed, 1 expired\n")


def test_what_the_configuration_accepts_needs_no_record(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), ".secretsweep.toml": 'exclude-paths = ["a.tf"]\n'})
    assert run(repo, "create")[0] == 0
    assert records(repo) == []


def test_a_union_merge_of_two_baselines_is_one(repo: Repo) -> None:
    repo.commit({"a.tf": "# a\n", ".gitattributes": ".secretsweep.baseline merge=union\n"})
    run(repo, "create")
    repo.commit({})
    for branch in ("one", "two"):
        repo.run("checkout", "-q", "-b", branch, "main")
        repo.commit({f"{branch}.tf": hcl(password(branch))})
        run(repo, "update", "--files", "--reason", branch)
        repo.commit({})
    repo.run("merge", "-q", "-m", "both", "one")
    assert [line.rpartition("# ")[2] for line in records(repo)] == ["one", "two"]
    assert run(repo, "show")[1].endswith("2 records, 0 unreviewed, 0 expired\n")


def test_a_bare_repository_and_a_url_have_no_place_for_a_baseline(repo: Repo, tmp_path: Path) -> None:
    Repo(tmp_path / "bare.git", "--bare")
    assert run(repo, "create", str(tmp_path / "bare.git"))[0] == 2
    assert run(repo, "create", "https://user:pw@example.com/x.git") == (
        2,
        "secretsweep: https://example.com/x.git: a baseline is written into a clone of one's own\n",
    )
