"""The report as SARIF 2.1.0, within the limits and with the properties that GitHub code scanning reads."""

import re
from collections.abc import Iterator
from typing import TextIO

from secretsweep.model import Credential, Report
from secretsweep.reports import _order, _sarif_rules, _stream
from secretsweep.reports._sarif_places import TREE, location, related
from secretsweep.reports._sarif_run import invocation, provenance

MEDIA = "application/sarif+json"
RESULTS = 25_000  # GitHub refuses a run with more; it shows the first 5,000, and the worst come first
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def render(
    report: Report, out: TextIO, *, colour: bool = False, verbose: int = 0, width: int = 100
) -> None:
    """Write one run: a result for each credential."""
    credentials = _order.credentials(report)
    cut = len(credentials) - RESULTS
    run = _run(report, credentials[:RESULTS], max(cut, 0))
    _stream.document(out, {"$schema": _SCHEMA, "version": "2.1.0", "runs": iter((run,))})


def _run(report: Report, credentials: list[Credential], cut: int) -> dict[str, object]:
    rules = _sarif_rules.rules(credentials)
    index = {str(rule["id"]): at for at, rule in enumerate(rules)}
    return {
        "tool": {"driver": _driver(report, rules)},
        "automationDetails": {"id": f"secretsweep/{report.target.kind}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {TREE: {"description": {"text": "The root of what was scanned."}}},
        "invocations": [invocation(report, cut)],
        **provenance(report.target),
        "properties": {
            "target": report.target.kind,
            "head": report.target.head,
            "accepted": report.accepted,
            "rules": report.rules,
        },
        "results": _results(credentials, index, report.target.kind == "history"),
    }


def _driver(report: Report, rules: list[dict[str, object]]) -> dict[str, object]:
    driver: dict[str, object] = {"name": "secretsweep", "version": report.version}
    if _SEMANTIC.fullmatch(report.version):
        driver["semanticVersion"] = report.version
    return {**driver, "rules": rules}


def _results(
    credentials: list[Credential], index: dict[str, int], history: bool
) -> Iterator[dict[str, object]]:
    for credential in credentials:
        yield _result(credential, index[credential.rule], gone=history and not credential.in_head)


def _result(credential: Credential, index: int, *, gone: bool) -> dict[str, object]:
    places = _order.occurrences(credential)
    result: dict[str, object] = {
        "ruleId": credential.rule,
        "ruleIndex": index,
        "level": _sarif_rules.LEVELS[credential.severity],
        "message": {"text": _message(credential, len(places), gone=gone)},
        "locations": [location(place) for place in places[:1]],
        "partialFingerprints": {"secretsweep/v1": credential.id},
        "properties": {
            "in_head": credential.in_head,
            "state": credential.state,
            "reachable": _order.union((place.reachable,) for place in places),
            "confidence": credential.confidence,
            "occurrences": len(places),
        },
    }
    if places[1:]:
        result["relatedLocations"] = related(places[1:])
    return result


def _message(credential: Credential, places: int, *, gone: bool) -> str:
    """Sentences without paths or keys: SARIF reads brackets and braces in them as links and placeholders."""
    name, preview = (_sarif_rules.said(text) for text in (credential.name, credential.preview))
    if credential.kind == "reference":
        return f"{name}: {preview}." if places < 2 else f"{name}: {preview}, in [{places - 1:,} more places](1), too."
    what = f"{name} ({preview})" if preview else name
    where = "is not in HEAD, but can still be read in the history" if gone else "stands in a file"
    also = "" if places < 2 else " It also stands in [another place](1)."
    if places > 2:
        also = f" It also stands in {places - 1:,} other places, [the next one](1) among them."
    return f"{what} {where}.{also} Treat it as leaked: rotate it first."
