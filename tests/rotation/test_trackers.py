"""The contract of all trackers: an entry is opened once and found again, and what people did there stays."""

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import served
from desks import SERVICES, AdfDesk, Desk, FileDesk, WikiDesk
from entries import ID, entry

from secretsweep.model import Acceptance, Done, Entry, Event, Exposure, Posted
from secretsweep.model.guide import STEPS
from secretsweep.trackers import Seen

OTHER = "fedcba9876543210fedcba9876543210"
DONE = Done("2026-03-02T12:00:00+00:00", "ada@example.org", "seen in the log")


@pytest.fixture(params=["markdown", *SERVICES])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, waited: list[float]) -> Iterator[Desk]:
    if request.param == "markdown":
        yield FileDesk("markdown", None, str(tmp_path / "ROTATION.md"), {}, {})  # type: ignore[arg-type]
    else:
        yield from served(request.param)


def brought(place: Desk, *entries: Entry) -> dict[str, Posted]:
    """Entries into the tracker, as a sync does it."""
    tracker = place.connected()
    seen = tracker.seen()
    found = {one.id: tracker.update(seen[one.id], one) if one.id in seen else tracker.post(one) for one in entries}
    tracker.close()
    return found


def seen(place: Desk) -> dict[str, Seen]:
    tracker = place.connected()
    found = dict(tracker.seen())
    tracker.close()
    return found


def closed(one: Entry) -> Entry:
    done = replace(one, state="closed", closed=DONE)
    return replace(done, events=(*done.events, Event(DONE.when, "ada", "closed", "all fine")))


def reopened(one: Entry) -> Entry:
    event = Event("2026-03-03T12:00:00+00:00", "secretsweep", "reopened", "the value is back: main.tf:3")
    return replace(one, state="open", closed=None, reopened=1, events=(*one.events, event))


def test_what_is_opened_is_found_again(anywhere: Desk) -> None:
    posted = brought(anywhere, entry(), entry(OTHER))
    assert seen(anywhere).keys() == {ID, OTHER}
    assert {name: one.posted for name, one in seen(anywhere).items()} == posted
    assert not seen(anywhere)[ID].closed and seen(anywhere)[ID].done == {}


def test_nothing_is_opened_twice(anywhere: Desk) -> None:
    for _ in range(3):
        brought(anywhere, entry(), entry(OTHER))
    assert [len(anywhere.numbers(name)) for name in (ID, OTHER)] == [1, 1]


def test_what_is_up_to_date_is_left_alone(anywhere: Desk) -> None:
    brought(anywhere, entry())
    before = anywhere.texts()
    writes = anywhere.served and len(anywhere.served.requests) - len(anywhere.served.sent("GET"))
    brought(anywhere, entry())
    assert anywhere.texts() == before
    assert (anywhere.served and len(anywhere.served.requests) - len(anywhere.served.sent("GET"))) == writes


def test_ticks_and_evidence_of_people_are_read(anywhere: Desk) -> None:
    brought(anywhere, entry())
    [number] = anywhere.numbers(ID)
    anywhere.tick(number, "assess")
    anywhere.tick(number, "misuse", "OPS-7: nothing seen (2026)")
    done = seen(anywhere)[ID].done
    assert done.keys() == {"assess", "misuse"}
    assert done["misuse"].evidence == "OPS-7: nothing seen (2026)" and done["assess"].evidence == ""
    assert (done["misuse"].who, done["misuse"].when) == ("", "")  # a description does not tell


def test_every_step_comes_back_with_its_evidence(anywhere: Desk) -> None:
    made = entry()
    for step in STEPS:
        evidence = f"{step}: see <https://wiki/{step}> & *co*"
        made = made.ticked(step, DONE._replace(evidence=evidence, skipped=step == "watch"))
    brought(anywhere, made)
    found = seen(anywhere)[ID].done
    assert found.keys() == set(STEPS)
    assert (found["watch"].skipped, found["roll"].skipped) == (True, False)
    assert (found["roll"].who, found["roll"].when) == (DONE.who, DONE.when)
    assert found["roll"].evidence.startswith("roll: see ") and "wiki/roll" in found["roll"].evidence


