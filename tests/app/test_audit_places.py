"""One repository that holds each place of a git history once: every one is found, with who, when and how."""

import base64
import gzip
import io
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from repositories import Repo, Seen, audited, credential, only, password, reasons, rendered, seen, token

from secretsweep.model import Report


@dataclass
class Everywhere:
    """The repository, what an audit has to say of each place, and what it said."""

    repo: Repo
    wanted: dict[str, tuple[str, Seen]] = field(default_factory=dict)
    trails: dict[str, tuple[str, ...]] = field(default_factory=dict)
    report: Report | None = None

    def add(
        self,
        name: str,
        path: str,
        commit: str | None,
        *,
        value: str = "",
        line: int = 1,
        column: int = 8,
        removed: str | None = None,
        head: bool = True,
        reachable: str = "refs",
        branches: tuple[str, ...] | None = None,
        tags: tuple[str, ...] = (),
        trail: tuple[str, ...] = (),
    ) -> None:
        if branches is None:
            branches = ("main",) if head else ()
        self.wanted[name] = (
            value or token(name),
            Seen(path, line, column, commit, removed, head, reachable, branches, tags),
        )
        self.trails[name] = trail


def _line(name: str) -> str:
    return f"token: {token(name)}\n"


def _zip(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _tar(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _gzip(data: bytes | str) -> bytes:
    return gzip.compress(data.encode() if isinstance(data, str) else data, mtime=0)


def _on_refs(all_: Everywhere) -> None:
    repo, add = all_.repo, all_.add
    commit = repo.snapshot({"branch.yml": _line("branch")}, ref="refs/heads/feature")
    add("branch", "branch.yml", commit, head=False, branches=("feature",))
    commit = repo.snapshot({"remote.yml": _line("remote")}, ref="refs/remotes/origin/topic")
    add("remote-tracking branch", "remote.yml", commit, value=token("remote"), head=False, branches=("origin/topic",))
    commit = repo.snapshot({"light.yml": _line("light")}, ref="refs/tags/light")
    add("light tag", "light.yml", commit, value=token("light"), head=False, tags=("light",))
    commit = repo.snapshot({"annotated.yml": _line("annotated")})
    repo.run("tag", "-a", "v1", "-m", f"Release\n\ndeploy with {token('tag message')}", commit)
    add("annotated tag", "annotated.yml", commit, value=token("annotated"), head=False, tags=("v1",))
    tag = repo.text("rev-parse", "refs/tags/v1")
    add("tag message", f"tag-message:{tag[:12]}", None, line=3, column=13, head=False, reachable="tag-message")
    commit = repo.snapshot({"pull.yml": _line("pull")}, ref="refs/pull/7/head")
    add("pull request", "pull.yml", commit, value=token("pull"), head=False)


def _on_main(all_: Everywhere) -> None:
    repo, add = all_.repo, all_.add
    first = repo.commit({"readme.txt": "hello\n", "deleted.yml": _line("deleted"), "old/name.yml": _line("renamed")})
    gone = repo.commit({"deleted.yml": None})
    add("deleted", "deleted.yml", first, removed=gone, head=False)
    (repo.path / "new").mkdir()
    (repo.path / "old/name.yml").rename(repo.path / "new/name.yml")
    all_.renamed = (first, repo.commit({}))  # type: ignore[attr-defined]

    commit = repo.commit({"copy-a.yml": _line("copied")})
    all_.copied = (commit, repo.commit({"copy-b.yml": _line("copied")}))  # type: ignore[attr-defined]

    commit = repo.commit({}, message=f"Fix deploy\n\nuse {token('commit message')} for now\n")
    add(
        "commit message",
        f"commit-message:{commit[:12]}",
        None,
        line=3,
        column=5,
        head=False,
        reachable="commit-message",
    )

    url = f'[submodule "x"]\n\tpath = x\n\turl = https://x-access-token:{token("submodule")}@github.com/acme/x.git\n'
    commit = repo.commit({".gitmodules": url})
    add("submodule", ".gitmodules", commit, line=3, column=31)

    (repo.path / "link").symlink_to(f"https://oauth2:{token('symlink')}@gitlab.example.org/x")
    add("symlink", "link", repo.commit({}), column=16)

    filler = "".join(f"line {n} of a long but boring log file of a machine\n" for n in range(110_000))
    assert len(filler) > 5_000_000
    commit = repo.commit({"large.log": filler + _line("large")})
    add("above 5 MB", "large.log", commit, value=token("large"), line=110_001)


def _encoded(all_: Everywhere) -> None:
    repo, add = all_.repo, all_.add
    for name in ("utf-16-le", "utf-16-be"):
        text = f"\ufeff# für die Übergabe\r\n{_line(name)}"
        add(name, f"{name}.yml", repo.commit({f"{name}.yml": text.encode(name)}), line=2)
    add(
        "latin-1",
        "latin-1.txt",
        repo.commit({"latin-1.txt": f"# Grüße\nö = {_line('latin-1')}".encode("latin-1")}),
        line=2,
        column=12,
    )

    script = f"#!/bin/sh\nexport GITHUB_TOKEN={token('base64')}\n"
    commit = repo.commit({"user-data.txt": "data: " + base64.b64encode(script.encode()).decode() + "\n"})
    add("base64", "user-data.txt", commit, column=7, trail=("base64",))
    wrapped = base64.encodebytes(
        f"#!/bin/sh\n{'# comment' * 20}\nexport T={token('wrapped base64')}\n".encode()
    ).decode()
    add("wrapped base64", "wrapped.txt", repo.commit({"wrapped.txt": wrapped}), column=1, trail=("base64",))
    twice = base64.b64encode(_gzip(f"export T={token('gzip in base64')}\n")).decode()
    commit = repo.commit({"cloud.txt": f"user: {twice}\n"})
    add("gzip in base64", "cloud.txt", commit, column=7, trail=("base64", "gzip"))
    text = f"export GITHUB_TOKEN={token('hex')}\n".encode().hex()
    add("hex", "dump.txt", repo.commit({"dump.txt": f"blob {text}\n"}), column=6, trail=("hex",))
    url = quote(f"postgres://app:{password('percent')}@db.acme.internal/app", safe="")
    commit = repo.commit({"url.txt": f"open {url}\n"})
    add("percent", "url.txt", commit, value=password("percent"), column=29, trail=("percent",))


def _packed(all_: Everywhere) -> None:
    repo, add = all_.repo, all_.add
    commit = repo.commit({"files.zip": _zip({"readme": "hello", "conf/app.yml": "a: 1\n" + _line("zip")})})
    add("zip", "files.zip!conf/app.yml", commit, line=2)
    commit = repo.commit({"files.tar": _tar({"readme": "hello", "conf/app.yml": _line("tar")})})
    add("tar", "files.tar!conf/app.yml", commit)
    commit = repo.commit({"files.tar.gz": _gzip(_tar({"conf/app.yml": _line("tar.gz")}))})
    add("tar.gz", "files.tar.gz!conf/app.yml", commit)
    commit = repo.commit({"app.yml.gz": _gzip(_line("gz"))})
    add("gz", "app.yml.gz!app.yml", commit)
    chart = _gzip(_tar({"acme/Chart.yaml": "name: acme\n", "acme/values.yaml": "image: x\n" + _line("chart")}))
    add("chart", "charts/acme-1.0.tgz!acme/values.yaml", repo.commit({"charts/acme-1.0.tgz": chart}), line=2)
    state = f'{{"version": 4, "resources": [{{"values": {{"password": "{password("plan")}"}}}}]}}'
    plan = _zip({"tfplan": b"\x0a\x03\x00\x01", "tfstate": state, "tfconfig/m-/main.tf": 'resource "x" "y" {}\n'})
    commit = repo.commit({"out.tfplan": plan})
    add("terraform plan", "out.tfplan!tfstate", commit, value=password("plan"), column=state.index("Tr0ub") + 1)
    nested = _gzip(_tar({"inner/x.zip": _zip({"app.yml": _line("zip in tar.gz")})}))
    add("zip in tar.gz", "nested.tgz!inner/x.zip!app.yml", repo.commit({"nested.tgz": nested}))


def _merged(all_: Everywhere) -> None:
    repo, add = all_.repo, all_.add
    base = {"merge.yml": "a: 1\n", "octopus.yml": "a: 1\n"}
    root = repo.snapshot(base)
    sides = [repo.snapshot(base | {f"side-{n}": f"{n}\n"}, [root]) for n in range(5)]
    two = repo.snapshot(base | {"merge.yml": _line("merge")}, sides[:2], ref="refs/heads/evil")
    add("evil merge", "merge.yml", two, value=token("merge"), head=False, branches=("evil",))
    many = repo.snapshot(base | {"octopus.yml": _line("octopus")}, sides[2:], ref="refs/heads/octopus")
    add("octopus merge", "octopus.yml", many, value=token("octopus"), head=False, branches=("octopus",))


def _hidden(all_: Everywhere) -> None:
    """What no branch and no tag has; last, as stashes and resets follow HEAD."""
    repo, add = all_.repo, all_.add
    for name, options in (("stash 2", ()), ("stash 1", ()), ("stash 0", ("--include-untracked",))):
        repo.write("readme.txt", _line(name))
        if options:
            repo.write("untracked.yml", _line("untracked in a stash"))
        repo.run("stash", "push", "-q", *options)
        add(name, "readme.txt", None, head=False, reachable="stash")
    add("untracked in a stash", "untracked.yml", None, head=False, reachable="stash")

    repo.commit({"reset.yml": _line("reset")})
    repo.run("reset", "-q", "--hard", "HEAD~1")
    add("reset", "reset.yml", None, head=False, reachable="reflog")
    repo.commit({"amended.yml": _line("amended")})
    repo.commit({"amended.yml": "token: from vault\n"}, amend=True)
    add("amended", "amended.yml", None, head=False, reachable="reflog")

    loose = repo.blob(_line("loose"))
    add("loose", f"object:{loose[:12]}", None, head=False, reachable="unreachable")
    packed = repo.blob(_line("packed"))
    repo.run("pack-objects", "-q", ".git/objects/pack/pack", data=f"{packed}\n".encode())
    repo.run("prune-packed")
    add("packed", f"object:{packed[:12]}", None, head=False, reachable="unreachable")
    repo.tree({"lost/and/found.yml": _line("dangling tree")})
    add("dangling tree", "lost/and/found.yml", None, head=False, reachable="unreachable")
    repo.snapshot({"dropped.yml": _line("dropped commit")})
    add("dropped commit", "dropped.yml", None, head=False, reachable="unreachable")

    head = repo.text("rev-parse", "HEAD")
    repo.run("notes", "add", "-m", f"checked\n\n{token('note')}", head)
    add("note", _noted(repo, "commits"), None, line=3, column=1, head=False, reachable="note")
    repo.run("notes", "--ref", "review/deep", "add", "-m", token("note of another ref"), head)
    path = _noted(repo, "review/deep")
    add("note of another ref", path, None, column=1, head=False, reachable="note")

    repo.write("staged.yml", _line("staged"))
    repo.run("add", "staged.yml")
    add("staged", "staged.yml", None, head=False, reachable="index")


def _noted(repo: Repo, name: str) -> str:
    return repo.text("ls-tree", "-r", "--name-only", f"refs/notes/{name}")


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Everywhere:
    found = Everywhere(Repo(tmp_path_factory.mktemp("everywhere") / "repo"))
    for part in (_on_refs, _on_main, _encoded, _packed, _merged, _hidden):
        part(found)
    found.report = audited(found.repo)
    return found


PLACES = (
    "branch", "remote-tracking branch", "light tag", "annotated tag", "tag message", "pull request",
    "deleted", "commit message", "submodule", "symlink", "above 5 MB",
    "utf-16-le", "utf-16-be", "latin-1", "base64", "wrapped base64", "gzip in base64", "hex", "percent",
    "zip", "tar", "tar.gz", "gz", "chart", "terraform plan", "zip in tar.gz",
    "evil merge", "octopus merge",
    "stash 0", "stash 1", "stash 2", "untracked in a stash", "reset", "amended", "loose", "packed", "dangling tree",
    "dropped commit", "note", "note of another ref", "staged",
)  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_a_credential_is_found_with_its_place_commit_and_reach(everywhere: Everywhere, name: str) -> None:
    value, wanted = everywhere.wanted[name]
    assert everywhere.report is not None
    assert seen(only(everywhere.report, value)) == wanted


@pytest.mark.parametrize("name", PLACES)
def test_the_trail_names_the_encodings_on_the_way(everywhere: Everywhere, name: str) -> None:
    assert everywhere.report is not None
    assert only(everywhere.report, everywhere.wanted[name][0]).trail == everywhere.trails[name]


def test_every_place_is_tested(everywhere: Everywhere) -> None:
    assert sorted(everywhere.wanted) == sorted(PLACES)


def test_nothing_else_is_found(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    wanted = {value for value, _ in everywhere.wanted.values()} | {token("renamed"), token("copied")}
    assert {c.secret.reveal().decode() for c in everywhere.report.credentials} == wanted


def test_a_renamed_file_is_two_places_of_one_credential(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    first, second = everywhere.renamed  # type: ignore[attr-defined]
    found = credential(everywhere.report, token("renamed"))
    assert [seen(o) for o in found.occurrences] == [
        Seen("new/name.yml", 1, 8, second, None, True, "refs", ("main",)),
        Seen("old/name.yml", 1, 8, first, second, False, "refs"),
    ]
    assert (found.introduced and found.introduced.commit, found.removed, found.in_head) == (first, None, True)


def test_a_copied_file_is_two_places_of_one_credential(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    first, second = everywhere.copied  # type: ignore[attr-defined]
    found = credential(everywhere.report, token("copied"))
    assert [seen(o) for o in found.occurrences] == [
        Seen("copy-a.yml", 1, 8, first, None, True, "refs", ("main",)),
        Seen("copy-b.yml", 1, 8, second, None, True, "refs", ("main",)),
    ]
    assert found.introduced and found.introduced.commit == first


def test_git_itself_says_that_the_commit_introduced_it_and_no_parent_had_it(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    repo = everywhere.repo
    checked = 0
    for found in everywhere.report.credentials:
        for place in found.occurrences:
            if place.reachable != "refs" or place.trail or "!" in place.path or place.path.startswith("utf-16"):
                continue
            value = found.secret.reveal()
            assert place.introduced and place.introduced.commit
            commit = place.introduced.commit
            assert value in repo.run("show", f"{commit}:{place.path}")
            for parent in repo.text("rev-parse", f"{commit}^@").split():
                assert value not in repo.run("show", f"{parent}:{place.path}", fails=False)
            if place.removed:
                assert value not in repo.run("show", f"{place.removed.commit}:{place.path}", fails=False)
            checked += 1
    assert checked == 16


def test_author_and_date_are_those_of_the_introducing_commit(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    repo = everywhere.repo
    for name in PLACES:
        place = only(everywhere.report, everywhere.wanted[name][0])
        if place.introduced and place.introduced.commit:
            said = repo.text("show", "-s", "--format=%an <%ae>|%aI", place.introduced.commit)
            assert f"{place.introduced.author}|{place.introduced.when}" == said


def test_everything_was_read(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    coverage = everywhere.report.coverage
    listed = everywhere.repo.text("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize)")
    types = [line.split() for line in listed.splitlines()]
    assert (coverage.complete, reasons(everywhere.report)) == (True, [])
    assert coverage.objects == len(types)
    assert coverage.commits == sum(kind == "commit" for kind, _ in types)
    assert coverage.blobs == sum(kind == "blob" for kind, _ in types)
    assert coverage.bytes == sum(int(size) for kind, size in types if kind != "tree")


def test_twice_and_with_two_workers_the_report_is_the_same_byte_for_byte(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    for jobs in (1, 2, 2):
        again = audited(everywhere.repo, jobs=jobs)
        assert repr(again) == repr(everywhere.report)
        assert rendered(again) == rendered(everywhere.report)


def test_a_report_holds_no_value(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    text = rendered(everywhere.report) + repr(everywhere.report)
    assert [v for v, _ in everywhere.wanted.values() if v in text] == []


def _values_on_refs(everywhere: Everywhere) -> set[str]:
    reached = ("refs", "note", "tag-message", "commit-message")
    found = {value for value, at in everywhere.wanted.values() if at.reachable in reached}
    return found | {token("renamed"), token("copied"), token("stash 0"), token("untracked in a stash")}


def test_a_mirror_clone_has_all_that_refs_reach(everywhere: Everywhere, tmp_path: Path) -> None:
    assert everywhere.report is not None
    mirror = everywhere.repo.clone(tmp_path / "mirror.git", "--mirror")
    report = audited(mirror)
    assert {c.secret.reveal().decode() for c in report.credentials} == _values_on_refs(everywhere)
    for name in PLACES:
        value, wanted = everywhere.wanted[name]
        if wanted.reachable != "index" and value in _values_on_refs(everywhere):
            assert seen(only(report, value)) == wanted
    ids = {c.secret: c.id for c in everywhere.report.credentials}
    assert {c.secret: c.id for c in report.credentials} == {c.secret: ids[c.secret] for c in report.credentials}


def test_a_url_is_cloned_into_a_folder_that_is_gone_afterwards(
    everywhere: Everywhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    report = audited(everywhere.repo.url)
    assert {c.secret.reveal().decode() for c in report.credentials} == _values_on_refs(everywhere)
    assert list(tmp_path.iterdir()) == []
    assert report.target.path == everywhere.repo.url
    assert report.target.head == everywhere.repo.text("rev-parse", "HEAD")


def test_the_same_from_a_subfolder(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    report = audited(everywhere.repo.path / "charts")
    assert report.credentials == everywhere.report.credentials


def test_the_same_from_the_git_folder(everywhere: Everywhere) -> None:
    assert everywhere.report is not None
    report = audited(everywhere.repo.path / ".git")
    assert report.credentials == everywhere.report.credentials
