"""A scanned repository is hostile: nothing of it runs, nothing of it hides, and it cannot use up the machine."""

import os
from pathlib import Path

import pytest
from repositories import Repo, Seen, audited, credential, only, reasons, rendered, seen, token, values
from traps import trap


def _line(name: str) -> str:
    return f"token: {token(name)}\n"


@pytest.fixture
def trapped(repo: Repo, tmp_path: Path) -> tuple[Repo, Path]:
    return repo, trap(repo, tmp_path, _line("first"))


def test_no_program_that_a_repository_names_is_started(trapped: tuple[Repo, Path]) -> None:
    repo, canary = trapped
    repo.path.joinpath("staged.yml").write_text(_line("dangling"))
    report = audited(repo, jobs=2)
    assert not canary.exists()
    place = only(report, token("first"))
    assert (place.path, place.line, place.in_head, place.branches) == ("a.yml", 2, True, ("main",))
    assert reasons(report) == []


def test_the_trap_of_these_tests_works(trapped: tuple[Repo, Path]) -> None:
    """git itself, asked without care, runs into it: else the test above would prove nothing."""
    repo, canary = trapped
    repo.run("-c", "diff.orderFile=", "status", fails=False)
    repo.run("-c", "diff.orderFile=", "log", "-p", fails=False)
    assert canary.exists()


def test_no_program_is_started_when_it_is_cloned_from_a_url(trapped: tuple[Repo, Path]) -> None:
    repo, canary = trapped
    report = audited(repo.url)
    assert not canary.exists()
    assert only(report, token("first")).in_head


def test_a_setting_that_git_cannot_read_is_reported_and_costs_no_finding(repo: Repo) -> None:
    repo.commit({"a.yml": _line("any")})
    with (repo.path / ".git/config").open("a") as config:
        config.write("[diff]\n\tcontext = many\n\tinterHunkContext = x\n")
    report = audited(repo)
    assert values(report) == [token("any")]
    assert report.coverage.complete or "corrupt" in dict(reasons(report))


def test_replaced_and_grafted_commits_are_still_read(repo: Repo) -> None:
    root = repo.commit({"x": "1\n"})
    hidden = repo.commit({"a.yml": _line("hidden")})
    tip = repo.commit({"a.yml": "x\n"})
    clean = repo.snapshot({"x": "1\n"}, [root])
    repo.run("replace", hidden, clean)
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/grafts").write_text(f"{tip} {root}\n")
    assert seen(only(audited(repo), token("hidden"))) == Seen("a.yml", 1, 8, hidden, tip, False, "refs")


def test_a_replaced_blob_is_still_read(repo: Repo) -> None:
    commit = repo.commit({"a.yml": _line("replaced")})
    repo.run("replace", repo.text("rev-parse", "HEAD:a.yml"), repo.blob("nothing: here\n"))
    assert only(audited(repo), token("replaced")).introduced.commit == commit  # type: ignore[union-attr]


def test_a_commit_graph_that_hides_history_is_not_believed(repo: Repo) -> None:
    first = repo.commit({"a.yml": _line("graph")})
    repo.commit({"a.yml": "x\n"})
    repo.run("commit-graph", "write", "--reachable")
    graph = repo.path / ".git/objects/info/commit-graph"
    data = bytearray(graph.read_bytes())
    at = data.rindex(bytes.fromhex(first))
    graph.chmod(0o644)
    data[at + 20 : at + 60] = b"\0" * 40
    graph.write_bytes(data)
    report = audited(repo)
    assert only(report, token("graph")).introduced.commit == first  # type: ignore[union-attr]
    assert report.coverage.complete


NAMES = (
    b"new\nline.yml",
    b"\nfirst.yml",
    b"\x01control.yml",
    b"tab\there.yml",
    b":colon.yml",
    b"::two.yml",
    b"\n:100644 000000 a b M.yml",
    b":(glob)magic.yml",
    b"esc\x1b[31mred\x1b]0;title\x07.yml",
    b"latin-\xe9.yml",
    b"\xff\xfe.yml",
    b"a!b.yml",
    b" space .yml",
    b"quo\"te'.yml",
    b"back\\slash.yml",
    b"-n.yml",
    b"--.yml",
    "Übergröße-日本.yml".encode(),
    b"bidi-\xe2\x80\xae.yml",
    b"sep-\xe2\x80\xa8.yml",
    b"x" * 250 + b".yml",
    b"deep/" * 100 + b"a.yml",
    b"*.yml",
    b"a b/c d.yml",
)


def test_every_name_that_git_can_hold_is_told_with_its_commits(repo: Repo) -> None:
    root = repo.snapshot({"x": "1\n"})
    first = repo.snapshot({name: _line(repr(name)) for name in NAMES}, [root])
    second = repo.snapshot({name: "# edited\n" + _line(repr(name)) for name in NAMES}, [first])
    kept = NAMES[::2]
    gone = repo.snapshot({name: _line(repr(name)) for name in kept}, [second], ref="refs/heads/main")
    report = audited(repo)
    for name in NAMES:
        path = os.fsdecode(name)
        if name in kept:
            wanted = Seen(path, 1, 8, first, None, True, "refs", ("main",))
        else:
            wanted = Seen(path, 1, 8, first, gone, False, "refs")
        assert seen(only(report, token(repr(name)))) == wanted
    text = rendered(report)
    assert "\x1b" not in text
    text.encode()


