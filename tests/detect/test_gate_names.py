"""The database sees names that are written together, in texts of any length: hyperscan alone overlooks some."""

import re

import pytest

from secretsweep.detect import gates
from secretsweep.detect.gate import Gates
from secretsweep.rules.load import load

VALUES = {"nrlicense": "0" * 36 + "NRAL", "wgpsk": "a" * 43 + "=", "ddappkey": "0" * 40, "mjsecret": "0" * 32}
NAMED = [gate for gate in gates.of(load(), None) if gate.kind == "value"]


@pytest.mark.parametrize("name", VALUES)
def test_a_name_written_together_is_seen(name: str) -> None:
    texts = [
        f"{before}{name}{operator}{VALUES[name]} zzzzzzzzzzzzzzzzz\n"
        for before in ("", "  ", "a" * 20 + "\n", "a" * 100 + "\n  ", "x: y\n\t")
        for operator in (": ", "=", ' = "', '": "')
    ]
    fitting = [g for g in NAMED if all(re.search(g.expression, text, re.DOTALL) for text in texts)]
    assert fitting
    for gate in fitting:
        database = Gates([gate], None)
        assert [text for text in texts if not database.hits(text.encode())] == [], gate.target
