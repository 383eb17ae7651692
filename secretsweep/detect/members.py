"""What was found in the members of archives, by their content: two releases of a packed chart share most of it."""

from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.decode.budget import Budget
from secretsweep.model import Blob, Finding

_RELEASE = lazyre.compile(r"\d+")  # what differs in the names of an archive's versions, and means nothing to any format
_MOST = 50_000  # members that are remembered; a full memory starts anew


class Lost(NamedTuple):
    """A part of an object that was not read, and why."""

    path: str
    reason: str
    detail: str


class Outcome(NamedTuple):
    """What came of a member: its paths begin with `path`, and it took `bytes` and `members` off the budget."""

    path: str
    findings: tuple[Finding, ...]
    lost: tuple[Lost, ...]
    fell_back: tuple[str, ...]
    bytes: int
    members: int

    def fits(self, budget: Budget) -> bool:
        """Whether unpacking it again would stay within the budget."""
        return self.bytes <= budget.left and self.members <= budget.members

    def at(self, blob: Blob) -> "Outcome":
        """The same for an equal member of another archive."""
        cut = len(self.path)
        return Outcome(
            blob.path,
            tuple(f._replace(oid=blob.oid, path=blob.path + f.path[cut:]) for f in self.findings),
            tuple(lost._replace(path=blob.path + lost.path[cut:]) for lost in self.lost),
            tuple(blob.path + path[cut:] for path in self.fell_back),
            self.bytes,
            self.members,
        )


class Memory:
    """Outcomes by what they depend on: the content, what its path makes of it, and how deep it lies."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Outcome] = {}

    def key(self, blob: Blob, budget: Budget) -> tuple[int, int]:
        """64 bits of all that matters, and the length: hashes of Python are keyed, so nobody can make two alike."""
        archive, _, name = blob.path.rpartition("!")
        return hash((blob.data, name, _RELEASE.sub("", archive), budget.depth)), len(blob.data)

    def get(self, key: tuple[int, int], budget: Budget) -> Outcome | None:
        """What is known, when the budget has room for it."""
        found = self._known.get(key)
        return found if found and found.fits(budget) else None

    def keep(self, key: tuple[int, int], outcome: Outcome) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = outcome
