"""Reads a saved JSON report back, to be shown in another format; it has no values, and gets none."""

import json
from pathlib import Path
from typing import Any

from secretsweep.errors import UsageError
from secretsweep.model import (
    CONFIDENCES,
    SEVERITIES,
    Coverage,
    Credential,
    Dismissed,
    Occurrence,
    Report,
    Secret,
    Sighting,
    Skip,
    Target,
)
from secretsweep.model.node import Node, WrongShape
from secretsweep.reports._shape import SCHEMA, SCHEMA_LINES

_AGAIN = "save one with: secretsweep audit --format json --output FILE"


def read(path: Path) -> Report:
    """The Report saved in `path` by the format json or jsonl; UsageError says what is wrong with it."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name a saved report, or {_AGAIN}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not a report, it is no UTF-8 text; {_AGAIN}") from None
    document = _document(path, text)
    _known(path, document)
    try:
        return _report(Node("", document))
    except WrongShape as error:
        raise UsageError(f"{path}: damaged report: {error}; {_AGAIN}") from None


def _document(path: Path, text: str) -> Any:
    """The parsed document; JSON lines are put together to one."""
    try:
        first, *rest = text.split("\n")
        if f'"{SCHEMA_LINES}"' in first:
            return {**json.loads(first), "credentials": [json.loads(line) for line in rest if line]}
        return json.loads(text)
    except (ValueError, RecursionError, TypeError):
        raise UsageError(f"{path}: not a report, it is no JSON; {_AGAIN}") from None


def _known(path: Path, document: Any) -> None:
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema in (SCHEMA, SCHEMA_LINES):
        return
    if isinstance(schema, str) and schema.startswith("secretsweep.report"):
        raise UsageError(f"{path}: schema {schema!r} is newer than {SCHEMA!r}; upgrade secretsweep")
    raise UsageError(f"{path}: not a report of schema {SCHEMA!r}; {_AGAIN}")


def _report(node: Node) -> Report:
    tool, target = node.node("tool"), node.node("target")
    return Report(
        version=tool.text("version"),
        rules=tool.text("rules"),
        target=Target(target.text("kind"), target.text("path"), target.text("head", "") or None),
        coverage=_coverage(node.node("coverage")),
        credentials=tuple(map(_credential, node.nodes("credentials"))),
        accepted=node.number("accepted", 0),
        dismissed=tuple(
            Dismissed(item.text("rule"), item.text("reason"), item.text("path"), item.number("line"))
            for item in node.nodes("dismissed", required=False)
        ),
    )


def _coverage(node: Node) -> Coverage:
    return Coverage(
        **{name: node.number(name) for name in ("commits", "objects", "blobs", "bytes", "files")},
        skipped=tuple(
            Skip(item.text("reason"), item.text("path"), item.text("oid"), item.text("detail", ""))
            for item in node.nodes("skipped")
        ),
        fallbacks=node.number("fallbacks", 0),
        notes=node.texts("notes"),
    )


def _credential(node: Node) -> Credential:
    return Credential(
        id=node.text("id"),
        rule=node.text("rule"),
        name=node.text("name", "") or node.text("rule"),
        kind=node.text("kind"),
        provider=node.text("provider"),
        severity=node.one_of("severity", SEVERITIES),
        confidence=node.one_of("confidence", CONFIDENCES),
        preview=node.text("preview"),
        secret=Secret(b""),
        occurrences=tuple(_occurrence(item, node.text("rule")) for item in node.nodes("occurrences")),
        in_head=node.flag("in_head"),
        introduced=_sighting(node, "introduced"),
        removed=_sighting(node, "removed"),
        state=node.text("state"),
        advice=node.texts("advice"),
    )


def _occurrence(node: Node, rule: str) -> Occurrence:
    path, author = node.text("path"), node.text("author", "")
    commit, date = node.text("commit", "") or None, node.text("date", "")
    return Occurrence(
        path=path,
        line=node.number("line"),
        end_line=node.number("end_line"),
        column=node.number("column"),
        end_column=node.number("end_column"),
        format=node.text("format"),
        key=node.text("key"),
        rule=node.text("rule", rule),
        confidence=node.text("confidence", "high"),
        trail=node.texts("trail"),
        blob=node.text("blob", "") or None,
        introduced=Sighting(commit, path, date, author) if commit or date or author else None,
        removed=_sighting(node, "removed"),
        in_head=node.flag("in_head"),
        reachable=node.text("reachable", "refs"),
        branches=node.texts("branches"),
        tags=node.texts("tags"),
        versions=node.number("versions", 1),
        fed_by=node.text("fed_by", ""),
    )


def _sighting(node: Node, name: str) -> Sighting | None:
    if node.missing(name):
        return None
    item = node.node(name)
    commit = item.text("commit", "") or None
    return Sighting(commit, item.text("path", ""), item.text("date"), item.text("author"))
