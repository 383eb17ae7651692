"""Every rule against its own examples, alone and through the whole engine."""

import pytest

from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import Gate, Gates
from secretsweep.detect.match import compiled
from secretsweep.model import Blob, Rule
from secretsweep.rules.check import problems
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill

RULES = load()
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@each_rule
def test_a_rule_matches_its_examples_and_none_of_its_negatives(rule: Rule) -> None:
    assert list(problems(rule)) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.keys], ids=lambda rule: rule.id)
def test_a_gate_reports_few_ends_of_each_example(rule: Rule) -> None:
    gates = Gates([Gate(compiled(rule).shape.gate, "rule", rule.id)], None)
    for example in rule.examples:
        text = fill(example).encode()
        assert 0 < len(gates.hits(text)) <= 64


@each_rule
def test_the_engine_finds_every_example_of_a_rule(rule: Rule, engine: Engine) -> None:
    for example in rule.examples:
        for seed in range(2):
            text = fill(example, seed)
            found = [f.rule for f in engine.scan(Blob("", "settings.conf", text.encode() + b"\n"), [])]
            assert found, f"nothing found in {example!r}"


@each_rule
def test_the_engine_finds_no_negative_by_its_rule(rule: Rule, engine: Engine) -> None:
    for negative in rule.negatives:
        text = fill(negative, 0)
        found = [f.rule for f in engine.scan(Blob("", "settings.conf", text.encode() + b"\n"), [])]
        assert rule.id not in found
