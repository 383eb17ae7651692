"""A command that is a list of literals: `[mysql, -uroot, -psecret]`."""

from collections.abc import Iterable, Iterator

from secretsweep.formats import _commandline
from secretsweep.formats._shellwords import Part, Word
from secretsweep.model import Unit


def commands(units: Iterable[Unit], key: str) -> Iterator[Unit]:
    """The credentials among the words, below `key`."""
    words = tuple(Word(u.value, (Part(0, len(u.value), u.span, u.form),)) for u in units)
    return _commandline.listed(words, key)
