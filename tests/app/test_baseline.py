"""Accepted findings: a record belongs to a value, and survives whatever git and editors do to its surroundings."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from repositories import Repo, audited, hcl, password, values

from secretsweep.app import allowances, baseline, narrow
from secretsweep.app._records import Record, parse
from secretsweep.app.baseline import Baseline, Words
from secretsweep.config import Allow, Config
from secretsweep.errors import ConfigError, UsageError
from secretsweep.model import Report

TODAY = date(2026, 6, 1)
ONE = "0123456789abcdef0123456789abcdef"


def accepted(report: Report, **words: object) -> Baseline:
    """What a baseline made of a report says when it is read again."""
    return parsed(baseline.create(report, Words(**words), "a" * 40))  # type: ignore[arg-type]


def parsed(text: str) -> Baseline:
    records = [r for number, line in enumerate(text.splitlines(), 1) if (r := parse(line, "b", number))]
    return Baseline(tuple(records), shown="b")


def left(report: Report, accepting: Baseline, today: date = TODAY) -> list[tuple[str, list[str]]]:
    """The values that stay, with their paths."""
    found = baseline.apply(report, accepting, today).report
    return [(c.secret.reveal().decode(), [o.path for o in c.occurrences]) for c in found.credentials]


def test_what_was_accepted_is_not_reported_and_is_counted(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    report = audited(repo)
    done = baseline.apply(report, accepted(report), TODAY)
    assert (done.report.credentials, done.report.accepted, done.stale, done.expired) == ((), 1, (), ())


def test_another_value_at_the_same_place_is_reported(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    accepting = accepted(audited(repo))
    repo.commit({"a.tf": hcl(password("b"))})
    assert left(audited(repo), accepting) == [(password("b"), ["a.tf"])]


def test_a_record_survives_moved_lines_reformatting_and_an_amended_commit(repo: Repo) -> None:
    repo.commit({"first": "x"})
    repo.commit({"a.tf": hcl(password("a"))})
    accepting = accepted(audited(repo))
    moved = "# moved\n\n\n" + hcl(password("a")).replace("password = ", "\n      password    =    ")
    repo.commit({"a.tf": moved}, amend=True)
    assert left(audited(repo), accepting) == []


def test_the_same_value_in_a_further_file_is_reported_there_and_only_there(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    accepting = accepted(audited(repo))
    repo.commit({"b.tf": hcl(password("a"))})
    assert left(audited(repo), accepting) == [(password("a"), ["b.tf"])]


def test_a_record_of_anywhere_accepts_every_place(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "b.tf": hcl(password("a"))})
    report = audited(repo)
    anywhere = Baseline((Record(report.credentials[0].id, "any", "*", "", "why"),))
    assert left(report, anywhere) == []


def test_a_copy_that_only_this_clone_has_needs_no_record_of_its_own(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    repo.blob("# unreachable\n" + hcl(password("a")))
    accepting = accepted(audited(repo))
    assert [record.path for record in accepting.records] == ["a.tf"]
    assert left(audited(repo), accepting) == []


def test_a_value_in_a_commit_message_keeps_its_record_after_a_rebase(repo: Repo) -> None:
    repo.commit({"first": "x"})
    repo.commit({"a": "x"}, f"password: {password('m')}")
    accepting = accepted(audited(repo))
    assert [record.path for record in accepting.records] == ["commit-message:-"]
    repo.commit({"b": "y"}, f"password: {password('m')}", amend=True)
    assert left(audited(repo), accepting) == []


def test_an_expired_record_accepts_nothing_from_the_day_after(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    report = audited(repo)
    accepting = accepted(report, expires=date(2026, 6, 1))
    assert left(report, accepting, date(2026, 6, 1)) == []
    done = baseline.apply(report, accepting, date(2026, 6, 2))
    assert (values(done.report), done.expired, done.stale) == ([password("a")], accepting.records, ())


def test_a_record_of_nothing_found_is_stale(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    report = audited(repo)
    other = Record(ONE, "generic-password", "gone.tf", "")
    done = baseline.apply(report, Baseline((*accepted(report).records, other)), TODAY)
    assert done.stale == (other,)


def test_order_and_duplicates_do_not_matter(repo: Repo) -> None:
    repo.commit({f"{n}.tf": hcl(password(n)) for n in "abcd"})
    report = audited(repo)
    lines = baseline.create(report, Words("why"), "a" * 40).splitlines() * 2
    random.Random(1).shuffle(lines)
    assert left(report, parsed("\n".join(lines))) == []


def test_the_file_is_sorted_and_has_no_line_numbers_and_no_values(repo: Repo) -> None:
    repo.commit({"b c.tf": hcl(password("a")), "a.tf": "\n\n" + hcl(password("b"))})
    text = baseline.create(audited(repo), Words("known", "ada", date(2027, 1, 31)), "a" * 40)
    records = [line for line in text.splitlines() if not line.startswith("#")]
    assert records == sorted(records)
    assert sorted(line.split(" ", 1)[1] for line in records) == [
        "generic-password a.tf provider.acme.password # known owner=ada expires=2027-01-31",
        "generic-password b%20c.tf provider.acme.password # known owner=ada expires=2027-01-31",
    ]
    assert "# salt " + "a" * 40 in text
    assert not any(password(name) in text for name in "ab")


@pytest.mark.parametrize(
    "path", ["a b.tf", "a\nb.tf", "50%.tf", "*", "ümlaut.tf", "a\udcff.tf", "#.tf", "a # b", "-", "\u202e.tf"]
)
def test_every_path_is_written_on_one_line_and_read_again(path: str) -> None:
    record = Record(ONE, "rule", path, path, "why", line=1)
    assert parse(str(record), "b", 1) == record
    assert len(str(record).splitlines()) == 1


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("why", ("why", "", None)),
        ("reason=unreviewed", ("unreviewed", "", None)),
        ("a test key, owner=ada, expires=2027-01-31", ("a test key", "ada", date(2027, 1, 31))),
        ("owner=ada a # in the middle", ("a # in the middle", "ada", None)),
    ],
)
def test_the_words_behind_a_record_are_free(note: str, expected: tuple[str, str, date | None]) -> None:
    record = parse(f"{ONE}\trule\tpath\t- # {note}", "b", 1)
    assert record is not None
    assert (record.reason, record.owner, record.expires) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("hello", "b:3: wants `fingerprint rule path key # reason`, the first of 32 hex digits"),
        (f"{ONE[:-1]} rule path - # why", "b:3: wants `fingerprint rule path key # reason`"),
        (f"{ONE} rule path -", "b:3: no reason; say at the end of the line why it is accepted: ` # …`"),
        (f"{ONE} rule path - # owner=ada", "b:3: no reason; say at the end of the line why it is accepted: ` # …`"),
        (f"{ONE} rule path - # why expires=soon", "b:3: expires: wants a day, as in 2027-01-31, not 'soon'"),
        ("<<<<<<< HEAD", "b:3: a merge conflict. Keep the lines of both sides"),
    ],
)
def test_a_bad_record_is_named_by_its_line(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "b").write_text(f"# comment\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        baseline.read(tmp_path / "b", "b")
    assert str(caught.value).startswith(message)


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    assert baseline.read(tmp_path / "b", "b") == Baseline(shown="b")


def test_an_update_keeps_the_words_of_what_is_still_there_and_drops_the_rest(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    report = audited(repo)
    old = Baseline((*accepted(report, reason="reviewed").records, Record(ONE, "rule", "gone.tf", "")))
    repo.commit({"b.tf": hcl(password("b"))})
    done = baseline.update(audited(repo), old, Words(), "a" * 40, whole=True)
    words = sorted((r.path, r.reason) for r in parsed(done.text).records)
    assert words == [("a.tf", "reviewed"), ("b.tf", "unreviewed")]
    assert ([r.path for r in done.added], [r.path for r in done.dropped]) == (["b.tf"], ["gone.tf"])


def test_an_update_from_a_part_drops_nothing(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    old = Baseline((Record(ONE, "rule", "gone.tf", "", "why"),))
    done = baseline.update(audited(repo), old, Words("new"), "a" * 40, whole=False)
    assert sorted(r.path for r in parsed(done.text).records) == ["a.tf", "gone.tf"]


def test_a_renamed_file_takes_the_words_of_its_record_along(repo: Repo) -> None:
    repo.commit({"new.tf": hcl(password("a"))})
    report = audited(repo)
    old = accepted(report, reason="reviewed", owner="ada").records[0]._replace(path="old.tf")
    done = baseline.update(report, Baseline((old,)), Words(), "a" * 40, whole=True)
    assert [(r.path, r.reason, r.owner) for r in parsed(done.text).records] == [("new.tf", "reviewed", "ada")]


def test_of_two_records_for_one_place_the_reviewed_one_stays(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a"))})
    report = audited(repo)
    merged = Baseline(accepted(report).records + accepted(report, reason="z reviewed").records)
    done = baseline.update(report, merged, Words(), "a" * 40, whole=True)
    assert [r.reason for r in parsed(done.text).records] == ["z reviewed"]


def test_a_second_update_changes_nothing(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "b.tf": hcl(password("a"))})
    report = audited(repo)
    first = baseline.create(report, Words("why"), "a" * 40)
    assert baseline.update(report, parsed(first), Words("other"), "a" * 40, whole=True).text == first


def test_a_baseline_made_with_a_key_says_so_where_there_is_none() -> None:
    keyed = Baseline((Record(ONE, "rule", "a", ""),), keyed=True, shown="b")
    assert keyed.unusable(keyed=False) == "b was made with SECRETSWEEP_KEY, which is not set: nothing in it can match."
    assert keyed.unusable(keyed=True) == ""
    assert baseline.read(Path("/nowhere")).unusable(keyed=True) == ""


def test_the_salt_of_the_file_is_that_of_its_fingerprints(tmp_path: Path) -> None:
    baseline.write(tmp_path / "b", baseline.create(_empty(), Words(), "b" * 40))
    assert baseline.read(tmp_path / "b").identity == b"b" * 40


def test_a_file_is_replaced_in_one_step_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    (tmp_path / "link").symlink_to("b")
    baseline.write(tmp_path / "link", "new")
    assert (file.read_text(), file.stat().st_mode & 0o777, sorted(p.name for p in tmp_path.iterdir())) == (
        "new",
        0o640,
        ["b", "link"],
    )
    with pytest.raises(UsageError, match="nothing was written"):
        baseline.write(tmp_path / "nowhere" / "b", "new")


@pytest.mark.parametrize(
    ("entry", "stays"),
    [
        (Allow("why", rule="generic-*"), []),
        (Allow("why", path="a.tf"), ["b.tf"]),
        (Allow("why", key="*.password", path="*.tf"), []),
        (Allow("why", key="*.password", rule="aws-*"), ["a.tf", "b.tf"]),
        (Allow("why", path="a.tf", expires=date(2026, 6, 1)), ["b.tf"]),
        (Allow("why", path="a.tf", expires=date(2026, 5, 31), where="c:1"), ["a.tf", "b.tf"]),
    ],
)
def test_an_allowance_of_the_configuration_needs_all_that_it_names(repo: Repo, entry: Allow, stays: list[str]) -> None:
    repo.commit({"a.tf": hcl(password("a")), "b.tf": hcl(password("a"))})
    report = allowances.apply(audited(repo), Config(allow=(entry,)), TODAY)
    assert [o.path for c in report.credentials for o in c.occurrences] == stays
    ended = entry.expires is not None and entry.expires < TODAY
    assert ("expired on" in " ".join(report.coverage.notes)) == ended


def test_excluded_paths_are_accepted_and_counted_and_not_silent(repo: Repo) -> None:
    repo.commit({"vendor/a.tf": hcl(password("a")), "b.tf": hcl(password("b"))})
    report = allowances.apply(audited(repo), Config(exclude_paths=("vendor/",)), TODAY)
    assert (values(report), report.accepted) == ([password("b")], 1)
    assert report.coverage.notes[-1] == "exclude-paths (exclude-paths) accepts what was found in 1 file."


def test_a_credential_in_head_only_at_an_accepted_place_counts_as_gone(repo: Repo) -> None:
    repo.commit({"a.tf": hcl(password("a")), "old.tf": hcl(password("a"))})
    gone = repo.commit({"old.tf": None})
    report = audited(repo)
    found = allowances.apply(report, Config(allow=(Allow("why", path="a.tf"),)), TODAY).credentials[0]
    assert report.credentials[0].in_head
    assert (found.in_head, found.removed and found.removed.commit) == (False, gone)
    assert found == replace(found, occurrences=found.occurrences)


def test_paths_that_count_from_elsewhere_are_located_below_the_top(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"sub/a.tf": hcl(password("a"))})
    report = audited(repo)
    (there,) = report.credentials
    monkeypatch.chdir(repo.path / "sub")
    located = narrow.below(repo.path)
    for path in ("a.tf", "./a.tf", "../sub/a.tf", str(repo.path / "sub" / "a.tf")):
        seen = replace(there, occurrences=(replace(there.occurrences[0], path=path),))
        moved = replace(report, credentials=(seen,))
        assert baseline.apply(moved, accepted(report), TODAY, located).report.credentials == ()
        assert allowances.apply(moved, Config(exclude_paths=("sub/",)), TODAY, located).credentials == ()
        assert baseline.apply(moved, accepted(report), TODAY).report.credentials == (seen,)
    assert located(str(tmp_path / "x")) == str(tmp_path / "x")


def _empty() -> Report:
    from secretsweep.model import Coverage, Target

    return Report("0", "", Target("files", "."), Coverage(), ())
