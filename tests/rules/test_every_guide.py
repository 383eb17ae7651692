"""Every guide by itself, and that each rule names one: commands that a shell reads, links, nothing that is a value."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import jmespath
import pytest

from secretsweep.detect.detect_secrets import GUIDES, Second
from secretsweep.detect.engine import Engine
from secretsweep.model import Blob, Guide, Rule
from secretsweep.model.guide import OVERLAPS, STEPS
from secretsweep.rules import guides
from secretsweep.rules.builtin import RULES
from secretsweep.rules.check import _values
from secretsweep.rules.guide_check import NAMED, problems, together, unknown
from secretsweep.rules.guide_text import lines
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill

EVERY = guides.load()
each_guide = pytest.mark.parametrize("guide", EVERY.values(), ids=lambda guide: guide.name)


@each_guide
def test_a_guide_has_the_ten_steps_in_order_and_nothing_wrong(guide: Guide) -> None:
    assert tuple(step.id for step in guide.steps) == STEPS
    assert all(step.text for step in guide.steps) and guide.title and guide.about
    assert guide.overlap in OVERLAPS
    assert list(problems(guide)) == []


@each_guide
def test_no_field_was_taken_for_text(guide: Guide) -> None:
    texts = [guide.title, guide.about, guide.query, *(step.text for step in guide.steps)]
    assert [text for text in texts if re.search(r"\b(?:commands|links):(?: |$)", text)] == []


@each_guide
def test_json_in_a_command_parses(guide: Guide) -> None:
    words = [word for step in guide.steps for command in step.commands for word in shlex.split(_filled(command))]
    for word in words:
        if re.match(r"\{.", word):
            json.loads(word)


@each_guide
def test_a_query_of_aws_and_azure_compiles(guide: Guide) -> None:
    for command in (command for step in guide.steps for command in step.commands):
        words = shlex.split(_filled(command))
        if words[0] in ("aws", "az") and "--query" in words:
            jmespath.compile(words[words.index("--query") + 1])


@each_guide
def test_a_new_value_is_no_argument(guide: Guide) -> None:
    said = [_filled(command) for step in guide.steps for command in step.commands]
    option = re.compile(r"--[\w-]*(?:password|passphrase|secret|token)[ =]['\"]?[\w<$]")
    statement = re.compile(r"(?:PASSWORD|IDENTIFIED BY|IDENTIFIED WITH \w+ BY) *=? *'")
    assert [command for command in said if option.search(command) or statement.search(command)] == []


@each_guide
def test_a_guides_text_says_every_step_and_link(guide: Guide) -> None:
    text = "\n".join(lines(guide))
    assert [step.id for step in guide.steps if f" {step.id}: " not in text] == []
    assert [link for link in guide.links if link not in text] == []
    assert [c for step in guide.steps for c in step.commands if c not in text] == []


def test_bash_reads_every_command() -> None:
    script = "\n".join(_filled(c) for guide in EVERY.values() for step in guide.steps for c in step.commands)
    said = subprocess.run(("bash", "-n"), input=script, capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("file", sorted(guides.folder().glob("*.yaml")), ids=lambda file: file.stem)
def test_a_guide_holds_no_credential(file: Path, engine: Engine) -> None:
    found = engine.scan(Blob("", file.name, file.read_bytes()), [])
    assert [(f.rule.id, f.key) for f in found] == []


def test_guides_and_rules_belong_together() -> None:
    assert list(together(EVERY, (*load(), *RULES.values()), GUIDES.values())) == []


@pytest.mark.parametrize("rule", [*load(), *RULES.values(), *Second().rules.values()], ids=lambda rule: rule.id)
def test_every_rule_names_a_guide_that_exists(rule: Rule) -> None:
    assert list(unknown(rule, EVERY, True)) == []
    assert guides.named(rule.guide).name == rule.guide


def test_no_identifier_takes_a_value_that_a_rule_finds() -> None:
    """What stands beside a credential and looks like an identifier is printed: it must be no credential itself."""
    wanted = [(g.name, n, i.rule, re.compile(i.pattern)) for g in EVERY.values() for n, i in g.identifiers.items()]
    taken = set()
    for rule in load():
        for text in (fill(example, seed) for example in rule.examples for seed in range(2)):
            secrets = set(_values(rule, text))
            for guide, name, own, pattern in wanted:
                found = {match[match.lastindex or 0] for match in pattern.finditer(text)} if pattern.pattern else set()
                if own != rule.id and found & secrets:
                    taken.add(f"{guide}: {name} takes what {rule.id} finds")
    assert sorted(taken) == []


def test_the_titles_are_told_apart() -> None:
    titles = [guide.title for guide in EVERY.values()]
    assert len(set(titles)) == len(titles)


def _filled(command: str) -> str:
    return NAMED.sub("x", command)
