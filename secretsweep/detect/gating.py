"""Which gates a file meets: those that every file does, and those that its format has for itself.

Formats bring gates for shapes that nothing else has (`password x` of netrc, five fields of pgpass): in one database
with the others they cost every file of a history two thirds of its time.
"""

from collections.abc import Sequence
from pathlib import Path

from secretsweep import formats
from secretsweep.detect.gate import Gate, Gates

_BOM = b"\xef\xbb\xbf"
_HEAD = 64  # bytes in which the first word of a file ends
_MANIFESTS = frozenset(("yaml", "helm"))  # formats with PATHS that files of manifests match
_HOLDS_FILES = Gate("onfigMap|stringData", "holds", "")  # of manifests that hold files of other formats
EMBEDDED = "embedded"  # the region of a file inside a file, for the gates of its format


class Gating:
    """The databases, and what each gate means; those of single formats are loaded when such a file is met."""

    def __init__(self, gates: Sequence[Gate], cache: Path | None) -> None:
        limited = {fmt.NAME for fmt in formats.every() if hasattr(fmt, "PATHS")}
        apart = [g for g in gates if g.kind == "region" and limited.issuperset(g.target.split())]
        common = [g for g in gates if not (g.kind == "region" and limited.issuperset(g.target.split()))]
        self.meaning = [(g.kind, g.target, g.region) for g in (*common, *apart)]
        self._holds = len(self.meaning)
        self._common = Gates((*common, _HOLDS_FILES), cache, (*range(len(common)), self._holds))
        self._cache = cache
        self._apart = list(enumerate(apart, len(common)))
        self._special = frozenset(name for g in apart for name in g.target.split())
        self._begin = tuple(b for f in formats.every() if f.NAME in self._special for b in getattr(f, "BEGINS", ()))
        self._first = frozenset((*(b[:1] for b in self._begin), _BOM[:1], b" ", b"\t", b"\r", b"\n"))
        self._own: dict[str, Gates | None] = {}

    def hits(self, data: bytes, path: str) -> list[tuple[int, int]]:
        """(number of the gate in `meaning`, end offset) of every hit, in order of their ends."""
        hits = self._common.hits(data)
        holds = False
        if hits and any(number == self._holds for number, _ in hits):
            hits, holds = [hit for hit in hits if hit[0] != self._holds], True
        own = None
        fits = formats.fitting(path)
        if not self._special.isdisjoint(fits) or (data[:1] in self._first and self._begins(data)):
            own = self._of(formats.owner(path, data).NAME)
        elif holds and (not fits.isdisjoint(_MANIFESTS) or path.endswith(".json")):
            own = self._of("") if EMBEDDED in getattr(formats.owner(path, data), "REGIONS", ()) else None
        if own and (more := own.hits(data)):
            return sorted(hits + more, key=_by_end)
        return hits

    def _begins(self, data: bytes) -> bool:
        """Whether a file begins as those of a format with gates of its own do, whatever it is called."""
        return data[:_HEAD].removeprefix(_BOM).lstrip().lower().startswith(self._begin)

    def _of(self, name: str) -> Gates | None:
        """The gates of a format, or with "" of all that have their own."""
        if name not in self._own:
            wanted = [(number, gate) for number, gate in self._apart if not name or name in gate.target.split()]
            gates = [gate for _, gate in wanted]
            self._own[name] = Gates(gates, self._cache, [number for number, _ in wanted]) if wanted else None
        return self._own[name]


def _by_end(hit: tuple[int, int]) -> tuple[int, int]:
    return hit[1], hit[0]
