"""The whole command against a real server: what is stored, what files become, kills, saved plans, proposals."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import hvac
import pytest
from engines import OpenBao
from repositories import Repo

from secretsweep.decode.writings import standing
from secretsweep.model import Secret

ROOT = Path(__file__).parent.parent.parent
PASSWORDS = {f"env{n}": f"Tr0ub4dor-and-{n}x" for n in range(6)}
PROGRAM = "from secretsweep.cli import main; main()"


@pytest.fixture
def shop(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop")
    repo.commit(
        {f"{env}/group_vars/all.yml": f"user: x\ndb_password: '{value}'  # soon\n" for env, value in PASSWORDS.items()}
    )
    return repo


@pytest.fixture
def mount(bao: OpenBao) -> str:
    """A key-value engine of a test's own."""
    name = f"kv-{random.getrandbits(40):x}"
    client = hvac.Client(bao.url, bao.token)
    client.sys.enable_secrets_engine("kv", path=name, options={"version": "2"})
    return name


def command(repo: Repo, bao: OpenBao, mount: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "remediate", "--store", "vault", "--mount", mount, *arguments],
        cwd=repo.path,
        env={**os.environ, **bao.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(repo.path.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(repo: Repo, bao: OpenBao, mount: str, *arguments: str) -> tuple[int, str, str]:
    process = command(repo, bao, mount, *arguments)
    out, err = process.communicate(timeout=300)
    for value in PASSWORDS.values():
        assert standing(Secret(value.encode()), (out + err).encode()) == ""
    return process.returncode, out, err


def stored(bao: OpenBao, mount: str) -> dict[str, str]:
    """Every value in the engine."""
    kv = hvac.Client(bao.url, bao.token).secrets.kv.v2

    def below(path: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for key in kv.list_secrets(path, mount_point=mount)["data"]["keys"]:
            if key.endswith("/"):
                found |= below(path + key)
            else:
                read = kv.read_secret_version(path + key, mount_point=mount, raise_on_deleted_version=True)
                found[path + key] = read["data"]["data"]["value"]
        return found

    try:
        return below("")
    except hvac.exceptions.InvalidPath:
        return {}


def texts(repo: Repo) -> dict[str, str]:
    found = sorted(repo.path.glob("env*/group_vars/all.yml"))
    return {path.relative_to(repo.path).as_posix(): path.read_text() for path in found}


def test_values_are_in_the_store_and_files_refer_to_them(shop: Repo, bao: OpenBao, mount: str) -> None:
    before = texts(shop)
    code, out, _ = run(shop, bao, mount, "--apply")
    assert code == 0, out
    assert "rotate them" in out
    assert stored(bao, mount) == {f"iac/shop/{env}/group_vars/db_password": v for env, v in PASSWORDS.items()}
    for path, text in texts(shop).items():
        where = f"'iac/shop/{path.partition('/')[0]}/group_vars/db_password', engine_mount_point='{mount}'"
        expected = f"\"{{{{ lookup('community.hashi_vault.vault_kv2_get', {where}).secret.value }}}}\""
        assert text == f"user: x\ndb_password: {expected}  # soon\n"
    assert run(shop, bao, mount)[:2] == (0, "Nothing to remediate.\n")
    code, out, _ = run(shop, bao, mount, "--undo")
    assert code == 0
    assert texts(shop) == before
    assert len(stored(bao, mount)) == len(PASSWORDS)
    code, out, _ = run(shop, bao, mount)
    assert out.count("(is there already)") == len(PASSWORDS)


def test_a_kill_leaves_every_file_old_or_new_and_no_value_lost(shop: Repo, bao: OpenBao, mount: str) -> None:
    before = texts(shop)
    began = time.monotonic()
    assert run(shop, bao, mount, "--apply", "-q")[0] == 0
    whole = time.monotonic() - began
    after = texts(shop)
    run(shop, bao, mount, "--undo")
    draw = random.Random(7)
    for _ in range(8):
        process = command(shop, bao, mount, "--apply", "-q")
        time.sleep(whole * draw.uniform(0.3, 1.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = texts(shop)
        assert all(now[path] in (before[path], after[path]) for path in now)
        held = set(stored(bao, mount).values())
        for env, value in PASSWORDS.items():
            assert value in now[f"{env}/group_vars/all.yml"] or value in held
        for path in shop.path.parent.rglob("*"):  # journals, temporary files
            if path.is_file() and path.name != "all.yml" and "objects" not in path.parts:
                for value in PASSWORDS.values():
                    assert standing(Secret(value.encode()), path.read_bytes()) == "", path
        assert run(shop, bao, mount, "--resume")[0] == 0
        if texts(shop) == before:
            assert run(shop, bao, mount, "--apply", "-q")[0] == 0
        assert texts(shop) == after
        assert run(shop, bao, mount, "--undo")[0] == 0
        assert texts(shop) == before


def test_outside_of_git_it_is_undone_from_any_path_inside(
    shop: Repo, bao: OpenBao, mount: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shutil.rmtree(shop.path / ".git")
    (shop.path / "env0" / "ansible.cfg").write_text("")
    before = texts(shop)
    assert run(shop, bao, mount, "--apply", "env0/group_vars/all.yml")[0] == 0
    assert stored(bao, mount) == {"iac/env0/group_vars/db_password": PASSWORDS["env0"]}
    code, out, _ = run(shop, bao, mount, "--undo", "env0/group_vars")
    assert (code, out) == (0, "restored group_vars/all.yml\n")
    assert texts(shop) == before


def test_a_saved_plan_is_applied_when_nothing_changed(shop: Repo, bao: OpenBao, mount: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run(shop, bao, mount, "--plan", str(plan))[0] == 1
    file = shop.path / "env3/group_vars/all.yml"
    old = file.read_text()
    file.write_text(old + "# a line more\n")
    code, _, said = run(shop, bao, mount, "--apply", "--plan", str(plan))
    assert (code, "env3/group_vars/all.yml: the file changed" in said) == (5, True)
    assert stored(bao, mount) == {}
    file.write_text(old)
    assert run(shop, bao, mount, "--apply", "--plan", str(plan))[0] == 0
    assert len(stored(bao, mount)) == len(PASSWORDS)
    assert json.loads(plan.read_text())["store"] == "vault"


def test_a_proposal_is_one_commit_on_a_branch(shop: Repo, bao: OpenBao, mount: str) -> None:
    code, _, said = run(shop, bao, mount, "--apply", "--pr")
    assert code == 0, said
    message = shop.run("log", "-1", "--format=%B").decode()
    assert message.startswith("Read 6 credentials from vault\n\n- ")
    assert "rotate each one" in message
    assert shop.run("status", "--porcelain").decode() == ""
    assert len(shop.run("show", "--format=", "--name-only").split()) == len(PASSWORDS)
    assert shop.run("symbolic-ref", "--short", "HEAD").decode().startswith("secretsweep/")


def test_a_fault_that_was_there_before_is_no_failure(
    shop: Repo, bao: OpenBao, mount: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.commit({"run.sh": "#!/bin/sh\nset -e\nexport DB_PASSWORD=Tr0ub4dor-and-0x\n"})
    checker = tmp_path / "bin" / "shellcheck"
    checker.parent.mkdir()
    monkeypatch.setenv("PATH", f"{checker.parent}{os.pathsep}{os.environ['PATH']}")
    for script, code, verdict in (
        ("echo run.sh:3:1: error: old", 0, "nothing but 1 fault that was there before"),
        ("grep -q 0x run.sh || echo run.sh:3:1: error: new", 1, "FAILED\n      run.sh:3:1: error: new"),
    ):
        checker.write_text(f"#!/bin/sh\n{script}\nexit 1\n")
        checker.chmod(0o755)
        found, out, _ = run(shop, bao, mount, "run.sh", "--apply", "--check")
        assert (found, f"  shellcheck run.sh: {verdict}\n" in out) == (code, True), out
        assert run(shop, bao, mount, "--undo")[0] == 0


def test_a_store_that_cannot_be_reached_changes_nothing(shop: Repo, bao: OpenBao) -> None:
    before = texts(shop)
    code, _, said = run(shop, OpenBao("http://127.0.0.1:9", "root"), "secret", "--apply")
    assert code == 4
    assert "127.0.0.1:9" in said
    assert texts(shop) == before
    code, out, _ = run(shop, OpenBao("http://127.0.0.1:9", "root"), "secret", "--offline")
    assert code == 1
    assert "the store was not asked" in out


def test_a_saved_plan_or_a_journal_does_not_say_where_values_are_sent(
    shop: Repo, bao: OpenBao, mount: str, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert run(shop, bao, mount, "--url", bao.url, "--plan", str(plan))[0] == 1
    before = texts(shop)
    code, _, said = run(shop, bao, mount, "--apply", "--plan", str(plan))
    assert (code, f"--url {bao.url}: give that, too" in said) == (2, True)
    assert stored(bao, mount) == {}
    assert run(shop, bao, mount, "--apply", "--plan", str(plan), "--url", bao.url)[0] == 0
    assert texts(shop) != before
    assert run(shop, bao, mount, "--undo")[0] == 2
    assert run(shop, bao, mount, "--undo", "--url", bao.url)[0] == 0
    assert texts(shop) == before
