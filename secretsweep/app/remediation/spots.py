"""From findings to places that can be rewritten: each with its literal, the value that goes to the store, its name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from secretsweep import formats, lazyre, writers
from secretsweep.app.address import literals, unread
from secretsweep.decode import unicode
from secretsweep.model import Blob, Credential, Finding, Reference, Secret, Span, Spot, Unit

NOWHERE = Reference("", "")
_COMMENT = lazyre.compile(rb"[ \t]*(?:#(?!!)|//|;|--|/?\*|<!--)")

_INSTEAD = {
    "passwordfile": "take the file out of the repository, ignore it, and write it from the store where it is read",
}
_ELSEWHERE = "choose a store with a server, or move the value to where this one can encrypt it"


class Sighted(NamedTuple):
    """A spot whose reference is not chosen yet, and what goes to the store for it."""

    spot: Spot
    secret: Secret
    whole: bool  # the secret is the credential; else the literal that holds it


class Unreachable(NamedTuple):
    """A spot that no writer can write to, and why."""

    spot: Spot
    reason: str
    instead: str


def sighted(
    blob: Blob, findings: Sequence[Finding], credentials: Mapping[Secret, Credential], sealing: str = ""
) -> Iterator[Sighted | Unreachable]:
    """Every finding of a file that is not accepted, in the order of the file; one of those at the same literal.

    `sealing` is the store that is to seal them. Its writers know their documents, and what their literals are.
    """
    known = literals(blob, [f for f in findings if f.path == blob.path])
    seen: set[tuple[Span, Secret]] = set()
    wide = unicode.NAMES.get(unicode.encoding(blob.data), "")  # spans of literals count in another text
    for finding in sorted(findings, key=lambda f: f.span):
        credential = credentials.get(finding.secret)
        if credential is None or (finding.span, finding.secret) in seen:
            continue
        seen.add((finding.span, finding.secret))
        if not finding.secret or finding.path != blob.path:
            spot = _spot(finding, credential, finding.format, Unit(finding.span, finding.key, b""))
            if finding.path != blob.path:
                yield Unreachable(spot, "inside an archive", "unpack it, remediate what it holds, and pack it again")
            continue
        if wide:
            spot = _spot(finding, credential, finding.format, Unit(finding.span, finding.key, b""))
            yield Unreachable(spot, f"the file is written in {wide.upper()}", "convert it to UTF-8, then remediate it")
            continue
        fmt, unit = known.get(finding, (finding.format, Unit(finding.span, finding.key, b"")))
        spot = _spot(finding, credential, fmt, unit)
        writer = writers.writing(spot, blob.data, sealing)
        if sealing:
            if writer is None:
                yield Unreachable(spot, f"{sealing} has no place for a ciphertext in {spot.formats[0]}", _ELSEWHERE)
            else:
                yield Sighted(spot, finding.secret, spot.whole)
        elif not unit.value and (spot.encodings or not getattr(writer, "FINDS", False)):
            if fmt != "text" and _COMMENT.match(blob.data, blob.data.rfind(b"\n", 0, finding.span.start) + 1):
                yield Unreachable(spot, "in a comment, which nothing reads", "delete it by hand")
            else:
                yield Unreachable(spot, unread(blob) or "its literal is not understood", "replace it by hand")
        elif writer is None:
            instead = _INSTEAD.get(spot.format, "replace it by hand")
            yield Unreachable(spot, f"nothing is known that resolves references in {spot.format}", instead)
        elif spot.whole:
            yield Sighted(spot, finding.secret, True)
        elif writer.PARTS and Secret(blob.data[slice(*spot.span)]) != finding.secret:
            yield Unreachable(spot, "escapes hide where it begins in its literal", "replace it by hand")
        elif writer.PARTS:
            yield Sighted(spot, finding.secret, True)
        else:
            yield Sighted(spot, Secret(unit.value), False)


def _spot(finding: Finding, credential: Credential, fmt: str, unit: Unit) -> Spot:
    documents = {f.NAME for f in formats.every()}
    inside = unit.trail if unit.value else finding.trail
    return Spot(
        id=credential.id,
        path=finding.path,
        span=finding.span,
        literal=unit.span,
        form=unit.form,
        key=unit.key or finding.address,
        formats=(fmt, *(step for step in inside if step in documents)),
        encodings=tuple(step for step in inside if step not in documents),
        rule=finding.rule,
        kind=credential.kind,
        confidence=finding.confidence,
        whole=bool(unit.value) and Secret(unit.value) == finding.secret,
        line=finding.place.line,
        reference=NOWHERE,
    )
