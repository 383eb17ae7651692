"""A value that stays as a ciphertext: planned with a mark, made when applied, and taken back by who can open it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from controller import Controller
from repositories import Repo
from rewrites import Marks, engine, planned

from secretsweep import stores
from secretsweep.app.remediation import applying, journal, proposing, shown
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import standing
from secretsweep.errors import ApplyError, StoreError
from secretsweep.git.repository import find
from secretsweep.model import Blob, Finding, Secret
from secretsweep.stores import Options, ansible_vault, sealed_secrets

VARIABLES = "user: shop\r\ndb_password: 'Tr0ub4dor-and-3'  # rotate\r\nport: 1"
SECRET = (
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: Tr0ub4dor-and-3\n"
)


class Killed(BaseException):
    """As if the process had died."""


def scan(blob: Blob) -> list[Finding]:
    return engine().scan(blob, [])


@pytest.fixture
def vault(tmp_path: Path) -> stores.Sealer:
    (tmp_path / "password").write_text("correct horse")
    return ansible_vault.connected(Options(vault_id=f"@{tmp_path}/password"), {})


@pytest.fixture
def controller(tmp_path: Path) -> stores.Sealer:
    return sealed_secrets.connected(Options(certificate=str(Controller().certificate(tmp_path))), {})


def variables(folder: Path) -> WorkTree:
    repo = Repo(folder / "repo")
    for name in ("a", "b"):
        file = repo.path / "group_vars" / f"{name}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(VARIABLES.encode())
    repo.commit({}, "all")
    return WorkTree(repo.path, find(str(repo.path)))


def manifest(folder: Path, committed: bool = True) -> WorkTree:
    repo = Repo(folder / "repo")
    repo.commit({"README.md": "x"})
    (repo.path / "db.yaml").write_text(SECRET)
    if committed:
        repo.commit({}, "all")
    return WorkTree(repo.path, find(str(repo.path)))


def place(tree: WorkTree) -> Path:
    return tree.root / ".git" / "secretsweep" / "journal.json"


def contents(tree: WorkTree) -> dict[str, bytes]:
    return {path: (tree.root / path).read_bytes() for path in tree.paths()}


def perform(tree: WorkTree, name: str, sealer: stores.Sealer, step: applying.Step = lambda said: None) -> None:
    prepared = planned(tree.root, name, connection=sealer)
    applying.apply(prepared, prepared.plan, tree, sealer, Options(), place(tree), scan, step)


def test_a_plan_is_the_same_when_it_is_made_again(tmp_path: Path, vault: stores.Sealer) -> None:
    tree = variables(tmp_path)
    one, other = (shown.as_json(planned(tree.root, "ansible-vault", connection=vault).plan) for _ in range(2))
    assert one == other
    assert "$ANSIBLE_VAULT" not in json.dumps(one)
    assert one["sealed"] == "encrypted where they stand, with the vault password"
    assert [change["seals"] for change in one["changes"]] == [
        [{"mark": "<ciphertext of db_password>", "label": ""}]
    ] * 2


def test_one_value_at_two_places_is_two_ciphertexts(tmp_path: Path, vault: stores.Sealer) -> None:
    tree = variables(tmp_path)
    plan = planned(tree.root, "ansible-vault", connection=vault).plan
    assert [str(put.reference) for put in plan.puts] == ["group_vars/a.yml#db_password", "group_vars/b.yml#db_password"]
    perform(tree, "ansible-vault", vault)
    one, other = ((tree.root / "group_vars" / f"{name}.yml").read_bytes() for name in "ab")
    assert one != other
    assert one.startswith(b"user: shop\r\ndb_password: !vault |  # rotate\r\n  $ANSIBLE_VAULT;1.1;AES256\r\n  ")
    assert one.endswith(b"\r\nport: 1")
    assert one.count(b"\n") == one.count(b"\r\n")


def test_the_password_takes_it_back(tmp_path: Path, vault: stores.Sealer) -> None:
    tree = variables(tmp_path)
    old = contents(tree)
    perform(tree, "ansible-vault", vault)
    assert standing(Secret(b"Tr0ub4dor-and-3"), place(tree).read_bytes()) == ""
    assert applying.undo(place(tree), tree, lambda keep: vault) == [(path, False) for path in sorted(old)]
    assert contents(tree) == old


def test_another_password_takes_nothing_back(tmp_path: Path, vault: stores.Sealer) -> None:
    tree = variables(tmp_path)
    perform(tree, "ansible-vault", vault)
    new = contents(tree)
    (tmp_path / "other").write_text("other")
    other = ansible_vault.connected(Options(vault_id=f"@{tmp_path}/other"), {})
    with pytest.raises(StoreError, match="another password"):
        applying.undo(place(tree), tree, lambda keep: other)
    assert contents(tree) == new


def test_git_takes_back_what_nobody_here_can_open(tmp_path: Path, controller: stores.Sealer) -> None:
    tree = manifest(tmp_path)
    old = contents(tree)
    perform(tree, "sealed-secrets", controller)
    assert standing(Secret(b"Tr0ub4dor-and-3"), place(tree).read_bytes()) == ""
    assert b"SealedSecret" in contents(tree)["db.yaml"]

    def connect(keep: journal.Journal) -> stores.Sealer:
        raise AssertionError("asked for a key")

    assert applying.undo(place(tree), tree, connect) == [("db.yaml", False)]
    assert contents(tree) == old


def test_what_git_does_not_have_is_not_sealed_for_good(tmp_path: Path, controller: stores.Sealer) -> None:
    tree = manifest(tmp_path, committed=False)
    with pytest.raises(ApplyError, match=r"db\.yaml: git does not have it as it is now.*`git add` it first"):
        perform(tree, "sealed-secrets", controller)
    assert contents(tree)["db.yaml"] == SECRET.encode()
    assert not place(tree).exists()
    subprocess.run(["git", "-C", str(tree.root), "add", "db.yaml"], check=True)
    perform(tree, "sealed-secrets", controller)
    assert b"SealedSecret" in contents(tree)["db.yaml"]


def test_a_folder_without_git_is_not_sealed_for_good(tmp_path: Path, controller: stores.Sealer) -> None:
    prepared = planned(manifest(tmp_path).root, "sealed-secrets", connection=controller)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "db.yaml").write_text(SECRET)
    tree = WorkTree(tmp_path / "plain", None)
    with pytest.raises(ApplyError, match="git does not have it"):
        applying.apply(prepared, prepared.plan, tree, controller, Options(), tmp_path / "j.json", scan)
    assert (tmp_path / "plain" / "db.yaml").read_text() == SECRET


@pytest.mark.parametrize("name", ["ansible-vault", "sealed-secrets"])
def test_a_kill_at_any_step_leaves_old_or_new(name: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse")
    certificate = str(Controller().certificate(tmp_path))

    def connect(keep: journal.Journal | None = None) -> stores.Sealer:
        options = Options(vault_id=f"@{tmp_path}/password", certificate=certificate)
        found = stores.named(name).connected(options, {})
        assert isinstance(found, stores.Sealer)
        return found

    sealer = connect()
    tree = variables(tmp_path) if name == "ansible-vault" else manifest(tmp_path)
    old = contents(tree)
    steps: list[str] = []
    perform(tree, name, sealer, steps.append)
    assert steps == ["journal", "writing", *(f"wrote {p}" for p in sorted(old) if p != "README.md"), "done"]
    applying.undo(place(tree), tree, connect)
    for last in range(len(steps)):
        said: list[str] = []

        def kill(step: str, said: list[str] = said, last: int = last) -> None:
            said.append(step)
            if len(said) > last:
                raise Killed

        with pytest.raises(Killed):
            perform(tree, name, sealer, kill)
        if applying.resume(place(tree), tree):
            assert all(data != old[path] for path, data in contents(tree).items() if path != "README.md")
        if place(tree).exists():
            applying.undo(place(tree), tree, connect)
        assert contents(tree) == old


def test_what_does_not_read_back_changes_nothing(tmp_path: Path) -> None:
    class Forgetful(Marks):
        def opened(self, text: str) -> Secret | None:
            return Secret(b"something else")

    tree = variables(tmp_path)
    old = contents(tree)
    with pytest.raises(StoreError, match="reads back differently from what was encrypted; no file was changed"):
        perform(tree, "ansible-vault", Forgetful())
    assert contents(tree) == old


def test_a_commit_says_that_values_were_encrypted(tmp_path: Path, vault: stores.Sealer) -> None:
    plan = planned(variables(tmp_path).root, "ansible-vault", connection=vault).plan
    assert proposing.message(plan).startswith(
        "Encrypt 2 credentials with ansible-vault\n\n- group_vars/a.yml#db_password"
    )


def _run(tree: WorkTree, *words: str) -> tuple[int, str]:
    program = "from secretsweep.cli import main; main()"
    command = [sys.executable, "-c", program, "remediate", str(tree.root), *words]
    done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_saved_plan_is_performed_with_the_key_that_the_user_names_again(tmp_path: Path, vault: stores.Sealer) -> None:
    tree, plan = variables(tmp_path), str(tmp_path / "plan.json")
    identity = ("--vault-id", f"dev@{tmp_path}/password")
    code, text = _run(tree, "--store", "ansible-vault", *identity, "--plan", plan)
    assert "2 values for ansible-vault, encrypted where they stand, with the vault password:" in text
    assert "A ciphertext is made when this is applied" in text
    assert "Tr0ub4dor" not in text + Path(plan).read_text()
    code, text = _run(tree, "--plan", plan, "--apply")
    assert (code, "the plan was made with --vault-id" in text) == (2, True)
    code, text = _run(tree, "--plan", plan, "--apply", *identity)
    assert "2 values encrypted with ansible-vault, 2 files rewritten" in text
    code, text = _run(tree, "--undo")
    assert (code, "that apply was made with --vault-id" in text) == (2, True)
    code, text = _run(tree, "--undo", *identity)
    assert (code, text.count("restored")) == (0, 2)


def test_a_saved_plan_is_for_one_controller(tmp_path: Path) -> None:
    tree, plan = manifest(tmp_path), str(tmp_path / "plan.json")
    own = ("--cert", str(Controller().certificate(tmp_path)))
    _run(tree, "--store", "sealed-secrets", *own, "--plan", plan)
    Controller().certificate(tmp_path)
    code, text = _run(tree, "--plan", plan, "--apply", "--review", *own)
    assert (code, "the plan would be another one by now" in text) == (5, True)


def test_a_plan_needs_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSIBLE_VAULT_PASSWORD_FILE", raising=False)
    assert "SEALED_SECRETS_CERT" not in os.environ
    code, text = _run(variables(tmp_path), "--store", "ansible-vault", "--offline")
    assert (code, "the store was not asked" in text) == (1, False)
    code, text = _run(manifest(tmp_path / "other"), "--store", "sealed-secrets", "--offline")
    assert (code, "<ciphertext of password>" in text) == (1, True)
