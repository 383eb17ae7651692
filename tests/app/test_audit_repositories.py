"""Every sort of repository: bare, linked, borrowed, SHA-256, empty, shallow, partial, with LFS, with many refs."""

import hashlib
import os
from pathlib import Path

import pytest
from pace import seconds
from repositories import Repo, Seen, audited, hcl, only, password, reasons, rendered, seen, token, values

from secretsweep.errors import GitError, SecretsweepError, UsageError
from secretsweep.model import Report


def _line(name: str) -> str:
    return f"token: {token(name)}\n"


def test_an_empty_repository_holds_nothing(repo: Repo) -> None:
    report = audited(repo)
    assert (report.credentials, report.coverage.complete, report.coverage.objects) == ((), True, 0)
    assert report.target.head is None


def test_an_empty_repository_with_a_staged_file(repo: Repo) -> None:
    repo.write("a.yml", _line("first ever"))
    repo.run("add", "-A")
    assert seen(only(audited(repo), token("first ever"))) == Seen("a.yml", 1, 8, None, None, False, "index")


def test_a_bare_repository(tmp_path: Path) -> None:
    bare = Repo(tmp_path / "bare.git", "--bare")
    first = bare.snapshot({"a.yml": _line("bare")}, ref="refs/heads/main")
    gone = bare.snapshot({"b.yml": "x\n"}, [first])
    bare.run("update-ref", "refs/heads/main", gone)
    lost = bare.blob(_line("loose in bare"))
    report = audited(bare)
    assert seen(only(report, token("bare"))) == Seen("a.yml", 1, 8, first, gone, False, "refs")
    assert only(report, token("loose in bare")).path == f"object:{lost[:12]}"
    assert report.coverage.complete


