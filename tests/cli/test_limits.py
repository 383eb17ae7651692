"""Limits that the configuration sets are kept, and what they leave out is reported."""

from pathlib import Path

import pytest
from repositories import Repo, hcl

from secretsweep.cli._group import cli


def _run(*arguments: str) -> int:
    result = cli.main(arguments, standalone_mode=False)
    assert isinstance(result, int)
    return result


def test_a_file_above_the_configured_size_is_not_read_and_said_so(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"big.tf": hcl("Tr0ub4dor&3-x") + "# padding\n" * 300, ".secretsweep.toml": "max-file-size = 1024\n"})
    monkeypatch.chdir(repo.path)
    assert _run("audit", ".", "-q") == 3
    assert "too-large" in capsys.readouterr().out
    assert _run("scan", "big.tf", "-q") == 3
    assert "too-large" in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_refused_before_the_scan(repo: Repo, tmp_path: Path) -> None:
    from secretsweep.errors import UsageError

    repo.commit({"a.tf": hcl("Tr0ub4dor&3-x")})
    with pytest.raises(UsageError, match="there is no folder"):
        _run("audit", str(repo.path), "-q", "-o", str(tmp_path / "missing" / "report.json"))


def test_a_full_disk_loses_no_report(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    from secretsweep.errors import UsageError

    repo.commit({"a.tf": hcl("Tr0ub4dor&3-x")})
    with pytest.raises(UsageError, match="No space left"):
        _run("audit", str(repo.path), "-q", "-f", "json", "-o", "/dev/full")
    assert '"rule": "generic-password"' in capsys.readouterr().out
