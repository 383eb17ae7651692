"""secretsweep purge: what it decides, writes, refuses and leaves alone; nothing runs, nothing stays behind."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from histories import everything, state
from repositories import Repo, audited, password, token

from secretsweep.app.purging import deciding
from secretsweep.model import Credential, Occurrence, Secret


def purge(*arguments: str | Path, cwd: Path | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "secretsweep", "purge", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=os.environ | more)


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file below a folder, with mode, time of change and content."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]
    return {str(p): (p.stat().st_mode, p.stat().st_mtime_ns, p.read_bytes()) for p in files}


def leaky(repo: Repo) -> list[str]:
    """A repository with three credentials in a state file, one in a text and one in a message."""
    values = [password(f"db {n}") for n in range(3)]
    repo.commit({"readme.txt": "hello\n"}, "first")
    repo.commit({"terraform.tfstate": state(*values)}, "state")
    repo.commit({"app.yml": f"token: {token('app')}\n"}, f"deploy with {token('said')}")
    repo.commit({"terraform.tfstate": None, "app.yml": "token: from vault\n"}, "clean")
    return [*values, token("app"), token("said")]


def test_a_rehearsal_leaves_nothing_in_the_copy_and_touches_nothing_here(repo: Repo, tmp_path: Path) -> None:
    values = leaky(repo)
    before = tree(repo.path)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = purge(repo.path, "--rehearse", TMPDIR=str(temporary))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "left: 0"), done.stderr
    assert tree(repo.path) == before
    assert list(temporary.iterdir()) == []
    assert [v for v in values if v in done.stdout + done.stderr] == []


def test_the_same_as_json(tmp_path: Path) -> None:
    made = everything(tmp_path / "repo")
    done = purge(made.repo.path, "--rehearse", "--format", "json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["schema"], said["left"], said["places"]) == (0, "secretsweep.purge/1", 0, [])
    assert len(said["credentials"]) == len(made.values)
    assert said["only_in_this_clone"] == {"stash": 1}
    assert said["not_read"] == []
    assert said["commits"]["rewritten"] < said["commits"]["total"]
    assert [v for v in made.values.values() if v in done.stdout + done.stderr] == []


def test_a_url_is_rehearsed_as_well(repo: Repo) -> None:
    leaky(repo)
    done = purge(repo.url, "--rehearse")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "left: 0"), done.stderr


def test_what_is_left_is_told_with_its_place_and_fails(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When nothing is cleaned, the proof says so: it does not believe the rewrite."""
    from click.testing import CliRunner

    from secretsweep.app.purging import rewriting
    from secretsweep.cli.purge import command

    leaky(repo)
    monkeypatch.setattr(rewriting, "_content", lambda item, *_: item.data)
    done = CliRunner().invoke(command, [str(repo.path), "--rehearse", "--format", "json"], standalone_mode=False)
    said = json.loads(done.stdout)
    assert done.return_value == 1
    assert said["left"] == len(said["places"]) == 4
    assert {p["path"] for p in said["places"]} == {"app.yml", "terraform.tfstate"}
    blobs = repo.text("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    assert all(any(oid.startswith(p["object"]) for oid in blobs) for p in said["places"])


def test_what_could_not_be_read_is_no_proof(repo: Repo) -> None:
    leaky(repo)
    repo.commit({"broken.gz": b"\x1f\x8b\x08 no gzip at all"})
    done = purge(repo.path, "--rehearse")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (3, "left: 0")
    assert purge(repo.path, "--rehearse", "--allow-incomplete", "corrupt").returncode == 0


def test_a_repository_without_credentials_needs_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"readme.txt": "hello\n"})
    assert purge(repo.path).stdout == "Nothing was found.\n"
    done = purge(repo.path, "--rehearse", "-f", "json")
    assert (done.returncode, json.loads(done.stdout)["left"]) == (0, 0)
    done = purge(repo.path, "--plan", tmp_path / "plan")
    assert done.returncode == 0
    assert sorted(p.name for p in (tmp_path / "plan").iterdir()) == ["PLAN.md", "plan.json"]


