"""What reviewers are told of a rewrite: which value is where now, what must be there first, what is left to do."""

from secretsweep.model import Plan
from secretsweep.reports import _safe


def message(done: Plan) -> str:
    """The message of the commit. No value is in it, and no fingerprint: ids belong into reports."""
    values = len(done.puts)
    count = f"{values} credential{'s' if values != 1 else ''}"
    lines = [f"Encrypt {count} with {done.store}" if done.sealed else f"Read {count} from {done.store}", ""]
    lines += (f"- {put.reference}: {', '.join(put.origins)}" for put in done.puts)
    for title, said in (
        ("Before it is deployed:", [need for change in done.changes for need in change.needs]),
        ("Known weaknesses:", [warning for change in done.changes for warning in change.warnings]),
    ):
        if said:
            lines += ["", title, *(f"- {line}" for line in dict.fromkeys(said))]
    lines += ["", "The diff shows the old values, and the history keeps them: rotate each one."]
    return "\n".join(map(_safe.shown, lines)) + "\n"