def test_an_update_keeps_ticks_and_the_text_of_people(anywhere: Desk) -> None:
    brought(anywhere, entry())
    [number] = anywhere.numbers(ID)
    anywhere.write(number, "Wir kümmern uns, @ada", "Meeting notes: *important* — 日本語")
    anywhere.tick(number, "roll", "done by Bob")
    ticked = entry(severity="critical").ticked("roll", Done("2026-03-02", "github", "done by Bob"))
    brought(anywhere, ticked)
    [number] = anywhere.numbers(ID)
    text = anywhere.whole() if isinstance(anywhere, FileDesk) else anywhere.texts()[number]
    assert "Wir kümmern uns, @ada" in text and "Meeting notes: *important* — 日本語" in text
    assert "severity critical" in text and "severity high" not in text
    assert text.index("Wir kümmern") < text.index(f"secretsweep:fp={ID}") < text.index("Meeting notes")
    assert seen(anywhere)[ID].done["roll"].evidence == "done by Bob"


def test_an_issue_is_closed_and_opened_again_with_its_entry(anywhere: Desk) -> None:
    brought(anywhere, entry())
    [number] = anywhere.numbers(ID)
    brought(anywhere, closed(entry()))
    assert anywhere.is_closed(number)
    brought(anywhere, reopened(closed(entry())))
    assert not anywhere.is_closed(number) and anywhere.numbers(ID) == [number]


def test_a_risk_that_is_accepted_closes_the_issue(anywhere: Desk) -> None:
    acceptance = Acceptance("a test system", "2999-01-01", "ada", DONE.when)
    accepted = replace(entry(), state="accepted", acceptance=acceptance)
    brought(anywhere, accepted)
    [number] = anywhere.numbers(ID)
    assert anywhere.is_closed(number) and "a test system" in anywhere.texts()[number]


def test_unicode_and_500_places_fit(anywhere: Desk) -> None:
    places = tuple(
        Exposure(f"{'päckchen/' * 40}{n}.tf", n, "schlüssel" * 90, "terraform", True, "a" * 40, "Ödön 🦊")
        for n in range(500)
    )
    brought(anywhere, replace(entry(exposures=places), name="Schlüssel 🔑"))
    [number] = anywhere.numbers(ID)
    text = anywhere.texts()[number]
    assert "more places" in text and "🔑" in text and "päckchen" in text
    assert all(step in text for step in STEPS)
    anywhere.tick(number, "misuse", "ja, gründlich")
    assert seen(anywhere)[ID].done["misuse"].evidence == "ja, gründlich"


