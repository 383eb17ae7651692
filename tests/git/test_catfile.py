"""Objects by id, in the order in which they were asked for, whatever happens to one of them."""

import pytest
from repositories import Repo

from secretsweep.git import refs
from secretsweep.git.catfile import CatFile, Object, one, read
from secretsweep.git.command import Git, environment


def _ids(*names: str) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def test_objects_come_in_the_order_of_their_ids(repo: Repo) -> None:
    contents = [b"", b"x", b"\n\n", b"a\0b", bytes(range(256)) * 1000]
    ids = [repo.blob(content) for content in contents]
    assert list(read(Git(str(repo.path)), _ids(*ids))) == [
        Object(oid, "blob", content) for oid, content in zip(ids, contents, strict=True)
    ]


def test_what_is_missing_or_too_large_or_damaged_is_given_as_lost(repo: Repo) -> None:
    small, large, damaged, last = (repo.blob(text) for text in ("small", "large" * 100, "damaged" * 99, "last"))
    path = repo.path / ".git/objects" / damaged[:2] / damaged[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:14])
    found = list(read(Git(str(repo.path)), _ids(small, "1" * 40, large, damaged, damaged, last), largest=450))
    assert [(item.oid, item.lost, item.data) for item in found if item.oid != damaged] == [
        (small, "", b"small"),
        ("1" * 40, "missing", b""),
        (large, "too-large", b""),
        (last, "", b"last"),
    ]
    assert [bool(item.lost) for item in found if item.oid == damaged] == [True, True]


def test_nothing_asked_nothing_read(repo: Repo) -> None:
    assert list(read(Git(str(repo.path)), b"")) == []


def test_a_reader_that_stops_early_leaves_no_process(repo: Repo) -> None:
    ids = [repo.blob(f"{n}" * 10_000) for n in range(50)]
    reading = read(Git(str(repo.path)), _ids(*ids))
    assert next(reading).oid == ids[0]
    reading.close()  # type: ignore[attr-defined]  # an unended git would be a ResourceWarning, and so an error


def test_one_object_by_any_name(repo: Repo) -> None:
    repo.commit({"a.yml": "a: 1\n"})
    git = Git(str(repo.path))
    assert one(git, "HEAD:a.yml") == b"a: 1\n"
    assert one(git, "HEAD:b.yml") is None


def test_a_damaged_object_does_not_cost_the_next_one(repo: Repo) -> None:
    good, damaged = repo.blob("good"), repo.blob("damaged" * 99)
    path = repo.path / ".git/objects" / damaged[:2] / damaged[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:14])
    contents = CatFile(Git(str(repo.path)))
    names = (good, damaged, good, "a\nb", "no such name", good)
    assert [contents.get(name).data for name in names] == [b"good", b"", b"good", b"", b"", b"good"]
    contents.close()


def test_refs_are_peeled(repo: Repo) -> None:
    commit = repo.commit({"x": "1\n"})
    blob, tree = repo.blob("b"), repo.text("rev-parse", "HEAD^{tree}")
    repo.run("tag", "-a", "v1", "-m", "one", commit)
    repo.run("tag", "-a", "v2", "-m", "a tag of a tag", "v1")
    repo.run("update-ref", "refs/tags/blob", blob)
    repo.run("update-ref", "refs/tags/tree", tree)
    assert refs.every(Git(str(repo.path))) == [
        refs.Ref("refs/heads/main", commit, "commit"),
        refs.Ref("refs/tags/blob", blob, "blob"),
        refs.Ref("refs/tags/tree", tree, "tree"),
        refs.Ref("refs/tags/v1", commit, "commit"),
        refs.Ref("refs/tags/v2", commit, "commit"),
    ]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("refs/heads/main", "main"),
        ("refs/remotes/origin/main", "origin/main"),
        ("refs/tags/v1", "v1"),
        ("refs/pull/7/head", "pull/7/head"),
        ("refs/notes/commits", "notes/commits"),
    ],
)
def test_a_ref_is_shown_as_people_write_it(name: str, short: str) -> None:
    assert refs.short(name) == short


def test_no_variable_points_git_elsewhere(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG"):
        monkeypatch.setenv(name, "/nowhere")
    for name in ("GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_SHALLOW_FILE", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("GIT_TRACE", "1")
    assert "/nowhere" not in environment().values()
    assert Git(str(repo.path)).text("rev-parse", "--is-bare-repository") == "false"
