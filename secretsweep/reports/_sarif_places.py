"""How a place is said in SARIF: encoded relative URIs, regions in characters, logical names for the rest."""

from collections.abc import Sequence
from urllib.parse import quote_from_bytes

from secretsweep.model import Occurrence

TREE = "%SRCROOT%"
RELATED = 100  # GitHub shows 100 and accepts 1,000
_HELD = {
    "refs": "In the history.",
    "index": "In the index.",
    "worktree": "In the working tree.",
    "stash": "In a stash.",
    "reflog": "In a commit that only the reflog knows.",
    "unreachable": "In an object that no ref reaches.",
    "commit-message": "In a commit message.",
    "tag-message": "In a tag message.",
    "note": "In a git note.",
}
_FILELESS = ("commit-message", "tag-message", "note")


def location(place: Occurrence) -> dict[str, object]:
    """Where one occurrence is; what is no file is named as well, by what holds it."""
    region = {
        "startLine": max(place.line, 1),
        "startColumn": max(place.column, 1),
        "endLine": max(place.end_line, place.line, 1),
        "endColumn": max(place.end_column, 1),
    }
    found: dict[str, object] = {
        "physicalLocation": {"artifactLocation": artifact(place.path or place.reachable), "region": region}
    }
    if names := _names(place):
        found["logicalLocations"] = names
    return found


def related(places: Sequence[Occurrence]) -> list[dict[str, object]]:
    """The other places, numbered from 1 so that a message can link to them."""
    return [
        {"id": number, **location(place), "message": {"text": _held(place)}}
        for number, place in enumerate(places[:RELATED], 1)
    ]


def artifact(path: str) -> dict[str, object]:
    """A file of the tree; only a path that is absolute stands for itself."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    uri = quote_from_bytes(raw)
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": TREE}


def _names(place: Occurrence) -> list[dict[str, object]]:
    names: list[dict[str, object]] = []
    if place.reachable in _FILELESS:
        commit = place.introduced.commit if place.introduced else None
        name = " ".join(filter(None, (place.reachable.replace("-", " "), commit or place.blob)))
        names.append({"fullyQualifiedName": name, "kind": place.reachable})
    if place.key:
        names.append({"fullyQualifiedName": place.key, "kind": "member"})
    return names


def _held(place: Occurrence) -> str:
    return "In HEAD." if place.in_head else _HELD.get(place.reachable, "Elsewhere.")
