"""One log tells which commit gave which path which content."""

from repositories import Repo

from secretsweep.git.command import Git
from secretsweep.git.log import Change, Log

NOTHING = b"0" * 40


def _log(repo: Repo, *options: str) -> Log:
    return Log(Git(str(repo.path)), 40, (), options)


def _changes(log: Log, *contents: str) -> list[Change]:
    found = list(log.touching({content.encode() for content in contents}))
    log.close()
    return found


def test_a_change_knows_its_commit_its_path_and_what_was_there_before(repo: Repo) -> None:
    one, two = repo.blob("1\n"), repo.blob("2\n")
    first = repo.snapshot({"a": "1\n"})
    second = repo.snapshot({"a": "2\n"}, [first], ref="refs/heads/main")
    changes = _changes(_log(repo, "--all"), one, two)
    assert [(c.commit.decode(), c.path, c.olds, c.new.decode()) for c in changes] == [
        (second, b"a", (one.encode(),), two),
        (first, b"a", (NOTHING,), one),
    ]
    assert [c.order for c in changes] == [1, 2]
    assert changes[0].when - changes[1].when == 3600


def test_a_merge_tells_what_it_alone_holds_with_all_its_parents(repo: Repo) -> None:
    ids = {name: repo.blob(name) for name in ("root", "left", "right", "merged")}
    root = repo.snapshot({"a": "root", "same": "x"})
    sides = [repo.snapshot({"a": name, "same": "x"}, [root]) for name in ("left", "right")]
    merge = repo.snapshot({"a": "merged", "same": "x"}, sides, ref="refs/heads/main")
    (change,) = (c for c in _changes(_log(repo, "--all"), ids["merged"]))
    assert (change.commit.decode(), change.path) == (merge, b"a")
    assert change.olds == (ids["left"].encode(), ids["right"].encode())


def test_contents_come_once_and_copies_apart(repo: Repo) -> None:
    first = repo.snapshot({"a": "1\n", "b": "1\n"})
    second = repo.snapshot({"a": "2\n", "c": "1\n"}, [first])
    repo.snapshot({"a": "1\n"}, [second], ref="refs/heads/main")
    seen: dict[bytes, bytes] = {}
    log = _log(repo, "--all")
    (chunk,) = log.contents(seen)
    log.close()
    one, two = repo.blob("1\n").encode(), repo.blob("2\n").encode()
    commits, contents, again = chunk
    assert [c.decode() for c in commits][1:] == [second, first]
    assert contents == [(one, b"a"), (two, b"a")]
    assert again == [(one, b"c"), (one, b"b")]
    assert seen == {one: b"a", two: b"a"}


def test_paths_that_are_not_wanted_leave_no_trace(repo: Repo) -> None:
    repo.snapshot({"a": "1\n", "b": "1\n"}, ref="refs/heads/main")
    seen: dict[bytes, bytes] = {}
    log = _log(repo, "--all")
    ((_, contents, again),) = log.contents(seen, lambda path: path == b"b")
    log.close()
    assert (contents, again) == ([(repo.blob("1\n").encode(), b"b")], [])


def test_submodules_are_no_content(repo: Repo) -> None:
    commit = repo.commit({"x": "1\n"})
    repo.run("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    repo.run("commit", "-q", "-m", "sub")
    log = _log(repo, "--all")
    ((_, contents, again),) = log.contents({})
    log.close()
    assert ([path for _, path in contents], again) == ([b"x"], [])


def test_without_revisions_there_is_nothing(repo: Repo) -> None:
    repo.commit({"x": "1\n"})
    log = Log(Git(str(repo.path)), 40, ())
    assert (list(log.contents({})), log.failed) == ([], False)
    log.close()


def test_a_log_that_fails_says_so(repo: Repo) -> None:
    log = Log(Git(str(repo.path)), 40, ["1" * 40])
    assert (list(log.contents({})), log.failed) == ([], True)
    log.close()
