"""A rewritten mirror: every value is gone from every place, and everything else is what it was, byte by byte."""

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from histories import NAMES, Everything, everything, packed, state
from repositories import Repo, audited, password, token

from secretsweep import decode
from secretsweep.decode.budget import Budget


def purge(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "secretsweep", "purge", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True)


@dataclass
class Rewritten:
    """The history before, the mirror after, and what the command said."""

    made: Everything
    mirror: Repo
    said: "subprocess.CompletedProcess[str]"
    commits: dict[str, str] = field(default_factory=dict)

    def now(self, commit: str) -> str:
        return self.commits.get(commit, commit)


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Rewritten:
    folder = tmp_path_factory.mktemp("rewritten")
    made = everything(folder / "repo")
    mirror = made.repo.clone(folder / "mirror.git", "--mirror")
    ids = [c.id for c in audited(mirror).credentials]
    said = purge(mirror.path, "--run", *(f"--id={one}" for one in ids))
    lines = (mirror.path / "filter-repo" / "commit-map").read_text().splitlines()[1:]
    return Rewritten(made, mirror, said, dict(line.split() for line in lines))


def contents(repo: Repo) -> Iterator[tuple[str, bytes]]:
    """Every object of a repository, with what is in archives and compressed files."""
    listed = repo.text("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    for line in listed.splitlines():
        oid, kind = line.split()
        yield from opened(f"{kind} {oid}", repo.run("cat-file", kind, oid))


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if container := decode.container(data):
        for member in decode.members(data, container, Budget()):
            yield from opened(f"{name}!{member.name}", member.data)


def test_the_command_says_that_nothing_is_left_and_what_it_did(rewritten: Rewritten) -> None:
    assert rewritten.said.returncode == 0, rewritten.said.stderr
    assert rewritten.said.stdout.splitlines()[-1] == "left: 0"
    assert rewritten.said.stdout.startswith(f"rewritten, not pushed: {len(NAMES)} credentials, ")
    assert " 0 removed as a whole" in rewritten.said.stdout


def test_every_value_was_found_before(rewritten: Rewritten) -> None:
    found = {c.secret.reveal().decode() for c in audited(rewritten.made.repo).credentials}
    assert found == set(rewritten.made.values.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_in_no_object_and_no_name_as_it_is(rewritten: Rewritten, name: str) -> None:
    value = rewritten.made.values[name].encode()
    assert [where for where, data in contents(rewritten.mirror) if value in data] == []
    assert value not in rewritten.mirror.run("for-each-ref")
    assert [p for p in rewritten.mirror.path.rglob("*") if p.is_file() and value in p.read_bytes()] == []


def test_an_audit_of_it_finds_nothing_at_all(rewritten: Rewritten) -> None:
    report = audited(rewritten.mirror)
    assert (report.credentials, report.coverage.complete) == ((), True)


def test_git_finds_no_fault_in_it_and_holds_no_old_object(rewritten: Rewritten) -> None:
    assert rewritten.mirror.text("fsck", "--full", "--strict", "--unreachable") == ""
    old = rewritten.commits.keys() - set(rewritten.commits.values())
    assert old
    assert all(rewritten.mirror.run("cat-file", "-t", oid, fails=False) == b"" for oid in old)


def test_what_came_before_the_first_value_keeps_its_ids(rewritten: Rewritten) -> None:
    before = rewritten.made.before
    assert rewritten.now(before) == before
    assert rewritten.mirror.text("cat-file", "-t", before) == "commit"
    old = rewritten.made.repo.text("rev-parse", "refs/tags/v0")
    assert rewritten.mirror.text("rev-parse", "refs/tags/v0") == old


def _commits(repo: Repo) -> list[str]:
    return repo.text("rev-list", "--exclude=refs/notes/*", "--exclude=refs/stash", "--all").split()


def test_there_are_as_many_commits_with_the_same_parents_dates_and_modes(rewritten: Rewritten) -> None:
    made, mirror = rewritten.made.repo, rewritten.mirror
    commits = _commits(made)
    assert len(_commits(mirror)) == len(commits)
    for commit in commits:
        old = made.text("cat-file", "commit", commit)
        new = mirror.text("cat-file", "commit", rewritten.now(commit))
        wanted = old
        for value in rewritten.made.values.values():
            wanted = wanted.replace(value, "__REMOVED__")
        for parent in made.text("rev-parse", f"{commit}^@").split():
            wanted = wanted.replace(f"parent {parent}", f"parent {rewritten.now(parent)}")
        tree = mirror.text("rev-parse", f"{rewritten.now(commit)}^{{tree}}")
        wanted = wanted.replace("tree " + made.text("rev-parse", f"{commit}^{{tree}}"), f"tree {tree}")
        assert new == wanted


def test_files_without_a_value_keep_their_content_mode_and_name(rewritten: Rewritten) -> None:
    made, mirror = rewritten.made.repo, rewritten.mirror
    touched = untouched = 0
    for commit in _commits(made):
        old = made.run("ls-tree", "-r", "-z", commit).split(b"\0")
        new = mirror.run("ls-tree", "-r", "-z", rewritten.now(commit)).split(b"\0")
        assert len(old) == len(new)
        for before, after in zip(old, new, strict=True):
            if before == after:
                untouched += 1
                continue
            touched += 1
            assert before.partition(b" ")[0] == after.partition(b" ")[0]
            oid = before.partition(b"\t")[0].split()[-1].decode()
            dirty = any(v.encode() in before for v in rewritten.made.values.values())
            assert dirty or _is_hot(rewritten, oid)
    assert touched > 50 and untouched > 100


def _is_hot(rewritten: Rewritten, oid: str) -> bool:
    return rewritten.mirror.run("cat-file", "-t", oid, fails=False) == b""


def test_archives_can_be_opened_and_have_their_other_members(rewritten: Rewritten) -> None:
    head = rewritten.mirror.text("rev-parse", "refs/heads/main")
    data = rewritten.mirror.run("show", f"{head}:app.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {n: archive.read(n) for n in archive.namelist()} == {
            "app/conf.yml": b"token: __REMOVED__\n",
            "app/other": b"other",
        }
    with tarfile.open(fileobj=io.BytesIO(rewritten.mirror.run("show", f"{head}:nested.tgz"))) as tape:
        inner = tape.extractfile("x.zip")
        assert inner is not None and zipfile.ZipFile(inner).read("c.yml") == b"token: __REMOVED__\n"
    clean = rewritten.made.repo.text("rev-parse", "HEAD:clean.zip")
    assert rewritten.mirror.text("rev-parse", f"{head}:clean.zip") == clean


def test_a_state_file_stays_a_document(rewritten: Rewritten) -> None:
    assert rewritten.mirror.text("show", "refs/heads/main:terraform.tfstate") == state("__REMOVED__")


def test_a_utf_16_file_stays_one(rewritten: Rewritten) -> None:
    data = rewritten.mirror.run("show", "refs/heads/main:windows.reg")
    assert data.decode("utf-16") == "token: __REMOVED__\n"


def test_every_note_is_found_at_its_commit_again(rewritten: Rewritten) -> None:
    made, mirror = rewritten.made.repo, rewritten.mirror
    old = [line.split()[1] for line in made.text("notes", "list").splitlines()]
    assert len(old) == 3
    for commit in old:
        assert mirror.text("notes", "show", rewritten.now(commit)) == "checked __REMOVED__"


def test_tags_keep_their_kind_and_point_at_the_new_commits(rewritten: Rewritten) -> None:
    made, mirror = rewritten.made.repo, rewritten.mirror
    for name, message in (("v1", "Release\n\nwith __REMOVED__"), ("outer", "about __REMOVED__")):
        assert mirror.text("cat-file", "-t", f"refs/tags/{name}") == "tag"
        commit = made.text("rev-parse", f"refs/tags/{name}^{{commit}}")
        assert mirror.text("rev-parse", f"refs/tags/{name}^{{commit}}") == rewritten.now(commit)
        assert mirror.text("for-each-ref", "--format=%(contents)", f"refs/tags/{name}") == message
    assert mirror.text("cat-file", "-t", "refs/pull/8/tag") == "tag"
    assert mirror.text("cat-file", "blob", "refs/blobs/one") == "token: __REMOVED__"
    assert mirror.text("ls-tree", "-r", "--name-only", "refs/trees/one").split() == ["clean", "d/tree.yml"]


def test_there_are_the_same_refs_and_names_with_a_value_are_others(rewritten: Rewritten) -> None:
    names = rewritten.made.repo.text("for-each-ref", "--format=%(refname)")
    wanted = names.replace(rewritten.made.values["ref"], "__REMOVED__").split()
    assert sorted(rewritten.mirror.text("for-each-ref", "--format=%(refname)").split()) == sorted(wanted)


def test_a_mirror_is_rewritten_once(rewritten: Rewritten) -> None:
    said = purge(rewritten.mirror.path, "--run")
    assert said.returncode == 2 and "was rewritten already" in said.stderr


def test_a_word_is_replaced_where_it_is_a_credential_and_nowhere_else(repo: Repo, tmp_path: Path) -> None:
    url = "DATABASE_URL=mysql://app:flask@db.internal.example.net/app\n"
    files = {"docker-flask/app.env": url, "req.txt": "flask==2.0\n", "a.env": "FLASK_ENV=flask\n" + url}
    repo.commit(files, "use flask")
    repo.commit({"conf.zip": packed({"x.env": b"# flask\n" + url.encode()})}, "pack flask")
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    (found,) = audited(clone).credentials
    said = purge(clone.path, "--run", "--id", found.id)
    assert said.stdout.endswith("left: 0\n"), said
    wanted = url.replace(":flask@", ":__REMOVED__@")
    assert clone.run("show", "HEAD:docker-flask/app.env").decode() == wanted
    assert clone.run("show", "HEAD:req.txt") == b"flask==2.0\n"
    assert clone.run("show", "HEAD:a.env").decode() == "FLASK_ENV=flask\n" + wanted
    inner = zipfile.ZipFile(io.BytesIO(clone.run("show", "HEAD:conf.zip"))).read("x.env")
    assert inner.decode() == "# flask\n" + wanted
    assert clone.text("log", "--format=%s").split("\n") == ["pack flask", "use flask"]


def test_what_cannot_be_packed_again_goes_as_a_whole_and_is_told(repo: Repo, tmp_path: Path) -> None:
    value = token("cut")
    whole = packed({"a.yml": f"token: {value}\n".encode(), "b": b"b" * 500})
    broken = bytearray(whole)
    at = whole.index(b"b", whole.index(b"PK\3\4", 10) + 30) + 1
    broken[at : at + 8] = b"\xff" * 8
    repo.commit({"app.zip": bytes(broken), "other": "o\n"})
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    found = next(c for c in audited(clone).credentials if c.secret.reveal() == value.encode())
    said = purge(clone.path, "--run", "--id", found.id)
    assert "1 removed as a whole" in said.stdout and said.stdout.endswith("left: 0\n")
    assert clone.run("show", "HEAD:app.zip").startswith(b"__REMOVED__ ")
    assert clone.run("show", "HEAD:other") == b"o\n"


def test_a_file_above_the_limits_of_an_audit_is_cleaned_too(repo: Repo, tmp_path: Path) -> None:
    value = token("large")
    repo.commit({"small.yml": f"token: {value}\n", "large.txt": "x\n" * 600_000 + value + "\n"})
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    (found,) = audited(clone).credentials
    config = tmp_path / "own.toml"
    config.write_text("max-file-size = 1000000\n")
    said = purge(clone.path, "--run", "--id", found.id, "--config", config)
    assert (said.returncode, said.stdout[-8:]) == (0, "left: 0\n"), said
    assert clone.run("show", "HEAD:large.txt") == b"x\n" * 600_000 + b"__REMOVED__\n"


def test_two_files_whose_names_would_be_alike_stay_two(repo: Repo, tmp_path: Path) -> None:
    one, two = token("one"), token("two")
    repo.commit({f"k/{one}": f"token: {one}\n", f"k/{two}": f"token: {two}\n"})
    repo.commit({f"k/{one}": None})
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    said = purge(clone.path, "--run", *(f"--id={c.id}" for c in audited(clone).credentials))
    assert said.stdout.endswith("left: 0\n"), said
    assert len(clone.text("ls-tree", "--name-only", "-r", "HEAD~1").split()) == 2
    assert len(clone.text("ls-tree", "--name-only", "-r", "HEAD").split()) == 1


def test_a_private_key_goes_with_its_lines_however_they_are_indented(repo: Repo, tmp_path: Path) -> None:
    body = "\n".join(password(f"line {n}").replace("&", "A").replace("-", "B") * 3 for n in range(8))
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    indented = "key: |\n" + "".join(f"    {line}\n" for line in key.split("\n"))
    in_json = '{"key": "' + key.replace("\n", "\\n") + '"}'
    repo.commit({"key.pem": key + "\n", "conf.yml": indented, "key.json": in_json})
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    found = audited(clone).credentials
    assert {c.kind for c in found} == {"private-key"}
    said = purge(clone.path, "--run", *(f"--id={c.id}" for c in found))
    assert said.stdout.endswith("left: 0\n"), said
    lines = body.encode().split(b"\n")
    assert [where for where, data in contents(clone) if any(line in data for line in lines)] == []


SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nnone\n-----END PGP SIGNATURE-----"


def _signed(repo: Repo, commit: str) -> str:
    """The same commit with something that looks like a signature."""
    head, _, message = repo.text("cat-file", "commit", commit).partition("\n\n")
    said = SIGNATURE.replace("\n", "\n ")
    signed = f"{head}\ngpgsig {said}\n\n{message}\n".encode()
    return repo.text("hash-object", "-w", "-t", "commit", "--stdin", data=signed)


def _signed_tag(repo: Repo, name: str, commit: str) -> None:
    text = f"object {commit}\ntype commit\ntag {name}\ntagger A <a@b.c> 1700000000 +0000\n\n{name}\n{SIGNATURE}\n"
    repo.run("update-ref", f"refs/tags/{name}", repo.text("mktag", data=text.encode()))


def test_signatures_stay_before_the_value_and_go_after_it(repo: Repo, tmp_path: Path) -> None:
    clean = _signed(repo, repo.snapshot({"a": "a\n"}))
    dirty = _signed(repo, repo.snapshot({"a": "a\n", "b.yml": f"token: {token('signed')}\n"}, [clean]))
    after = _signed(repo, repo.snapshot({"a": "a\n"}, [dirty], ref="refs/heads/main"))
    repo.run("update-ref", "refs/heads/main", after)
    _signed_tag(repo, "old", clean)
    _signed_tag(repo, "new", after)
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    (found,) = audited(clone).credentials
    said = json.loads(purge(clone.path, "--run", "--id", found.id, "-f", "json").stdout)
    assert (said["left"], said["signatures"]) == (0, {"commits": 2, "tags": 1})
    assert clone.text("rev-parse", "refs/tags/old") == repo.text("rev-parse", "refs/tags/old")
    assert "gpgsig" in clone.text("cat-file", "commit", clean)
    for name in ("refs/heads/main", "refs/tags/new^{commit}", "refs/heads/main~1"):
        assert "gpgsig" not in clone.text("cat-file", "commit", name)
    assert "SIGNATURE" not in clone.text("cat-file", "tag", "refs/tags/new")
    assert clone.text("fsck", "--strict") == ""


def test_a_detached_head_is_moved_too(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "a\n"})
    commit = repo.snapshot({"b.yml": f"token: {token('detached')}\n"}, ["HEAD"])
    repo.run("update-ref", "--no-deref", "HEAD", commit)
    clone = repo.clone(tmp_path / "mirror.git", "--mirror")
    said = purge(clone.path, "--run", *(f"--id={c.id}" for c in audited(clone).credentials))
    assert said.stdout.endswith("left: 0\n"), said
    assert clone.text("rev-parse", "HEAD") != commit
    assert clone.text("show", "HEAD:b.yml") == "token: __REMOVED__"