@pytest.fixture
def planned(repo: Repo, tmp_path: Path) -> tuple[Path, list[str]]:
    values = leaky(repo)
    pinned = repo.text("rev-parse", "HEAD~1")
    uses = f"uses: acme/infra/.github/workflows/x.yml@{pinned}\n"
    repo.commit({"ci.yml": uses, "doc.md": f"see {'0' * 40}\n"}, "pin")
    repo.run("update-ref", "refs/pull/3/head", "HEAD")
    folder = tmp_path / "plan"
    done = purge(repo.path, "--plan", folder, "--public")
    assert done.returncode == 0, done.stderr
    return folder, values


def test_a_plan_is_private_whole_and_without_values(planned: tuple[Path, list[str]]) -> None:
    folder, values = planned
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}
    assert modes == {
        "PLAN.md": 0o600, "plan.json": 0o600, "colleagues.md": 0o600, "support.md": 0o600, "purge.sh": 0o700,
    }  # fmt: skip
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    text = "".join(p.read_text() for p in folder.iterdir())
    assert [v for v in values if v in text] == []


def test_a_plan_says_what_it_costs(planned: tuple[Path, list[str]], repo: Repo) -> None:
    folder, _ = planned
    said = json.loads((folder / "plan.json").read_text())
    pinned = repo.text("rev-parse", "HEAD~2")
    first = repo.text("rev-parse", "HEAD~3")
    assert said["rehearsal"]["pins"] == [{"path": "ci.yml", "line": 1, "commit": pinned, "kind": "workflow"}]
    assert said["rehearsal"]["pull_requests"] == ["refs/pull/3/head"]
    assert said["rehearsal"]["commits"] == {"rewritten": 4, "total": 5, "first": [first]}
    assert f"ci.yml:1 {pinned[:12]} (workflow)" in (folder / "PLAN.md").read_text()
    assert first in (folder / "support.md").read_text()
    assert {d["decision"] for d in said["decisions"]} == {"purge"}


def test_its_script_rewrites_a_fresh_clone_and_pushes_nothing(
    planned: tuple[Path, list[str]], repo: Repo, tmp_path: Path
) -> None:
    folder, values = planned
    subprocess.run(("sh", "-n", str(folder / "purge.sh")), check=True)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    program = bin_folder / "secretsweep"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m secretsweep "$@"\n')
    program.chmod(0o755)
    before = tree(repo.path)
    path = f"{bin_folder}:{os.environ['PATH']}"
    allowed = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always"}

    def script() -> "subprocess.CompletedProcess[str]":
        command = (str(folder / "purge.sh"), repo.url, str(tmp_path / "new.git"))
        return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PATH": path} | allowed)

    done = script()
    assert done.returncode == 0, done.stderr
    assert "left: 0\n" in done.stdout
    assert tree(repo.path) == before
    assert audited(tmp_path / "new.git").credentials == ()
    again = script()
    assert again.returncode == 2 and "is there already" in again.stderr
    verified = purge(repo.path, "--verify", tmp_path / "new.git")
    assert (verified.returncode, verified.stdout) == (0, "left: 0\n")
    verified = purge(repo.path, "--verify", repo.url, "-f", "json")
    assert verified.returncode == 1 and json.loads(verified.stdout)["left"] >= len(values)


def test_a_plan_is_renewed_in_its_own_folder(planned: tuple[Path, list[str]], repo: Repo) -> None:
    folder, _ = planned
    assert purge(repo.path, "--plan", folder).returncode == 0
    said = json.loads((folder / "plan.json").read_text())
    assert {d["decision"] for d in said["decisions"]} == {"purge", "rotate-only"}


@pytest.mark.parametrize("what", ["foreign", "file", "link"])
def test_a_plan_goes_to_no_folder_of_somebody_else(repo: Repo, tmp_path: Path, what: str) -> None:
    leaky(repo)
    folder = tmp_path / "there"
    if what == "foreign":
        folder.mkdir()
        (folder / "thesis.txt").write_text("mine")
    elif what == "file":
        folder.write_text("mine")
    else:
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    done = purge(repo.path, "--plan", folder)
    assert done.returncode == 2 and "--plan" in done.stderr
    assert not (tmp_path / "elsewhere" / "PLAN.md").exists()
    assert what != "foreign" or [p.name for p in folder.iterdir()] == ["thesis.txt"]


def _clone(repo: Repo, path: Path) -> Path:
    return repo.clone(path).path


def _with_tree(repo: Repo, path: Path) -> Path:
    return repo.path


def _bare(repo: Repo, path: Path) -> Path:
    return repo.clone(path, "--bare").path


