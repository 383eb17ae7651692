"""`rules list` and `rules show` tell of every rule that a report may name."""

from pathlib import Path

import pytest

from secretsweep.cli._group import cli
from secretsweep.errors import UsageError
from secretsweep.rules import guides
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


RULE = """provider: Acme
rules:
  - id: acme-key
    name: Acme
    kind: api-token
    severity: high
    confidence: high
    pattern: 'acme-[0-9]{12}'
    examples: ['acme-${digit:12}']
"""


def _checked(folder: Path, text: str) -> int:
    (folder / "acme.yaml").write_text(text, encoding="utf-8")
    return int(cli.main(("rules", "check", str(folder / "acme.yaml")), standalone_mode=False))


def test_the_packaged_rules_and_guides_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    _run("check")
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{len(load())} rules, 0 with problems" in said.err
    assert f"{len(guides.load())} guides, 0 problems" in said.err


def test_a_rule_of_ones_own_needs_no_guide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _checked(tmp_path, RULE) == 0
    assert _checked(tmp_path, RULE.replace("rules:", "guide: general\nrules:")) == 0
    assert capsys.readouterr().out == ""


def test_a_rule_of_ones_own_that_names_no_guide_that_exists_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _checked(tmp_path, RULE.replace("    kind:", "    guide: acne\n    kind:")) == 2
    assert "acme.yaml: acme-key: guide 'acne': no such guide" in capsys.readouterr().out


def test_a_packaged_rule_without_a_guide_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secretsweep.rules.load.packaged", lambda: tmp_path)
    assert _checked(tmp_path, RULE) == 2
    assert "acme-key: field 'guide' is missing" in capsys.readouterr().out


def test_a_rule_is_shown_with_its_guide(capsys: pytest.CaptureFixture[str]) -> None:
    _run("show", "aws-access-key-id")
    assert "rotation:    aws-access-key: AWS access key of an IAM user" in capsys.readouterr().out


def test_every_guide_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    _run("guides")
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == sorted(guides.load())
    assert f"{len(guides.load())} guides" in said.err


def test_a_guide_is_shown_with_its_steps_commands_and_links(capsys: pytest.CaptureFixture[str]) -> None:
    _run("guide", "aws-access-key")
    said = capsys.readouterr().out
    assert "Overlap: yes" in said and "\n3. create: " in said and "<key-id>  id of the access key" in said
    assert "\n     aws iam create-access-key --user-name <user>\n" in said
    assert said.splitlines()[-1].startswith("https://docs.aws.amazon.com/")


def test_a_slip_in_the_name_of_a_guide_is_mended() -> None:
    with pytest.raises(UsageError, match="acess-key: no such guide; did you mean aws-access-key"):
        cli.main(("rules", "guide", "aws-acess-key"), standalone_mode=False)
    with pytest.raises(UsageError, match="`secretsweep rules guides` names them"):
        cli.main(("rules", "guide", "§"), standalone_mode=False)
