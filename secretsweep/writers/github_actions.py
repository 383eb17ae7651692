"""GitHub Actions, and what is written like it: `${{ secrets.NAME }}`, or what a step before fetched from the store.

The value goes to the store all the same: the repository's secret is a copy that a person makes. In scripts stands the
name of a variable, never the expression: whatever is in the value would be a part of the script.

Syntax: docs.github.com, actions/reference: contexts (where `secrets` may be named), workflow-syntax, security.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _reading
from secretsweep.writers._actions_fetch import Fetched, fetched
from secretsweep.writers._literal import quoted
from secretsweep.writers._places import Document, Step, document, entries, get, text

FORMATS = ("yaml", "shell", "text", "powershell", "batch", "connstr", "json", "npmrc", "ini", "dotenv", "properties")
PATHS = lazyre.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$|(?:^|/)action\.ya?ml$")
PARTS = True

_NAMED = lazyre.compile(rb"\bsecrets\s{0,4}\.\s{0,4}([A-Za-z_]\w*)|\bsecrets\[\s{0,4}'(\w+)'")
_ODD = lazyre.compile(r"[^A-Z0-9]+")
_FOLDER = lazyre.compile(r"^.*?(?:github|gitea|forgejo)/workflows/|^iac/")
_SCRIPTS = lazyre.compile(r"(?i)(?:.*script|run|commands?|cmd|args|arguments|inline.*)")
# where the contexts `secrets` and (behind the slash) `steps` may be named
_SETTINGS = lazyre.compile(
    r"env/[^/]+|jobs/[^/]+/(?:env/[^/]+|secrets/[^/]+|container/(?:env|credentials)/[^/]+|"
    r"services/[^/]+/(?:env|credentials)/[^/]+|steps/\[\d+\]/(?:env|with)/[^/]+)"
)
_STEP = lazyre.compile(r"jobs/[^/]+/steps/\[\d+\]/.*")
_RUN = lazyre.compile(r"jobs/[^/]+/steps/\[\d+\]/run")


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One place, one expression."""
    workflow = document(file.data)
    names = _Names(tree)
    for spot in spots:
        if file.path.rpartition("/")[2] in ("action.yml", "action.yaml"):
            yield Refusal(spot, "an action has no secrets of its own", "make it an input, and pass it where it is used")
        elif workflow is None or not (steps := workflow.place(spot.span)):
            yield Refusal(spot, "the workflow does not parse", "replace it by hand")
        elif spot.encodings:
            yield Refusal(spot, "the value is encoded", "keep the encoded text as a secret, and refer to that")
        else:
            yield _rewritten(spot, file, workflow, steps, names)


class _Names:
    """Names for the repository's secrets: one for each value, none that the workflows have already."""

    def __init__(self, tree: Tree) -> None:
        self._of: dict[object, str] = {}
        self._taken = {"GITHUB_TOKEN"}
        for path in tree.paths():
            if PATHS.search(path) and (data := tree.read(path)):
                found = (match[1] or match[2] for match in _NAMED.finditer(data))
                self._taken |= {name.decode().upper() for name in found}

    def of(self, spot: Spot) -> str:
        if spot.reference not in self._of:
            wished = _ODD.sub("_", _FOLDER.sub("", spot.reference.path.lstrip("/")).upper()).strip("_")
            wished = f"SECRET_{wished}" if not wished or wished[0].isdigit() or wished.startswith("GITHUB_") else wished
            name, number = wished, 1
            while name in self._taken:
                number += 1
                name = f"{wished}_{number}"
            self._taken.add(name)
            self._of[spot.reference] = name
        return self._of[spot.reference]


