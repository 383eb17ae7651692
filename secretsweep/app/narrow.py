"""A report without what somebody accepted: place by place, and a credential when all of its places are."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from secretsweep.app.group import moment, ranked
from secretsweep.model import Credential, Occurrence, Report

Accepts = Callable[[Credential, Occurrence], bool]
Located = Callable[[str], str]  # a path of the report as one below the repository's top


def below(top: Path) -> Located:
    """For reports whose paths count from the current folder, or are absolute; what is elsewhere stays as it is."""
    root, here = os.path.realpath(top), os.path.realpath(".")

    def located(path: str) -> str:
        whole = os.path.normpath(os.path.join(here, path))
        inside = whole.startswith(f"{root}{os.sep}")
        return Path(os.path.relpath(whole, root)).as_posix() if inside else path

    return located


def without(report: Report, accepts: Accepts, located: Located | None = None) -> Report:
    """The report with the credentials that have a place left, and only those places; the rest is counted."""

    def refused(credential: Credential, place: Occurrence) -> bool:
        return not accepts(credential, replace(place, path=located(place.path)) if located else place)

    kept = []
    accepted = report.accepted
    for credential in report.credentials:
        left = tuple(place for place in credential.occurrences if refused(credential, place))
        if left == credential.occurrences:
            kept.append(credential)
        elif left:
            kept.append(_at(credential, left))
        else:
            accepted += 1
    return replace(report, credentials=ranked(kept), accepted=accepted)


def _at(credential: Credential, places: tuple[Occurrence, ...]) -> Credential:
    """The credential as if it stood at these places only."""
    in_head = any(place.in_head for place in places)
    begun = [place.introduced for place in places if place.introduced]
    ended = [place.removed for place in places if place.removed]
    held = [place for place in places if place.reachable == "refs"]
    return replace(
        credential,
        occurrences=places,
        in_head=in_head,
        introduced=credential.introduced if credential.introduced in begun else min(begun, key=moment, default=None),
        removed=None if in_head or len(ended) < len(held) else max(ended, key=moment, default=None),
    )