HOSTILE = (
    f"<!-- secretsweep:fp={OTHER} -->.tf",
    f"x\n\n<!-- secretsweep:fp={OTHER} -->\n- [x] **delete**",
    f"x\nsecretsweep:fp={OTHER}\n",
    f"secretsweep:fp={OTHER}",
    "<!-- secretsweep:end -->",
    "x (secretsweep:end)",
    "@shop/everyone [~admin] [x|http://evil.example] !http://evil.example/x.png!",
    "<img src=x onerror=alert(1)> </details> ![x](http://evil.example/x)",
    "{noformat} {code} {html}x{html} h1. x `` ` ```",
    "- [x] **delete** done\n  - evidence: none",
    "* (/) *delete* done",
    "/close\n/assign @admin",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_in_a_repository_are_no_markup(anywhere: Desk, name: str) -> None:
    place = Exposure(name, 1, name, "text", True, "a" * 40, name, "2024-01-02T03:04:05+01:00", "c" * 40, "2025-01-02")
    made = entry(
        exposures=(place,), owners=(name,), repository=name, purge_reason=name,
        consumers=(replace_path(name),), events=(Event(DONE.when, name, "opened", name),),
    )  # fmt: skip
    brought(anywhere, made)
    for _ in range(2):
        found = seen(anywhere)
        assert found.keys() == {ID} and found[ID].done == {}
        brought(anywhere, made)
    assert len(anywhere.texts()) == 1
    if not isinstance(anywhere, AdfDesk):
        text = next(iter(anywhere.texts().values()))
        wiki = isinstance(anywhere, WikiDesk)
        bare = text if wiki else unquoted(text)
        for wrong in ("[~", "!http", "{code}", "{html}", "[x|") if wiki else ("@shop", "<img", "](http", "\n/close"):
            assert wrong not in bare, bare
        assert not wiki or text.count("{noformat}") % 2 == 0


def replace_path(name: str) -> object:
    from secretsweep.model import Consumer

    return Consumer(name, name, 1)


def unquoted(text: str) -> str:
    """Markdown without its code spans and the invisible data of the file."""
    import re

    text = re.sub(r"<!-- secretsweep:data.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", re.sub(r"\\[^\w\s]", "", text))


def test_an_issue_whose_mark_for_the_end_is_gone_loses_nothing(place: Desk) -> None:
    brought(place, entry())
    [number] = place.numbers(ID)
    place.write(number, "ours above", "ours below")
    place.tick(number, "roll", "yes")
    place.wipe(number)
    assert seen(place)[ID].done["roll"].evidence == "yes"
    brought(place, entry(severity="low"))
    text = place.texts()[number]
    assert "ours above" in text and "ours below" in text and place.numbers(ID) == [number]
    assert "severity low" in text and seen(place).keys() == {ID}


def test_an_issue_without_its_label_is_found_by_its_number(place: Desk) -> None:
    posted = brought(place, entry())[ID]
    [number] = place.numbers(ID)
    place.unlabel(number)
    assert seen(place) == {}
    assert brought(place, entry(posted=(posted,)))[ID] == posted
    assert place.numbers(ID) == [number] and seen(place).keys() == {ID}


def test_a_deleted_issue_is_opened_anew(place: Desk) -> None:
    posted = brought(place, entry())[ID]
    place.issues[place.numbers(ID)[0]].update(labels=[], body=None)
    del place.issues[posted.number]
    place.issues["9" if posted.number.isdigit() else "OPS-9"] = {"body": None, "labels": [], "state": "open"}
    brought(place, entry(posted=(posted,)))
    assert len(place.numbers(ID)) == 1


def test_a_list_of_several_pages_is_read_to_its_end(place: Desk) -> None:
    place.served.page = 2  # type: ignore[attr-defined]
    names = [f"{n:032x}" for n in range(7)]
    brought(place, *(entry(name) for name in names))
    assert seen(place).keys() == set(names)
    brought(place, *(entry(name) for name in names))
    assert len(place.issues) == 7


def test_the_younger_of_two_is_closed_and_its_ticks_count(place: Desk) -> None:
    one, two = place.connected(), place.connected()
    assert one.seen() == two.seen() == {}  # two runs at once
    first, second = one.post(entry()), two.post(entry())
    assert first.number != second.number
    place.tick(second.number, "roll", "seen by Bob")
    one.close()
    told = two.close()
    assert place.is_closed(second.number) and not place.is_closed(first.number)
    assert len(place.comments(second.number)) == 1 and first.url in html.unescape(place.comments(second.number)[0])
    assert not told or second.number in told[0]
    found = seen(place)[ID]
    assert found.posted == first and found.done["roll"].evidence == "seen by Bob"
    brought(place, entry())
    assert len(place.comments(second.number)) == 1 and place.comments(first.number) == []


def test_what_was_edited_in_between_is_not_overwritten(place: Desk) -> None:
    brought(place, entry())
    [number] = place.numbers(ID)
    tracker = place.connected()
    there = tracker.seen()[ID]
    place.tick(number, "roll", "just now")
    tracker.update(there, entry(severity="critical"))
    assert "edited just now" in tracker.close()[0]
    assert seen(place)[ID].done["roll"].evidence == "just now"


def test_people_are_told_why_an_issue_is_open_again(place: Desk) -> None:
    brought(place, entry())
    [number] = place.numbers(ID)
    place.set_closed(number, True)
    assert seen(place)[ID].closed
    brought(place, entry())
    assert not place.is_closed(number)
    assert "without evidence of misuse, roll, delete" in place.comments(number)[0]
    brought(place, closed(entry()))
    brought(place, reopened(closed(entry())))
    assert len(place.comments(number)) == 2
    assert "the value is back" in place.comments(number)[1].replace("&#58;", ":")


def test_people_who_write_a_book_are_told_that_the_steps_have_no_room(place: Desk) -> None:
    from secretsweep.errors import TrackerError

    brought(place, entry())
    [number] = place.numbers(ID)
    place.write(number, "x", "long " * 250_000)
    with pytest.raises(TrackerError, match="no room"):
        brought(place, entry(severity="low"))
    assert "severity high" in place.texts()[number]


def test_an_entry_that_is_at_another_host_is_not_opened_here(place: Desk) -> None:
    from secretsweep.errors import TrackerError

    away = Posted(place.tracker, place.where, "7", "https://git.example.org/shop/infra/issues/7")
    with pytest.raises(TrackerError, match=r"git\.example\.org"):
        brought(place, entry(posted=(away,)))
    assert place.issues == {}


def test_a_description_that_is_empty_is_written_anew(place: Desk) -> None:
    posted = brought(place, entry())[ID]
    place.issues[posted.number]["body"] = None
    assert brought(place, entry(posted=(posted,)))[ID] == posted
    assert place.numbers(ID) == [posted.number]


def test_documents_hold_what_the_text_says(jira: Desk) -> None:
    brought(jira, entry())
    text = json.dumps(jira.issues["OPS-1"]["body"], ensure_ascii=False)
    assert "ALTER ROLE shop NOLOGIN" in text and "Deployment/shop/api" in text
