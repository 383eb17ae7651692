"""What a value is called in the store: from the template, the repository, the folder and the literal's address."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from secretsweep.errors import UsageError

TEMPLATE = "iac/{repo}/{dir}/{name}"  # of stores that have none of their own
_FIELDS = frozenset(("repo", "dir", "file", "name", "kind", "rule"))
_FIELD = re.compile(r"\{(\w*)\}")
_INDEX = re.compile(r"\[\d*\]")
_ODD = re.compile(r"[^A-Za-z0-9_]+")
_SLASHES = re.compile(r"/{2,}")
_SAID = 3  # names of an address that tell one value from the others
# names that say where something stands and not what it is
_NOISE = frozenset(
    "resource variable locals local module provider data stringdata spec template containers initcontainers env "
    "environment value default defaults values metadata services jobs steps with vars args command properties "
    "parameters resources items root set".split()
)


def check(template: str) -> None:
    """UsageError for a field that does not exist."""
    for field in _FIELD.findall(template):
        if field not in _FIELDS:
            raise UsageError(f"--path-template: no field {{{field}}}; there are {', '.join(sorted(_FIELDS))}")
    if not template.strip("/"):
        raise UsageError("--path-template: wants a path such as 'iac/{repo}/{dir}/{name}'")


def wished(template: str, repo: str, path: str, key: str, rule: str, kind: str) -> str:
    """The path that a value should have, before a store fits it to its rules."""
    file = PurePosixPath(path)
    fields: Mapping[str, str] = {
        "repo": _slug(repo),
        "dir": "/".join(filter(None, map(_slug, file.parent.parts))),
        "file": _slug(file.name.partition(".")[0]),
        "name": name(key) or _slug(rule),
        "kind": _slug(kind),
        "rule": _slug(rule),
    }
    return _SLASHES.sub("/", _FIELD.sub(lambda field: fields[field[1]], template)).strip("/")


def name(key: str) -> str:
    """`resource.aws_db_instance.main.password` is `aws_db_instance-main-password`."""
    parts = [part for document in key.split(" › ") for part in _INDEX.sub("", document).split(".")]
    said = [slug for part in parts if (slug := _slug(part)) and slug.lower() not in _NOISE]
    return "-".join(said[-_SAID:])


def apart(path: str, taken: Mapping[str, object]) -> str:
    """The path, or with a number what another value has not taken."""
    number, free = 1, path
    while free in taken:
        number += 1
        free = f"{path}-{number}"
    return free


def _slug(text: str) -> str:
    return _ODD.sub("-", text).strip("-")
