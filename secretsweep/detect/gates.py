"""Every expression of the database: what rules, names, formats and decoders want to see."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from secretsweep import decode, formats
from secretsweep.detect.gate import Gate, keep
from secretsweep.detect.keys import noun
from secretsweep.detect.shape import beginning, samples, shape, trigger
from secretsweep.model import Rule

# keys too common to be a gate: a rule that names them is gated by the shape of its value
_COMMON = ("url", "uri", "hook", "bot", "sid", "dsn", "id", "key", "name", "host", "user", "data", "value")
_TELLING = 16  # characters of a value that must fit before its line is looked at


def of(rules: tuple[Rule, ...], cache: Path | None) -> list[Gate]:
    """The gates for these rules, from the cache when nothing that they follow from has changed."""
    file = cache / f"gates-{_digest(rules)}.json" if cache else None
    if file is not None:
        try:
            return [Gate(*entry) for entry in json.loads(file.read_bytes())]
        except (OSError, ValueError, TypeError):
            pass  # there is none yet, or it is damaged
    found = list(_gates(rules))
    if file is not None:
        keep(file, json.dumps(found).encode())
    return found


def _digest(rules: tuple[Rule, ...]) -> str:
    """Of the rules, and of the code that makes gates of them."""
    total = hashlib.sha256(repr([(r.id, r.provider, r.pattern, r.keys) for r in rules]).encode())
    package = Path(__file__).parent.parent
    for file in sorted(f for name in ("detect", "decode", "formats") for f in (package / name).glob("*.py")):
        total.update(file.read_bytes())
    return total.hexdigest()[:32]


def _gates(rules: tuple[Rule, ...]) -> Iterator[Gate]:
    prefixes = set()
    for rule in rules:
        if not rule.keys:
            parts = shape(rule.pattern)
            prefixes.add(parts.prefix.encode())
            yield Gate(parts.gate, "rule", rule.id)
    yield from _key_gates(rule for rule in rules if rule.keys)
    owners: dict[tuple[str, str], list[str]] = {}
    for fmt in formats.every():
        for gate in fmt.GATES:
            owners.setdefault((gate.pattern, gate.region), []).append(fmt.NAME)
    for (pattern, region), targets in owners.items():
        yield Gate(pattern, "region", " ".join(targets), region)
    words = {prefix for prefix in prefixes if len(set(prefix)) >= 4} | set(decode.KEYWORDS)
    for name, encoding in decode.encodings().items():
        for pattern in encoding.gates(tuple(sorted(words))):
            yield Gate(pattern, "decoder", name)


def _key_gates(rules: Iterable[Rule]) -> Iterator[Gate]:
    """Gates for names. One for all names that hold a secret by their last word; own ones for what it does not see,
    which also want the beginning of the value."""
    operator = r"[\w.\-]*[\\\"'`\])]*[ \t]*[:=>]"
    for rule in rules:
        called = trigger(rule.keys)
        if not rule.provider:
            yield Gate(called + operator, "generic", "", "statement")
            continue
        keys = re.compile(rule.keys)
        if any(keys.search(word) for word in _COMMON):
            yield Gate(shape(rule.pattern).gate, "value", rule.id)
        elif not all(noun(name) for name in samples(rule.keys)):
            start = r"[\s\"'`|>]{0,40}" + beginning(rule.pattern, _TELLING)
            yield Gate(called + operator + start, "value", rule.id)
