"""What an entry becomes when its credential is seen again, and how it ends."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from entries import ID, NOW, around, credential, entry

from secretsweep.app.rotation import checklist, policy
from secretsweep.app.rotation import entries as making
from secretsweep.errors import UsageError
from secretsweep.model import Consumer, Entry, Judgement, Reference
from secretsweep.rules import guides

LATER = NOW + timedelta(days=3)
DEAD = Judgement("dead", "db.example.org", NOW.isoformat(), "refused")
LIVE = Judgement("live", "db.example.org", NOW.isoformat(), "200")


def proven(made: Entry) -> Entry:
    for step in ("misuse", "roll", "delete", "clean"):
        made = checklist.checked(made, step, f"seen {step}", "ada", NOW)
    return made


@pytest.mark.parametrize(
    ("severity", "public", "hours", "days", "expected"),
    [
        ("critical", "no", 0, {}, 24),
        ("high", "no", 0, {}, 7 * 24),
        ("high", "no", 4, {}, 4),
        ("medium", "no", 4, {}, 30 * 24),
        ("low", "yes", 0, {}, 24),
        ("low", "unknown", 0, {"low": 2}, 48),
    ],
)
def test_deadlines(severity: str, public: str, hours: int, days: dict[str, int], expected: int) -> None:
    assert policy.deadline(NOW, severity, public, hours, days) == NOW + timedelta(hours=expected)


def test_a_new_entry_says_all_that_is_known() -> None:
    consumer = Consumer("Deployment/api", "a.yaml", 1)
    reference = Reference("vault", "iac/x")
    made = making.made(credential(), around(consumers={ID: (consumer,)}, moved={ID: reference}, public="no"))
    assert (made.guide, made.state, made.since, made.introduced_by) == (
        "postgresql", "open", "2025-01-02T03:04:05+01:00", "Ada <ada@example.org>",
    )  # fmt: skip
    assert (made.consumers, made.reference, made.public) == ((consumer,), reference, "no")
    assert made.in_head and made.task("clean").done is None


@pytest.mark.parametrize(
    ("path", "guide"), [("charts/redis/values.yaml", "redis"), ("values.yaml", "password"), ("mysql/x", "mysql")]
)
def test_the_place_of_a_password_chooses_a_finer_guide(path: str, guide: str) -> None:
    made = making.made(credential(path), around(guide={"generic-password": "password"}))
    assert (made.guide, made.overlap) == (guide, guides.named(guide).overlap)


def test_a_value_of_the_history_alone_is_clean_already() -> None:
    made = making.made(credential(in_head=False), around())
    assert made.task("clean").done is not None


def test_what_people_did_stays_when_it_is_seen_again() -> None:
    old = checklist.checked(making.made(credential(), around()), "misuse", "nothing", "bob", NOW)
    old = replace(old, purge="purge", purge_reason="key of a customer", consumers=(Consumer("Job/x", "x", 1),))
    new = making.refreshed(old, credential(severity="critical"), around(LATER), True)
    assert new.task("misuse").done == old.task("misuse").done
    assert (new.opened, new.purge, new.purge_reason, new.consumers) == (
        old.opened, "purge", "key of a customer", old.consumers,
    )  # fmt: skip
    assert new.severity == "critical" and new.deadline < old.deadline
    assert new.events == old.events


def test_clean_follows_the_files() -> None:
    old = making.made(credential(), around())
    gone = making.refreshed(old, credential(in_head=False), around(LATER), True)
    assert gone.task("clean").done is not None
    back = making.refreshed(gone, credential(), around(LATER), True)
    assert back.task("clean").done is None


def test_a_scan_of_files_does_not_forget_the_history() -> None:
    old = making.made(credential(), around())
    seen = making.refreshed(old, credential(commit=None, when=""), around(LATER), False)
    assert seen.since == old.since
    gone = making.refreshed(old, credential("other.yaml", commit=None, when=""), around(LATER), False)
    assert [(e.path, e.in_head) for e in gone.exposures] == [("other.yaml", True), ("values.yaml", False)]


def test_a_closed_entry_stays_closed_while_nothing_is_new() -> None:
    old = checklist.closed(proven(making.made(credential(), around())), "", "ada", NOW)
    for seen in (credential(), credential(commit=None, when=""), credential(in_head=False)):
        assert making.refreshed(old, seen, around(LATER), True).state == "closed"


@pytest.mark.parametrize(
    "seen",
    [
        credential("again.yaml"),
        credential("again.yaml", commit=None, when=""),
        credential(commit="d" * 40, when=LATER.isoformat()),
        credential("deleted.yaml", in_head=False, commit="d" * 40, when=LATER.isoformat()),
    ],
)
def test_a_value_that_is_back_opens_its_entry_again(seen: object) -> None:
    old = checklist.closed(proven(making.made(credential(), around())), "", "ada", NOW)
    new = making.refreshed(old, seen, around(LATER), True)  # type: ignore[arg-type]
    assert (new.state, new.reopened, new.closed) == ("open", 1, None)
    assert new.missing == ("misuse", "delete")
    assert new.deadline > old.deadline
    assert new.events[-1].what in ("reopened", "step")


def test_a_value_that_was_cleaned_and_is_back_in_the_same_file_opens_it_again() -> None:
    old = checklist.closed(proven(making.made(credential(in_head=False), around())), "", "ada", NOW)
    assert making.refreshed(old, credential(), around(LATER), True).state == "open"


def test_nothing_is_closed_without_evidence() -> None:
    made = making.made(credential(), around())
    with pytest.raises(UsageError, match="misuse, roll, delete, clean"):
        checklist.closed(made, "trust me", "ada", NOW)
    for step in ("misuse", "roll", "delete"):
        with pytest.raises(UsageError, match="say what shows it"):
            checklist.checked(made, step, "  ", "ada", NOW)
    made = proven(made)
    assert checklist.closed(made, "", "ada", NOW).state == "closed"


def test_a_live_credential_is_not_closed() -> None:
    made = checklist.judged(proven(making.made(credential(), around())), LIVE, NOW)
    with pytest.raises(UsageError, match="still opens something"):
        checklist.closed(made, "", "ada", NOW)


def test_a_dead_one_proves_its_deletion_and_a_live_one_takes_that_back() -> None:
    made = checklist.judged(making.made(credential(), around()), DEAD, NOW)
    assert "delete" not in made.missing
    again = checklist.judged(made, LIVE, NOW)
    assert "delete" in again.missing


def test_what_a_person_proved_stays_when_a_verifier_says_otherwise_but_is_reopened() -> None:
    made = checklist.closed(proven(making.made(credential(), around())), "", "ada", NOW)
    assert checklist.judged(made, LIVE, NOW).state == "open"


def test_an_entry_closes_by_itself_when_all_is_proven() -> None:
    made = proven(making.made(credential(), around()))
    assert checklist.ended(made, NOW).state == "open"
    assert checklist.ended(checklist.judged(made, DEAD, NOW), NOW).state == "closed"
    assert checklist.ended(checklist.judged(making.made(credential(), around()), DEAD, NOW), NOW).state == "open"


def test_a_risk_is_accepted_until_a_day_and_then_counts_again() -> None:
    made = making.made(credential(), around())
    taken = checklist.accepted(made, "test system", date(2026, 3, 2), "ada", NOW)
    assert checklist.overdue([taken], NOW + timedelta(days=1)) == []
    assert checklist.overdue([taken], NOW + timedelta(days=2)) == [taken]
    assert making.lapsed(taken, around(NOW)).state == "accepted"
    assert making.lapsed(taken, around(LATER)).state == "open"
    for reason, until in (("", date(2027, 1, 1)), ("x", date(2026, 2, 28))):
        with pytest.raises(UsageError):
            checklist.accepted(made, reason, until, "ada", NOW)


def test_overdue_is_what_is_open_after_its_deadline() -> None:
    late = entry(deadline="2026-02-01T00:00:00+00:00")
    fine = entry("f" * 32)
    done = entry("e" * 32, deadline="2026-02-01T00:00:00+00:00", state="closed")
    assert checklist.overdue([late, fine, done], NOW) == [late]


def test_several_or_no_entries_are_told() -> None:
    every = {name: entry(name) for name in ("ab" * 16, "ac" * 16)}
    assert checklist.chosen(every, "ab").id == "ab" * 16
    for beginning in ("a", "x", ""):
        with pytest.raises(UsageError):
            checklist.chosen(every, beginning)


def test_times_without_a_zone_do_not_break_the_comparison() -> None:
    old = checklist.closed(proven(making.made(credential(), around())), "", "ada", datetime(2026, 3, 1, tzinfo=UTC))
    seen = credential("x", in_head=False, when="2026-03-02T00:00:00")
    assert making.refreshed(old, seen, around(), True).state == "open"


def test_what_was_said_to_be_public_stays_so_and_so_does_its_deadline() -> None:
    old = making.made(credential(), around(public="yes"))
    new = making.refreshed(old, credential(), around(LATER), True)
    assert (new.public, new.deadline) == ("yes", old.deadline)


def test_evidence_is_a_sentence_and_no_file() -> None:
    made = making.made(credential(), around())
    with pytest.raises(UsageError, match="say where it is"):
        checklist.checked(made, "misuse", "x" * 3000, "ada", NOW)
    with pytest.raises(UsageError, match="say where it is"):
        checklist.accepted(made, "x " * 3000, date(2027, 1, 1), "ada", NOW)
