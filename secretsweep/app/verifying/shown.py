"""A result as text and as JSON. Values do not come near it, and what is printed is searched for them all the same."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from secretsweep import __version__
from secretsweep.app.verifying.records import SCHEMA, record
from secretsweep.app.verifying.running import Result, Verdict
from secretsweep.decode.writings import masked
from secretsweep.reports import _safe

_UNASKED = "unverified"


def rendered(result: Result, fmt: str, dry: bool) -> str:
    """The text to print."""
    text = json.dumps(_document(result), indent=2) if fmt == "json" else "\n".join(_lines(result, dry))
    return masked(text, [verdict.credential.secret for verdict in result.verdicts])


def _document(result: Result) -> dict[str, Any]:
    target = result.report.target
    return {
        "schema": SCHEMA,
        "tool": {"name": "secretsweep", "version": __version__},
        "target": {"kind": target.kind, "path": _safe.data(target.path), "head": target.head},
        "credentials": [_entry(verdict) for verdict in result.verdicts],
        "complete": not result.interrupted,
        "gone": list(result.gone),
        "unread": [{"path": _safe.data(skip.path), "reason": skip.reason} for skip in result.unread],
    }


def _entry(verdict: Verdict) -> dict[str, Any]:
    credential, question = verdict.credential, verdict.question
    sent = verdict.answer is not None and verdict.asked
    said = record(verdict.answer) if verdict.answer and sent else {"state": _UNASKED, "evidence": None}
    return {
        "id": credential.id,
        "rule": credential.rule,
        "kind": credential.kind,
        "severity": credential.severity,
        **said,
        "asked": sent,
        "verifier": question.verifier.NAME if question.verifier else None,
        "provider": question.provider,
        "consent": verdict.consented,
        "where": question.where,
        "why_not": "" if sent else _why_not(verdict),
    }


def _why_not(verdict: Verdict) -> str:
    if verdict.consented:
        return verdict.question.why
    return f"--provider {verdict.question.provider} lets it be asked"


def _lines(result: Result, dry: bool) -> Iterator[str]:
    shown = [v for v in result.verdicts if v.asked or dry or result.named]
    rows = [_planned(v) if dry else _row(v) for v in shown]
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield _safe.shown("  ".join((*cells, row[4]))).rstrip()
    for id_ in result.gone:
        yield f"unknown  {id_[:12]}  not found any more; rotated or not, the report's value is not here to ask about"
    yield from _closing(result, shown, dry)


def _row(verdict: Verdict) -> tuple[str, str, str, str, str]:
    answer, credential = verdict.answer, verdict.credential
    assert answer is not None
    told = answer.who and answer.why.startswith(answer.who)
    said = " ".join(filter(None, ("" if told else answer.who, answer.status)))
    return answer.state, credential.id[:12], credential.rule, _place(verdict), f"{said}: {answer.why}".lstrip(": ")


def _planned(verdict: Verdict) -> tuple[str, str, str, str, str]:
    question, credential = verdict.question, verdict.credential
    ready = verdict.asked and not question.why
    state = "ask" if ready else "leave"
    said = (question.where or "nobody: it is judged here") if ready else _why_not(verdict)
    if question.where and not verdict.consented:
        said = f"{question.where}, with --provider {question.provider}"
    return state, credential.id[:12], credential.rule, _place(verdict), said


def _place(verdict: Verdict) -> str:
    first = verdict.credential.occurrences[0]
    more = len(verdict.credential.occurrences) - 1
    return f"{first.path}:{first.line}" + (f" +{more}" if more else "")


def _closing(result: Result, shown: Sequence[Verdict], dry: bool) -> Iterator[str]:
    if shown:
        yield ""
    if not dry:
        counts = Counter(v.answer.state for v in shown if v.answer)
        said = ", ".join(f"{counts[state]} {state}" for state in ("live", "dead", "unknown") if counts[state])
        yield f"{said or 'Nobody was asked'}."
    else:
        yield "Nothing was sent."
    left = [v for v in result.verdicts if v not in shown]
    lacking = sorted({v.question.provider for v in left if v.question.verifier is not None})
    if lacking:
        count = sum(v.question.verifier is not None for v in left)
        yield f"{count} more could be asked about, with --provider {','.join(lacking)}."
    if nobody := sum(v.question.verifier is None for v in left):
        yield f"{nobody} more are of kinds that nobody can be asked about."
    if result.interrupted:
        yield "Interrupted: the rest was not asked."
    if result.unread:
        yield f"{len(result.unread)} files or objects were not read; `secretsweep scan` or `audit` lists them."
