"""The way of a credential from each literal to what runs with it: what a rotation must reach."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from secretsweep.app import scan as scanning
from secretsweep.app.remediation.looking import Seen, check_paths, looked
from secretsweep.app.remediation.spots import sighted
from secretsweep.decode.writings import masked
from secretsweep.flow import Flow, Use, consumers
from secretsweep.model import Credential, Secret
from secretsweep.reports import _safe

SCHEMA = "secretsweep.flow/1"


@dataclass(frozen=True, slots=True)
class Explained:
    """A credential, and the ways of its value, one a literal."""

    credential: Credential
    ways: tuple[Use, ...]

    @property
    def consumers(self) -> tuple[Use, ...]:
        """What runs with the value, each once, in the order of the ways."""
        found = {(use.path, use.consumer): use for way in reversed(self.ways) for use in reversed([*consumers(way)])}
        return tuple(reversed(found.values()))


def explained(
    paths: Sequence[str], wanted: str, config: str | None, progress: scanning.Progress
) -> tuple[list[Explained], Seen]:
    """Scan, and follow each credential whose id begins with `wanted`. UsageError when none does."""
    paths = paths or (".",)
    check_paths(paths)
    seen = looked(paths, (wanted,), config, progress)
    return list(followed(seen)), seen


def followed(seen: Seen) -> Iterator[Explained]:
    """The ways of every credential that was asked for, in the order of their first literals."""
    flow = Flow(seen.tree)
    ways: dict[Secret, list[Use]] = {}
    for blob, findings in sorted(seen.found, key=lambda one: one[0].path):
        own: Mapping[Secret, Credential] = seen.credentials
        of = {finding.span: finding.secret for finding in findings if finding.secret in own}
        for place in sighted(blob, findings, own):
            spot = place.spot
            way = flow.of(spot.formats, spot.path, spot.key, spot.line)
            ways.setdefault(of[spot.span], []).append(way)
    for secret, found in ways.items():
        yield Explained(seen.credentials[secret], tuple(found))


def rendered(found: Sequence[Explained], fmt: str, secrets: Sequence[Secret]) -> str:
    """Text or JSON, without any of the values."""
    if fmt == "json":
        text = json.dumps({"schema": SCHEMA, "credentials": [_data(one) for one in found]}, indent=2)
        return masked(_safe.encoded(text), secrets)
    return masked("\n\n".join("\n".join(_lines(one)) for one in found), secrets)


def _lines(one: Explained) -> Iterator[str]:
    credential = one.credential
    yield f"{credential.id}  {_safe.shown(credential.kind)}"
    for way in one.ways:
        yield ""
        yield _said(way)
        yield from _branches(way.children, "")
    yield ""
    reached = one.consumers
    if not reached:
        yield "Nothing is known to run with it."
        return
    yield "What runs with it, and needs the new value at a rotation:"
    for use in reached:
        yield f"  {_safe.shown(use.consumer)}  {_safe.shown(use.path)}:{use.line}"


def _branches(uses: Sequence[Use], before: str) -> Iterator[str]:
    for number, use in enumerate(uses, 1):
        last = number == len(uses)
        yield f"{before}{'└─' if last else '├─'} {_said(use)}"
        yield from _branches(use.children, f"{before}{'   ' if last else '│  '}")


def _said(use: Use) -> str:
    kind = "" if use.kind == "literal" else f"  {use.kind}{'' if use.whole else ', as a part'}"
    note = f"  ({use.note})" if use.note else ""
    return _safe.shown(f"{use.path}:{use.line}  {use.address}{kind}{note}")


def _data(one: Explained) -> dict[str, Any]:
    return {
        "id": one.credential.id,
        "kind": one.credential.kind,
        "literals": [_node(way) for way in one.ways],
        "consumers": [{"name": use.consumer, "path": use.path, "line": use.line} for use in one.consumers],
    }


def _node(use: Use) -> dict[str, Any]:
    return {
        "path": use.path,
        "line": use.line,
        "address": use.address,
        "kind": use.kind,
        "whole": use.whole,
        "note": use.note,
        "consumer": use.consumer,
        "children": [_node(child) for child in use.children],
    }
