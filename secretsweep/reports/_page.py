"""A page of a terminal: labels on the left, text wrapped at the width, colour only where it is wanted."""

from collections.abc import Iterable
from typing import TextIO

from secretsweep.reports import _safe

_CODES = {"critical": "1;31", "high": "31", "medium": "33", "low": "36"}
_CODES |= {"bold": "1", "dim": "2", "good": "32"}
_LABEL = 12


class Page:
    """Writes to `out` line by line and keeps nothing; what it is given is printable already."""

    def __init__(self, out: TextIO, *, width: int, colour: bool) -> None:
        self.out, self.width, self.colour = out, max(width, 30), colour
        self._unicode = _safe.speaks_unicode(out)

    @property
    def room(self) -> int:
        """Columns for a piece that stands on a line of its own."""
        return self.width - _LABEL - 2

    def blank(self) -> None:
        self.out.write("\n")

    def headline(self, word: str, style: str, pieces: Iterable[str]) -> None:
        """A word in colour, then what it is about."""
        self._flow(word, style, pieces, "  ", first=2, rest=4)

    def field(self, label: str, pieces: Iterable[str], gap: str = "  ", hang: int = 0) -> None:
        """A label ("" continues the field above) and what belongs to it; a piece is never broken."""
        self._flow("  " + label.ljust(_LABEL - 4), "dim", pieces, gap, first=2, rest=_LABEL + hang)

    def item(self, pieces: Iterable[str], indent: int) -> None:
        """Pieces without a label."""
        first, *others = pieces
        self._flow(" " * indent + first, "", others, "  ", first=2, rest=indent + 2)

    def sentence(self, text: str, indent: int = 0, style: str = "") -> None:
        """Words, wrapped; the first one may be in colour."""
        first, *words = text.split() or [""]
        self._flow(" " * indent + first, style, words, " ", first=1, rest=indent + 2)

    def _flow(
        self, start: str, style: str, pieces: Iterable[str], gap: str, *, first: int, rest: int
    ) -> None:
        """`start`, `first` columns on the pieces; what does not fit goes to a line indented by `rest`."""
        line, at, space = self._painted(start, style), _safe.columns(start), " " * first
        for piece in pieces:
            wide = _safe.columns(piece)
            if at + len(space) + wide > self.width and at > rest:
                self._put(line)
                line, at, space = "", 0, " " * rest
            line, at, space = line + space + piece, at + len(space) + wide, gap
        self._put(line)

    def _painted(self, text: str, style: str) -> str:
        bare = text.strip()
        if not self.colour or not style or not bare:
            return text
        before, after = text[: text.find(bare)], text[text.find(bare) + len(bare) :]
        return f"{before}\x1b[{_CODES[style]}m{bare}\x1b[0m{after}"

    def _put(self, line: str) -> None:
        line = line.rstrip()
        if not self._unicode:
            encoding = self.out.encoding
            line = line.encode(encoding, "backslashreplace").decode(encoding)
        self.out.write(line + "\n")
