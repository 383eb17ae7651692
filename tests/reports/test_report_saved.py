"""Saved reports, read back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_samples import EVERYTHING, NOTHING, rendered

from secretsweep.errors import UsageError
from secretsweep.model import Report, Secret
from secretsweep.reports import _order, _saved


def saved(folder: Path, text: str) -> Path:
    path = folder / "report.json"
    path.write_text(text, "utf-8")
    return path


def without_values(report: Report) -> Report:
    """What can come back: in the order of the file, and no value."""
    return replace(
        report,
        credentials=tuple(
            replace(
                item,
                secret=Secret(b""),
                occurrences=tuple(
                    replace(place, introduced=place.introduced and place.introduced._replace(path=place.path))
                    for place in _order.occurrences(item)
                ),
            )
            for item in _order.credentials(report)
        ),
        coverage=replace(report.coverage, skipped=tuple(sorted(report.coverage.skipped))),
        dismissed=tuple(_order.dismissed(report)),
    )


@pytest.mark.parametrize("name", ["json", "jsonl"])
@pytest.mark.parametrize("report", [EVERYTHING, NOTHING])
def test_a_report_comes_back_as_it_was_but_for_the_values(tmp_path: Path, name: str, report: Report) -> None:
    assert _saved.read(saved(tmp_path, rendered(name, report, verbose=1))) == without_values(report)


@pytest.mark.parametrize("name", ["json", "jsonl", "text", "sarif"])
def test_every_format_of_a_saved_report_is_that_of_the_scan(tmp_path: Path, name: str) -> None:
    again = _saved.read(saved(tmp_path, rendered("json", EVERYTHING, verbose=1)))
    assert rendered(name, again, verbose=1) == rendered(name, EVERYTHING, verbose=1)


def test_the_minimum_of_the_schema_is_enough(tmp_path: Path) -> None:
    document = json.loads(rendered("json", EVERYTHING))
    del document["accepted"]
    for name in ("fallbacks", "notes"):
        del document["coverage"][name]
    for credential in document["credentials"]:
        for name in ("name", "advice"):
            del credential[name]
        for place in credential["occurrences"]:
            for name in ("rule", "confidence", "author", "date", "removed", "reachable"):
                del place[name]
            for name in ("branches", "tags", "versions"):
                del place[name]
    report = _saved.read(saved(tmp_path, json.dumps(document)))
    assert [item.name for item in report.credentials] == ["github-pat", "generic-password", "slack-webhook"]
    assert rendered("text", report)


def test_a_line_separator_in_a_name_does_not_break_json_lines(tmp_path: Path) -> None:
    credential = replace(EVERYTHING.credentials[0], name="a\u2028b\x85c")
    text = rendered("jsonl", replace(EVERYTHING, credentials=(credential,)))
    assert _saved.read(saved(tmp_path, text)).credentials[0].name == "a\u2028b\x85c"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a report, it is no JSON; save one with: secretsweep audit --format json"),
        ("[" * 100_000, "not a report, it is no JSON"),
        ("[1]", "not a report of schema 'secretsweep.report/1'; save one with"),
        ('{"version": "2.1.0", "runs": []}', "not a report of schema 'secretsweep.report/1'"),
        ('{"schema": 7}', "not a report of schema 'secretsweep.report/1'"),
        ('{"schema": "secretsweep.report/2"}', "'secretsweep.report/2' is newer than .* upgrade secretsweep"),
        ('{"schema": "secretsweep.report/1"}', "damaged report: tool: wants an object"),
    ],
)
def test_what_is_no_report_is_refused_with_the_file_and_the_next_step(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(UsageError, match=rf"report\.json: .*{says}"):
        _saved.read(saved(tmp_path, text))


@pytest.mark.parametrize(
    ("address", "value", "says"),
    [
        (("credentials", 0, "severity"), "huge", r"credentials\[0\]\.severity: wants one of critical, high"),
        (("credentials", 1, "occurrences", 0, "line"), "12", r"\[1\]\.occurrences\[0\]\.line: wants a whole"),
        (("credentials", 0, "occurrences", 0, "line"), True, "line: wants a whole number"),
        (("credentials", 0, "in_head"), 1, "in_head: wants true or false"),
        (("credentials", 0, "advice"), [1], "advice: wants texts only"),
        (("credentials",), {}, "credentials: wants a list"),
        (("credentials", 2), [], r"credentials\[2\]: wants an object"),
        (("coverage", "skipped"), None, "coverage.skipped: wants a list"),
        (("target", "path"), None, "target.path: wants a text"),
    ],
)
def test_a_damaged_report_names_the_damage(
    tmp_path: Path, address: tuple[Any, ...], value: Any, says: str
) -> None:
    document = json.loads(rendered("json", EVERYTHING))
    inside = document
    for name in address[:-1]:
        inside = inside[name]
    inside[address[-1]] = value
    with pytest.raises(UsageError, match=says):
        _saved.read(saved(tmp_path, json.dumps(document)))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json: No such file or directory; name a saved report"):
        _saved.read(tmp_path / "none.json")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        _saved.read(tmp_path / "binary")
