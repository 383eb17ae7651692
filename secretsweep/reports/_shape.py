"""The JSON shape of a report, schema secretsweep.report/1: add to it, never rename."""

from secretsweep.model import Credential, Dismissed, Occurrence, Report, Sighting, Skip
from secretsweep.reports import _order, _safe

SCHEMA = "secretsweep.report/1"
SCHEMA_LINES = "secretsweep.report.jsonl/1"


def head(report: Report, schema: str) -> dict[str, object]:
    """Everything but the credentials and the dismissed."""
    coverage, target = report.coverage, report.target
    return {
        "schema": schema,
        "tool": {"name": "secretsweep", "version": report.version, "rules": report.rules},
        "target": {"kind": target.kind, "path": _safe.place(target.path), "head": target.head},
        "coverage": {
            "complete": coverage.complete,
            "commits": coverage.commits,
            "objects": coverage.objects,
            "blobs": coverage.blobs,
            "bytes": coverage.bytes,
            "files": coverage.files,
            "fallbacks": coverage.fallbacks,
            "notes": [_safe.place(note) for note in coverage.notes],
            "skipped": [_skip(skip) for skip in sorted(coverage.skipped)],
        },
        "accepted": report.accepted,
    }


def credential(item: Credential) -> dict[str, object]:
    """One credential with all its places; its value is not among them."""
    return {
        "id": item.id,
        "rule": item.rule,
        "name": item.name,
        "kind": item.kind,
        "provider": item.provider,
        "severity": item.severity,
        "confidence": item.confidence,
        "preview": item.preview,
        "in_head": item.in_head,
        "state": item.state,
        "introduced": _sighting(item.introduced),
        "removed": _sighting(item.removed),
        "advice": list(item.advice),
        "occurrences": [_occurrence(place) for place in _order.occurrences(item)],
    }


def dismissed(item: Dismissed) -> dict[str, object]:
    """A match that is no finding."""
    return {"rule": item.rule, "reason": item.reason, "path": item.path, "line": item.line}


def _occurrence(item: Occurrence) -> dict[str, object]:
    since = item.introduced
    return {
        "path": item.path,
        "line": item.line,
        "end_line": item.end_line,
        "column": item.column,
        "end_column": item.end_column,
        "format": item.format,
        "key": item.key,
        "trail": list(item.trail),
        "rule": item.rule,
        "confidence": item.confidence,
        "commit": since.commit if since else None,
        "author": since.author if since else None,
        "date": since.when if since else None,
        "removed": _sighting(item.removed),
        "blob": item.blob,
        "in_head": item.in_head,
        "reachable": item.reachable,
        "branches": list(item.branches),
        "tags": list(item.tags),
        "versions": item.versions,
    } | ({"fed_by": item.fed_by} if item.fed_by else {})


def _sighting(item: Sighting | None) -> dict[str, object] | None:
    if item is None:
        return None
    return {"commit": item.commit, "author": item.author, "date": item.when, "path": item.path}


def _skip(item: Skip) -> dict[str, object]:
    detail = _safe.place(item.detail)
    return {"oid": item.oid, "path": item.path, "reason": item.reason, "detail": detail}
