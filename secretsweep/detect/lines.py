"""Where a byte stands for a person: line and column, told one after the other without counting from the start again."""

from secretsweep.model import Place, Span

_BOM = b"\xef\xbb\xbf"


class Lines:
    """The lines of a text; offsets that come in rising order cost one pass over it in all."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._begin()

    def _begin(self) -> None:
        self._line = self._column = 1
        self._at = 3 if self._data.startswith(_BOM) else 0

    def place(self, span: Span) -> Place:
        """Line and column of both ends, from 1; columns in characters, the end exclusive."""
        line, column = self._of(span.start)
        before = self._at, self._line, self._column
        end_line, end_column = self._of(span.end)
        self._at, self._line, self._column = before  # the next finding may lie inside this one
        return Place(line, column, end_line, end_column)

    def _of(self, at: int) -> tuple[int, int]:
        if at < self._at:
            self._begin()
        data = self._data
        lines = data.count(b"\n", self._at, at)
        if lines:
            self._line += lines
            self._column = 1
            self._at = data.rfind(b"\n", self._at, at) + 1
        if at > self._at:
            self._column += _characters(data[self._at : at])
            self._at = at
        return self._line, self._column


def _characters(text: bytes) -> int:
    return len(text) if text.isascii() else len(text.decode("utf-8", "replace"))
