"""A plan in a file, to be applied later: only when the same plan would be made again, of files that did not change."""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import asdict
from pathlib import Path
from typing import Any

from secretsweep import stores
from secretsweep.app.remediation import journal, shown
from secretsweep.app.remediation.planning import Prepared
from secretsweep.decode.writings import masked
from secretsweep.errors import ApplyError, UsageError
from secretsweep.model import Plan

_FIELDS = frozenset(("schema", "store", "puts", "changes", "refusals", "grants", "notes", "sealed"))


def written(prepared: Prepared, options: stores.Options, template: str, paths: tuple[str, ...]) -> str:
    """The text of the file."""
    salt = os.urandom(16)
    plan = prepared.plan
    whole = _shown(prepared) | {
        "options": {name: value for name, value in asdict(options).items() if value},
        "template": template,
        "paths": list(paths),
        "salt": b64encode(salt).decode(),
        "files": {path: journal.digest(prepared.before[path], salt) for path in plan.paths if path in prepared.before},
    }
    return json.dumps(whole, indent=2) + "\n"


def read(file: str) -> dict[str, Any]:
    """A saved plan. UsageError when it is none."""
    try:
        found = json.loads(Path(file).read_text())
        if found["schema"] != shown.SCHEMA or not {"options", "template", "paths", "salt", "files"} <= set(found):
            raise ValueError
        stores.Options(**found["options"])
        texts = [found["store"], found["template"], found["salt"], *found["options"].values(), *found["paths"]]
        lists = (found["paths"], found["puts"])
        if not all(isinstance(text, str) for text in (*texts, *found["files"], *found["files"].values())):
            raise TypeError
        if not all(isinstance(one, list) for one in lists) or not all(isinstance(put, dict) for put in found["puts"]):
            raise TypeError
        b64decode(found["salt"], validate=True)
    except OSError as error:
        raise UsageError(f"--plan {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"--plan {file}: not a plan that `remediate --plan` of this version has saved") from None
    return dict(found)


def check(saved: dict[str, Any], prepared: Prepared) -> Plan:
    """The plan that was just made, when it is the saved one. ApplyError says what differs."""
    salt = b64decode(saved["salt"])
    for path, digest in saved["files"].items():
        if path not in prepared.before or journal.digest(prepared.before[path], salt) != digest:
            raise ApplyError(f"{path}: the file changed since the plan was saved; plan again")
    if _compared(_shown(prepared)) != _compared(saved):
        raise ApplyError("the plan would be another one by now: the store or the rules have changed; plan again")
    return prepared.plan


def _shown(prepared: Prepared) -> dict[str, Any]:
    """The plan without any value: new text may repeat one that stays."""
    text = masked(json.dumps(shown.as_json(prepared.plan)), prepared.values)
    return dict(json.loads(text))


def _compared(plan: dict[str, Any]) -> dict[str, Any]:
    """Without what an earlier, unfinished apply may have changed for good."""
    puts = [{name: value for name, value in put.items() if name != "exists"} for put in plan["puts"]]
    return {name: value for name, value in plan.items() if name in _FIELDS - {"notes"}} | {"puts": puts}
