"""A configuration file becomes a Config; what is wrong in it is named by file, line and key."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from secretsweep.config import _lines
from secretsweep.config._nouns import Allow, Config, Verify
from secretsweep.config._values import ALLOW, CHECKS, TABLES, nearest
from secretsweep.errors import ConfigError

_MADE = {"verify": Verify}
NAME = ".secretsweep.toml"
_PYPROJECT = "pyproject.toml"
_TABLE = "tool.secretsweep"


def read(folder: Path, file: Path | None = None) -> Config:
    """The configuration of a folder, or of `file`; the defaults when there is none. ConfigError for a wrong one."""
    if file is not None:
        text = _text(file)
        if text is None:
            raise ConfigError(f"{file}: no such file")
        table = _TABLE if file.name == _PYPROJECT else ""
        return _config(text, str(file), file.parent, table)
    own = _text(folder / NAME)
    project = _text(folder / _PYPROJECT)
    has_table = project is not None and _TABLE in re.sub(r"[\s\"']", "", project)
    if own is not None:
        config = _config(own, NAME, folder, "")
        if has_table and _config(project or "", _PYPROJECT, folder, _TABLE).lines:
            note = f"{_PYPROJECT} has a table [{_TABLE}]; {NAME} counts, and the table is not read"
            return Config(**{**_values(config), "notes": (note,)})
        return config
    return _config(project or "", _PYPROJECT, folder, _TABLE) if has_table else Config(folder=str(folder))


def _values(config: Config) -> dict[str, Any]:
    return {name: getattr(config, name) for name in Config.__slots__}


def _text(file: Path) -> str | None:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None


def _config(text: str, shown: str, folder: Path, table: str) -> Config:
    import tomllib

    try:
        document: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, at = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", at)
        raise ConfigError(f"{shown}:{line[1] if line else len(text.splitlines())}: {said}") from None
    for part in table.split(".") if table else ():
        document = document.get(part, {}) if isinstance(document, dict) else {}
    if not isinstance(document, dict):
        raise ConfigError(f"{shown}:{_lines.find(text, 'tool', 'secretsweep')}: {table}: wants a table")
    values: dict[str, Any] = {}
    lines = []
    for name, value in document.items():
        where = f"{shown}:{_lines.find(text, table, name)}"
        key = name.replace("_", "-")
        if key != "allow" and key not in CHECKS and key not in TABLES:
            raise ConfigError(f'{where}: unknown key "{name}"{nearest(key, (*CHECKS, *TABLES, "allow"))}')
        if key.replace("-", "_") in values:
            raise ConfigError(f'{where}: "{key}" is set twice')
        if key in TABLES:
            values[key] = _MADE[key](**_table(value, text, shown, f"{table}.{key}".strip("."), TABLES[key]))
            lines.append((key, where))
            continue
        try:
            values[key.replace("-", "_")] = CHECKS[key](value) if key != "allow" else _allows(value, text, shown, table)
        except ValueError as error:
            raise ConfigError(f"{where}: {key}: {error}") from None
        lines.append((key, where))
    return Config(**values, folder=str(folder), lines=tuple(lines))


def _table(
    entries: Any, text: str, shown: str, table: str, checks: Mapping[str, Callable[[Any], Any]]
) -> dict[str, Any]:
    """The settings of a table of its own."""
    name = table.rpartition(".")[2]
    if not isinstance(entries, dict):
        raise ConfigError(f"{shown}:{_lines.find(text, '', table)}: {name}: wants a table, under a line [{table}]")
    values = {}
    for key, value in entries.items():
        where = f"{shown}:{_lines.find(text, table, key)}"
        if key not in checks:
            raise ConfigError(f'{where}: unknown key "{key}" in [{table}]{nearest(key, checks)}')
        try:
            values[key.replace("-", "_")] = checks[key](value)
        except ValueError as error:
            raise ConfigError(f"{where}: {name}.{key}: {error}") from None
    return values


def _allows(entries: Any, text: str, shown: str, table: str) -> tuple[Allow, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("wants tables, each under a line [[allow]]")
    name = f"{table}.allow".strip(".")
    return tuple(_allow(entry, text, shown, name, index) for index, entry in enumerate(entries))


def _allow(entry: dict[str, Any], text: str, shown: str, table: str, index: int) -> Allow:
    where = f"{shown}:{_lines.find(text, table, '', index)}"
    values = {}
    for key, value in entry.items():
        at = f"{shown}:{_lines.find(text, table, key, index)}"
        if key not in ALLOW:
            raise ConfigError(f'{at}: unknown key "{key}" in [[allow]]{nearest(key, ALLOW)}')
        try:
            values[key] = ALLOW[key](value)
        except ValueError as error:
            raise ConfigError(f"{at}: allow.{key}: {error}") from None
    if "reason" not in values:
        raise ConfigError(f'{where}: allow: "reason" is missing: say why this is no risk')
    if all(not values.get(name, "").strip("*/") for name in ("rule", "path", "key")):
        raise ConfigError(f'{where}: allow: would accept everything; name a "rule", "path" or "key"')
    return Allow(**values, where=where)
