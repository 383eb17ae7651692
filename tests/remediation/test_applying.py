"""An apply is one transaction: whatever stops it, each file is old or new, no value is lost, a second run finishes."""

import contextlib
import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import Repo
from rewrites import applied, engine, planned

from secretsweep import stores
from secretsweep.app.remediation import applying, journal
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import standing
from secretsweep.errors import ApplyError, StoreError
from secretsweep.git.repository import find
from secretsweep.model import Blob, Finding, Reference, Secret
from secretsweep.stores.memory import Memory

PASSWORDS = ("Tr0ub4dor-and-3", "Summer-2024-prod", "C0rrect-horse-9")


class Killed(BaseException):
    """As if the process had died."""


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    repo = Repo(tmp_path / "repo")
    for number, password in enumerate(PASSWORDS):
        file = tmp_path / "repo" / "group_vars" / f"g{number}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(f"\ufeffuser: x\r\ndb_password: '{password}'\r\nport: 1".encode())
        file.chmod(0o640)
    repo.commit({}, "all")
    return WorkTree(tmp_path / "repo", find(str(tmp_path / "repo")))


def contents(tree: WorkTree) -> dict[str, bytes]:
    return {path: (tree.root / path).read_bytes() for path in tree.paths()}


def place(tree: WorkTree) -> Path:
    return tree.root / ".git" / "secretsweep" / "journal.json"


def scan(blob: Blob) -> list[Finding]:
    return engine().scan(blob, [])


def perform(tree: WorkTree, store: stores.Store, step: applying.Step = lambda said: None) -> None:
    prepared = planned(tree.root, "memory", connection=store)
    applying.apply(prepared, prepared.plan, tree, store, stores.Options(), place(tree), scan, step)


def steps(tree: WorkTree) -> list[str]:
    """What an undisturbed apply says, on a copy of the tree's files that is put back."""
    old = contents(tree)
    said: list[str] = []
    perform(tree, Memory(), said.append)
    for path, data in old.items():
        (tree.root / path).write_bytes(data)
    place(tree).unlink()
    return said


def test_only_the_value_changes(tree: WorkTree) -> None:
    old = contents(tree)
    perform(tree, Memory())
    for path, data in contents(tree).items():
        was = old[path].split(b"\r\n")
        now = data.split(b"\r\n")
        assert (now[0], now[2], len(now)) == (was[0], was[2], 3)
        assert b"lookup(" in now[1]
        assert (tree.root / path).stat().st_mode & 0o777 == 0o640


def test_it_can_be_undone(tree: WorkTree) -> None:
    old, store = contents(tree), Memory()
    perform(tree, store)
    assert contents(tree) != old
    assert applying.undo(place(tree), tree, lambda keep: store) == [(path, False) for path in sorted(old)]
    assert contents(tree) == old
    assert not place(tree).exists()


def test_the_journal_holds_no_value(tree: WorkTree) -> None:
    perform(tree, Memory())
    text = place(tree).read_text()
    assert place(tree).stat().st_mode & 0o777 == 0o600
    for password in PASSWORDS:
        assert standing(Secret(password.encode()), text.encode()) == ""
    assert json.loads(text)["state"] == "done"


def test_a_kill_at_any_step_leaves_old_or_new_and_a_second_run_finishes(tree: WorkTree) -> None:
    old = contents(tree)
    said = steps(tree)
    assert len(said) == 1 + 3 + 1 + 3 + 1
    for number in range(len(said)):
        store = Memory()
        count = 0

        def kill(step: str, last: int = number) -> None:
            nonlocal count
            if count == last:
                raise Killed
            count += 1

        with pytest.raises(Killed):
            perform(tree, store, kill)
        for path, data in contents(tree).items():
            assert data == old[path] or b"lookup(" in data
            if data != old[path]:  # then every value is in the store
                assert {store._held[p] for p in store._held} == {Secret(p.encode()) for p in PASSWORDS}
        if not applying.resume(place(tree), tree):
            assert contents(tree) == old or number == len(said) - 1
            if contents(tree) == old:
                perform(tree, store)
        assert all(b"lookup(" in data for data in contents(tree).values())
        applying.undo(place(tree), tree, lambda keep, store=store: store)
        assert contents(tree) == old


