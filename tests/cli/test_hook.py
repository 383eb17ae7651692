"""The hook: the staged content decides, only what a commit adds blocks it, and nothing passes unread."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from repositories import Repo, hcl, password, token

HEAVY = {
    "boto3",
    "click",
    "detect_secrets",
    "git",
    "hcl2",
    "hvac",
    "importlib.metadata",
    "pydantic",
    "requests",
    "rich",
    "secretsweep.git.repository",
    "secretsweep.rules.guides",
    "tree_sitter",
    "yaml",
}
_ENTRY = "from secretsweep.cli._hook_entry import main; main()"
_LISTING = (
    "import sys, atexit, json; atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr)); "
)
_ROOT = Path(__file__).resolve().parents[2]


class Ran(NamedTuple):
    code: int
    said: str
    modules: frozenset[str] = frozenset()

    @property
    def summary(self) -> str:
        return self.said.strip().splitlines()[-1]


@pytest.fixture(autouse=True)
def _no_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRE_COMMIT", raising=False)


def hook(repo: Repo | Path, *args: str, modules: bool = False, **env: str) -> Ran:
    """Run the hook as its console script does, in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", (_LISTING if modules else "") + _ENTRY, *args],
        cwd=repo.path if isinstance(repo, Repo) else repo,
        env={**os.environ, "PYTHONPATH": str(_ROOT), **env},
        capture_output=True,
        check=False,
    )
    errors = done.stderr.decode()
    if modules:
        return Ran(done.returncode, done.stdout.decode(), frozenset(json.loads(errors)))
    return Ran(done.returncode, done.stdout.decode() + errors)


def staged(repo: Repo, **files: str | bytes) -> Ran:
    """Stage these files (`a_tf` is a.tf) and run the hook."""
    for name, content in files.items():
        repo.write(name.replace("_", "."), content)
    repo.run("add", "-A")
    return hook(repo)


def test_a_password_that_is_staged_blocks_and_says_what_where_why_and_how_to_go_on(repo: Repo) -> None:
    repo.commit({"a.tf": "locals {}\n"})
    ran = staged(repo, a_tf="locals {}\n" + hcl(password("a")))
    assert ran.code == 1
    assert ran.said == (
        "secretsweep: 1 credential in what is being committed, which is stopped\n"
        "\n"
        "  a.tf:3:15  provider.acme.password\n"
        "    Password (generic-password; high, medium confidence): ••••••••\n"
        "\n"
        "How to go on:\n"
        "  - Take it out of the file, let the file refer to a secret store, and stage it again.\n"
        "  - If it was ever pushed or shared, it counts as leaked: rotate it first.\n"
        "  - It is no credential? Say so in a comment on its line: secretsweep:allow REASON\n"
        '  - It is known and accepted? secretsweep baseline update --files --reason "REASON"\n'
        "\n"
        "secretsweep: 1 file, 3 added lines scanned: 1 credential found\n"
    )


def test_what_it_scanned_is_said_when_nothing_is_found(repo: Repo) -> None:
    ran = staged(repo, a_tf="locals {}\n", b_tf="# one\n# two\n", c="")
    assert ran == Ran(0, "secretsweep: 3 files, 3 added lines scanned: nothing found\n")


def test_a_token_shows_nothing_but_the_beginning_that_all_of_its_kind_share(repo: Repo) -> None:
    ran = staged(repo, a_txt=f"use {token('t')}\n")
    assert ran.code == 1
    assert token("t") not in ran.said
    assert "ghp_••••••••" in ran.said


def test_the_first_commit_of_a_repository_is_scanned(repo: Repo) -> None:
    assert staged(repo, a_tf=hcl(password("a"))).code == 1


def test_the_first_commit_of_a_sha_256_repository_is_scanned(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "long", "--object-format=sha256")
    assert staged(repo, a_tf=hcl(password("a"))).code == 1


def test_a_secret_in_the_working_tree_alone_does_not_block(repo: Repo) -> None:
    repo.commit({"a.tf": "# one\n"})
    assert staged(repo, a_tf="# two\n").code == 0
    repo.write("a.tf", hcl(password("a")))
    repo.write("new.tf", hcl(password("b")))
    assert hook(repo).code == 0


def test_a_secret_in_the_index_blocks_though_the_working_tree_has_none(repo: Repo) -> None:
    repo.commit({"a.tf": "# one\n"})
    staged(repo, a_tf=hcl(password("a")))
    repo.write("a.tf", "# clean\n")
    assert hook(repo).code == 1


