"""What SARIF says about the scan itself: whether it was complete, what it left out, and of which revision."""

import re
from collections.abc import Sequence

from secretsweep.model import Report, Skip, Target
from secretsweep.reports import _coverage, _order, _safe
from secretsweep.reports._sarif_places import TREE, artifact
from secretsweep.reports._sarif_rules import said

PATHS = 100  # of one reason; the JSON report has all of them
_URL = re.compile(r"(https?|ssh|git)://[^\s<>\"{}|\\^`]+")


def invocation(report: Report, cut: int) -> dict[str, object]:
    """Success means that everything was read; each reason why not is a notification."""
    notes = [_notification("note", "note", _safe.place(note)) for note in report.coverage.notes]
    if report.coverage.fallbacks:
        files = _coverage.count(report.coverage.fallbacks, "file")
        notes.append(_notification("fallback", "note", f"{files} did not parse and were read line by line."))
    skipped = [_skipped(name, skips) for name, skips in _order.skipped(report).items()]
    if cut:
        text = f"{cut:,} further credentials are left out: code scanning takes no more results in one run."
        skipped.append(_notification("results-limit", "warning", text))
    return {
        "executionSuccessful": report.coverage.complete,
        "toolExecutionNotifications": skipped + notes,
    }


def provenance(target: Target) -> dict[str, object]:
    """The revision, when the target was given by its URL; a local path does not tell where it came from."""
    url = _safe.place(target.path)
    if not target.head or not _URL.fullmatch(url):
        return {}
    details = {"repositoryUri": url, "revisionId": target.head, "mappedTo": {"uriBaseId": TREE}}
    return {"versionControlProvenance": [details]}


def _skipped(name: str, skips: Sequence[Skip]) -> dict[str, object]:
    reason = _coverage.reason(name)
    text = f"{_coverage.count(len(skips), 'thing')} not read: {reason.says}."
    found = _notification(name, "warning", f"{text} What to do: {reason.do}." if reason.do else text)
    paths = dict.fromkeys(skip.path for skip in skips if skip.path)
    if places := [{"physicalLocation": {"artifactLocation": artifact(path)}} for path in paths]:
        found["locations"] = places[:PATHS]
    return found


def _notification(name: str, level: str, text: str) -> dict[str, object]:
    return {"descriptor": {"id": name}, "level": level, "message": {"text": said(text)}}
