"""The environment and the command line, laid over the file."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from secretsweep.config._nouns import Config
from secretsweep.config._values import CHECKS, from_text
from secretsweep.errors import ConfigError, UsageError

PREFIX = "SECRETSWEEP_"
_PATHS = ("rules", "baseline")  # given outside the file they are relative to the current folder


def merged(config: Config, environ: Mapping[str, str], **given: Any) -> Config:
    """`config` with SECRETSWEEP_FAIL_ON and the like, then with what was `given`; None means not given.

    ConfigError names the variable that is wrong, UsageError the option.
    """
    values: dict[str, Any] = {}
    lines = dict(config.lines)
    for key in CHECKS:
        field = key.replace("-", "_")
        variable = PREFIX + field.upper()
        option = f"--{key}"
        if environ.get(variable):
            try:
                values[field] = _settled(field, CHECKS[key](from_text(key, environ[variable])))
            except ValueError as error:
                raise ConfigError(f"{variable}: {error}") from None
            lines[key] = variable
        if given.get(field) is not None:
            try:
                values[field] = _settled(field, CHECKS[key](given[field]))
            except ValueError as error:
                raise UsageError(f"{option}: {error}") from None
            lines[key] = option
    unknown = set(given) - {key.replace("-", "_") for key in CHECKS}
    if unknown:
        raise TypeError(f"no setting is called {', '.join(sorted(unknown))}")
    return replace(config, **values, lines=tuple(lines.items())) if values else config


def _settled(field: str, value: Any) -> Any:
    if field not in _PATHS:
        return value
    return os.path.abspath(value) if isinstance(value, str) else tuple(map(os.path.abspath, value))
