"""Read patterns/*.yaml into Rules; an error names file, rule and field."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from secretsweep.errors import RuleError
from secretsweep.model import CONFIDENCES, SEVERITIES, Rule

KINDS = frozenset(
    "access-key api-token oauth-secret password private-key connection-url basic-auth webhook-url signing-key "
    "session-token encryption-key password-hash license-key keystore".split()
)
_TEXTS = ("examples", "negatives", "references")
_FIELDS = {f.name: f for f in fields(Rule)} | {}
_REQUIRED = ("id", "name", "kind", "severity", "confidence", "pattern", "examples")


def packaged() -> Path:
    """The folder of rules: inside an installed wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "patterns"
    return inside if inside.is_dir() else package.parent / "patterns"


def files(folder: Path | None = None) -> tuple[Path, ...]:
    """The rule files of a folder, sorted by name."""
    return tuple(sorted((folder or packaged()).glob("*.yaml")))


def digest(paths: Iterable[Path]) -> str:
    """`sha256:…` over names and contents: the same rules give the same digest."""
    total = hashlib.sha256()
    for path in paths:
        data = path.read_bytes()
        total.update(f"{path.name}\0{len(data)}\0".encode() + data)
    return f"sha256:{total.hexdigest()}"


@cache
def load(folder: Path | None = None) -> tuple[Rule, ...]:
    """Every rule of the folder, sorted by id. RuleError for an unknown field, a double id, a bad value."""
    rules: dict[str, Rule] = {}
    for path in files(folder):
        for rule in read(path):
            if rule.id in rules:
                raise RuleError(f"{path.name}: {rule.id}: already defined in {rules[rule.id].source}")
            rules[rule.id] = rule
    if not rules:
        raise RuleError(f"{folder or packaged()}: no rule file (*.yaml) there")
    return tuple(rules[name] for name in sorted(rules))


def read(path: Path) -> Iterator[Rule]:
    """The rules of one file: `provider` and `guide` once, then `rules`, each as model.Rule names its fields."""
    document = parsed(path)
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise RuleError(f"{path.name}: wants `provider:` and a list `rules:`")
    common = {name: str(document.get(name) or "") for name in ("provider", "guide")}
    for entry in document["rules"]:
        yield _rule(entry, path.name, common)


def parsed(path: Path) -> Any:
    """The YAML document of a file. RuleError when it is none."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, ValueError, IndexError, RecursionError) as error:  # `!!int ""`, a date that is none
        raise RuleError(f"{path.name}: not YAML: {error}") from None


def _rule(entry: Any, source: str, common: dict[str, str]) -> Rule:
    if not isinstance(entry, dict):
        raise RuleError(f"{source}: a rule is a mapping, not {entry!r}")
    where = f"{source}: {entry.get('id', '?')}"
    for name in entry:
        if name not in _FIELDS or name == "source":
            raise RuleError(f"{where}: unknown field {name!r}")
    for name in _REQUIRED:
        if not entry.get(name):
            raise RuleError(f"{where}: field {name!r} is missing")
    values = {**common, **entry, "source": source}
    for name in _TEXTS:
        values[name] = tuple(map(str, values.get(name, ())))
    values["guide"] = str(values["guide"] or "")
    values["entropy"] = float(values.get("entropy", 0))
    _one_of(where, "kind", values["kind"], KINDS)
    _one_of(where, "severity", values["severity"], SEVERITIES)
    _one_of(where, "confidence", values["confidence"], CONFIDENCES)
    for name in ("pattern", "keys"):
        _compiles(where, name, values.get(name, ""))
    return Rule(**values)


def _one_of(where: str, name: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise RuleError(f"{where}: {name} {value!r} is none of {', '.join(sorted(allowed))}")


def _compiles(where: str, name: str, pattern: str) -> None:
    import re

    try:
        re.compile(pattern)
    except re.error as error:
        raise RuleError(f"{where}: {name}: {error}") from None
    if re.search(r"\(\?<?[=!]|\\[1-9]|\(\?P=", pattern):
        raise RuleError(f"{where}: {name}: look-around and back-references are not linear-time syntax")
