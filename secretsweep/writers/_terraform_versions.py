"""What a module's version constraints allow.

Syntax: developer.hashicorp.com/terraform/language/expressions/version-constraints.
"""

from typing import NamedTuple

from secretsweep import lazyre

Version = tuple[int, ...]

_PART = lazyre.compile(r"\s*(?P<sign>[<>]=?|!=|=|~>)?\s*v?(?P<version>\d+(?:\.\d+){0,2})[\w.+-]*\s*")
EPHEMERAL: Version = (1, 10)  # ephemeral blocks and variables
WRITE_ONLY: Version = (1, 11)  # write-only arguments; OpenTofu has both since its own 1.11
# from when on a provider has what the table of write-only arguments says; those with all of it from a major version on
PROVIDERS: dict[str, Version] = {
    "aws": (6, 0),
    "azurerm": (5, 0),
    "google": (7, 0),
    "kubernetes": (3, 0),
    "sops": (1, 3),
    "vault": (5, 0),
}


class Range(NamedTuple):
    """The lowest version, and the one that is not reached any more."""

    low: Version
    below: Version | None


ANY = Range((), None)


def parse(constraint: str) -> Range | None:
    """What all parts of a constraint allow; None when it is not understood."""
    low: Version = (0,)
    below: Version | None = None
    for part in constraint.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            return None
        sign, version = found["sign"] or "=", tuple(map(int, found["version"].split(".")))
        if sign in (">=", ">", "=", "~>"):
            low = max(low, version)
        stop = None
        if sign == "<":
            stop = version
        elif sign in ("<=", "="):
            major, minor, patch = (*version, 0, 0)[:3]
            stop = (major, minor, patch + 1)
        elif sign == "~>":
            stop = (*version[:-2], version[-2] + 1) if len(version) > 1 else None
        if stop is not None:
            below = stop if below is None else min(below, stop)
    return Range(low, below)


def always(allowed: Range, needed: Version) -> bool:
    """Whether every version that is allowed is new enough; of a module that says nothing the current one is."""
    return allowed == ANY or allowed.low >= needed


def ever(allowed: Range, needed: Version) -> bool:
    """Whether some version that is allowed is new enough."""
    return allowed.below is None or allowed.below > needed


def said(version: Version) -> str:
    return ".".join(map(str, version))