def _shallow(repo: Repo, path: Path) -> Path:
    return repo.clone(path, "--mirror", "--depth", "1").path


def _partial(repo: Repo, path: Path) -> Path:
    repo.run("config", "uploadpack.allowFilter", "true")
    return repo.clone(path, "--mirror", "--filter=blob:none").path


@pytest.mark.parametrize("made", [_clone, _with_tree, _bare, _shallow, _partial])
def test_only_a_whole_mirror_clone_is_ever_rewritten(
    repo: Repo, tmp_path: Path, made: Callable[[Repo, Path], Path]
) -> None:
    leaky(repo)
    path = made(repo, tmp_path / "other.git")
    before = tree(path)
    done = purge(path, "--run")
    assert done.returncode == 2, done
    assert tree(path) == before


def test_an_empty_repository_is_rehearsed(repo: Repo) -> None:
    done = purge(repo.path, "--rehearse")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "left: 0"), done.stderr


def test_a_password_that_is_a_word_of_the_script_breaks_no_file_of_the_plan(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"app.env": "DATABASE_URL=mysql://app:mirror@db.internal.example.net/app\n"})
    (found,) = audited(repo).credentials
    assert purge(repo.path, "--plan", tmp_path / "plan", "--id", found.id).returncode == 0
    script = (tmp_path / "plan" / "purge.sh").read_text()
    assert "git clone --mirror" in script and "****" not in script


@pytest.mark.parametrize("made", [_shallow, _partial])
def test_half_a_history_is_not_rehearsed(repo: Repo, tmp_path: Path, made: Callable[[Repo, Path], Path]) -> None:
    leaky(repo)
    done = purge(made(repo, tmp_path / "other.git"), "--rehearse")
    assert done.returncode == 2 and "clone" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--run", "--rehearse"], ["--run", "--verify", "x"], ["--verify", "x", "--rehearse"], ["--id", "0"]]
)
def test_requests_that_make_no_sense_are_refused(repo: Repo, arguments: list[str]) -> None:
    leaky(repo)
    assert purge(repo.path, *arguments).returncode == 2


def test_nothing_of_a_hostile_repository_runs(repo: Repo, tmp_path: Path) -> None:
    leaky(repo)
    repo.commit({".gitattributes": "* filter=x diff=x\n"})
    ran = tmp_path / "ran"
    evil = repo.path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    evil.chmod(0o755)
    hooks = repo.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-receive", "update", "post-update", "reference-transaction", "pre-auto-gc"):
        (hooks / name).write_text(evil.read_text())
        (hooks / name).chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "filter.x.clean", "filter.x.smudge", "diff.external",
        "uploadpack.packObjectsHook", "remote.origin.uploadpack", "gpg.program", "core.alternateRefsCommand",
        "init.templateDir", "alias.fast-export", "core.hooksPath",
    ):  # fmt: skip
        repo.run("config", key, str(evil) if key != "core.hooksPath" else str(hooks))
    assert not ran.exists()
    done = purge(repo.path, "--rehearse")
    assert done.stdout.endswith("left: 0\n"), done.stderr
    assert not ran.exists()


def test_refs_that_the_clone_is_not_given_are_told(repo: Repo) -> None:
    leaky(repo)
    repo.run("config", "uploadpack.hideRefs", "refs/pull")
    repo.run("update-ref", "refs/pull/1/head", repo.snapshot({"x": f"token: {token('hidden')}\n"}))
    done = purge(repo.path, "--rehearse")
    assert "not cloned, so not rewritten: 1 refs" in done.stdout


def _started(repo: Repo, temporary: Path) -> "subprocess.Popen[bytes]":
    """A rehearsal that is at work in its folder."""
    command = (sys.executable, "-m", "secretsweep", "purge", str(repo.path), "--rehearse")
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | {"TMPDIR": str(temporary)}
    )
    while process.poll() is None and not list(temporary.glob("secretsweep-purge-*/mirror.git/packed-refs")):
        time.sleep(0.002)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_rehearsal_that_is_stopped_leaves_nothing(repo: Repo, tmp_path: Path, number: int) -> None:
    leaky(repo)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = _started(repo, temporary)
    process.send_signal(number)
    process.communicate()
    assert process.returncode == (130 if number == signal.SIGINT else 128 + number)
    assert list(temporary.glob("secretsweep-purge-*")) == []


