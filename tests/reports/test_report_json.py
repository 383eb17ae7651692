"""The JSON formats, whose names scripts rely on."""

import json
from dataclasses import replace

from report_samples import EVERYTHING, HOOK, NOTHING, PLACE, TOKEN, rendered

from secretsweep.model import Report, Target

SIGHTING = {
    "commit": "1a2b3c4d5e6f708192a3b4c5d6e7f80910203040",
    "author": "Ada L",
    "date": "2024-03-02T10:15:00+01:00",
    "path": "main.tf",
}


def test_one_credential_has_every_name_of_the_public_interface() -> None:
    report = replace(EVERYTHING, credentials=(TOKEN,))
    assert json.loads(rendered("json", report))["credentials"] == [
        {
            "id": "11" * 16,
            "rule": "github-pat",
            "name": "GitHub personal access token (classic)",
            "kind": "api-token",
            "provider": "GitHub",
            "severity": "critical",
            "confidence": "high",
            "preview": "ghp_...",
            "in_head": True,
            "state": "unverified",
            "introduced": SIGHTING,
            "removed": None,
            "advice": [],
            "occurrences": [
                {
                    "path": "main.tf",
                    "line": 12,
                    "end_line": 12,
                    "column": 15,
                    "end_column": 55,
                    "format": "terraform",
                    "key": "variable.token.default",
                    "trail": [],
                    "rule": "github-pat",
                    "confidence": "high",
                    "commit": SIGHTING["commit"],
                    "author": "Ada L",
                    "date": SIGHTING["date"],
                    "removed": None,
                    "blob": "b1" * 20,
                    "in_head": True,
                    "reachable": "refs",
                    "branches": ["main", "dev"],
                    "tags": [],
                    "versions": 1,
                }
            ],
        }
    ]


def test_a_report_of_nothing_has_the_whole_frame() -> None:
    assert json.loads(rendered("json", NOTHING)) == {
        "schema": "secretsweep.report/1",
        "tool": {"name": "secretsweep", "version": "1.2.3", "rules": "sha256:" + "ab" * 32},
        "target": {"kind": "files", "path": ".", "head": None},
        "coverage": {
            "complete": True,
            "commits": 0,
            "objects": 0,
            "blobs": 0,
            "bytes": 3400,
            "files": 12,
            "fallbacks": 0,
            "notes": [],
            "skipped": [],
        },
        "accepted": 0,
        "credentials": [],
    }


def test_an_incomplete_scan_lists_what_was_not_read() -> None:
    coverage = json.loads(rendered("json", EVERYTHING))["coverage"]
    assert coverage["complete"] is False
    assert coverage["skipped"][0] == {"oid": "dd" * 20, "path": "image.bin", "reason": "lfs", "detail": ""}
    assert len(coverage["skipped"]) == 9


def test_what_no_commit_holds_has_no_commit_and_says_how_it_is_reachable() -> None:
    place = replace(PLACE, introduced=None, reachable="unreachable")
    report = replace(EVERYTHING, credentials=(replace(HOOK, occurrences=(place,), introduced=None),))
    credential = json.loads(rendered("json", report))["credentials"][0]
    assert credential["introduced"] is None
    assert [(o["commit"], o["reachable"]) for o in credential["occurrences"]] == [(None, "unreachable")]


def test_the_document_is_indented_by_one_and_streamed_as_if_written_at_once() -> None:
    text = rendered("json", EVERYTHING, verbose=1)
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"


def test_dismissed_matches_are_there_when_verbose_and_only_then() -> None:
    expected = [
        {"rule": "generic-password", "reason": "a placeholder", "path": "values.yaml", "line": 9},
        {"rule": "generic-password", "reason": "a reference", "path": "main.tf", "line": 4},
    ]
    assert "dismissed" not in json.loads(rendered("json", EVERYTHING))
    assert json.loads(rendered("json", EVERYTHING, verbose=1))["dismissed"] == expected
    assert json.loads(rendered("jsonl", EVERYTHING, verbose=1).split("\n")[0])["dismissed"] == expected


def test_names_stay_data_and_bytes_that_are_no_text_become_text() -> None:
    place = replace(PLACE, path="a\n\x1b\u202e\udcff\\xff.tf")
    report = replace(EVERYTHING, credentials=(replace(TOKEN, occurrences=(place,)),))
    credential = json.loads(rendered("json", report))["credentials"][0]
    assert credential["occurrences"][0]["path"] == "a\n\x1b\u202e\\xff\\xff.tf"


def test_the_password_of_a_url_is_not_part_of_the_target() -> None:
    report: Report = replace(NOTHING, target=Target("history", "https://me:pass@example.org/infra.git"))
    assert json.loads(rendered("json", report))["target"]["path"] == "https://example.org/infra.git"


def test_json_lines_are_a_header_and_a_line_for_each_credential() -> None:
    whole = json.loads(rendered("json", EVERYTHING))
    header, *rest, last = rendered("jsonl", EVERYTHING).split("\n")
    assert last == ""
    assert json.loads(header) == {
        "schema": "secretsweep.report.jsonl/1",
        **{name: whole[name] for name in ("tool", "target", "coverage", "accepted")},
    }
    assert [json.loads(line) for line in rest] == whole["credentials"]
