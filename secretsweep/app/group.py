"""Findings become credentials: one for a value, however often, wherever and however encoded it appears."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from secretsweep.app.fingerprint import Fingerprints
from secretsweep.detect.match import compiled
from secretsweep.model import CONFIDENCES, SEVERITIES, Credential, Finding, Occurrence, Rule, Secret, Sighting
from secretsweep.model.report import rank


def by_secret(findings: Iterable[Finding]) -> dict[Secret, list[Finding]]:
    """The findings of each value, in their order."""
    groups: dict[Secret, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.secret, []).append(finding)
    return groups


def credential(
    secret: Secret,
    findings: Sequence[Finding],
    occurrences: Sequence[Occurrence],
    rules: Mapping[str, Rule],
    fingerprints: Fingerprints,
    order: Mapping[str | None, int] | None = None,
) -> Credential:
    """One credential of its findings; the most telling rule names it. `order` numbers commits, newest first: dates
    are what people's clocks and rebases made of them."""

    def age(sighting: Sighting) -> tuple[bool, int, datetime]:
        number = (order or {}).get(sighting.commit)
        return number is None, -(number or 0), moment(sighting)

    best = min(findings, key=lambda f: _telling(f, rules))
    rule = rules[best.rule]
    ordered = tuple(sorted(occurrences, key=lambda o: (not o.in_head, o.path, o.line, o.column, o.trail)))
    in_head = any(o.in_head for o in ordered)
    gone = [o.removed for o in ordered if o.removed]
    held = [o for o in ordered if o.reachable == "refs"]
    return Credential(
        id=fingerprints.of(secret),
        rule=rule.id,
        name=rule.name,
        kind=rule.kind,
        provider=rule.provider,
        severity=rule.severity,
        confidence=best.confidence,
        preview=preview(rule),
        secret=secret,
        occurrences=ordered,
        in_head=in_head,
        introduced=min((o.introduced for o in ordered if o.introduced), key=age, default=None),
        removed=None if in_head or len(gone) < len(held) else max(gone, key=age, default=None),
    )


def ranked(credentials: Iterable[Credential]) -> tuple[Credential, ...]:
    """Most severe first, in an order that only the content decides."""
    return tuple(sorted(credentials, key=rank))


def preview(rule: Rule) -> str:
    """What may be shown of a value: the constant beginning that all of its sort share."""
    prefix = "" if rule.keys or "(?P<secret>" in rule.pattern else compiled(rule).shape.prefix
    return f"{prefix[:16]}••••••••"


def moment(sighting: Sighting) -> datetime:
    """When it happened, comparable across time zones."""
    return datetime.fromisoformat(sighting.when)


def _telling(finding: Finding, rules: Mapping[str, Rule]) -> tuple[bool, int, int, str]:
    rule = rules[finding.rule]
    return rule.generic, CONFIDENCES.index(finding.confidence), SEVERITIES.index(rule.severity), rule.id
