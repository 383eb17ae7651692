"""Lines and columns, told one after the other, are those that counting from the start gives."""

from hypothesis import given
from hypothesis import strategies as st

from secretsweep.detect.lines import Lines
from secretsweep.model import Place, Span


def counted(text: str, at: int) -> tuple[int, int]:
    before = text[:at].removeprefix("\ufeff")
    return before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


@given(st.text(alphabet="ab\n\r ä€😀"), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))), st.booleans())
def test_places_in_any_order_are_right(text: str, spans: list[tuple[int, int]], mark: bool) -> None:
    text = "\ufeff" * mark + text
    lines = Lines(text.encode())
    for first, last in spans:
        start, end = sorted((min(first, len(text)), min(last, len(text))))
        span = Span(len(text[:start].encode()), len(text[:end].encode()))
        assert lines.place(span) == Place(*counted(text, start), *counted(text, end))


def test_a_long_line_of_many_findings_takes_one_pass() -> None:
    data = "ä".encode() * 2_000_000
    lines = Lines(data)
    assert [lines.place(Span(at, at + 2)).column for at in range(0, 200_000, 2)] == list(range(1, 100_001))