class Failing(Memory):
    """Refuses after so many values."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        if not self.left:
            raise StoreError("the store is sealed")
        self.left -= 1
        super().create(reference, secret, about)


@pytest.mark.parametrize("after", range(3))
def test_a_store_that_fails_changes_no_file(tree: WorkTree, after: int) -> None:
    old, store = contents(tree), Failing(after)
    with pytest.raises(StoreError, match=f"sealed; {after} of 3 values are stored, no file was changed"):
        perform(tree, store)
    assert contents(tree) == old
    store.left = 99
    assert not applying.resume(place(tree), tree)
    perform(tree, store)
    assert all(b"lookup(" in data for data in contents(tree).values())


class Forgetful(Memory):
    """Says yes and stores something else."""

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        super().create(reference, Secret(b"something else"), about)


def test_what_does_not_read_back_changes_no_file(tree: WorkTree) -> None:
    old = contents(tree)
    with pytest.raises(StoreError, match="reads back differently"):
        perform(tree, Forgetful())
    assert contents(tree) == old


def test_a_file_that_changed_since_the_plan_is_refused(tree: WorkTree) -> None:
    prepared = planned(tree.root, "memory")
    (tree.root / "group_vars/g1.yml").write_bytes(b"db_password: other\n")
    old = contents(tree)
    with pytest.raises(ApplyError, match=r"g1\.yml: the file changed"):
        applied(prepared, tree.root)
    assert contents(tree) == old


def test_a_file_that_changes_during_the_writing_is_kept(tree: WorkTree) -> None:
    store = Memory()

    def meddle(said: str) -> None:
        if said == "writing":
            (tree.root / "group_vars/g2.yml").write_bytes(b"mine: now\n")

    with pytest.raises(ApplyError, match=r"g2\.yml: the file changed"):
        perform(tree, store, meddle)
    assert (tree.root / "group_vars/g2.yml").read_bytes() == b"mine: now\n"
    keep = journal.read(place(tree))
    assert keep is not None
    assert keep.state == "writing"
    with pytest.raises(ApplyError, match="not finished"):
        perform(tree, store)


@pytest.mark.parametrize("resuming", [True, False])
def test_every_file_that_is_in_the_way_is_told_and_none_is_touched(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch, resuming: bool
) -> None:
    store = Memory()

    def kill(said: str) -> None:
        if resuming and said == "writing":
            raise Killed

    with contextlib.suppress(Killed):
        perform(tree, store, kill)
    (tree.root / "group_vars/g2.yml").write_bytes(b"mine: now\n")
    now = contents(tree)
    read = Path.read_bytes

    def refused(file: Path) -> bytes:
        if file.name == "g1.yml":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(file)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        with pytest.raises(ApplyError) as caught:
            _ = applying.resume(place(tree), tree) if resuming else applying.undo(place(tree), tree, lambda _: store)
    said = str(caught.value)
    assert f"{tree.root}/group_vars/g1.yml: cannot be read: Permission denied; group_vars/g2.yml: the file" in said
    assert f"nothing was {'written' if resuming else 'undone'}" in said
    assert contents(tree) == now


def test_what_an_apply_made_is_removed_whenever_it_is_undone(tmp_path: Path) -> None:
    """An undo refused where the file was not written yet, and where an earlier undo had removed it."""
    repo = Repo(tmp_path / "repo")
    repo.commit({".env": "DB_PASSWORD=Tr0ub4dor-and-3\n"})
    tree = WorkTree(repo.path, find(str(repo.path)))
    old, made = contents(tree), ".env.example"
    for last in ("writing", "wrote .env", f"wrote {made}", "done"):
        store = Memory()

        def kill(said: str, last: str = last) -> None:
            if said == last:
                raise Killed

        with pytest.raises(Killed):
            perform(tree, store, kill)
        there = (tree.root / made).exists()
        undone = applying.undo(place(tree), tree, lambda keep, store=store: store)
        assert ((made, True) in undone) == there
        assert contents(tree) == old


@pytest.mark.parametrize("after", range(6))
def test_a_full_disk_leaves_old_or_new_and_a_second_run_finishes(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Whichever file is written when it happens: the journal, one of the files, the journal again."""
    old, store = contents(tree), Memory()
    left = after
    sync = os.fsync

    def full(descriptor: int) -> None:
        nonlocal left
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            if left == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            left -= 1
        sync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ApplyError, match="No space left"):
            perform(tree, store)
    assert all(data == old[path] or b"lookup(" in data for path, data in contents(tree).items())
    assert [p for p in tree.root.rglob(".*") if p.name != ".git"] == []  # no temporary file stays
    if not applying.resume(place(tree), tree) and contents(tree) == old:
        perform(tree, store)
    assert all(b"lookup(" in data for data in contents(tree).values())


