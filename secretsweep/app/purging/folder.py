"""The folder of a plan: private, without any value, never over what somebody else has put there."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from secretsweep.app.purging import texts
from secretsweep.app.purging.deciding import Decision
from secretsweep.app.purging.rehearsing import Rehearsal
from secretsweep.decode.writings import masked, telling
from secretsweep.errors import UsageError

SCHEMA = "secretsweep.purge-plan/1"
_PLAN = "plan.json"


def check(name: str) -> None:
    """UsageError for a folder that is not empty, unless an earlier plan is in it; before anything is read."""
    folder = Path(name)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"--plan {name}: is no folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    try:
        ours = json.loads((folder / _PLAN).read_text())["schema"] == SCHEMA
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise UsageError(f"--plan {name}: is not empty, and holds no plan of secretsweep; name another folder")


def write(
    name: str, decisions: Sequence[Decision], rehearsal: Rehearsal | None, url: str, public: bool | None
) -> list[str]:
    """Write the plan; the names of its files."""
    secrets = [d.credential.secret for d in decisions if telling(d.credential.secret)]  # names rightly hold words
    files = {"PLAN.md": texts.plan(decisions, rehearsal, public), _PLAN: _json(decisions, rehearsal)}
    if rehearsal is not None:
        files["purge.sh"] = texts.script(url, [d.credential.id for d in decisions if d.purge])
        files["colleagues.md"] = texts.colleagues(rehearsal)
        files["support.md"] = texts.support(rehearsal)
    folder = Path(name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for file in ("purge.sh", "colleagues.md", "support.md"):
            (folder / file).unlink(missing_ok=True)
        for file, text in files.items():
            _put(folder / file, masked(text, secrets), 0o700 if file == "purge.sh" else 0o600)
    except OSError as error:
        raise UsageError(f"--plan {name}: {error.strerror}") from None
    return sorted(files)


def _put(file: Path, text: str, mode: int) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as out:
        out.write(text)


def _json(decisions: Iterable[Decision], rehearsal: Rehearsal | None) -> str:
    document: dict[str, Any] = {"schema": SCHEMA, "decisions": [as_json(decision) for decision in decisions]}
    document["rehearsal"] = outcome(rehearsal) if rehearsal else None
    return json.dumps(document, indent=2) + "\n"


def as_json(decision: Decision) -> dict[str, Any]:
    """A decision for programs."""
    c = decision.credential
    return {
        "id": c.id,
        "rule": c.rule,
        "kind": c.kind,
        "severity": c.severity,
        "decision": decision.name,
        "reasons": list(decision.reasons),
        "notes": list(decision.notes),
        "paths": sorted({o.path for o in c.occurrences}),
    }


def outcome(rehearsal: Rehearsal) -> dict[str, Any]:
    """A rehearsal for programs."""
    facts, done, shown = rehearsal.facts, rehearsal.rewrite, rehearsal.proof
    return {
        "left": len(shown.left),
        "places": [{"id": p.id, "object": p.object, "path": p.path, "found_by": p.how} for p in shown.left],
        "credentials": [c.id for c in rehearsal.credentials],
        "commits": {"rewritten": facts.commits, "total": facts.total, "first": list(facts.first)},
        "files": {"cleaned": len(done.blobs) - len(done.dropped), "dropped": dict(sorted(done.dropped.items()))},
        "refs": list(facts.refs),
        "pull_requests": list(facts.pulls),
        "signatures": {"commits": facts.signed_commits, "tags": facts.signed_tags},
        "pins": [{"path": p.path, "line": p.line, "commit": p.commit, "kind": p.kind} for p in facts.pins],
        "mentions": facts.mentioned,
        "submodules": list(facts.submodules),
        "lfs_pointers": facts.lfs,
        "refs_not_cloned": list(rehearsal.hidden),
        "only_in_this_clone": dict(sorted(rehearsal.local.items())),
        "not_read": [{"reason": s.reason, "path": s.path, "object": s.oid, "detail": s.detail} for s in shown.skipped],
        "seconds": round(rehearsal.seconds, 1),
    }
