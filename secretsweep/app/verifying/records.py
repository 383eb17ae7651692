"""What is kept of an answer: its state and its evidence, under the credential's fingerprint. No plaintext."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from secretsweep.errors import UsageError
from secretsweep.model import Report
from secretsweep.verifiers import STATES, UNKNOWN, Answer

SCHEMA = "secretsweep.verify/1"
_EVIDENCE = ("who", "when", "status", "why")


def record(answer: Answer) -> dict[str, Any]:
    """`{"state": …, "evidence": {"who", "when", "status", "why"}}`."""
    return {"state": answer.state, "evidence": {name: getattr(answer, name) for name in _EVIDENCE}}


def answer(record: Mapping[str, Any]) -> Answer:
    """A record read back. ValueError for what is none."""
    evidence = record.get("evidence") or {}
    if record.get("state") not in (*STATES, "unverified") or not isinstance(evidence, Mapping):
        raise ValueError("no record of an answer")
    known = {name: evidence.get(name, "") for name in _EVIDENCE}
    if not all(isinstance(value, str) for value in known.values()):
        raise ValueError("no record of an answer")
    return Answer(str(record["state"]), **known)


def read(path: Path) -> dict[str, Answer]:
    """The answers of a saved result of `secretsweep verify --format json`, by fingerprint; those that were asked."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["schema"] != SCHEMA:
            raise ValueError
        return {str(each["id"]): answer(each) for each in document["credentials"] if each["asked"]}
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{path}: not a result of {SCHEMA}; save one with: secretsweep verify --format json") from None


def stated(report: Report, answers: Mapping[str, Answer]) -> Report:
    """The report with the state of each credential that was asked about."""
    credentials = (
        replace(c, state=answers[c.id].state) if c.id in answers else c for c in report.credentials
    )
    return replace(report, credentials=tuple(credentials))


def newest(answers: Iterable[Answer]) -> Answer | None:
    """Of several about one credential the one to believe: a newer `unknown` does not undo what was known."""
    known = sorted(answers, key=lambda answer: (answer.state != UNKNOWN, answer.when))
    return known[-1] if known else None