def test_a_path_that_holds_another_value_is_not_taken(tree: WorkTree) -> None:
    store = Memory()
    first = planned(tree.root, "memory").plan.puts[0].reference
    store.create(first, Secret(b"somebody else's"), {})
    perform(tree, store)
    assert store.get(first) == Secret(b"somebody else's")
    assert store.get(first._replace(path=f"{first.path}-2")) is not None or len(store._held) == 4


def test_nobody_writes_through_a_link_or_to_a_read_only_file(tree: WorkTree, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yml"
    outside.write_bytes((tree.root / "group_vars/g0.yml").read_bytes())
    (tree.root / "group_vars/g0.yml").unlink()
    (tree.root / "group_vars/g0.yml").symlink_to(outside)
    vendored = tree.root / "vendor" / "group_vars" / "all.yml"
    vendored.parent.mkdir(parents=True)
    vendored.write_text("db_password: 'Tr0ub4dor-and-9'\n")
    plan = planned(tree.root, "memory").plan
    told = {r.spot.path: r.reason for r in plan.refusals}
    assert "symbolic link" in told["group_vars/g0.yml"]
    assert "vendored" in told["vendor/group_vars/all.yml"]
    assert plan.paths == ("group_vars/g1.yml", "group_vars/g2.yml")


def test_the_owner_of_a_file_stays(tree: WorkTree, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda file, user, group: given.append((user, group)))
    perform(tree, Memory())
    here = (tree.root / "group_vars/g0.yml").stat()
    assert set(given) == {(-1, here.st_gid), (here.st_uid, -1)}


def test_what_is_said_of_a_value_is_printable(tmp_path: Path) -> None:
    """Vault refuses metadata that is not."""
    repo = Repo(tmp_path / "repo")
    repo.commit({"a\nb/group_vars/all.yml": "db_password: Tr0ub4dor-and-3\n"})
    said: list[str] = []

    class Listening(Memory):
        def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
            said.extend(about.values())
            super().create(reference, secret, about)

    perform(WorkTree(repo.path, find(str(repo.path))), Listening())
    assert "a\\nb/group_vars/all.yml:1" in said


def test_two_at_once_keep_out_of_each_others_way(tree: WorkTree) -> None:
    store, old = Memory(), contents(tree)

    def other(said: str) -> None:
        with pytest.raises(ApplyError, match="under way"):
            perform(tree, store)
        with pytest.raises(ApplyError, match="under way"):
            applying.undo(place(tree), tree, lambda keep: store)

    perform(tree, store, other)
    assert len(applying.undo(place(tree), tree, lambda keep: store)) == 3
    assert contents(tree) == old


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "secretsweep.journal/9"},
        {"root": 5},
        {"store": None},
        {"state": "over"},
        {"options": {"nothing": "x"}},
        {"written": [None]},
        {"path": "../../outside"},
        {"path": "/etc/outside"},
        {"start": "a"},
        {"mount": 3},
    ],
    ids=str,
)
def test_another_versions_journal_is_not_performed(tree: WorkTree, change: dict[str, object]) -> None:
    store = Memory()
    perform(tree, store)
    now, raw = contents(tree), json.loads(place(tree).read_text())
    file = raw["written"][0]
    for part in (raw, file, file["edits"][0], file["edits"][0]["reference"]):
        part.update({name: value for name, value in change.items() if name in part})
    place(tree).write_text(json.dumps(raw))
    with pytest.raises(ApplyError, match="not a journal of this version"):
        applying.undo(place(tree), tree, lambda keep: store)
    with pytest.raises(ApplyError, match="not a journal of this version"):
        applying.resume(place(tree), tree)
    assert contents(tree) == now


@pytest.mark.parametrize("data", [b"\xff\xfe\0", b"", b"[" * 100_000, b"[1]", b"{}"])
def test_what_is_no_journal_is_told(tree: WorkTree, data: bytes) -> None:
    place(tree).parent.mkdir(exist_ok=True)
    place(tree).write_bytes(data)
    with pytest.raises(ApplyError, match="not a journal of this version"):
        applying.resume(place(tree), tree)