def test_names_survive_chunks_of_any_size(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is parsed in pieces; a piece may end anywhere."""
    first = repo.snapshot({name: _line(repr(name)) for name in NAMES})
    repo.snapshot({name: "x\n" + _line(repr(name)) for name in NAMES}, [first], ref="refs/heads/main")
    whole = audited(repo)
    for size in (97, 333, 1000, 4096):
        monkeypatch.setattr("secretsweep.git.log.CHUNK", size)
        assert repr(audited(repo)) == repr(whole)


@pytest.mark.parametrize("name", ["x\u2028y", "x\u0085y", "zero\u200bwidth", "nb\u00a0sp", "ümlaut", "bidi\u202e"])
def test_a_ref_with_a_strange_name_stops_nothing(repo: Repo, name: str) -> None:
    commit = repo.snapshot({"a.yml": _line("odd ref")}, ref=f"refs/heads/{name}")
    repo.run("update-ref", f"refs/tags/{name}", commit)
    assert seen(only(audited(repo), token("odd ref"))) == Seen(
        "a.yml", 1, 8, commit, None, False, "refs", (name,), (name,)
    )


def test_a_repository_inside_is_not_opened(repo: Repo) -> None:
    """A submodule's commit is no content; its own repository is another audit."""
    commit = repo.commit({"x": "1\n"})
    repo.run("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    repo.run("commit", "-q", "-m", "sub")
    report = audited(repo)
    assert (report.credentials, reasons(report)) == ((), [])


def test_an_allowing_comment_counts_only_when_the_repository_is_trusted(repo: Repo) -> None:
    repo.commit({"a.yml": f"token: {token('allowed')} # secretsweep:allow nothing to see\n"})
    assert values(audited(repo)) == []
    assert values(audited(repo, trusted=False)) == [token("allowed")]


def test_a_ref_that_points_nowhere_costs_no_finding(repo: Repo) -> None:
    commit = repo.commit({"a.yml": _line("present")})
    (repo.path / ".git/refs/heads/broken").write_text("1234567890" * 4 + "\n")
    (repo.path / ".git/refs/tags/empty").write_text("")
    report = audited(repo)
    assert seen(only(report, token("present"))) == Seen("a.yml", 1, 8, commit, None, True, "refs", ("main",))
    assert "corrupt" in dict(reasons(report))


def _loose(repo: Repo, oid: str) -> Path:
    path = repo.path / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("damage", ["cut", "emptied", "noise"])
def test_a_damaged_loose_blob_is_reported_and_the_rest_is_found(repo: Repo, damage: str) -> None:
    text = _line("lost") + "".join(f"n{n}: {token(str(n))[4:]}\n" for n in range(50))
    repo.commit({"a.yml": _line("one"), "m.yml": text, "z.yml": _line("two")})
    oid = repo.text("rev-parse", "HEAD:m.yml")
    path = _loose(repo, oid)
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "emptied": b"", "noise": b"noise" * 30}[damage])
    report = audited(repo)
    assert values(report) == sorted([token("one"), token("two")])
    assert [(s.reason, s.path, s.oid) for s in report.coverage.skipped] == [("corrupt", "m.yml", oid)]


@pytest.mark.parametrize("damage", ["cut", "emptied", "noise"])
def test_a_damaged_object_that_nothing_reaches_is_reported_too(repo: Repo, damage: str) -> None:
    repo.commit({"a.yml": _line("one")})
    oid = repo.blob(_line("lost") + "".join(f"n{n}: {token(str(n))[4:]}\n" for n in range(50)))
    path = _loose(repo, oid)
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "emptied": b"", "noise": b"noise" * 30}[damage])
    report = audited(repo)
    assert values(report) == [token("one")]
    assert [(s.reason, s.oid) for s in report.coverage.skipped] == [("corrupt", oid)]


@pytest.mark.parametrize("what", ["HEAD~1^{tree}", "HEAD~1", "refs/stash", "side^{tree}", "side"])
def test_a_damaged_tree_or_commit_is_reported_and_the_rest_is_found(repo: Repo, what: str) -> None:
    repo.commit({"a.yml": _line("oldest")})
    repo.commit({"b.yml": _line("middle")})
    repo.commit({"c.yml": _line("newest")})
    repo.snapshot({"s.yml": _line("side")}, ref="refs/heads/side")
    repo.write("c.yml", _line("stashed"))
    repo.run("stash", "push", "-q")
    _loose(repo, repo.text("rev-parse", what)).write_bytes(b"noise" * 20)
    report = audited(repo)
    assert set(values(report)) == {token(name) for name in ("oldest", "middle", "newest", "side", "stashed")}
    assert "corrupt" in {reason for reason, _ in reasons(report)}
    head = [o.in_head for o in credential(report, token("newest")).occurrences]
    assert head == [True]


