"""Who brought a credential to a path, who took it away, and what still has it: over all versions of the path."""

import base64
from pathlib import Path

import pytest
from repositories import ADA, START, Repo, Seen, audited, credential, hcl, only, password, seen, token

BOB = "Bob <bob@example.org>"
EVE = "Eve <eve@example.org>"


def _line(name: str) -> str:
    return f"token: {token(name)}\n"


def _commits(repo: Repo, value: str) -> tuple[str | None, str | None, bool]:
    """Introduced, removed and in HEAD, as the credential has them."""
    found = credential(audited(repo), value)
    return (
        found.introduced.commit if found.introduced else None,
        found.removed.commit if found.removed else None,
        found.in_head,
    )


def test_one_value_plain_and_encoded_in_forty_commits_is_one_credential(repo: Repo) -> None:
    value = token("many")
    encoded = base64.b64encode(f"export TOKEN={value}\n".encode()).decode()
    first = repo.snapshot({"a.yml": f"token: {value}\n", "b.txt": f"data: {encoded}\n"})
    tip = first
    for number in range(40):
        tip = repo.snapshot(
            {"a.yml": f"n: {number}\ntoken: {value}\n", "b.txt": f"{number}\ndata: {encoded}\n"},
            [tip],
            ref="refs/heads/main",
        )
    report = audited(repo)
    assert len(report.credentials) == 1
    found = credential(report, value)
    assert [(o.path, o.line, o.trail, o.versions) for o in found.occurrences] == [
        ("a.yml", 2, (), 41),
        ("b.txt", 2, ("base64",), 41),
    ]
    assert {o.introduced.commit for o in found.occurrences if o.introduced} == {first}
    assert found.introduced and found.introduced.commit == first


def test_an_edit_beside_the_credential_introduces_nothing(repo: Repo) -> None:
    value = password("edited")
    first = repo.snapshot({"db.tf": hcl(value)}, author=BOB)
    tip = first
    for number in range(40):
        above = "# a comment\n" * number
        tip = repo.snapshot({"db.tf": above + hcl(value)}, [tip], author=EVE, ref="refs/heads/main")
    place = only(audited(repo), value)
    assert (seen(place), place.versions) == (Seen("db.tf", 41, 15, first, None, True, "refs", ("main",)), 40)
    assert place.introduced and place.introduced.author == BOB


def test_a_changed_password_is_another_credential_that_ends_the_first(repo: Repo) -> None:
    old, new = password("old"), password("new")
    first = repo.snapshot({"db.tf": hcl(old)})
    second = repo.snapshot({"db.tf": hcl(new)}, [first], ref="refs/heads/main")
    assert _commits(repo, old) == (first, second, False)
    assert _commits(repo, new) == (second, None, True)


def test_removed_and_introduced_again_it_was_never_away_since_the_first(repo: Repo) -> None:
    value = token("again")
    first = repo.snapshot({"a.yml": _line("again")})
    gone = repo.snapshot({"a.yml": "token: x\n"}, [first])
    back = repo.snapshot({"a.yml": "# back\n" + _line("again")}, [gone], ref="refs/heads/main")
    assert _commits(repo, value) == (first, None, True)
    gone_again = repo.snapshot({"a.yml": "token: y\n"}, [back], ref="refs/heads/main")
    assert _commits(repo, value) == (first, gone_again, False)


def test_moved_to_another_file_it_is_as_old_as_in_the_first(repo: Repo) -> None:
    value = password("moved")
    first = repo.snapshot({"a.tf": hcl(value)}, author=BOB)
    second = repo.snapshot({"z/b.tf": hcl(value)}, [first], author=EVE, ref="refs/heads/main")
    found = credential(audited(repo), value)
    assert [seen(o) for o in found.occurrences] == [
        Seen("z/b.tf", 2, 15, second, None, True, "refs", ("main",)),
        Seen("a.tf", 2, 15, first, second, False, "refs"),
    ]
    assert found.introduced and (found.introduced.commit, found.introduced.author) == (first, BOB)


def test_commits_of_the_same_second_keep_their_order(repo: Repo) -> None:
    value = token("second")
    when = f"{START} +0000"
    root = repo.snapshot({"x": "1\n"}, when=when)
    first = repo.snapshot({"z.yml": _line("second")}, [root], when=when)
    moved = repo.snapshot({"m.yml": _line("second")}, [first], when=when)
    again = repo.snapshot({"a.yml": _line("second")}, [moved], when=when)
    repo.run("update-ref", "refs/heads/main", again)
    assert _commits(repo, value) == (first, None, True)
    gone = repo.snapshot({"x": "2\n"}, [again], when=when, ref="refs/heads/main")
    assert _commits(repo, value) == (first, gone, False)


