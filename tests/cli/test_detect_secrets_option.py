"""detect-secrets is asked only on request, finds what only it knows, and dismisses what is weak, with the reason."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

from secretsweep.cli._group import cli
from secretsweep.detect.detect_secrets import Second
from secretsweep.detect.engine import Engine
from secretsweep.detect.members import Lost
from secretsweep.model import Blob, Secret
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill

VALUE = fill("${hex:64}", 7)
SERIAL = fill("${uuid}", 7)
FILE = f'clou_key = "{VALUE}"\nclient_secret = "{SERIAL}"\n'


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[str], str]:
    """The rules of what was found, and the whole report."""
    cli.main([*arguments, "-q", "-f", "json"], standalone_mode=False)
    said = capsys.readouterr().out
    return sorted(item["rule"] for item in json.loads(said)["credentials"]), said


def test_it_is_not_asked_without_the_option(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"a.conf": FILE})
    monkeypatch.chdir(repo.path)
    assert run(capsys, "scan", "a.conf")[0] == ["generic-secret"]
    assert run(capsys, "audit", ".")[0] == ["generic-secret"]


@pytest.mark.parametrize("command", [("scan", "a.conf"), ("audit", ".")])
def test_a_plugin_finds_a_type_that_no_rule_knows_and_a_filter_dismisses_a_weak_finding(
    command: tuple[str, ...], repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"a.conf": FILE})
    monkeypatch.chdir(repo.path)
    rules, report = run(capsys, *command, "--detect-secrets", "-v")
    assert rules == ["detect-secrets/cloudant"]
    assert VALUE not in report
    found = json.loads(report)
    (place,) = found["credentials"][0]["occurrences"]
    assert (place["path"], place["line"], place["column"]) == ("a.conf", 1, 13)
    assert [(d["rule"], d["reason"], d["line"]) for d in found["dismissed"]] == [
        ("generic-secret", "detect-secrets: a UUID", 2)
    ]


def test_the_configuration_and_the_environment_ask_it_and_the_command_line_counts_more(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"a.conf": FILE, ".secretsweep.toml": "detect-secrets = true\n"})
    monkeypatch.chdir(repo.path)
    assert run(capsys, "scan", "a.conf")[0] == ["detect-secrets/cloudant"]
    assert run(capsys, "scan", "a.conf", "--no-detect-secrets")[0] == ["generic-secret"]
    (repo.path / ".secretsweep.toml").unlink()
    monkeypatch.setenv("SECRETSWEEP_DETECT_SECRETS", "true")
    assert run(capsys, "scan", "a.conf")[0] == ["detect-secrets/cloudant"]


def test_a_finding_of_ours_tells_more_than_the_same_one_of_a_plugin(tmp_path: Path) -> None:
    token = fill("ghp_${alnum:30}${checksum_github}", 3)
    engine = Engine(load(), tmp_path, second=Second())
    lost: list[Lost] = []
    found = engine.scan(Blob("", "a.conf", f'token = "{token}"\n'.encode()), lost)
    assert [(f.rule, f.secret) for f in found] == [("github-pat", Secret(token.encode()))]


def test_references_and_placeholders_are_none_for_a_plugin_either() -> None:
    second = Second()
    assert list(second.found("url: https://user:${PASSWORD}@example.org")) == []
    assert list(second.found('key = "AKIAIOSFODNN7EXAMPLE"')) == []
    assert list(second.found("x" * 3000 + f' clou_key = "{VALUE}"')) == []


def test_it_says_nothing_itself(capfd: pytest.CaptureFixture[str]) -> None:
    second = Second()
    logging.getLogger("detect_secrets.core.log").error(VALUE)
    list(second.found(f'clou_key = "{VALUE}"'))
    assert capfd.readouterr() == ("", "")


def test_a_scan_without_it_does_not_import_it(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text(FILE)
    code = (
        "import sys, atexit; atexit.register(lambda: print('detect_secrets' in sys.modules, file=sys.stderr)); "
        "from secretsweep.cli import main; main()"
    )
    for option, imported in ((), "False"), (("--detect-secrets",), "True"):
        ran = subprocess.run(
            [sys.executable, "-c", code, "scan", "a.conf", "-q", *option],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr.strip()) == (1, imported)
