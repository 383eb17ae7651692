"""The files that hold credentials, read once more for what stands beside each."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from secretsweep.app.verifying.companions import Around
from secretsweep.detect.engine import Engine
from secretsweep.git import catfile
from secretsweep.git.command import Git
from secretsweep.model import Blob, Credential, Finding, Occurrence

_PLACES = 50  # occurrences of a credential that are looked at
Read = Callable[[Occurrence], bytes | None]


def on_disk(occurrence: Occurrence) -> bytes | None:
    """A file as it is; of an archive's member the archive."""
    for path in (occurrence.path, occurrence.path.partition("!")[0]):
        with suppress(OSError, ValueError):
            return Path(path).read_bytes()
    return None


def in_history(git: Git) -> tuple[Read, Callable[[], None]]:
    """Objects by their ids, and how to end that."""
    objects = catfile.CatFile(git)

    def read(occurrence: Occurrence) -> bytes | None:
        found = objects.get(occurrence.blob) if occurrence.blob else None
        return None if found is None or found.lost else found.data

    return read, objects.close


class Places:
    """Where credentials stand, with what is around them."""

    def __init__(self, engine: Engine, read: Read) -> None:
        self._engine, self._read = engine, read
        self._around = lru_cache(maxsize=64)(self._looked)

    def of(self, credential: Credential) -> Iterator[tuple[Around, Finding]]:
        """Each place of a credential that can be read again; what HEAD has comes first."""
        seen: set[tuple[str, str | None]] = set()
        for occurrence in credential.occurrences[:_PLACES]:
            key = (occurrence.path, occurrence.blob)
            if key in seen:
                continue
            seen.add(key)
            around = self._around(occurrence)
            if around is not None:
                yield from ((around, f) for f in around.findings if f.secret == credential.secret)

    def _looked(self, occurrence: Occurrence) -> Around | None:
        data = self._read(occurrence)
        if data is None:
            return None
        blob = Blob(occurrence.blob or "", occurrence.path.partition("!")[0], data)
        return Around(blob, self._engine.scan(blob, []))