def test_skewed_clocks_do_not_change_who_was_first(repo: Repo) -> None:
    value = token("skewed")
    first = repo.snapshot({"z.yml": _line("skewed")}, when="1900000000 +0000", author=BOB)
    second = repo.snapshot({"a.yml": "# later\n" + _line("skewed")}, [first], when="1000000000 +0000", author=EVE)
    third = repo.snapshot(
        {"a.yml": _line("skewed"), "b": "1\n"}, [second], when="1500000000 +0000", ref="refs/heads/main"
    )
    assert _commits(repo, value) == (first, None, True)
    gone = repo.snapshot({"b": "2\n"}, [third], when="900000000 +0000", ref="refs/heads/main")
    assert _commits(repo, value) == (first, gone, False)


def test_a_rebased_commit_with_an_old_author_date_is_not_the_first(repo: Repo) -> None:
    value = token("rebased")
    first = repo.snapshot({"z.yml": _line("rebased")}, when=f"{START} +0000")
    repo.snapshot(
        {"z.yml": _line("rebased"), "a.yml": _line("rebased")},
        [first],
        when=f"{START - 10_000_000} +0000",
        committed=f"{START + 100} +0000",
        ref="refs/heads/main",
    )
    assert _commits(repo, value)[0] == first


@pytest.mark.parametrize("zone", ["+0530", "-0930", "+051800", "-7530", "+9999", "+2400"])
def test_a_time_zone_that_does_not_exist_stops_nothing(repo: Repo, zone: str) -> None:
    value = token("zone")
    body = "tree {}\nauthor Ada <ada@example.org> {} {}\ncommitter Ada <ada@example.org> {} {}\n\nchange\n"
    commit = repo.text(
        "hash-object", "-t", "commit", "-w", "--stdin", "--literally",
        data=body.format(repo.tree({"a.yml": _line("zone")}), START, zone, START, zone).encode(),
    )  # fmt: skip
    repo.run("update-ref", "refs/heads/main", commit)
    second = repo.snapshot({"a.yml": "x\n", "b.yml": _line("zone")}, [commit], ref="refs/heads/main")
    assert _commits(repo, value) == (commit, None, True)
    assert second


