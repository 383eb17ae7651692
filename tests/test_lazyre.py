"""Expressions that are compiled at their first use do what others do."""

import re

import pytest

from secretsweep import lazyre


def test_an_expression_is_compiled_when_it_is_used() -> None:
    expression = lazyre.compile(rb"(a+)(?P<b>b)", re.IGNORECASE)
    assert (expression.pattern, expression.flags) == (rb"(a+)(?P<b>b)", re.IGNORECASE)
    assert "search" not in vars(expression)
    found = expression.search(b"xAAB")
    assert found is not None and found.span("b") == (3, 4)
    assert "search" in vars(expression)
    assert expression.sub(b"-", b"ab ab") == b"- -"


def test_a_mistake_shows_at_the_first_use() -> None:
    expression = lazyre.compile("(")
    with pytest.raises(re.error):
        expression.match("x")


def test_what_an_expression_has_not_is_an_attribute_error() -> None:
    assert not hasattr(lazyre.compile("a"), "scanner_of_old")
