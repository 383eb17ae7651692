"""`secretsweep verify` for a database password in a Helm chart's values, at a real PostgreSQL."""

import json
import logging
import os
from pathlib import Path

import pytest
from engines import PostgreSQL
from servers import HERE

from secretsweep.cli._group import cli
from secretsweep.verifiers import by_rule, every, providers


@pytest.fixture
def password(postgres: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A role's, as it stands in a file of the current folder."""
    value = "Tr0ub4dor" + os.urandom(6).hex()
    postgres.sql("DROP ROLE IF EXISTS shop")
    postgres.sql(f"CREATE ROLE shop LOGIN PASSWORD '{value}'")
    (tmp_path / "values.yaml").write_text(
        f"database:\n  type: postgres\n  host: {HERE}\n  port: {postgres.port}\n  username: shop\n  password: {value}\n"
        f"cache:\n  password: Oth3r{value}\n"
    )
    monkeypatch.chdir(tmp_path)
    return value


def test_it_is_live_until_it_is_rotated(
    postgres: PostgreSQL, password: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def run(*arguments: str) -> tuple[int, list[dict[str, str]]]:
        code = cli.main(("verify", "-f", "json", *arguments), standalone_mode=False)
        out, err = capsys.readouterr()
        assert password not in out + err + caplog.text
        return code, [entry for entry in json.loads(out)["credentials"] if entry["provider"] == "postgresql"]

    allowed = ("--provider", "postgresql", "--proxy", "none", "--allow-address", HERE)
    code, found = run("--dry-run")
    assert code == 0 and [entry["where"] for entry in found] == [f"{HERE}:{postgres.port}"]
    code, found = run(*allowed[:2])
    assert code == 3 and [entry["state"] for entry in found] == ["unknown"]
    code, found = run(*allowed)
    assert code == 1 and [entry["state"] for entry in found] == ["live"]
    postgres.sql("ALTER ROLE shop PASSWORD 'another-Tr0ub4dor'")
    code, found = run(*allowed)
    assert code == 0 and [entry["state"] for entry in found] == ["dead"]


def test_nobody_is_asked_about_a_password_that_says_nothing_of_a_server(
    password: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("values.yaml").write_text(f"cache:\n  password: {password}\n")
    assert cli.main(("verify", "--all-providers", "-f", "json"), standalone_mode=False) == 0
    (entry,) = json.loads(capsys.readouterr().out)["credentials"]
    assert (entry["asked"], entry["why_not"]) == (False, "nothing beside it says what it opens")


def test_there_are_forty_kinds_and_more() -> None:
    assert len(every()) > 100 and len(providers()) > 90
    for rule, able in by_rule().items():
        assert sum(not hasattr(verifier, "fits") for verifier in able) <= 1, rule
    for verifier in every():
        assert (
            isinstance(verifier.RULES, tuple) and verifier.DOCS and all(d.startswith("https://") for d in verifier.DOCS)
        )
