"""Dangling and broken references through `scan`, `audit` and every report."""

import io
import json
from pathlib import Path

import pytest
from repositories import Repo

from secretsweep import reports
from secretsweep.cli._group import cli
from secretsweep.reports import _saved

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: orders-db}\nstringData: {password: '${PASSWORD}'}\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: orders}\nspec:\n  containers:\n    - name: orders\n"
    "      envFrom:\n        - secretRef: {name: NAME}\n"
)
KEY = "spec.containers[0].envFrom[0].secretRef.name"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    code = cli.main([*arguments, "-q", "-f", "json"], standalone_mode=False)
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def tree(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository whose second commit misspells the name of a Secret."""
    repo.commit({"app/pod.yaml": POD.replace("NAME", "orders-db"), "app/secret.yaml": SECRET})
    repo.commit({"app/pod.yaml": POD.replace("NAME", "order-db")})
    monkeypatch.chdir(repo.path)
    return repo


def test_a_scan_of_a_folder_counts_it_and_one_of_single_files_does_not(
    tree: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = run(capsys, "scan", ".")
    (found,) = report["credentials"]
    (place,) = found["occurrences"]
    assert (code, found["rule"], found["kind"], found["severity"]) == (1, "dangling-reference", "reference", "low")
    assert found["preview"] == "order-db"
    assert (place["path"], place["line"], place["column"], place["key"]) == ("app/pod.yaml", 8, 29, KEY)
    assert run(capsys, "scan", "app/pod.yaml", "app/secret.yaml")[0] == 0
    assert run(capsys, "scan", ".", "--fail-on", "medium")[0] == 0


def test_an_audit_tells_it_of_head_with_the_commit_that_brought_it(
    tree: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = run(capsys, "audit", ".")
    (found,) = report["credentials"]
    (place,) = found["occurrences"]
    assert (code, found["rule"], found["in_head"]) == (1, "dangling-reference", True)
    assert found["introduced"]["commit"] == place["commit"] == tree.text("rev-parse", "HEAD").strip()
    assert (place["path"], place["key"]) == ("app/pod.yaml", KEY)
    tree.commit({"app/pod.yaml": POD.replace("NAME", "orders-db")})
    assert run(capsys, "audit", ".") == (0, {**run(capsys, "audit", ".")[1], "credentials": []})


def test_the_same_file_twice_is_two_places_of_one_finding(tree: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    tree.commit({"app/copy.yaml": POD.replace("NAME", "order-db")})
    (found,) = run(capsys, "audit", ".")[1]["credentials"]
    assert [place["path"] for place in found["occurrences"]] == ["app/copy.yaml", "app/pod.yaml"]


def test_the_id_is_the_same_in_a_scan_and_an_audit_and_after_a_move(
    tree: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(capsys, "audit", ".")[1]["credentials"][0]["id"]
    assert run(capsys, "scan", ".")[1]["credentials"][0]["id"] == first
    tree.run("mv", "app", "moved")
    tree.run("commit", "-q", "-m", "move")
    assert run(capsys, "audit", ".")[1]["credentials"][0]["id"] == first


def test_its_rule_can_be_disabled(tree: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".secretsweep.toml").write_text('disable-rules = ["dangling-reference"]\n')
    assert run(capsys, "scan", ".")[0] == 0
    assert run(capsys, "audit", ".")[0] == 0


def test_a_part_of_the_history_says_nothing_of_the_tree(tree: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "audit", ".", "--path", "app/*")[0] == 0


def test_every_report_says_what_dangles_and_does_not_ask_to_rotate_it(
    tree: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "report.json"
    cli.main(["scan", ".", "-q", "-f", "json", "-o", str(saved)], standalone_mode=False)
    for name in reports.names():
        out = io.StringIO()
        reports.load(name).render(_saved.read(saved), out)
        assert "order-db" in out.getvalue()
        assert "rotate" not in out.getvalue()
    capsys.readouterr()