@pytest.mark.parametrize(
    "person",
    [
        "author Ada <ada@example.org> 99999999999999 +0000",
        "author Ada <ada@example.org> 999999999999 +0000",
        "author Ada <ada@example.org> -1 +0000",
        "author Ada <ada@example.org>",
        "author",
        "author \x1b[31mRed\x07 <x@example.org> 1700000000 +0000",
        "author \xff\xfe <x> 1700000000 +0000",
    ],
)
def test_an_author_line_that_makes_no_sense_stops_nothing(repo: Repo, person: str) -> None:
    value = token("author")
    tree = repo.tree({"a.yml": _line("author")})
    body = f"tree {tree}\n{person}\ncommitter Ada <ada@example.org> {START} +0000\n\nchange\n".encode("latin-1")
    commit = repo.text("hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=body)
    repo.run("update-ref", "refs/heads/main", commit)
    repo.snapshot({"a.yml": "x\n", "b.yml": _line("author")}, [commit], ref="refs/heads/main")
    assert _commits(repo, value) == (commit, None, True)


def test_what_two_branches_add_is_as_old_as_the_older_one(repo: Repo) -> None:
    value = token("both")
    root = repo.snapshot({"x": "1\n"})
    one = repo.snapshot({"x": "1\n", "a.yml": _line("both")}, [root], ref="refs/heads/one")
    two = repo.snapshot({"x": "1\n", "a.yml": _line("both")}, [root], ref="refs/heads/two")
    place = only(audited(repo), value)
    assert seen(place) == Seen("a.yml", 1, 8, one, None, False, "refs", ("one", "two"))
    assert two != one


def test_a_merge_that_takes_a_side_introduces_nothing(repo: Repo) -> None:
    value = token("side")
    root = repo.snapshot({"a.yml": "a\n"})
    side = repo.snapshot({"a.yml": _line("side")}, [root], author=BOB)
    other = repo.snapshot({"a.yml": "b\n"}, [root], author=EVE)
    repo.snapshot({"a.yml": "# merged\n" + _line("side")}, [other, side], author=EVE, ref="refs/heads/main")
    assert _commits(repo, value) == (side, None, True)


def test_a_merge_that_drops_a_side_removed_it(repo: Repo) -> None:
    value = token("dropped")
    root = repo.snapshot({"a.yml": "a\n"})
    side = repo.snapshot({"a.yml": _line("dropped")}, [root])
    merge = repo.snapshot({"a.yml": "a\n"}, [root, side], ref="refs/heads/main")  # git merge -s ours
    assert _commits(repo, value) == (side, merge, False)


def test_a_file_that_becomes_a_symlink_and_a_folder(repo: Repo) -> None:
    value = token("typed")
    first = repo.snapshot({"a": _line("typed")})
    link = repo.snapshot({"a": "elsewhere"}, [first], mode="120000")
    repo.snapshot({"a/b": "x\n"}, [link], ref="refs/heads/main")
    assert _commits(repo, value) == (first, link, False)


def test_branches_and_tags_that_still_have_it_are_named(repo: Repo) -> None:
    value = token("kept")
    first = repo.snapshot({"a.yml": _line("kept")}, ref="refs/heads/old")
    for name in ("refs/heads/feature/HEAD", "refs/remotes/origin/old", "refs/tags/v1"):
        repo.run("update-ref", name, first)
    repo.run("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/old")
    repo.run("tag", "-a", "v2", "-m", "two", first)
    second = repo.snapshot({"a.yml": "x\n"}, [first], ref="refs/heads/main")
    place = only(audited(repo), value)
    assert seen(place) == Seen(
        "a.yml", 1, 8, first, second, False, "refs", ("feature/HEAD", "old", "origin/old"), ("v1", "v2")
    )


def test_a_detached_head_is_a_head(repo: Repo) -> None:
    value = token("detached")
    first = repo.commit({"a.yml": _line("detached")})
    repo.run("checkout", "-q", "--detach")
    repo.commit({"x": "1\n"})
    repo.run("update-ref", "-d", "refs/heads/main")
    assert seen(only(audited(repo), value)) == Seen("a.yml", 1, 8, first, None, True, "refs")


def test_an_unborn_head_has_nothing(repo: Repo) -> None:
    value = token("unborn")
    first = repo.snapshot({"a.yml": _line("unborn")}, ref="refs/heads/other")
    assert seen(only(audited(repo), value)) == Seen("a.yml", 1, 8, first, None, False, "refs", ("other",))


def test_the_same_content_at_a_path_where_it_counts_and_one_where_it_does_not(repo: Repo) -> None:
    """A password in a test of code alone is none; one that Terraform's variables have too is."""
    value = password("twice")
    content = f'password = "{value}"\n'
    first = repo.snapshot({"prod.tfvars": content})
    repo.snapshot({"prod.tfvars": content, "tests/test_x.py": content}, [first], ref="refs/heads/main")
    assert [(o.path, o.line, o.column) for o in credential(audited(repo), value).occurrences] == [
        ("prod.tfvars", 1, 13),
        ("tests/test_x.py", 1, 13),
    ]


def test_a_copy_is_read_as_the_file_it_is(repo: Repo) -> None:
    value = password("copy")
    content = f'password = "{value}"\n'
    repo.snapshot({"tests/test_x.py": content, "z/prod.tfvars": content}, ref="refs/heads/main")
    assert "z/prod.tfvars" in [o.path for o in credential(audited(repo), value).occurrences]


def test_a_tag_of_a_blob_reaches_it(repo: Repo) -> None:
    repo.commit({"x": "1\n"})
    blob = repo.blob(_line("tagged"))
    repo.run("update-ref", "refs/tags/key", blob)
    place = only(audited(repo), token("tagged"))
    assert (place.path, place.reachable, place.tags) == (f"object:{blob[:12]}", "refs", ("key",))


def test_the_message_of_a_signed_tag_inside_a_merge_is_read(repo: Repo) -> None:
    """`git merge v1` copies an annotated tag into the header of the merge."""
    root = repo.snapshot({"x": "1\n"})
    side = repo.snapshot({"x": "2\n"}, [root])
    tag = f"object {side}\ntype commit\ntag v1\ntagger {ADA} {START} +0000\n\nuse {token('mergetag')}\n"
    header = "mergetag " + "\n ".join(tag.rstrip("\n").split("\n"))
    body = (
        f"tree {repo.tree({'x': '2'})}\nparent {root}\nparent {side}\nauthor {ADA} {START} +0000\n"
        f"committer {ADA} {START} +0000\n{header}\n\nMerge\n"
    )
    commit = repo.text("hash-object", "-t", "commit", "-w", "--stdin", data=body.encode())
    repo.run("update-ref", "refs/heads/main", commit)
    assert only(audited(repo), token("mergetag")).reachable == "commit-message"


def test_an_unreachable_tag_is_read(repo: Repo) -> None:
    commit = repo.commit({"x": "1\n"})
    repo.run("tag", "-a", "v1", "-m", f"use {token('gone tag')}", commit)
    repo.run("tag", "-d", "v1")
    assert only(audited(repo), token("gone tag")).reachable == "tag-message"


def test_content_staged_in_parts_and_then_stashed(repo: Repo) -> None:
    repo.commit({"a.yml": "a: 1\n"})
    repo.write("a.yml", _line("in the index of a stash"))
    repo.run("add", "a.yml")
    repo.write("a.yml", "a: 2\n")
    repo.run("stash", "push", "-q")
    place = only(audited(repo), token("in the index of a stash"))
    assert seen(place) == Seen("a.yml", 1, 8, None, None, False, "stash")


def test_a_stash_on_a_commit_that_only_the_stash_holds(repo: Repo) -> None:
    root = repo.commit({"x": "1\n"})
    repo.commit({"a.yml": _line("below a stash")})
    repo.write("x", "2\n")
    repo.run("stash", "push", "-q")
    repo.run("reset", "-q", "--hard", root)
    repo.run("reflog", "expire", "--expire=now", "HEAD", "refs/heads/main")
    assert only(audited(repo), token("below a stash")).reachable == "stash"


def test_a_commit_far_below_a_stash_is_reached_by_it(repo: Repo) -> None:
    root = repo.commit({"x": "1\n"})
    repo.commit({"a.yml": _line("far below a stash")})
    repo.commit({"a.yml": "x\n"})
    repo.write("x", "2\n")
    repo.run("stash", "push", "-q")
    repo.run("reset", "-q", "--hard", root)
    repo.run("reflog", "expire", "--expire=now", "HEAD", "refs/heads/main")
    assert only(audited(repo), token("far below a stash")).reachable == "stash"


def test_unreachable_objects_in_a_cruft_pack(repo: Repo) -> None:
    repo.commit({"x": "1\n"})
    commit = repo.snapshot({"a.yml": _line("cruft")})
    repo.run("gc", "-q", "--cruft", "--prune=never")
    assert list((repo.path / ".git/objects/pack").glob("*.mtimes"))
    place = only(audited(repo), token("cruft"))
    assert (seen(place), commit) == (Seen("a.yml", 1, 8, None, None, False, "unreachable"), commit)


def test_unreachable_objects_in_a_kept_pack_and_unpacked_again(repo: Repo) -> None:
    repo.commit({"x": "1\n"})
    repo.snapshot({"a.yml": _line("kept pack")}, ref="refs/heads/gone")
    repo.run("repack", "-q", "-a", "-d")
    pack = next((repo.path / ".git/objects/pack").glob("*.pack"))
    pack.with_suffix(".keep").write_bytes(b"")
    repo.snapshot({"b.yml": _line("unpacked")}, ref="refs/heads/gone-too")
    repo.run("repack", "-q", "-d")
    repo.run("update-ref", "-d", "refs/heads/gone")
    repo.run("update-ref", "-d", "refs/heads/gone-too")
    repo.run("repack", "-q", "-A", "-d")
    report = audited(repo)
    assert only(report, token("kept pack")).reachable == "unreachable"
    assert only(report, token("unpacked")).reachable == "unreachable"


def test_a_staged_file_is_named_from_a_subfolder_too(repo: Repo) -> None:
    repo.commit({"deep/x": "1\n"})
    repo.write("top/staged.yml", _line("staged"))
    repo.run("add", "-A")
    blob = repo.text("rev-parse", ":top/staged.yml")
    assert seen(only(audited(repo.path / "deep"), token("staged"))) == Seen(
        "top/staged.yml", 1, 8, None, None, False, "index"
    )
    assert blob


def test_a_worktree_has_its_own_head_and_index(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit({"a.yml": _line("there")})
    repo.run("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    repo.commit({"a.yml": "x\n"})
    side = Repo(tmp_path / "side", create=False)
    side.write("staged.yml", _line("staged in a worktree"))
    side.run("add", "-A")
    report = audited(side)
    assert seen(only(report, token("there"))).in_head
    assert only(report, token("there")).introduced.commit == first  # type: ignore[union-attr]
    assert only(report, token("staged in a worktree")).path == "staged.yml"
    from_main = audited(repo)
    assert not only(from_main, token("there")).in_head
    assert token("staged in a worktree").encode() in [c.secret.reveal() for c in from_main.credentials]
