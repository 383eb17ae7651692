"""The whole command with values in a file of the repository: planned, applied, committed, undone, outside of git."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from engines import OpenBao, sops_key, tool
from repositories import Repo

ROOT = Path(__file__).parent.parent.parent
PROGRAM = "from secretsweep.cli import main; main()"
BEFORE = {
    "group_vars/all.yml": "user: x\ndb_password: 'Tr0ub4dor-and-3'  # soon\n",
    "host_vars/db.yml": "admin_password: C0rrect-horse-9\n",
    "site.yml": "- hosts: all\n  tasks: []\n",
}
AFTER = {
    "group_vars/all.yml": "user: x\ndb_password: \"{{ lookup('community.sops.sops', 'secrets/group_vars.enc.yaml', "
    'extract=\'[\\"db_password\\"]\', rstrip=false) }}"  # soon\n',
    "host_vars/db.yml": "admin_password: \"{{ lookup('community.sops.sops', 'secrets/host_vars.enc.yaml', "
    'extract=\'[\\"admin_password\\"]\', rstrip=false) }}"\n',
}
FILES = ["secrets/group_vars.enc.yaml", "secrets/host_vars.enc.yaml"]


@pytest.fixture
def shop(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop")
    repo.commit(BEFORE)
    return repo


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return sops_key(tmp_path)


def run(folder: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    for value in ("Tr0ub4dor", "C0rrect-horse"):
        assert value not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def remediate(folder: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    return run(folder, environ, "remediate", ".", *arguments)


def texts(folder: Path) -> dict[str, str]:
    return {path: (folder / path).read_text() for path in AFTER}


def held(folder: Path, environ: Mapping[str, str]) -> list[str]:
    return [
        subprocess.run(
            (tool("sops"), "decrypt", "--output-type", "json", folder / path),
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for path in FILES
    ]


def test_a_plan_says_which_files_are_made_and_who_will_be_able_to_read_them(
    shop: Repo, environ: dict[str, str]
) -> None:
    recipient = environ.pop("SOPS_AGE_RECIPIENTS")
    (shop.path / ".sops.yaml").write_text(f"creation_rules:\n  - path_regex: ^secrets/\n    age: {recipient}\n")
    for more in ((), ("--offline",)):
        code, out, _ = remediate(shop.path, environ, "--store", "sops", *more)
        assert code == 1
        assert "  secrets/group_vars.enc.yaml#db_password\n" in out
        for path in FILES:
            who = f"It can be decrypted by {recipient} (so says {shop.path / '.sops.yaml'})"
            assert f"Note: {path} is made: commit it. {who}" in out
    _, out, _ = remediate(shop.path, environ, "--store", "sops", "--format", "json")
    assert json.loads(out)["stored"] == FILES
    assert not (shop.path / "secrets").exists()


def test_values_are_in_the_file_and_an_undo_leaves_them_there(shop: Repo, environ: dict[str, str]) -> None:
    before = texts(shop.path)
    code, out, said = remediate(shop.path, environ, "--store", "sops", "--apply")
    assert code == 0, out + said
    assert f"Commit {', '.join(FILES)} with them: the values are there." in out
    assert texts(shop.path) == AFTER
    assert [json.loads(text) for text in held(shop.path, environ)] == [
        {"db_password": "Tr0ub4dor-and-3"},
        {"admin_password": "C0rrect-horse-9"},
    ]
    assert remediate(shop.path, environ, "--store", "sops")[:2] == (0, "Nothing to remediate.\n")
    assert run(shop.path, environ, "scan", ".")[0] == 0
    code, out, said = remediate(shop.path, environ, "--undo")
    assert code == 0, said
    for path in FILES:
        assert f"left {path} as it is: nothing is deleted from a store\n" in out
    assert texts(shop.path) == before
    code, out, _ = remediate(shop.path, environ, "--store", "sops", "--apply")
    assert (code, out.count("(is there already)")) == (0, 2)
    assert texts(shop.path) == AFTER


def test_a_proposal_has_the_file_in_its_commit(shop: Repo, environ: dict[str, str]) -> None:
    code, _, said = remediate(shop.path, environ, "--store", "sops", "--apply", "--pr")
    assert code == 0, said
    assert sorted(shop.run("show", "--format=", "--name-only").decode().split()) == sorted([*AFTER, *FILES])
    assert shop.run("status", "--porcelain").decode() == ""
    head = shop.run("symbolic-ref", "--short", "HEAD").decode()
    assert head.startswith("secretsweep/sops-2")
    assert run(shop.path, environ, "audit", "--fail-on", "never")[0] == 0


def test_a_saved_plan_is_applied_and_says_nothing_of_this_machine(
    shop: Repo, environ: dict[str, str], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert remediate(shop.path, environ, "--store", "sops", "--plan", str(plan))[0] == 1
    assert json.loads(plan.read_text())["options"] == {}
    code, out, said = remediate(shop.path, environ, "--apply", "--plan", str(plan))
    assert code == 0, out + said
    assert texts(shop.path) == AFTER
    journal = (shop.path / ".git" / "secretsweep").glob("*")
    assert all(b'"tree"' not in file.read_bytes() for file in journal)


def test_it_works_outside_of_git_and_with_openbao(environ: dict[str, str], tmp_path: Path, bao: OpenBao) -> None:
    folder = tmp_path / "plain"
    for path, text in BEFORE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    import hvac

    client = hvac.Client(url=bao.url, token=bao.token)
    if "transit/" not in client.sys.list_mounted_secrets_engines()["data"]:
        client.sys.enable_secrets_engine("transit")
    client.secrets.transit.create_key("whole-command")
    (folder / ".sops.yaml").write_text(
        f"creation_rules:\n  - hc_vault_transit_uri: {bao.url}/v1/transit/keys/whole-command\n"
    )
    environ = {"PATH": environ["PATH"], "XDG_STATE_HOME": str(tmp_path / "state"), **bao.environ}
    code, out, said = remediate(folder, environ, "--store", "sops", "--apply")
    assert code == 0, out + said
    assert texts(folder) == AFTER
    assert "Tr0ub4dor-and-3" in held(folder, environ)[0]


def test_one_file_for_all_is_a_template(shop: Repo, environ: dict[str, str]) -> None:
    arguments = ("--store", "sops", "--apply", "--path-template", "secrets/{name}")
    code, out, said = remediate(shop.path, environ, *arguments)
    assert code == 0, out + said
    assert "secrets.enc.yaml" in (shop.path / "group_vars/all.yml").read_text()
    assert [p.name for p in shop.path.glob("*.enc.yaml")] == ["secrets.enc.yaml"]


@pytest.mark.parametrize(
    ("made", "code", "said"),
    [
        ({".gitignore": "secrets/\n"}, 2, "ignored by git"),
        ({"secrets/group_vars.enc.yaml": "db_password: x\n"}, 4, "is no file of one document that sops has encrypted"),
        ({".sops.yaml": "creation_rules:\n  - path_regex: other\n    age: age1x\n"}, 4, "no creation rule"),
        ({".sops.yaml": "creation_rules: []\n"}, 4, "no creation rule"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--apply",)])
def test_what_cannot_be_is_told_before_anything_happens(
    shop: Repo, environ: dict[str, str], made: dict[str, str], code: int, said: str, more: tuple[str, ...]
) -> None:
    if code == 4:
        del environ["SOPS_AGE_RECIPIENTS"]
    shop.commit(made)
    before = texts(shop.path)
    got, out, error = remediate(shop.path, environ, "--store", "sops", *more)
    assert (got, said in error) == (code, True), out + error
    assert len(error.strip().splitlines()) == 1
    assert texts(shop.path) == before
    assert shop.run("status", "--porcelain").decode() == ""


def test_without_a_key_or_the_program_the_next_step_is_told(
    shop: Repo, environ: dict[str, str], tmp_path: Path
) -> None:
    code, _, said = remediate(shop.path, {"PATH": environ["PATH"]}, "--store", "sops")
    assert (code, "write creation_rules into .sops.yaml" in said) == (4, True)
    git = tmp_path / "bin"
    git.mkdir()
    (git / "git").symlink_to(str(shutil.which("git")))
    code, _, said = remediate(shop.path, environ | {"PATH": str(git)}, "--store", "sops")
    assert (code, "install sops 3.11 or later" in said) == (4, True)