def _rewritten(spot: Spot, file: File, workflow: Document, steps: Sequence[Step], names: _Names) -> Change | Refusal:
    where = "/".join(step.name for step in steps[1:])
    if _RUN.fullmatch(where):
        return Refusal(spot, "in a script", "set it in the step's env, and refer to that variable")
    if not _SETTINGS.fullmatch(where):
        return Refusal(spot, f"secrets cannot be named in {where.replace('/', '.')}", _instead(where))
    if "/with/" in where and _SCRIPTS.fullmatch(steps[-1].name):
        return Refusal(spot, "an expression would become a part of the script", "set it in the step's env")
    if len(spot.formats) > 1 and spot.form not in ("plain", "double", "file"):
        return Refusal(spot, f"inside {spot.formats[-1]}, with quotes of its own", "replace it by hand")
    name = names.of(spot)
    found = fetched(spot.reference, steps, workflow, name) if _STEP.fullmatch(where) else None
    expression = found.expression if found else f"secrets.{name}"
    span = quoted(file.data, spot) if spot.whole and len(spot.formats) == 1 else spot.span
    written = _written(spot, file.data, span, expression, workflow, steps)
    if isinstance(written, Refusal):
        return written
    return _change(spot, file, workflow, [written, *([found.edit] if found else [])], name, found)


def _written(
    spot: Spot, data: bytes, span: Span, expression: str, workflow: Document, steps: Sequence[Step]
) -> Edit | Refusal:
    holder = workflow.span(steps[-1].node)
    opened = data.rfind(b"${{", holder.start, spot.span.start)
    if opened >= 0 and data.rfind(b"}}", opened, spot.span.start) < 0:
        if data[spot.span.start - 1 : spot.span.start] + data[spot.span.end :][:1] != b"''":
            return Refusal(spot, "in an expression, and no text of its own", "replace it by hand")
        return Edit(Span(spot.span.start - 1, spot.span.end + 1), expression.encode())
    inserted = f"${{{{ {expression} }}}}".encode()
    if span != spot.span and data[span.start : span.start + 1] in (b'"', b"'"):
        mark = data[span.start : span.start + 1]
        return Edit(span, mark + inserted + mark)
    if data[holder.start : holder.start + 1] not in (b'"', b"'") and any(s.node.flow_style for s in steps[:-1]):
        if span != holder:
            return Refusal(spot, "the braces of an expression need quotes here", "put the text in quotes")
        inserted = b'"' + inserted + b'"'
    return Edit(span, inserted)


def _instead(where: str) -> str:
    if where.startswith("on/"):
        return "take the default away: what starts the workflow passes it, or it names a secret"
    if where.count("/") == 3 and "/with/" in where:
        return "pass it under `secrets:` to the workflow that is called"
    return "set it in an env, and refer to that"


def _change(
    spot: Spot, file: File, workflow: Document, edits: Sequence[Edit], name: str, found: Fetched | None
) -> Change:
    """With what must be done outside."""
    triggers = {step.name for step in _triggers(workflow)}
    needs, warnings = [], []
    if found:
        needs.append(f"Let the role of {found.action} read {spot.reference}")
    else:
        read = _reading.command(spot.reference)
        where = "`gh secret set`" if "/.github/" in f"/{file.path}" else "the repository's settings"
        command = f"{read} | gh secret set {name}" if where.startswith("`") else read
        needs.append(f"Make {name} a secret of the repository, with {where}: {command}")
        if "workflow_call" in triggers:
            needs.append(f"Pass {name} wherever {file.path} is called, or `secrets: inherit`")
        if "pull_request" in triggers:
            warnings.append("pull requests from forks run without secrets: there it will be empty")
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in edits),
        disposition=REVIEW if found or len(needs) > 1 else SAFE,
        needs=tuple(needs),
        warnings=tuple(warnings),
    )


def _triggers(workflow: Document) -> list[Step]:
    """The names below `on:`, which may be a word, a list or a mapping."""
    on = next((get(root, "on") for root in workflow.roots if get(root, "on") is not None), None)
    if on is None:
        return []
    if text(on):
        return [Step(text(on), None, on)]
    return [Step(text(entry.node), None, on) if entry.key is None else entry for entry in entries(on)]
