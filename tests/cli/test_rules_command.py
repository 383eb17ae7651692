"""`rules list` and `rules show` tell of every rule that a report may name."""

import pytest

from secretsweep.cli._group import cli
from secretsweep.errors import UsageError
from secretsweep.rules.builtin import RULES
from secretsweep.rules.load import load


def _run(*arguments: str) -> None:
    assert cli.main(("rules", *arguments), standalone_mode=False) == 0


def test_every_rule_is_listed_also_those_that_are_built_in(capsys: pytest.CaptureFixture[str]) -> None:
    _run("list")
    said = capsys.readouterr()
    ids = [line.split()[0] for line in said.out.splitlines()]
    assert sorted(ids) == sorted([*(rule.id for rule in load()), *RULES])
    assert f"{len(ids)} rules" in said.err


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_built_in_is_shown_as_such(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    _run("show", rule)
    said = capsys.readouterr().out
    assert RULES[rule].name in said and "built in:" in said
    assert "patterns/" not in said and "keys:" not in said


def test_a_rule_of_a_file_is_shown_with_its_pattern_and_file(capsys: pytest.CaptureFixture[str]) -> None:
    _run("show", "generic-password")
    said = capsys.readouterr().out
    assert "pattern:" in said and "patterns/generic.yaml" in said and "built in:" not in said


def test_a_slip_in_the_name_of_a_rule_that_is_built_in_is_mended() -> None:
    with pytest.raises(UsageError, match="did you mean dangling-reference"):
        cli.main(("rules", "show", "dangling-referense"), standalone_mode=False)
