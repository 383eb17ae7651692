"""What a value in a file of sops means for its readers: they need the file, from where they are, and a key for it.

Commands: `sops decrypt --help` of 3.11.
"""

import posixpath
import re
import shlex
from collections.abc import Generator, Sequence

from secretsweep import lazyre
from secretsweep.model import Reference, Refusal, Spot

STORE = "sops"
_ODD = lazyre.compile(r"\W+", re.ASCII)


def path(reference: Reference, folder: str) -> str:
    """The file, as seen from a folder of the tree."""
    return posixpath.relpath(reference.path, folder or ".")


def command(reference: Reference, file: str) -> str:
    """It prints the value and nothing else; `file` is a word of a shell."""
    return f"sops decrypt --extract '[\"{reference.field}\"]' {file}"


def read_from(reference: Reference, folder: str) -> str:
    """The command for who stands in a folder of the tree."""
    return command(reference, shlex.quote(path(reference, folder)))


def name(reference: Reference) -> str:
    """The last part of where a value lives, in whatever store."""
    return reference.field if reference.store == STORE else posixpath.basename(reference.path)


def words(reference: Reference) -> str:
    """Where a value lives, for names that are made of it: the key says it, whatever the file is called."""
    return reference.field if reference.store == STORE else reference.path


def left(spots: Sequence[Spot], reason: str, instead: str) -> Generator[Refusal, None, list[Spot]]:
    """Refusals where nobody has a key for a file of sops; the other spots are returned. `{name}`, what it is called, is
    filled in, and every other brace is doubled."""
    others = []
    for spot in spots:
        if spot.reference.store == STORE:
            said = [word for word in _ODD.split(spot.key) if word] or [spot.kind.upper().replace("-", "_")]
            yield Refusal(spot, reason, instead.format(name=said[-1]))
        else:
            others.append(spot)
    return others
