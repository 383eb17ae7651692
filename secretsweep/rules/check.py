"""A rule carries its proof: its examples match, its negatives do not."""

import re
from collections.abc import Iterator

from secretsweep.model import Rule
from secretsweep.rules.checksum import CHECKS
from secretsweep.rules.entropy import entropy
from secretsweep.rules.placeholders import fill

SEEDS = 5  # fillings of every placeholder that a check tries
_ASSIGNMENT = re.compile(r"""^\s*(?:export\s+)?["']?([\w.\-/]+)["']?\s*(?::=|=>|[:=])\s*(["']?)(.*?)\2[,;]?\s*$""")


def problems(rule: Rule) -> Iterator[str]:
    """What is wrong with a rule, judged by its own examples and negatives; nothing when it is right."""
    if rule.checksum and rule.checksum not in CHECKS:
        yield f"checksum {rule.checksum!r} is none of {', '.join(sorted(CHECKS))}"
        return
    for example in rule.examples:
        if "${" not in example and not rule.generic and rule.kind != "private-key":
            yield f"example holds no placeholder: {example!r}"
        for seed in range(SEEDS):
            if not found(rule, fill(example, seed)):
                yield f"does not match its example {example!r} (filling {seed})"
                break
    for negative in rule.negatives:
        for seed in range(SEEDS):
            if found(rule, fill(negative, seed)):
                yield f"matches its negative {negative!r} (filling {seed})"
                break


def found(rule: Rule, text: str) -> bool:
    """Whether the rule alone, without placeholder and reference lists, takes something in `text`."""
    return any(_passes(rule, value) for value in _values(rule, text))


def _values(rule: Rule, text: str) -> Iterator[str]:
    pattern = re.compile(rule.pattern)
    if rule.keys:
        for line in text.splitlines():
            parts = _ASSIGNMENT.match(line)
            if parts and re.search(rule.keys, parts[1]) and (whole := pattern.fullmatch(parts[3])):
                yield _secret(whole)
        return
    for match in pattern.finditer(text):
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if not rule.boundary or not (_joins(before, match[0][:1]) or _joins(match[0][-1:], after)):
            yield _secret(match)


def _joins(left: str, right: str) -> bool:
    """Whether two neighbouring characters continue one word."""
    return bool(left and right) and all(c.isascii() and (c.isalnum() or c == "_") for c in (left, right))


def _secret(match: "re.Match[str]") -> str:
    return str(match["secret"] if "secret" in match.re.groupindex else match[0])


def _passes(rule: Rule, value: str) -> bool:
    return bool(value) and entropy(value) >= rule.entropy and (not rule.checksum or CHECKS[rule.checksum](value))
