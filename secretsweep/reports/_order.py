"""The order that reports share: the worst credential first, and of its places those still in HEAD."""

from collections.abc import Iterable

from secretsweep.model import Credential, Dismissed, Occurrence, Report, Skip
from secretsweep.model.report import rank


def credentials(report: Report) -> list[Credential]:
    """Most severe first."""
    return sorted(report.credentials, key=rank)


def occurrences(credential: Credential) -> list[Occurrence]:
    """Those in HEAD first, then by path and position, whatever order they were found in."""
    return sorted(credential.occurrences, key=_key)


def dismissed(report: Report) -> list[Dismissed]:
    """By reason, then by place."""
    return sorted(report.dismissed, key=lambda item: (item.reason, item.path, item.line, item.rule))


def skipped(report: Report) -> dict[str, list[Skip]]:
    """What was not read, by reason; reasons by name."""
    groups: dict[str, list[Skip]] = {}
    for skip in sorted(report.coverage.skipped):
        groups.setdefault(skip.reason, []).append(skip)
    return groups


def union(names: Iterable[Iterable[str]]) -> list[str]:
    """Every name once, sorted: the branches or tags of several places."""
    return sorted({name for some in names for name in some})


def _key(occurrence: Occurrence) -> tuple[object, ...]:
    return (
        not occurrence.in_head,
        occurrence.path,
        occurrence.line,
        occurrence.column,
        occurrence.end_line,
        occurrence.end_column,
        occurrence.key,
        occurrence.rule,
        occurrence.trail,
        occurrence.blob or "",
        (occurrence.introduced.commit or "") if occurrence.introduced else "",
        occurrence.reachable,
    )
