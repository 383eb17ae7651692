"""Whether a record accepts a value at a place; the value itself is compared before that."""

import re
from collections.abc import Mapping

from secretsweep.app._records import Record
from secretsweep.model import Occurrence

LOCAL = ("stash", "reflog", "unreachable")  # copies that other clones do not have
_OF_OBJECT = re.compile(r"^((?:commit|tag|note)-message|object):[0-9a-f]{7,64}")


def spot(place: Occurrence) -> str:
    """Where a record says a value is: messages and loose objects without the id, which a rebase changes."""
    if place.reachable == "refs" or ":" not in place.path:
        return place.path
    return _OF_OBJECT.sub(r"\1:-", place.path)


def covering(known: Mapping[str, list[Record]], fingerprint: str, place: Occurrence) -> list[Record]:
    """The records that accept a value at a place. A copy that only this clone has is accepted where another one is."""
    records = known.get(fingerprint, [])
    return [r for r in records if r.covers(spot(place))] or (records if place.reachable in LOCAL else [])
