"""One hyperscan database over every rule, format and decoder: 500 to 1,400 MB a second, so it sees everything."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import hyperscan

from secretsweep import lazyre
from secretsweep.errors import RuleError

_KEPT = 120  # compiled databases in the cache: one for all files and up to one a format, for each set of rules in use
MOST = 100_000  # hits in one text; a file made to hit more is cut off, and reported
_REPEAT = lazyre.compile(r"(?:\[(?:\\.|[^\]\\])+\]|\\w|\(\?:(?:\.|\[(?:\\.|[^\]\\])+\])\)|\.)\{0,\d\d+\}\??")


class Gate(NamedTuple):
    """An expression and what a hit means.

    `kind`: rule (a credential may end here), value and assignment (a rule with keys may apply to this line), generic
    (a name that may hold a secret), region (a format's own), decoder (an encoded run), holds (it has files in it).
    `target` names which.
    """

    expression: str
    kind: str
    target: str
    region: str = ""


class Gates:
    """The compiled database, and the meaning of each expression by its index."""

    def __init__(self, gates: Iterable[Gate], cache: Path | None, numbers: Sequence[int] | None = None) -> None:
        self.gates = tuple(gates)
        said = tuple(numbers if numbers is not None else range(len(self.gates)))  # by which hits name their gates
        self._database = _database(self.gates, cache)
        self._scratch = hyperscan.Scratch(self._database)
        self._found: list[tuple[int, int]] = []
        found = self._found
        append = found.append

        def on_match(number: int, start: int, end: int, flags: int, context: object) -> bool | None:
            append((said[number], end))
            return len(found) >= MOST or None

        self._on_match = on_match

    def hits(self, data: bytes) -> list[tuple[int, int]]:
        """(index of the gate, end offset) of every hit, in order of their ends; at most MOST."""
        self._found.clear()
        with suppress(hyperscan.ScanTerminated):
            self._database.scan(data, match_event_handler=self._on_match, scratch=self._scratch)
        return self._found


def cache_folder() -> Path:
    """Where compiled rules are kept; nothing of a scanned repository ever goes there."""
    base = os.environ.get("SECRETSWEEP_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "secretsweep"


def _database(gates: tuple[Gate, ...], cache: Path | None) -> Any:
    key = hashlib.sha256()
    for gate in gates:
        for expression in _written(gate):
            key.update(expression.encode() + b"\0")
    key.update(str(getattr(hyperscan, "__version__", "")).encode() + _machine())
    file = cache / f"gates-{key.hexdigest()[:32]}.hsdb" if cache else None
    if file is not None and file.is_file():
        try:
            return hyperscan.loadb(file.read_bytes(), hyperscan.HS_MODE_BLOCK)
        except (hyperscan.error, OSError, ValueError):
            pass  # another version or CPU wrote it: compile again
    database = _compiled(gates)
    if file is not None:
        keep(file, hyperscan.dumpb(database))
    return database


def _compiled(gates: tuple[Gate, ...]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    every = [(number, gate, text.encode()) for number, gate in enumerate(gates) for text in _written(gate)]
    ids, flags = [number for number, _, _ in every], [_flags(gate) for _, gate, _ in every]
    try:
        database.compile(expressions=[text for _, _, text in every], ids=ids, elements=len(every), flags=flags)
    except hyperscan.error:
        for gate in gates:
            try:
                hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
                    expressions=[gate.expression.encode()], ids=[0], elements=1, flags=[_flags(gate)]
                )
            except hyperscan.error as error:
                raise RuleError(f"{gate.kind} {gate.target}: not in hyperscan's syntax: {error}") from None
        raise
    return database


def _written(gate: Gate) -> tuple[str, ...]:
    """The expression of a gate of a format or of names, and once more without its first wide repeat.

    Behind a character or two and before alternatives, hyperscan 5.4 overlooks that a repeat may be empty: in a text of
    40 characters ` -[a-z]{0,60}(?:pwd|token)[ ]` does not match ` -pwd `. Without the repeat it does.
    """
    text = gate.expression
    return tuple(dict.fromkeys((text, _REPEAT.sub("", text, count=1)))) if gate.kind in ("region", "value") else (text,)


def _flags(gate: Gate) -> int:
    """A rule's dot is any byte; a key and its operator stand on one line; files in it are told of once."""
    if gate.kind == "holds":
        return int(hyperscan.HS_FLAG_SINGLEMATCH)
    return int(hyperscan.HS_FLAG_DOTALL) if gate.kind in ("rule", "value") else 0


def keep(file: Path, data: bytes) -> None:
    """Write atomically; a cache that cannot be written costs time, never the scan."""
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(file)
        former = sorted(file.parent.glob(f"gates-*{file.suffix}"), key=lambda f: f.stat().st_mtime, reverse=True)
        for old in former[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _machine() -> bytes:
    """What a compiled database depends on beside hyperscan's version."""
    try:
        text = Path("/proc/cpuinfo").read_bytes()
        return next((line for line in text.splitlines() if line.startswith((b"flags", b"Features"))), b"")
    except OSError:
        return os.uname().machine.encode()