def _packed(repo: Repo) -> tuple[Path, bytes]:
    repo.run("gc", "-q")
    pack = next((repo.path / ".git/objects/pack").glob("*.pack"))
    pack.chmod(0o644)
    return pack, pack.read_bytes()


def test_a_corrupt_pack_is_reported_and_the_rest_is_found(repo: Repo) -> None:
    names = [f"{n}.yml" for n in range(40)]
    repo.commit({name: f"{token('pad ' + name)[4:]}\n{_line(name)}" for name in names})
    pack, data = _packed(repo)
    listed = repo.text("verify-pack", "-v", str(pack.with_suffix(".idx")))
    victim = repo.text("rev-parse", "HEAD:7.yml")
    offset, size = next((int(x[4]), int(x[3])) for x in map(str.split, listed.splitlines()) if x[0] == victim)
    damaged = bytearray(data)
    damaged[offset + 8 : offset + size - 4] = bytes(b ^ 0x5A for b in damaged[offset + 8 : offset + size - 4])
    pack.write_bytes(damaged)
    report = audited(repo, jobs=2)
    assert values(report) == sorted(token(name) for name in names if name != "7.yml")
    assert reasons(report) == [("corrupt", "7.yml")]


def test_a_pack_that_was_cut_off_is_reported(repo: Repo) -> None:
    repo.commit({"a.yml": _line("packed away")})
    pack, data = _packed(repo)
    repo.commit({"b.yml": _line("loose still")})
    pack.write_bytes(data[: len(data) // 2])
    report = audited(repo)
    assert values(report) == [token("loose still")]
    assert not report.coverage.complete


def test_a_pack_index_that_is_noise_is_reported(repo: Repo) -> None:
    repo.commit({"a.yml": _line("packed away")})
    pack, _ = _packed(repo)
    repo.commit({"b.yml": _line("loose still")})
    index = pack.with_suffix(".idx")
    index.chmod(0o644)
    index.write_bytes(b"noise" * 300)
    report = audited(repo)
    assert values(report) == [token("loose still")]
    assert not report.coverage.complete


def _dying(monkeypatch: pytest.MonkeyPatch, victims: tuple[str, ...]) -> None:
    from secretsweep.detect.engine import Engine

    scan = Engine.scan

    def deadly(self: Engine, blob: object, lost: list[object]) -> object:
        if blob.path in victims:  # type: ignore[attr-defined]
            os._exit(9)
        return scan(self, blob, lost)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "scan", deadly)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_dies_loses_one_object(repo: Repo, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    repo.commit({f"{n}.yml": f"# {n}\n{_line(str(n % 20))}" for n in range(400)} | {"deadly.yml": "x: 1\n"})
    _dying(monkeypatch, ("deadly.yml",))
    report = audited(repo, jobs=jobs)
    assert values(report) == sorted(token(str(n)) for n in range(20))
    assert reasons(report) == [("worker-died", "deadly.yml")]
    assert all(len(c.occurrences) == 20 for c in report.credentials)


def test_workers_that_keep_dying_end_the_audit_with_what_was_found(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({f"{n}.yml": f"# {n}\n{_line(str(n))}" for n in range(300)})
    repo.commit({}, message=token("in a message"))
    _dying(monkeypatch, tuple(f"{n}.yml" for n in range(300)))
    report = audited(repo, jobs=2)
    assert {reason for reason, _ in reasons(report)} == {"worker-died"}
    assert report.coverage.blobs < 300


def test_an_object_that_a_parser_cannot_stand_is_reported(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from secretsweep.detect.engine import Engine

    scan = Engine.scan

    def failing(self: Engine, blob: object, lost: list[object]) -> object:
        if blob.path == "m.yml":  # type: ignore[attr-defined]
            raise RuntimeError(token("quoted by an error"))
        return scan(self, blob, lost)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "scan", failing)
    repo.commit({"a.yml": _line("one"), "m.yml": "x\n", "z.yml": _line("two")})
    report = audited(repo)
    assert values(report) == sorted([token("one"), token("two")])
    assert reasons(report) == [("unreadable", "m.yml")]
    assert token("quoted by an error") not in repr(report)


def test_ctrl_c_ends_the_workers_and_keeps_what_was_found(repo: Repo) -> None:
    from multiprocessing import active_children

    from repositories import target

    from secretsweep.app.audit import Request, audit
    from secretsweep.detect.gate import cache_folder
    from secretsweep.rules import load

    repo.commit({f"{n}.yml": f"# {n}\n{_line(str(n % 5))}" for n in range(2000)})
    calls: list[int] = []

    def stop(done: int, total: int, size: int, findings: int) -> None:
        calls.append(findings)
        if len(calls) > 3:
            raise KeyboardInterrupt

    request = Request(load.load(), "sha256:test", jobs=2, cache=cache_folder())
    with target(repo) as repository:
        report, interrupted = audit(repository, request, stop)
    assert interrupted
    assert active_children() == []
    assert [reason for reason, _ in reasons(report)] == ["interrupted"]
    assert len(report.credentials) in range(6)
