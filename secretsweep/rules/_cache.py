"""The rules as JSON in the user's cache: reading hundreds of YAML files takes a quarter of a second."""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from secretsweep import __version__
from secretsweep.errors import RuleError
from secretsweep.model import Rule
from secretsweep.rules import builtin, load

_NAMES = tuple(field.name for field in fields(Rule))
_LISTS = tuple(number for number, field in enumerate(fields(Rule)) if field.default == ())


class Loaded(NamedTuple):
    """Rules sorted by id, and the digest over the files they were read from."""

    rules: tuple[Rule, ...]
    digest: str


def load_cached(cache: Path | None, *further: Path) -> Loaded:
    """The packaged rules with those of further files and folders; a further rule replaces the one of its id.

    The cache counts while no file has another name, size or time of change; one that cannot be read is ignored.
    """
    paths = [*load.files(), *(path for source in further for path in _files(source))]
    file, key = _file(cache, further), _key(paths)
    known = _read(file, key) if file else None
    if known is not None:
        return known
    loaded = _parsed(paths, len(paths) - len(load.files()))
    if file is not None:
        _write(file, key, loaded)
    return loaded


def in_force(cache: Path | None, further: Iterable[Path] = (), disabled: Iterable[str] = ()) -> Loaded:
    """What `load_cached` gives, without the rules that are disabled. RuleError for one that does not exist."""
    loaded, without = load_cached(cache, *further), sorted(set(disabled))
    unknown = {name for name in without if not name.startswith("detect-secrets/")}
    unknown = unknown.difference((rule.id for rule in loaded.rules), builtin.RULES)
    if unknown:
        raise RuleError(f"{min(unknown)}: no such rule to disable; `secretsweep rules list` names them")
    if not without:
        return loaded
    left = tuple(rule for rule in loaded.rules if rule.id not in without)
    return Loaded(left, loaded.digest + "".join(f"-{name}" for name in without))


def _files(source: Path) -> tuple[Path, ...]:
    found = load.files(source) if source.is_dir() else (source,)
    if not found or not all(path.is_file() for path in found):
        raise RuleError(f"{source}: no rule file (*.yaml) there")
    return found


def _parsed(paths: list[Path], further: int) -> Loaded:
    found = {rule.id: rule for rule in load.load()}
    found.update((rule.id, rule) for path in paths[len(paths) - further :] for rule in load.read(path))
    return Loaded(tuple(found[name] for name in sorted(found)), load.digest(paths))


def _file(cache: Path | None, further: Iterable[Path]) -> Path | None:
    """One file for each set of folders, so that old ones do not pile up."""
    if cache is None:
        return None
    where = "\0".join(map(str, (load.packaged(), *(path.resolve() for path in further))))
    return cache / f"rules-{hashlib.sha256(os.fsencode(where)).hexdigest()[:16]}.json"


def _key(paths: Iterable[Path]) -> str:
    """Changes whenever a rule file may have, or the code that reads them."""
    total = hashlib.sha256(f"{__version__}\0{','.join(_NAMES)}".encode())
    for path in (Path(load.__file__), *paths):
        info = os.stat(path)
        total.update(os.fsencode(f"\0{path}\0{info.st_size}\0{info.st_mtime_ns}"))
    return total.hexdigest()


def _read(file: Path, key: str) -> Loaded | None:
    try:
        kept: Any = json.loads(file.read_bytes())
        if kept["key"] != key:
            return None
        rows: list[list[Any]] = kept["rules"]
        for row in rows:
            for number in _LISTS:
                row[number] = tuple(row[number])
        return Loaded(tuple(Rule(*row) for row in rows), str(kept["digest"]))
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return None


def _write(file: Path, key: str, loaded: Loaded) -> None:
    """Atomically; a cache that cannot be written costs time only."""
    rows = [[getattr(rule, name) for name in _NAMES] for rule in loaded.rules]
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"key": key, "digest": loaded.digest, "rules": rows}, separators=(",", ":")))
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
