"""Hostile names, disarmed; and the words and numbers that reports share."""

import pytest

from secretsweep.model import Skipped
from secretsweep.reports import _advice, _coverage, _safe
from secretsweep.rules.load import KINDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ü 設定.tf", "plain ü 設定.tf"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\u009b2J"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud83d", "\\ud83d"),
        ("\u202egpj.exe\u2066\u200b\ufeff", "\\u202egpj.exe\\u2066\\u200b\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_does_not_print_is_escaped_and_what_prints_is_left_alone(text: str, expected: str) -> None:
    assert _safe.shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:pass@example.org/x", "https://example.org/x"),
        ("cannot fetch https://x-token:abc@example.org/x: 403", "cannot fetch https://example.org/x: 403"),
        ("git@example.org:infra.git", "git@example.org:infra.git"),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("dir/a@b", "dir/a@b"),
    ],
)
def test_user_and_password_of_a_url_are_left_out(text: str, expected: str) -> None:
    assert _safe.place(text) == expected


@pytest.mark.parametrize(("text", "room"), [("k" * 50, 20), ("設" * 50, 20), ("k" * 50, 3), ("a設" * 30, 21)])
def test_what_is_shortened_fits(text: str, room: int) -> None:
    short = _safe.shortened(text, room)
    assert "..." in short
    assert _safe.columns(short) <= max(room, 5)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_501, "1.0 MB"),
        (472_100_000, "472 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_are_decimal_and_short(number: int, expected: str) -> None:
    assert _coverage.size(number) == expected


def test_every_reason_has_its_words_and_a_next_step() -> None:
    names = [value for name, value in vars(Skipped).items() if name.isupper()]
    assert names
    assert [name for name in names if not _coverage.reason(name).do] == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_own_first_step(kind: str) -> None:
    first = _advice.rotate(kind, "Acme")
    assert first.startswith("Treat it as leaked: rotate it first. ")
    assert first != _advice.rotate("no-such-kind", "Acme")
    assert "{" not in first + _advice.rotate(kind, "")
