"""What holds for every report format, whoever adds one."""

import io
from dataclasses import replace

import pytest
from pace import grows
from report_samples import EVERYTHING, NOTHING, PASSWORD, PLANTED, TOKEN, golden, rendered

from secretsweep import reports
from secretsweep.errors import UsageError
from secretsweep.model import Occurrence, Report, Secret

NAMES = reports.names()
HOSTILE = "a\nb\x1b[31m\u202e\udcff\x85\x00\u2028.tf"


class Untouchable(Secret):
    """A secret that nobody may look at."""

    __slots__ = ()

    def reveal(self) -> bytes:
        raise AssertionError("a report asked for the value")

    def __len__(self) -> int:
        raise AssertionError("a report asked for the length of the value")


def hostile() -> Report:
    """Every text of a credential is out to break the output."""
    place: Occurrence = replace(
        TOKEN.occurrences[0], path=HOSTILE, key=HOSTILE, trail=(HOSTILE,), branches=(HOSTILE,)
    )
    since = TOKEN.introduced._replace(author=HOSTILE, path=HOSTILE) if TOKEN.introduced else None
    credential = replace(TOKEN, occurrences=(place,), introduced=since, name=HOSTILE, advice=(HOSTILE,))
    return replace(EVERYTHING, credentials=(credential,))


def many(count: int) -> Report:
    """A report of `count` credentials with two places each."""
    places = (TOKEN.occurrences[0], PASSWORD.occurrences[0])
    credentials = (replace(TOKEN, id=f"{n:032x}", occurrences=places) for n in range(count))
    return replace(EVERYTHING, credentials=tuple(credentials))


def test_the_formats_are_the_modules_and_helpers_are_none() -> None:
    assert {"text", "json", "jsonl", "sarif"} <= set(NAMES)
    assert not [name for name in NAMES if name.startswith("_")]


def test_an_unknown_format_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UsageError, match=r"--format _safe: no such report; there are .*sarif.*text"):
        reports.load("_safe")


@pytest.mark.parametrize("name", NAMES)
def test_every_format_names_its_media_type(name: str) -> None:
    assert reports.load(name).MEDIA.count("/") == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_file_is_what_is_written(name: str) -> None:
    assert rendered(name, EVERYTHING) == golden(name).read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("verbose", [0, 1, 3])
def test_a_value_is_never_written_nor_even_looked_at(name: str, verbose: int) -> None:
    credentials = tuple(replace(item, secret=Untouchable(PLANTED)) for item in EVERYTHING.credentials)
    text = rendered(name, replace(EVERYTHING, credentials=credentials), verbose=verbose, colour=True)
    assert PLANTED.decode() not in text


@pytest.mark.parametrize("name", NAMES)
def test_the_order_in_which_things_were_found_does_not_show(name: str) -> None:
    def backwards(report: Report) -> Report:
        found = tuple(replace(item, occurrences=item.occurrences[::-1]) for item in report.credentials[::-1])
        coverage = replace(report.coverage, skipped=report.coverage.skipped[::-1])
        return replace(report, credentials=found, coverage=coverage, dismissed=report.dismissed[::-1])

    assert rendered(name, backwards(EVERYTHING), verbose=1) == rendered(name, EVERYTHING, verbose=1)


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_no_text_come_out_as_valid_utf8_without_raw_control_characters(name: str) -> None:
    text = rendered(name, hostile(), verbose=1)
    assert text.encode("utf-8")
    assert not set(text) & set("\x1b\x00")
    assert "\\xff" in text or "%FF" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_knows_only_ascii_takes_every_report(name: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    reports.load(name).render(hostile(), out, verbose=1)
    reports.load(name).render(EVERYTHING, out)
    out.flush()


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_nothing_is_still_a_report(name: str) -> None:
    assert rendered(name, NOTHING).endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_twenty_thousand_credentials_take_linear_time(name: str) -> None:
    grows(many, lambda report: rendered(name, report), 20_000)
