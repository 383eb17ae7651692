"""Regular expressions that are compiled when they are first used: hundreds of them cost a hook a tenth of a second."""

import re
from typing import Any, AnyStr, cast

_USED = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split", "groups", "groupindex")


class _Expression:
    """An expression as it is written; what it can do is there from the first use on."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _USED:
            raise AttributeError(name)
        compiled: Any = re.compile(self.pattern, self.flags)
        for used in _USED:
            setattr(self, used, getattr(compiled, used))
        return getattr(compiled, name)


def compile(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:  # noqa: A001
    """The same as `re.compile`, later; a mistake in the pattern shows at its first use."""
    return cast("re.Pattern[AnyStr]", _Expression(pattern, flags))
