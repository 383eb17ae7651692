"""Which lines of a staged file its parents do not have."""

import re

from secretsweep.errors import GitError
from secretsweep.git.command import Git
from secretsweep.git.staged import Change

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_PLAIN = (
    "--unified=0",
    "--inter-hunk-context=0",
    "--text",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-prefix",
)


def lines(git: Git, change: Change) -> frozenset[int] | None:
    """The lines, from 1, that no parent has; None when all are new."""
    found: frozenset[int] | None = None
    for old in change.olds:
        if old:
            against = _between(git, old, change.oid)
            if against is not None:
                found = against if found is None else found & against
    return found


def _between(git: Git, old: str, new: str) -> frozenset[int] | None:
    if old == new:
        return frozenset()
    try:
        return _added(git.run("diff", *_PLAIN, old, new, "--"))
    except GitError:
        return None  # the old content is not here (a partial clone): nothing can be taken for unchanged


def _added(patch: bytes) -> frozenset[int]:
    """Hunks tell how many lines they have, so that content that looks like a header is not taken for one."""
    found = set()
    lines = iter(patch.split(b"\n"))
    for line in lines:
        if match := _HUNK.match(line):
            less, at, more = int(match[1] or 1), int(match[2]), int(match[3] or 1)
            while less or more:
                body = next(lines)[:1]
                found.update([at] if body == b"+" else [])
                less -= body in (b"-", b" ")
                more -= body in (b"+", b" ")
                at += body in (b"+", b" ")
    return frozenset(found)