def test_what_a_killed_rehearsal_leaves_is_removed_by_the_next_one_which_says_so(repo: Repo, tmp_path: Path) -> None:
    leaky(repo)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = _started(repo, temporary)
    process.kill()
    process.communicate()
    (left,) = temporary.glob("secretsweep-purge-*")
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    done = purge(repo.path, "--rehearse", TMPDIR=str(temporary))
    assert "removed what 1 killed run had left" in done.stderr
    assert list(temporary.glob("secretsweep-purge-*")) == []


def test_a_folder_of_a_running_rehearsal_or_of_somebody_else_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from secretsweep.app.purging.workspace import leftovers, workspace

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "secretsweep-purge-mine").mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "lock").touch()
    (tmp_path / "secretsweep-purge-link").symlink_to(tmp_path / "target")
    with workspace() as folder:
        assert leftovers() == 0
        assert folder.is_dir()
    assert not folder.exists()
    assert (tmp_path / "target" / "lock").exists()


def test_no_process_is_given_a_value_and_no_file_but_the_clone_holds_one(repo: Repo, tmp_path: Path) -> None:
    """Watched while it runs: arguments and environments of all processes, and every file of the folder."""
    values = [v.encode() for v in leaky(repo)]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = _started(repo, temporary)
    seen: set[str] = set()
    looked = 0
    while process.poll() is None:
        looked += 1
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                text = file.read_bytes() + (file.parent / "environ").read_bytes()
            except OSError:
                continue
            seen.update(f"process {file}" for v in values if v in text)
        for folder, _, names in os.walk(temporary):
            for name in names:
                with suppress(OSError):
                    if any(v in Path(folder, name).read_bytes() for v in values):
                        seen.add(name)
    process.communicate()
    assert looked > 2
    assert seen == set()


def _credential(**changes: object) -> Credential:
    place = Occurrence("a.yml", 1, 1, 1, 1, "yaml", "k", "r", "high", reachable="refs")
    fields: dict[str, object] = {
        "id": "1", "rule": "r", "name": "n", "kind": "api-token", "provider": "p", "severity": "critical",
        "confidence": "high", "preview": "", "secret": Secret(b"a-value-0123456789"), "occurrences": (place,),
        "in_head": False,
    }  # fmt: skip
    return Credential(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "public", "states", "wanted", "purged"),
    [
        ({}, True, {}, (), True),
        ({}, True, {"1": "live"}, (), True),
        ({}, True, {"1": "unknown"}, (), True),
        ({}, True, {"1": "dead"}, (), False),
        ({"state": "dead"}, True, {}, (), False),
        ({}, False, {}, (), False),
        ({}, None, {}, (), False),
        ({"severity": "medium"}, True, {}, (), False),
        ({"confidence": "low"}, True, {}, (), False),
        ({"kind": "private-key"}, False, {}, (), True),
        ({"kind": "encryption-key"}, None, {}, (), True),
        ({"kind": "private-key"}, False, {"1": "dead"}, (), False),
        ({}, False, {"1": "dead"}, ("1",), True),
        ({"confidence": "low"}, False, {}, ("1",), True),
    ],
)
def test_what_is_decided(
    changes: dict[str, object], public: bool | None, states: dict[str, str], wanted: tuple[str, ...], purged: bool
) -> None:
    (found,) = deciding.decided([_credential(**changes)], public, states, wanted)
    assert found.purge is purged
    assert found.reasons


def test_a_state_file_with_many_credentials_is_purged_and_a_finding_without_a_value_is_nobodys_business() -> None:
    place = Occurrence("x/terraform.tfstate", 1, 1, 1, 1, "terraform-state", "k", "r", "high")
    every = [_credential(id=str(n), secret=Secret(b"value-%d-0123456" % n), occurrences=(place,)) for n in range(3)]
    assert [d.purge for d in deciding.decided(every, False, {})] == [True, True, True]
    assert [d.purge for d in deciding.decided(every[:2], False, {})] == [False, False]
    assert deciding.decided([_credential(rule="dangling-reference")], True, {}) == []


def test_a_word_and_what_is_still_in_head_are_told() -> None:
    (found,) = deciding.decided([_credential(secret=Secret(b"flask"), in_head=True)], True, {})
    assert [note.partition(":")[0] for note in found.notes] == ["still in HEAD", "a word or a short value"]