def test_a_secret_on_an_unchanged_line_does_not_block_and_is_mentioned(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    ran = staged(repo, a_tf=hcl(password("a")) + "# more\n")
    assert ran.code == 0
    assert ran.said == (
        "secretsweep: 1 file, 1 added line scanned: nothing found; 1 credential on lines that were there before\n"
    )


def test_a_secret_that_is_changed_blocks(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    assert staged(repo, a_tf=hcl(password("b"))).code == 1


def test_a_line_that_becomes_a_secret_by_a_change_around_it_blocks(repo: Repo) -> None:
    env = "env:\n  - name: {}\n    value: " + password("a") + "\n"
    repo.commit({"a.yaml": env.format("DB_HOST")})
    ran = staged(repo, a_yaml=env.format("DB_PASSWORD"))
    assert (ran.code, "a.yaml:3:12  env.DB_PASSWORD" in ran.said) == (1, True)


def test_a_removed_line_that_looks_like_a_header_does_not_shift_the_lines(repo: Repo) -> None:
    repo.commit({"a.tf": "-- a\n@@ -1 +1 @@\n" + hcl(password("a"))})
    assert staged(repo, a_tf="++ b\n@@ -9 +9 @@\n@@ -1,9 +1,9 @@\n" + hcl(password("a"))).code == 0


def test_a_renamed_file_brings_nothing_new_but_what_changed_in_it(repo: Repo) -> None:
    lines = "".join(f"# line {n}\n" for n in range(20))
    repo.commit({"old.tf": lines + hcl(password("a"))})
    repo.run("mv", "old.tf", "new.tf")
    assert hook(repo).code == 0
    assert staged(repo, new_tf=lines + hcl(password("a")) + "# more\n").code == 0
    assert staged(repo, new_tf=lines + hcl(password("a")) + hcl(password("b"))).code == 1


def test_a_copied_file_is_new(repo: Repo) -> None:
    repo.commit({"old.tf": hcl(password("a"))})
    assert staged(repo, new_tf=hcl(password("a"))).code == 1


def test_a_deleted_file_does_not_block(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "b.tf": "x\n"})
    repo.run("rm", "-q", "a.tf")
    assert hook(repo) == Ran(0, "secretsweep: no content is staged (1 deleted): nothing to scan\n")
    assert staged(repo, b_tf="y\n").code == 0


def test_a_changed_mode_and_a_submodule_bring_no_content(repo: Repo) -> None:
    head = repo.commit({"a.tf": hcl(password("a"))})
    repo.run("update-index", "--chmod=+x", "a.tf")
    repo.run("update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    assert hook(repo).summary.endswith("(2 changed in mode or a submodule): nothing to scan")


def test_a_symbolic_link_is_read_as_its_target_and_not_followed(repo: Repo) -> None:
    (repo.path.parent / "secret.tf").write_text(hcl(password("a")))
    (repo.path / "link.tf").symlink_to("../secret.tf")
    assert staged(repo).code == 0
    (repo.path / "bad").symlink_to(f"https://user:{password('b')}@example.com/x")
    assert staged(repo).code == 1


def test_a_link_that_becomes_a_file_is_new_as_a_whole(repo: Repo) -> None:
    (repo.path / "a.tf").symlink_to("x")
    repo.commit({})
    (repo.path / "a.tf").unlink()
    assert staged(repo, a_tf=hcl(password("a"))).code == 1


def test_a_file_that_is_only_intended_to_be_added_is_not_staged(repo: Repo) -> None:
    repo.commit({"a.tf": "x\n"})
    repo.write("b.tf", hcl(password("a")))
    repo.run("add", "-N", "b.tf")
    assert hook(repo).said == "secretsweep: nothing is staged: nothing was scanned\n"


NAMES = [b"with\nnewline.tf", b"in\xffvalid.tf", b'tab\t"quote.tf', b"esc\x1b[31m.tf", b":raw.tf", b"-dash.tf"]


@pytest.mark.parametrize("name", NAMES)
def test_every_file_name_is_read_and_shown_safely(repo: Repo, name: bytes) -> None:
    repo.commit({"x": "y"})
    repo.write(name, hcl(password("a")))
    repo.run("add", "-A")
    ran = hook(repo)
    assert ran.code == 1
    assert "\x1b" not in ran.said
    assert len([line for line in ran.said.splitlines() if ".tf:2:15" in line]) == 1
    repo.run("commit", "-qm", "x")
    repo.write(name, hcl(password("a")) + "# more\n")
    repo.run("add", "-A")
    assert hook(repo).code == 0


def test_of_a_merge_only_what_neither_side_has_is_new(repo: Repo) -> None:
    repo.commit({"a.tf": "# base\n", "b.tf": "# base\n"})
    repo.run("checkout", "-q", "-b", "side")
    repo.commit({"b.tf": hcl(password("side"))})
    repo.run("checkout", "-q", "main")
    repo.commit({"a.tf": hcl(password("main"))})
    repo.run("merge", "-q", "--no-commit", "--no-ff", "side")
    assert hook(repo).code == 0
    assert staged(repo, b_tf=hcl(password("side")) + "# more\n").code == 0
    evil = staged(repo, b_tf=hcl(password("side")) + hcl(password("evil")))
    assert (evil.code, "b.tf:5:15" in evil.said, "b.tf:2:15" in evil.said) == (1, True, False)


def test_a_merge_in_conflict_cannot_be_scanned_and_does_not_pass(repo: Repo) -> None:
    repo.commit({"a.tf": "# base\n"})
    repo.run("checkout", "-q", "-b", "side")
    repo.commit({"a.tf": "# side\n"})
    repo.run("checkout", "-q", "main")
    repo.commit({"a.tf": "# main\n"})
    repo.run("merge", "-q", "side", fails=False)
    ran = hook(repo)
    assert (ran.code, "a.tf: unreadable" in ran.said, "in conflict" in ran.said) == (3, True, True)


def test_an_object_that_is_missing_is_exit_code_3(repo: Repo) -> None:
    staged(repo, a_tf="# fine\n", b_tf="# lost\n")
    oid = repo.text("rev-parse", ":b.tf")
    (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    ran = hook(repo)
    assert (ran.code, "b.tf: missing" in ran.said, ran.summary.endswith("; 1 thing not scanned")) == (3, True, True)
    assert hook(repo, SECRETSWEEP_ALLOW_INCOMPLETE="missing").code == 0


def test_an_object_that_is_corrupt_is_exit_code_3(repo: Repo) -> None:
    staged(repo, a_tf="# fine\n", b_tf="# lost\n")
    oid = repo.text("rev-parse", ":b.tf")
    file = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(b"no object")
    assert hook(repo).code == 3


def test_a_file_above_the_size_limit_is_exit_code_3_unless_it_is_excluded(repo: Repo) -> None:
    ran = staged(repo, large_bin="x" * 2000)
    assert ran.code == 0
    assert hook(repo, SECRETSWEEP_MAX_FILE_SIZE="1 kB").code == 3
    ran = hook(repo, SECRETSWEEP_MAX_FILE_SIZE="1 kB", SECRETSWEEP_EXCLUDE_PATHS="*.bin")
    assert (ran.code, ran.summary.endswith("; 1 file excluded by exclude-paths")) == (0, True)


def test_a_large_file_in_lfs_that_is_not_here_is_exit_code_3(repo: Repo) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12\n"
    assert staged(repo, a_bin=pointer).code == 3
    file = repo.path / ".git" / "lfs" / "objects" / "ab" / "ab" / ("ab" * 32)
    file.parent.mkdir(parents=True)
    file.write_text(token("lfs"))
    assert hook(repo).code == 1


def test_binary_files_are_compared_by_what_they_hold_and_not_by_lines(repo: Repo) -> None:
    text = hcl(password("a")).encode("utf-16")
    repo.commit({"a.tf": text})
    assert staged(repo, a_tf=text + "# more\n".encode("utf-16-le")).code == 0
    assert staged(repo, a_tf=text + hcl(password("b")).encode("utf-16-le")).code == 1


def test_an_inline_marker_accepts(repo: Repo) -> None:
    marked = hcl(password("a")).replace('"\n}', '" # secretsweep:allow a test\n}')
    assert staged(repo, a_tf=marked).code == 0


def test_a_baseline_accepts_the_value_and_no_other(repo: Repo) -> None:
    repo.commit({"x": "y"})
    staged(repo, a_tf=hcl(password("a")))
    created = command(repo, "baseline", "create", "--files", "--reason", "known")
    assert (created.returncode, "1 record (1 new" in created.stdout) == (0, True)
    ran = hook(repo)
    assert (ran.code, ran.summary.endswith("nothing found; 1 accepted")) == (0, True)
    assert staged(repo, a_tf=hcl(password("b"))).code == 1


def test_a_baseline_is_still_good_when_the_whole_history_is_rewritten_or_cut_off(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    command(repo, "baseline", "create")
    repo.commit({"more": "x"}, amend=True)
    assert hook(repo, "--all-files").code == 0
    assert command(repo, "audit").returncode == 0
    repo.commit({"and": "more"})
    assert hook(repo.clone(tmp_path / "shallow", "--depth=1"), "--all-files").code == 0


def test_an_expired_record_does_not_accept(repo: Repo) -> None:
    staged(repo, a_tf=hcl(password("a")))
    command(repo, "baseline", "create", "--files", "--expires", "2020-01-31")
    ran = hook(repo)
    assert (ran.code, "expired on 2020-01-31" in ran.said) == (1, True)


def test_a_wrong_configuration_is_exit_code_2_and_names_the_line(repo: Repo) -> None:
    ran = staged(repo, _secretsweep_toml="\nfail-one = 'low'\n")
    assert ran == Ran(2, 'secretsweep: .secretsweep.toml:2: unknown key "fail-one"; did you mean "fail-on"?\n')


def test_a_wrong_baseline_is_exit_code_2_and_names_the_line(repo: Repo) -> None:
    ran = staged(repo, _secretsweep_baseline="# x\nrubbish\n")
    assert (ran.code, ran.said.startswith("secretsweep: .secretsweep.baseline:2: ")) == (2, True)


def test_the_configuration_says_what_blocks(repo: Repo) -> None:
    ran = staged(repo, a_tf=hcl(password("a")), _secretsweep_toml="fail-on = 'critical'\n")
    assert (ran.code, "which is stopped" in ran.said, "1 credential found" in ran.summary) == (0, False, True)
    assert staged(repo, _secretsweep_toml="min-confidence = 'high'\n").summary.endswith("nothing found")
    assert staged(repo, _secretsweep_toml="disable-rules = ['generic-password']\n").code == 0
    assert staged(repo, _secretsweep_toml="[[allow]]\nreason = 'x'\npath = 'a.tf'\n").summary.endswith("1 accepted")


def test_own_rules_count_beside_those_that_are_shipped(repo: Repo) -> None:
    rule = "provider: acme\nrules:\n  - {id: acme, name: Acme, kind: api-token, severity: high, confidence: high, "
    rule += "pattern: 'acme-[0-9]{12}', examples: [acme-123456789012]}\n"
    ran = staged(repo, own_yaml=rule, _secretsweep_toml="rules = ['own.yaml']\n", x="acme-918273645546\n")
    assert (ran.code, "Acme (acme; high, high confidence): acme-" in ran.said) == (1, True)


def test_it_works_in_a_subfolder_and_in_a_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"sub/x": "y"})
    staged(repo, a_tf=hcl(password("a")))
    assert "  a.tf:2:15" in hook(repo.path / "sub").said
    repo.run("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked", create=False)
    assert hook(linked).code == 0
    assert staged(linked, b_tf=hcl(password("b"))).code == 1


def test_outside_of_a_working_tree_it_says_what_is_there(tmp_path: Path) -> None:
    ran = hook(tmp_path)
    assert (ran.code, "not a git repository" in ran.said) == (2, True)
    ran = hook(Repo(tmp_path / "bare.git", "--bare"))
    assert (ran.code, "a bare repository has nothing staged" in ran.said) == (2, True)


def test_all_files_reads_every_line_of_the_index(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "b.tf": "# fine\n"})
    assert hook(repo).said == "secretsweep: nothing is staged: nothing was scanned\n"
    ran = hook(repo, "--all-files")
    assert (ran.code, ran.summary) == (1, "secretsweep: 2 files, 4 lines scanned: 1 credential found")
    assert ran.said.startswith("secretsweep: 1 credential in these files\n")


def test_under_the_framework_nothing_staged_means_all_files(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    assert hook(repo, PRE_COMMIT="1").code == 1


def test_files_that_are_named_are_read_as_a_whole_where_nothing_of_them_is_staged(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "d/b.tf": hcl(password("b")), "c.tf": "# fine\n"})
    assert hook(repo, "c.tf").code == 0
    assert hook(repo, "a.tf", "c.tf").code == 1
    assert hook(repo, "d").code == 1
    assert hook(repo.path / "d", "b.tf").code == 1
    assert hook(repo.path / "d", "../c.tf").code == 0
    assert hook(repo, str(repo.path / "a.tf")).code == 1
    repo.write("a.tf", hcl(password("a")) + "# staged\n")
    repo.write("c.tf", hcl(password("c")))
    repo.run("add", "a.tf")
    assert hook(repo, "a.tf", "c.tf").code == 0


def test_a_file_that_git_does_not_track_is_read_from_disk(repo: Repo) -> None:
    repo.commit({"x": "y"})
    repo.write("new.tf", hcl(password("a")))
    assert hook(repo, "new.tf").code == 1


def test_a_file_that_does_not_exist_is_exit_code_2(repo: Repo) -> None:
    repo.commit({"x": "y"})
    assert hook(repo, "nope.tf") == Ran(2, "secretsweep: nope.tf: no such file, neither in the index nor on disk\n")
    assert hook(repo, "../x").code == 2


def test_what_the_configuration_of_git_names_does_not_run(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.tf": "# x\n"})
    trap = f"touch {tmp_path / 'ran'}; cat"
    for key in ("core.fsmonitor", "diff.external", "diff.trap.textconv", "diff.trap.command", "filter.trap.clean"):
        repo.run("config", key, trap)
    for key, value in (("diff.orderFile", "nowhere"), ("diff.relative", "true"), ("diff.renames", "copies")):
        repo.run("config", key, value)
    repo.write("a.tf", hcl(password("a")))
    repo.run("-c", "filter.trap.clean=cat", "-c", "core.fsmonitor=false", "add", "a.tf")
    repo.write(".gitattributes", "* diff=trap filter=trap\n")
    assert hook(repo, GIT_DIFF_OPTS="--unified=9").code == 1
    assert not (tmp_path / "ran").exists()


def test_a_real_commit_is_blocked_and_a_clean_one_is_not(repo: Repo) -> None:
    repo.commit({"sub/x": "y"})
    script = repo.path / ".git" / "hooks" / "pre-commit"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\nPYTHONPATH='{_ROOT}' exec '{sys.executable}' -c '{_ENTRY}'\n")
    script.chmod(0o755)
    cache = {"SECRETSWEEP_CACHE": os.environ["SECRETSWEEP_CACHE"]}
    repo.write("a.tf", hcl(password("a")))
    repo.run("add", "a.tf")
    head = repo.text("rev-parse", "HEAD")
    repo.run("commit", "-qm", "leak", env=cache, fails=False)
    assert repo.text("rev-parse", "HEAD") == head
    repo.write("a.tf", "# clean\n")
    repo.run("commit", "-qm", "still staged", env=cache, fails=False)
    assert repo.text("rev-parse", "HEAD") == head
    repo.run("commit", "-qam", "git names a temporary index", env=cache)
    assert repo.text("rev-parse", "HEAD") != head
    head = repo.text("rev-parse", "HEAD")
    repo.write("b.tf", hcl(password("b")))
    repo.write("c.tf", "# clean\n")
    repo.run("add", "-A")
    repo.run("commit", "-qm", "only the clean one", "c.tf", env=cache)
    assert repo.text("rev-parse", "HEAD") != head


def test_a_real_merge_brings_old_secrets_and_is_not_blocked(repo: Repo) -> None:
    repo.commit({"a": "x"})
    repo.run("checkout", "-q", "-b", "side")
    repo.commit({"b.tf": hcl(password("side"))})
    repo.run("checkout", "-q", "main")
    repo.commit({"c": "x"})
    script = repo.path / ".git" / "hooks" / "pre-merge-commit"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\nPYTHONPATH='{_ROOT}' exec '{sys.executable}' -c '{_ENTRY}'\n")
    script.chmod(0o755)
    repo.run("merge", "-q", "-m", "merge", "side", env={"SECRETSWEEP_CACHE": os.environ["SECRETSWEEP_CACHE"]})
    assert len(repo.text("log", "-1", "--format=%P").split()) == 2


def test_none_of_the_heavy_packages_is_imported(repo: Repo) -> None:
    staged(repo, a_tf="locals {}\n")  # fills the caches
    ran = hook(repo, modules=True)
    assert ran.code == 0
    assert [name for name in sorted(HEAVY) if name in ran.modules] == []


def test_a_file_whose_structure_matters_brings_its_parser_and_nothing_else(repo: Repo) -> None:
    staged(repo, a_yaml=f"password: {password('a')}\n")
    ran = hook(repo, modules=True)
    assert ran.code == 1
    assert {name for name in HEAVY if name in ran.modules} <= {"tree_sitter", "yaml"}


def test_help_names_the_exit_codes(repo: Repo) -> None:
    ran = hook(repo, "--help")
    assert (ran.code, "Exit codes:" in ran.said) == (0, True)
    assert hook(repo, "--nonsense").code == 2


def command(repo: Repo, *args: str) -> "subprocess.CompletedProcess[str]":
    """Run secretsweep."""
    return subprocess.run(
        [sys.executable, "-c", "from secretsweep.cli import main; main()", *args],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
