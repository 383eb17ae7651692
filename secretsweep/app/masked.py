"""No token in the names that a report tells: files, keys, branches and tags are called after one now and then."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from secretsweep.model import Credential, Report, Sighting


def masked(report: Report) -> Report:
    """The report with every token of it taken out of paths, addresses, branches and tags.

    A password may be a word that names rightly hold; only what is certain to be a token is masked.
    """
    names = "\n".join(_names(report))
    tokens = (c.secret for c in report.credentials if c.confidence == "high" and not c.secret.is_word)
    secrets = [secret for secret in tokens if secret.masked_in(names) != names]
    if not secrets:
        return report

    def without(text: str) -> str:
        for secret in secrets:
            text = secret.masked_in(text)
        return text

    skipped = tuple(replace(s, path=without(s.path), detail=without(s.detail)) for s in report.coverage.skipped)
    return replace(
        report,
        coverage=replace(report.coverage, skipped=skipped),
        credentials=tuple(_credential(c, without) for c in report.credentials),
        dismissed=tuple(d._replace(path=without(d.path)) for d in report.dismissed),
    )


def _names(report: Report) -> set[str]:
    places = [o for c in report.credentials for o in c.occurrences]
    events = [event for o in places for event in (o.introduced, o.removed) if event]
    return {
        *(text for o in places for text in (o.path, o.key, o.fed_by, *o.branches, *o.tags)),
        *(event.path for event in events),
        *(text for s in report.coverage.skipped for text in (s.path, s.detail)),
        *(d.path for d in report.dismissed),
    }


def _credential(credential: Credential, without: Callable[[str], str]) -> Credential:
    def event(sighting: Sighting | None) -> Sighting | None:
        return sighting._replace(path=without(sighting.path)) if sighting else None

    def each(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(without, names))

    places = tuple(
        replace(
            o,
            path=without(o.path),
            key=without(o.key),
            fed_by=without(o.fed_by),
            introduced=event(o.introduced),
            removed=event(o.removed),
            branches=each(o.branches),
            tags=each(o.tags),
        )
        for o in credential.occurrences
    )
    return replace(
        credential,
        occurrences=places,
        introduced=event(credential.introduced),
        removed=event(credential.removed),
    )
