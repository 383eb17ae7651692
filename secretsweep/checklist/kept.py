"""An entry as JSON and back: what the ledger and files keep. The steps' texts come from the guide each time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from secretsweep.checklist.tasks import guided
from secretsweep.model import (
    CONFIDENCES,
    SEVERITIES,
    Acceptance,
    Consumer,
    Done,
    Entry,
    Exposure,
    Judgement,
    Reference,
)
from secretsweep.model.node import Node, WrongShape
from secretsweep.model.rotation import DEAD, LIVE, PURGE, ROTATE_ONLY, STATES, UNDECIDED, UNKNOWN

_TEXTS = (
    "id", "rule", "name", "kind", "provider", "preview", "guide", "opened", "deadline", "repository", "purge_reason",
)  # fmt: skip


def facts(entry: Entry) -> dict[str, Any]:
    """All of an entry but what people did with it: steps, events, where it is posted."""
    return {
        **{name: getattr(entry, name) for name in _TEXTS},
        "severity": entry.severity,
        "confidence": entry.confidence,
        "state": entry.state,
        "public": entry.public,
        "purge": entry.purge,
        "exposures": [exposure._asdict() for exposure in entry.exposures],
        "owners": list(entry.owners),
        "consumers": [consumer._asdict() for consumer in entry.consumers],
        "reference": entry.reference._asdict() if entry.reference else None,
        "identifiers": dict(entry.identifiers),
        "acceptance": entry.acceptance._asdict() if entry.acceptance else None,
        "closed": entry.closed._asdict() if entry.closed else None,
        "judgement": entry.judgement._asdict() if entry.judgement else None,
        "reopened": entry.reopened,
    }


def read(document: Mapping[str, Any]) -> Entry:
    """The entry of such facts, with the steps of its guide. ValueError says what is wrong with them."""
    node = Node("", dict(document))
    texts: dict[str, Any] = {name: node.text(name) for name in _TEXTS}
    entry = Entry(
        **texts,
        severity=node.one_of("severity", SEVERITIES),
        confidence=node.one_of("confidence", CONFIDENCES),
        overlap="",
        state=node.one_of("state", STATES),
        public=node.one_of("public", ("yes", "no", UNKNOWN)),
        purge=node.one_of("purge", (ROTATE_ONLY, PURGE, UNDECIDED)),
        exposures=tuple(map(_exposure, node.nodes("exposures"))),
        owners=node.texts("owners"),
        consumers=tuple(Consumer(n.text("name"), n.text("path"), n.number("line")) for n in node.nodes("consumers")),
        reference=None if node.missing("reference") else _reference(node.node("reference")),
        identifiers=_identifiers(document.get("identifiers")),
        acceptance=None if node.missing("acceptance") else _acceptance(node.node("acceptance")),
        closed=None if node.missing("closed") else _done(node.node("closed")),
        judgement=None if node.missing("judgement") else _judgement(node.node("judgement")),
        reopened=node.number("reopened", 0),
    )
    return replace(entry, **guided(entry))


def _exposure(node: Node) -> Exposure:
    texts = ("path", "key", "format", "commit", "author", "since", "removed", "until", "reachable")
    return Exposure(line=node.number("line"), in_head=node.flag("in_head"), **{name: node.text(name) for name in texts})


def _reference(node: Node) -> Reference:
    texts = ("store", "path", "field", "mount", "scope")
    return Reference(version=node.number("version", 0), **{name: node.text(name, "") for name in texts})


def _acceptance(node: Node) -> Acceptance:
    return Acceptance(node.text("reason"), node.text("until"), node.text("who"), node.text("when"))


def _done(node: Node) -> Done:
    return Done(node.text("when"), node.text("who"), node.text("evidence"), node.flag("skipped"))


def _judgement(node: Node) -> Judgement:
    texts = ("who", "when", "status", "why")
    return Judgement(node.one_of("state", (LIVE, DEAD, UNKNOWN)), **{name: node.text(name) for name in texts})


def _identifiers(given: Any) -> Mapping[str, str]:
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise WrongShape("identifiers: wants texts by their names")
    return dict(given)
