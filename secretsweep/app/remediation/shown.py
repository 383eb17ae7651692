"""A plan as people and programs read it: no value, nor the place of one, is ever in it."""

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from secretsweep.app.remediation.materialize import after, edits_of
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.app.remediation.veil import beside, veil
from secretsweep.model import Change, Finding, Plan, Refusal, Span, Spot
from secretsweep.reports import _safe

SCHEMA = "secretsweep.plan/1"
_CONTEXT = 1  # lines around a change in a diff


def diff(
    changes: Sequence[Change], before: Mapping[str, bytes], findings: Mapping[str, Sequence[Finding]], tree: WorkTree
) -> Iterator[str]:
    """A unified diff of every file; credentials in it are masked, moved or not, and what may be one."""
    literals: dict[str, list[Span]] = defaultdict(list)
    for change in changes:
        for spot in change.spots:
            literals[spot.path].append(spot.span if spot.whole else spot.literal)
    for path, edits in sorted(edits_of(changes, tree).items()):
        old = before[path] if path in before else tree.read(path)
        data = old or b""
        hidden = veil(path, data, [*(f.span for f in findings.get(path, ())), *literals[path]], edits)
        was = after(data, hidden)
        new = after(data, [*beside(hidden, edits), *edits])
        yield from _unified(path, was if old is not None else None, new)


def _unified(path: str, old: bytes | None, new: bytes) -> Iterator[str]:
    was, now = (text.decode("utf-8", "replace").splitlines() for text in (old or b"", new))
    names = ("/dev/null" if old is None else f"a/{path}", f"b/{path}")
    yield from difflib.unified_diff(was, now, *names, n=_CONTEXT, lineterm="")


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan for programs; new texts are shown, old ones never."""
    return {
        "schema": SCHEMA,
        "store": plan.store,
        "puts": [
            {
                "credential": put.id,
                "reference": put.reference._asdict(),
                "shown": str(put.reference),
                "origins": list(put.origins),
                "exists": put.exists,
                "whole": put.whole,
            }
            for put in plan.puts
        ],
        "changes": [
            {
                "disposition": change.disposition,
                "spots": [_spot(spot) for spot in change.spots],
                "edits": [
                    {"path": path, "start": edit.span.start, "end": edit.span.end, "text": _text(edit.text)}
                    for path, edit in change.edits
                ],
                "additions": [addition._asdict() for addition in change.additions],
                "needs": list(change.needs),
                "warnings": list(change.warnings),
                "seals": [{"mark": seal.mark, "label": seal.label} for seal in change.seals],
            }
            for change in plan.changes
        ],
        "refusals": [
            {"spot": _spot(refusal.spot), "reason": refusal.reason, "instead": refusal.instead}
            for refusal in plan.refusals
        ],
        "grants": plan.grants,
        "notes": list(plan.notes),
        "stored": list(plan.stored),
        "sealed": plan.sealed,
    }


def as_text(plan: Plan, diff_lines: Iterator[str], colour: bool) -> Iterator[str]:
    """The plan for a person: what goes where, the diff, what else it needs, what is left alone and why.

    Names of files and keys cannot do anything to the terminal, nor begin lines of their own."""
    shown = [line(text) for text in diff_lines]
    yield from map(line, _values(plan))
    if shown:
        yield from map(_painted, shown) if colour else shown
        yield ""
    yield from map(line, _rest(plan))


def line(text: str) -> str:
    """One line as a terminal may get it; tabs stay, for code is indented by them."""
    return "\t".join(map(_safe.shown, text.split("\t")))


def _values(plan: Plan) -> Iterator[str]:
    if plan.puts:
        yield f"{_count(len(plan.puts), 'value')} for {plan.store}{', ' if plan.sealed else ''}{plan.sealed}:"
        for put in plan.puts:
            there = "  (is there already)" if put.exists else "" if put.whole else "  (the whole literal)"
            yield f"  {put.reference}{there}"
            yield from (f"      {origin}" for origin in put.origins)
        yield ""
        if plan.sealed:
            yield "A ciphertext is made when this is applied; `<ciphertext of …>` is where it will stand."
            yield ""


def _rest(plan: Plan) -> Iterator[str]:
    review = [change for change in plan.changes if change.disposition == "review"]
    if review:
        yield f"{_count(len(review), 'change')} to review (applied with --review only):"
        for change in review:
            yield f"  {_where(change)}"
            yield from (f"      {warning}" for warning in change.warnings)
        yield ""
    told = list(dict.fromkeys(w for change in plan.changes if change not in review for w in change.warnings))
    if told:
        yield "Known weaknesses of what is applied:"
        yield from (f"  - {warning}" for warning in told)
        yield ""
    needs = list(dict.fromkeys(need for change in plan.changes for need in change.needs))
    if needs:
        yield "Before it works:"
        yield from (f"  - {need}" for need in needs)
        yield ""
    if plan.grants:
        yield "Readers need no more than this:"
        yield from (f"  {said}" for said in plan.grants.splitlines())
        yield ""
    if plan.refusals:
        yield f"Left as {'they are' if len(plan.refusals) > 1 else 'it is'}:"
        for refusal in plan.refusals:
            yield f"  {refusal.spot.path}:{refusal.spot.line}  {refusal.reason}{_instead(refusal)}"
        yield ""
    yield from (f"Note: {note}" for note in plan.notes)


def _spot(spot: Spot) -> dict[str, Any]:
    return {
        "credential": spot.id,
        "path": spot.path,
        "line": spot.line,
        "key": spot.key,
        "format": spot.format,
        "rule": spot.rule,
        "reference": str(spot.reference),
    }


def _text(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")


def _where(change: Change) -> str:
    return ", ".join(dict.fromkeys(f"{spot.path}:{spot.line} {spot.key}" for spot in change.spots))


def _instead(refusal: Refusal) -> str:
    return f"; {refusal.instead}" if refusal.instead else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _painted(text: str) -> str:
    code = {"+": "32", "-": "31", "@": "36"}.get(text[:1])
    return f"\x1b[{code}m{text}\x1b[0m" if code else text