def test_a_sha256_repository_with_a_merge_a_note_and_a_stash(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo", "--object-format=sha256")
    first = repo.commit({"a.yml": "a: 1\n", "b.tf": hcl(password("sha256"))})
    assert len(first) == 64
    side = repo.snapshot({"a.yml": "a: 2\n"}, [first])
    main = repo.snapshot({"a.yml": _line("merge")}, [first, side], ref="refs/heads/evil")
    repo.run("notes", "add", "-m", token("note"), first)
    repo.write("a.yml", _line("stash"))
    repo.run("stash", "push", "-q")
    repo.run("tag", "-a", "v1", "-m", token("tag"), first)
    report = audited(repo)
    assert seen(only(report, password("sha256"))) == Seen("b.tf", 2, 15, first, None, True, "refs", ("main",), ("v1",))
    assert seen(only(report, token("merge"))) == Seen("a.yml", 1, 8, main, None, False, "refs", ("evil",))
    assert [only(report, token(name)).reachable for name in ("note", "stash", "tag")] == [
        "note",
        "stash",
        "tag-message",
    ]
    assert report.coverage.complete


@pytest.mark.parametrize("options", [("--shared",), ("--reference", "there")])
def test_objects_of_an_alternate_are_read(repo: Repo, tmp_path: Path, options: tuple[str, ...]) -> None:
    first = repo.commit({"a.yml": _line("borrowed")})
    lost = repo.blob(_line("lost there"))
    given = tuple(str(repo.path) if option == "there" else option for option in options)
    repo.run("clone", "-q", *given, str(repo.path), str(tmp_path / "here"))
    here = Repo(tmp_path / "here", create=False)
    second = here.commit({"b.yml": _line("own")})
    report = audited(here)
    assert seen(only(report, token("borrowed"))).commit == first
    assert seen(only(report, token("own"))).commit == second
    assert only(report, token("lost there")).path == f"object:{lost[:12]}"
    assert report.coverage.complete


def test_a_folder_inside_and_a_file_inside_stand_for_the_repository(repo: Repo) -> None:
    repo.commit({"deep/er/a.yml": _line("inside")})
    for place in ("deep/er", "deep/er/a.yml"):
        assert only(audited(repo.path / place), token("inside")).path == "deep/er/a.yml"


def test_two_thousand_refs_cost_little(repo: Repo) -> None:
    first = repo.commit({"a.yml": _line("many refs")})
    one = seconds(lambda: audited(repo))
    repo.run("update-ref", "--stdin", data="".join(f"create refs/tags/v{n} {first}\n" for n in range(2000)).encode())
    reports: list[Report] = []
    assert seconds(lambda: reports.append(audited(repo))) < 4 * one + 0.2  # a process for each would be seconds
    assert len(only(reports[0], token("many refs")).tags) == 2000


def test_a_shallow_clone_says_that_it_is_not_all(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.yml": _line("older")})
    repo.commit({"a.yml": _line("newer")})
    shallow = repo.clone(tmp_path / "shallow", "--depth=1")
    report = audited(shallow)
    assert values(report) == [token("newer")]
    assert reasons(report) == [("shallow", "")]
    assert not report.coverage.complete
    assert report.coverage.left_out(["shallow"]) == ()


@pytest.fixture
def partial(repo: Repo, tmp_path: Path) -> Repo:
    repo.run("config", "uploadpack.allowFilter", "true")
    repo.run("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.commit({"a.yml": _line("old"), "b.yml": _line("gone")})
    repo.commit({"a.yml": _line("new")})
    return repo.clone(tmp_path / "partial", "--filter=blob:none")


def test_a_partial_clone_names_every_content_that_was_never_fetched(partial: Repo) -> None:
    report = audited(partial)
    assert values(report) == sorted([token("new"), token("gone")])  # what the checkout has fetched
    assert reasons(report) == [("partial", "a.yml")]
    assert report.coverage.left_out(["partial"]) == ()


@pytest.mark.parametrize("present", [True, False])
def test_a_partial_clone_fetches_nothing(partial: Repo, repo: Repo, present: bool) -> None:
    if not present:
        repo.path.rename(repo.path.parent / "gone")
    before = partial.text("count-objects", "-v")
    report = audited(partial)
    assert partial.text("count-objects", "-v") == before
    assert len(report.credentials) == 2


def test_a_partial_clone_without_trees_is_reported_and_not_fetched(repo: Repo, tmp_path: Path) -> None:
    repo.run("config", "uploadpack.allowFilter", "true")
    repo.commit({"a.yml": _line("old")}, message=token("in a message"))
    repo.commit({"a.yml": "x\n"})
    partial = repo.clone(tmp_path / "partial", "--filter=tree:0", "--no-checkout")
    before = partial.text("count-objects", "-v")
    report = audited(partial)
    assert partial.text("count-objects", "-v") == before
    assert values(report) == [token("in a message")]
    assert "partial" in {reason for reason, _ in reasons(report)}


def test_a_bare_partial_clone_with_many_missing_contents_starts_no_fetch_for_each(repo: Repo, tmp_path: Path) -> None:
    repo.run("config", "uploadpack.allowFilter", "true")
    repo.commit({"0.yml": "n: 0\n"})
    few = repo.clone(tmp_path / "few", "--filter=blob:none", "--bare")
    repo.commit({f"{n}.yml": f"n: {n}\n" for n in range(1500)})
    partial = repo.clone(tmp_path / "partial", "--filter=blob:none", "--bare")
    one = seconds(lambda: audited(few))
    reports: list[Report] = []
    assert seconds(lambda: reports.append(audited(partial))) < 4 * one + 0.2  # a process for each would be seconds
    [report] = reports
    assert len(report.coverage.skipped) == 1500
    assert {reason for reason, _ in reasons(report)} == {"partial"}


def _pointer(content: bytes) -> tuple[str, str]:
    oid = hashlib.sha256(content).hexdigest()
    return oid, f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def _lfs(repo: Repo, content: bytes) -> str:
    oid, pointer = _pointer(content)
    repo.write(f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}", content)
    return pointer


def test_an_lfs_object_that_is_here_is_read(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit({"data.sql": _lfs(repo, f"-- dump\n{_line('in lfs')}".encode())})
    wanted = Seen("data.sql", 2, 8, commit, None, True, "refs", ("main",))
    report = audited(repo)
    assert (seen(only(report, token("in lfs"))), report.coverage.complete) == (wanted, True)
    repo.run("worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    for place in (tmp_path / "side", repo.path / ".git"):
        assert seen(only(audited(place), token("in lfs"))) == wanted


def test_an_lfs_object_that_is_not_here_is_listed(repo: Repo) -> None:
    oid, pointer = _pointer(b"elsewhere")
    repo.commit({"data.sql": pointer})
    blob = repo.text("rev-parse", "HEAD:data.sql")
    report = audited(repo)
    assert not report.coverage.complete
    assert [(s.reason, s.path, s.oid) for s in report.coverage.skipped] == [("lfs", "data.sql", blob)]
    assert oid[:12] in report.coverage.skipped[0].detail
    assert report.coverage.left_out(["lfs"]) == ()


def test_a_zip_in_lfs_is_opened(repo: Repo) -> None:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("conf.yml", _line("zip in lfs"))
    repo.commit({"data.zip": _lfs(repo, out.getvalue())})
    assert only(audited(repo), token("zip in lfs")).path == "data.zip!conf.yml"


def test_since_reads_what_came_after(repo: Repo) -> None:
    repo.commit({"a.yml": _line("before")}, message=f"x {token('message before')}")
    start = repo.commit({"x": "1\n"})
    second = repo.commit({"b.yml": _line("after")}, message=f"x {token('message after')}")
    for name in (start, "HEAD~1", "main~1"):
        report = audited(repo, since=name)
        assert values(report) == sorted([token("after"), token("message after")])
        assert only(report, token("after")).introduced.commit == second  # type: ignore[union-attr]
    assert values(audited(repo, since="HEAD")) == []


def test_a_ref_glob_reads_those_refs_alone(repo: Repo) -> None:
    for name in ("refs/heads/release/1", "refs/heads/release/2", "refs/tags/v1", "refs/pull/7/head"):
        repo.snapshot({"a.yml": _line(name)}, ref=name)
    repo.run("tag", "-a", "v2", "-m", "two", repo.snapshot({"a.yml": _line("annotated")}))
    for glob, wanted in (
        ("release/*", ["refs/heads/release/1", "refs/heads/release/2"]),
        ("refs/heads/release/2", ["refs/heads/release/2"]),
        ("v*", ["refs/tags/v1", "annotated"]),
        ("refs/pull/*", ["refs/pull/7/head"]),
    ):
        assert values(audited(repo, ref=glob)) == sorted(map(token, wanted))


def test_a_ref_and_since_together(repo: Repo) -> None:
    first = repo.snapshot({"a.yml": _line("first")})
    repo.snapshot({"b.yml": _line("second")}, [first], ref="refs/heads/one")
    repo.snapshot({"c.yml": _line("third")}, [first], ref="refs/heads/two")
    assert values(audited(repo, ref="one", since=first)) == [token("second")]


def test_a_path_glob_reads_those_files_alone(repo: Repo) -> None:
    repo.commit({"a/x.yml": _line("x"), "a/y.tf": _line("y"), "b/z.yml": _line("z")}, message=token("message"))
    for glob, wanted in (("a/*", "xy"), ("a", "xy"), ("a/", "xy"), ("*.yml", "xz"), ("b/z.yml", "z"), ("none", "")):
        assert values(audited(repo, path=glob)) == sorted(map(token, wanted))


def test_a_path_glob_finds_content_that_another_path_has_too(repo: Repo) -> None:
    repo.commit({"a/x.yml": _line("copied"), "b/x.yml": _line("copied")})
    for folder in "ab":
        assert only(audited(repo, path=f"{folder}/*"), token("copied")).path == f"{folder}/x.yml"


@pytest.mark.parametrize("name", ["nowhere", "-n", "--all", "", "HEAD:a.yml", "HEAD^{tree}", "a\nb"])
def test_a_wrong_revision_is_named(repo: Repo, name: str) -> None:
    repo.commit({"a.yml": "x\n"})
    if not name:
        assert audited(repo, since=name).coverage.complete
        return
    with pytest.raises(UsageError, match=r"(?s)^--since .*: no commit has that name in this repository$"):
        audited(repo, since=name)


def test_a_ref_glob_without_a_match_is_named(repo: Repo) -> None:
    repo.commit({"a.yml": "x\n"})
    with pytest.raises(UsageError, match=r"^--ref nothing/\*: no ref matches"):
        audited(repo, ref="nothing/*")


def test_what_is_no_repository_is_told_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"not a git repository\. To scan files as they are: secretsweep scan "):
        audited(tmp_path)
    with pytest.raises(UsageError, match=r"missing: no such file or folder$"):
        audited(tmp_path / "missing")


def test_what_cannot_be_entered_is_told(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from secretsweep.git.command import Git

    def refuse(self: Git, *args: str, **options: object) -> bytes:
        raise GitError("git rev-parse: cannot change to 'x': Permission denied")

    monkeypatch.setattr(Git, "run", refuse)
    with pytest.raises(GitError, match=r"repo: no permission to read it$"):
        audited(repo)


def test_a_repository_of_somebody_else_is_not_read_without_being_told(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.yml": _line("theirs")})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match=r"belongs to another user.*\n?.*safe\.directory"):
        audited(repo)


@pytest.mark.parametrize("url", ["ext::sh -c touch% canary", "ext::sh://x", "nothing://x", "file:///nowhere/at/all"])
def test_a_url_that_cannot_be_cloned_says_why_and_leaves_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(SecretsweepError):
        audited(url)
    assert os.listdir(tmp_path) == []


def test_a_url_with_a_token_is_told_without_it(tmp_path: Path) -> None:
    value = token("url")
    with pytest.raises(GitError) as told:
        audited(f"http://user:{value}@127.0.0.1:9/x.git")
    assert value not in str(told.value)
    assert "user" not in str(told.value)
    assert "http://127.0.0.1:9/x.git: cannot be cloned: " in str(told.value)


def test_the_number_of_jobs_changes_nothing_over_many_shards(repo: Repo) -> None:
    """Broken YAML with the same broken place in every version: what one worker remembers another has to learn."""
    tip = repo.snapshot({"x": "0\n"})
    for batch in range(3):
        files: dict[str | bytes, str | bytes] = {
            f"{batch}/{n}.yml": f"n: {n}\nbroken: [1, {{\npassword: {password('same')}\n" for n in range(300)
        }
        files |= {f"{batch}/{n}.tf": hcl(password(f"{batch} {n % 7}")) + f"# {n}\n" for n in range(300)}
        tip = repo.snapshot(files, [tip], ref="refs/heads/main")
    one, two, three = (audited(repo, jobs=jobs) for jobs in (1, 2, 3))
    assert len(one.credentials) == 22
    assert repr(two) == repr(one)
    assert rendered(three) == rendered(two) == rendered(one)


def test_what_is_explained_does_not_depend_on_the_number_of_jobs(repo: Repo) -> None:
    files: dict[str | bytes, str | bytes] = {f"{n}.tf": hcl("changeme") + f"# {n}\n" for n in range(600)}
    repo.snapshot(files, ref="refs/heads/main")
    one, two = (audited(repo, jobs=jobs, explain=True) for jobs in (1, 2))
    assert one.dismissed
    assert one.dismissed == two.dismissed


def test_a_path_that_nothing_has_is_said(repo: Repo) -> None:
    first = repo.commit({"app/a.yml": _line("a")})
    repo.commit({"lib/b.yml": _line("b")})
    asked = "so nothing was read: it is a folder, or a glob over a whole path from the top of the repository."
    report = audited(repo, path="aap/*")
    assert report.coverage.notes == (f"no file in this history matches --path aap/*, {asked}",)
    assert report.coverage.complete
    report = audited(repo, path="app", since=first)
    assert report.coverage.notes == (f"no file in the chosen commits matches --path app, {asked}",)
    assert "matches --path app" in rendered(report)
    assert audited(repo, path="app").coverage.notes == ()
    assert audited(repo).coverage.notes == ()
