"""What each setting may be: a check gives the value, or a ValueError that says what it wants."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from secretsweep import plugins
from secretsweep.config import globs
from secretsweep.model import CONFIDENCES, SEVERITIES, Skipped

REASONS = tuple(sorted(value for name, value in vars(Skipped).items() if name.isupper()))
_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}
_SIZE = re.compile(r"(\d+)\s*([kmg]i?)?b?", re.IGNORECASE)


def nearest(name: str, names: Iterable[str]) -> str:
    """`; did you mean "fail-on"?`, or nothing when no name is near."""
    import difflib

    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else ""


def _one_of(value: Any, names: Iterable[str]) -> str:
    allowed = tuple(names)
    if value not in allowed:
        raise ValueError(f"{_said(value)} is none of {', '.join(allowed)}{nearest(str(value), allowed)}")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"wants a text, not {_said(value)}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(f'wants a list of texts, as in ["a", "b"], not {_said(value)}')
    return tuple(value)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"wants a whole number, 0 or more, not {_said(value)}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"wants true or false, not {_said(value)}")
    return value


def _size(value: Any) -> int:
    """Bytes, or a text like `10 MB`."""
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        value = int(match[1]) * _UNITS[(match[2] or "").lower()]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f'wants a size, as in "10 MB", not {_said(value)}')
    return value


def _globs(value: Any) -> tuple[str, ...]:
    for pattern in (found := _texts(value)):
        if pattern.startswith("!"):
            raise ValueError(f"{_said(pattern)}: a pattern cannot be taken back with `!`")
        if not pattern.strip("/*"):
            raise ValueError(f"{_said(pattern)} would exclude everything")
        try:
            globs.paths([pattern])
        except re.error as error:
            raise ValueError(f"{_said(pattern)}: {error}") from None
    return found


def _days(value: Any) -> dict[str, int]:
    """`{critical = 1, high = 7}`: days by severity."""
    if not isinstance(value, dict):
        raise ValueError(f"wants days by severity, as in {{critical = 1, high = 7}}, not {_said(value)}")
    found = {}
    for severity, days in value.items():
        found[_one_of(severity, SEVERITIES)] = _number(days)
    return found


def day(value: Any) -> date:
    """A TOML date, or a text like 2027-01-31."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"wants a day, as in 2027-01-31, not {_said(value)}") from None


CHECKS: dict[str, Callable[[Any], Any]] = {
    "fail-on": lambda value: _one_of(value, (*SEVERITIES, "never")),
    "min-confidence": lambda value: _one_of(value, CONFIDENCES),
    "jobs": _number,
    "format": lambda value: _one_of(value, plugins.names("secretsweep.reports")),
    "rules": _texts,
    "disable-rules": _texts,
    "exclude-paths": _globs,
    "allow-incomplete": lambda value: tuple(_one_of(item, REASONS) for item in _texts(value)),
    "max-file-size": _size,
    "baseline": _text,
    "detect-secrets": _flag,
    "deadlines": lambda value: _days(value),
    "public": lambda value: "yes" if _flag(value) else "no",
    "tracker": lambda value: _one_of(value, [name.replace("_", "-") for name in plugins.names("secretsweep.trackers")]),
    "tracker-where": _text,
}
ALLOW: dict[str, Callable[[Any], Any]] = {"reason": _text, "rule": _text, "path": _text, "key": _text, "expires": day}
TABLES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "verify": {"providers": _texts, "addresses": _texts, "instances": _texts},
}


def from_text(key: str, value: str) -> Any:
    """The value of a variable as TOML would have given it."""
    if CHECKS[key] is _number:
        return int(value) if value.strip().isdecimal() else value
    if key == "deadlines":
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        return {name.strip(): int(days) if days.strip().isdecimal() else days for name, _, days in pairs}
    if CHECKS[key] is _flag or key == "public":
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(value.lower(), value)
    if key in ("rules", "disable-rules", "exclude-paths", "allow-incomplete"):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _said(value: Any) -> str:
    """A value in a message: short, on one line, as TOML would write it."""
    import json

    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
