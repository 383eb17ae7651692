"""What the hook says: what, where, why, and how to go on."""

from collections.abc import Iterator
from typing import TextIO

from secretsweep.app.staged import Outcome
from secretsweep.config import Config
from secretsweep.model import Credential, Skip
from secretsweep.reports import _coverage, _safe

FINDINGS = 1
INCOMPLETE = 3
_MOST = 20  # credentials shown
_PLACES = 5  # shown of one credential
_SKIPS = 10
_NEXT = """
How to go on:
  - Take it out of the file, let the file refer to a secret store, and stage it again.
  - If it was ever pushed or shared, it counts as leaked: rotate it first.
  - It is no credential? Say so in a comment on its line: secretsweep:allow REASON
  - It is known and accepted? secretsweep baseline update --files --reason "REASON"
"""


def write(outcome: Outcome, config: Config, out: TextIO) -> int:
    """Write what there is to say; the exit code. Incomplete counts more than findings, since there may be more."""
    report = outcome.report
    blocking = report.failing(config.fail_on)
    left_out = report.coverage.left_out(config.allow_incomplete)
    for line in _credentials(report.credentials, _where(outcome.whole, blocking)):
        print(line, file=out)
    if blocking:
        print(_NEXT, file=out)
    for line in _incomplete(left_out):
        print(line, file=out)
    for note in report.coverage.notes:
        print(f"secretsweep: note: {_safe.shown(note)}", file=out)
    print(f"secretsweep: {_summary(outcome, len(left_out))}", file=out)
    return INCOMPLETE if left_out else FINDINGS if blocking else 0


def _where(whole: bool, blocking: bool) -> str:
    """What the credentials are in: no commit is going on when no file is read for its added lines."""
    if whole:
        return "in these files"
    return f"in what is being committed{', which is stopped' if blocking else ''}"


def _credentials(found: tuple[Credential, ...], where: str) -> Iterator[str]:
    if not found:
        return
    yield f"secretsweep: {_coverage.count(len(found), 'credential')} {where}"
    for credential in found[:_MOST]:
        yield ""
        for place in credential.occurrences[:_PLACES]:
            trail = f" [{' > '.join(place.trail)}]" if place.trail else ""
            yield f"  {_safe.shown(f'{place.path}:{place.line}:{place.column}  {place.key}{trail}').rstrip()}"
        if len(credential.occurrences) > _PLACES:
            yield f"  +{len(credential.occurrences) - _PLACES} more places"
        sure = f"{credential.severity}, {credential.confidence} confidence"
        yield f"    {_safe.shown(f'{credential.name} ({credential.rule}; {sure}): {credential.preview}')}"
    if len(found) > _MOST:
        yield f"\n  +{len(found) - _MOST} more credentials"


def _incomplete(skips: tuple[Skip, ...]) -> Iterator[str]:
    if not skips:
        return
    yield "secretsweep: not everything could be scanned, so there may be more:"
    for skip in skips[:_SKIPS]:
        detail = f" ({skip.detail})" if skip.detail else ""
        why = _coverage.reason(skip.reason)
        yield f"  {_safe.shown(f'{skip.path}: {skip.reason}: {why.says}{detail}')}"
    if len(skips) > _SKIPS:
        yield f"  +{len(skips) - _SKIPS:,} more"
    reasons = sorted({skip.reason for skip in skips})
    for name in reasons:
        if step := _coverage.reason(name).do:
            yield f"  {name}: {step}"
    yield f"  To accept it: SECRETSWEEP_ALLOW_INCOMPLETE={','.join(reasons)}, or allow-incomplete in .secretsweep.toml"


def _summary(outcome: Outcome, left_out: int) -> str:
    report = outcome.report
    files, lines = _coverage.count(report.coverage.files, "file"), _coverage.count(outcome.lines, "added line")
    if outcome.whole:
        lines = _coverage.count(outcome.lines, "line")
    found = _coverage.count(len(report.credentials), "credential") + " found" if report.credentials else "nothing found"
    parts = [f"{files}, {lines} scanned: {found}"]
    if report.accepted:
        parts.append(f"{report.accepted:,} accepted")
    if outcome.excluded:
        parts.append(f"{_coverage.count(outcome.excluded, 'file')} excluded by exclude-paths")
    if outcome.older:
        parts.append(f"{_coverage.count(outcome.older, 'credential')} on lines that were there before")
    if left_out:
        parts.append(f"{_coverage.count(left_out, 'thing')} not scanned")
    return "; ".join(parts)
