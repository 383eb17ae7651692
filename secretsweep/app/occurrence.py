"""A finding as reports show it: one way for files, the index and the history."""

from collections.abc import Iterable, Iterator

from secretsweep.app.address import addresses
from secretsweep.model import Blob, Finding, Occurrence


def occurrence(finding: Finding, path: str = "") -> Occurrence:
    """At `path`, or where it was found."""
    line, column, end_line, end_column = finding.place
    return Occurrence(
        path=path or finding.path,
        line=line,
        end_line=end_line,
        column=column,
        end_column=end_column,
        format=finding.format,
        key=finding.address,
        rule=finding.rule,
        confidence=finding.confidence,
        trail=finding.trail,
        blob=finding.oid or None,
    )


def addressed(blob: Blob, findings: Iterable[Finding]) -> Iterator[tuple[Finding, str, str]]:
    """Each finding with its format and its address in the whole file."""
    every = list(findings)
    known = addresses(blob, [f for f in every if f.path == blob.path])
    for finding in every:
        fmt, key = known.get(finding, (finding.format, ""))
        yield finding, fmt, key or finding.address
