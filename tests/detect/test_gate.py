"""The database sees what its expressions say, wherever it stands in a text."""

import re

import pytest

from secretsweep import formats
from secretsweep.detect.gate import Gate, Gates
from secretsweep.formats import _gates


def _seen(expression: str, text: str) -> bool:
    return bool(Gates([Gate(expression, "region", "text", "statement")], None).hits(text.encode()))


@pytest.mark.parametrize("before", [0, 5, 13, 14, 20, 40, 100])
@pytest.mark.parametrize("flag", ["-pwd", "-token", "--token", "-db-token", "--secret-key"])
def test_a_flag_is_seen_however_long_the_command_before_it_is(flag: str, before: int) -> None:
    assert _seen(_gates.ARGUMENT.pattern, f"{'a' * before} {flag} Kx9")


WIDE = sorted(
    {g.pattern for fmt in formats.every() for g in fmt.GATES if re.match(r"(?:\(\?i\))?\[[^\]]+\]-", g.pattern)}
)


@pytest.mark.parametrize("expression", WIDE)
def test_gates_for_flags_see_what_re_sees(expression: str) -> None:
    texts = [
        f"{'a' * n}{start}{flag}{behind}"
        for n in (0, 20, 60)
        for start in (" ", '"', " (")
        for flag in ("-pwd", "-token", "-secret", "--db-password")
        for behind in (" Kx9", "=Kx9", '" ,', '", "', ":Kx9")
    ]
    assert [t for t in texts if re.search(expression, t) and not _seen(expression, t)] == []
