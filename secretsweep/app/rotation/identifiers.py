"""Names that are no secret and that a guide's commands need, found near the credential: the id of an access key."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from secretsweep.git.catfile import CatFile
from secretsweep.git.repository import Repository
from secretsweep.model import Credential, Guide, Occurrence

_NEAR = 40  # lines between a credential and what belongs to it
_LARGEST = 4 << 20


class Found(NamedTuple):
    """What was found, and where it stands."""

    text: str
    path: str
    line: int


class Identifiers:
    """Reads the contents that credentials were found in, each at most once."""

    def __init__(self, repository: Repository | None, root: Path) -> None:
        self._root = root
        self._objects = CatFile(repository.git) if repository else None
        self._read: dict[tuple[str | None, str], list[str]] = {}

    def of(self, credential: Credential, guide: Guide) -> Mapping[str, Found]:
        """By the names of the guide; a name is left out where nothing, or more than one thing, is nearest."""
        found: dict[str, Found] = {}
        wanted = {name: one.pattern for name, one in guide.identifiers.items() if one.pattern}
        places = sorted(credential.occurrences, key=lambda o: not o.in_head) if wanted else []
        for place in places[:10]:
            lines = self._lines(place)
            for name, pattern in wanted.items():
                if name not in found and (nearest := _nearest(lines, re.compile(pattern), place)):
                    found[name] = nearest
        return found

    def _lines(self, place: Occurrence) -> list[str]:
        key = (place.blob, place.path)
        if key not in self._read:
            data = self._content(place)
            self._read[key] = data[:_LARGEST].decode("utf-8", "replace").splitlines()
        return self._read[key]

    def _content(self, place: Occurrence) -> bytes:
        if place.reachable.endswith("-message") or "!" in place.path:
            return b""
        if place.blob and self._objects is not None:
            return self._objects.get(place.blob).data or b""
        file = self._root / place.path
        if not os.path.isfile(file) or os.path.islink(file):
            return b""
        try:
            with file.open("rb") as source:
                return source.read(_LARGEST)
        except OSError:
            return b""

    def close(self) -> None:
        if self._objects is not None:
            self._objects.close()


def _nearest(lines: Sequence[str], pattern: "re.Pattern[str]", place: Occurrence) -> Found | None:
    first = max(0, place.line - 1 - _NEAR)
    near = [
        (abs(number - place.line), str(match[match.lastindex or 0]), number)
        for number, line in enumerate(lines[first : place.line + _NEAR], first + 1)
        for match in pattern.finditer(line[:4096])
    ]
    if not near:
        return None
    least = min(near)[0]
    nearest = {text: number for distance, text, number in near if distance == least}
    if len(nearest) != 1:
        return None
    text, number = nearest.popitem()
    return Found(text, place.path, number)
