"""GitHub Actions, and what is written like it: `${{ secrets.NAME }}`, or what a step before fetched from the store.

The value goes to the store all the same: the repository's secret is a copy that a person makes. In scripts stands the
name of a variable, never the expression: whatever is in the value would be a part of the script.

Syntax: docs.github.com, actions/reference: contexts (where `secrets` may be named), workflow-syntax, security.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from secretsweep import lazyre
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._actions_fetch import Fetched, fetched
from secretsweep.writers._literal import quoted
from secretsweep.writers._pipeline import Names, named
from secretsweep.writers._places import Document, Step, document, entries, get, text

FORMATS = ("pipeline", "yaml")
PATHS = lazyre.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$|(?:^|/)action\.ya?ml$")
_RUNS = lazyre.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")  # below the root, and nowhere else
PARTS = True
HOSTS = True  # an expression stands in what is inside as well

_NAMED = lazyre.compile(rb"\bsecrets\s{0,4}\.\s{0,4}([A-Za-z_]\w*)|\bsecrets\[\s{0,4}'(\w+)'")
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
    names = Names(_secrets(tree))
    scripts: dict[int, list[tuple[Spot, Sequence[Step]]]] = {}
    others = yield from _sops.left(
        spots,
        "a workflow has no key that decrypts a file of sops",
        "give the repository a secret (gh secret set {name}), and name ${{{{ secrets.{name} }}}} in its place",
    )
    for spot in others:
        if file.path.rpartition("/")[2] in ("action.yml", "action.yaml"):
            yield Refusal(spot, "an action has no secrets of its own", "make it an input, and pass it where it is used")
        elif not _RUNS.fullmatch(file.path):
            why = "only workflows at the repository's root run: a secret of that name may be another one there"
            yield Refusal(spot, why, "delete the file, or replace it by hand in the repository that it is for")
        elif workflow is None or not (steps := workflow.place(spot.span)):
            yield Refusal(spot, "the workflow does not parse", "replace it by hand")
        elif spot.encodings:
            yield Refusal(spot, "the value is encoded", "keep the encoded text as a secret, and refer to that")
        elif _RUN.fullmatch(_where(steps)):
            scripts.setdefault(id(steps[4].node), []).append((spot, steps))
        else:
            yield _rewritten(spot, file, workflow, steps, names)
    for held in scripts.values():
        assert workflow is not None
        yield from _in_script(held, file, workflow, names)


def _secrets(tree: Tree) -> Iterator[str]:
    """The names that the workflows have for something else."""
    yield "GITHUB_TOKEN"
    for path in tree.paths():
        if _RUNS.fullmatch(path) and (data := tree.read(path)):
            yield from ((match[1] or match[2]).decode() for match in _NAMED.finditer(data))


def _rewritten(spot: Spot, file: File, workflow: Document, steps: Sequence[Step], names: Names) -> Change | Refusal:
    where = _where(steps)
    if not _SETTINGS.fullmatch(where):
        return Refusal(spot, f"secrets cannot be named in {where.replace('/', '.')}", _instead(where))
    if "/with/" in where and _SCRIPTS.fullmatch(steps[-1].name):
        return Refusal(spot, "an expression would become a part of the script", "set it in the step's env")
    if len(spot.formats) > 1 and spot.form not in ("plain", "double", "file"):
        return Refusal(spot, f"inside {spot.formats[-1]}, with quotes of its own", "replace it by hand")
    name = names.of(spot.reference)
    found = fetched(spot.reference, steps, workflow, name) if _STEP.fullmatch(where) else None
    expression = found.expression if found else f"secrets.{name}"
    span = quoted(file.data, spot) if spot.whole and len(spot.formats) == 1 else spot.span
    written = _written(spot, file.data, span, expression, workflow, steps)
    if isinstance(written, Refusal):
        return written
    needs, warnings = _outside(spot, file, workflow, name, found)
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in (written, *([found.edit] if found else []))),
        disposition=REVIEW if found or len(needs) > 1 else SAFE,
        needs=tuple(needs),
        warnings=tuple(warnings),
    )


def _where(steps: Sequence[Step]) -> str:
    return "/".join(step.name for step in steps[1:])


def _in_script(
    held: Sequence[tuple[Spot, Sequence[Step]]], file: File, workflow: Document, names: Names
) -> Iterator[Change | Refusal]:
    """All places of one script: the step's env has the values, and the script the names."""
    steps = held[0][1]
    if why := _no_shell(workflow, steps):
        yield from (Refusal(spot, why, "set it in the step's env, and read that variable") for spot, _ in held)
        return
    env = get(steps[4].node, "env")
    known = {entry.name for entry in entries(env)} if env is not None else set()
    done: list[Spot] = []
    edits: list[Edit] = []
    lines: list[str] = []
    needs: list[str] = []
    warnings: list[str] = []
    for spot, _ in held:
        name = names.of(spot.reference)
        found = fetched(spot.reference, steps, workflow, name)
        there = f"{name}_SECRET" if name in known else name
        is_set = found is not None and found.expression == f"env.{name}"
        edit = named(spot, file, workflow.span(steps[5].node), name if is_set else there)
        if isinstance(edit, Refusal):
            yield edit
            continue
        done.append(spot)
        edits.append(edit)
        if found and found.edit not in edits:
            edits.append(found.edit)
        line = f"{there}: ${{{{ {found.expression if found else f'secrets.{name}'} }}}}"
        if not is_set and line not in lines:
            lines.append(line)
        more, other = _outside(spot, file, workflow, name, found)
        needs += (need for need in more if need not in needs)
        warnings += (warning for warning in other if warning not in warnings)
    if done:
        edits += [_environment(workflow, steps[5], env, lines)] if lines else []
        every = tuple(FileEdit(file.path, edit) for edit in edits)
        yield Change(tuple(done), every, (), REVIEW, tuple(needs), tuple(warnings))


def _no_shell(workflow: Document, steps: Sequence[Step]) -> str:
    """Why a script is not for a shell of Unix; "" when it is."""
    job, step = steps[2].node, steps[4].node
    places = (get(step, "shell"), get(job, "defaults", "run", "shell"), get(steps[0].node, "defaults", "run", "shell"))
    shell = next((text(node) for node in places if node is not None), "")
    if shell:
        return "" if shell.split()[0] in ("bash", "sh") else f"a script for {shell}"
    return "a script for PowerShell" if "windows" in text(get(job, "runs-on")) else ""


def _environment(workflow: Document, run: Step, env: Any, lines: Sequence[str]) -> Edit:
    """The entries, in the env that the step has, or in a new one before its script."""
    first = next(entries(env), None) if env is not None else None
    at = workflow.span(first.key if first else run.key).start
    column = workflow.column(first.key if first else run.key)
    end = workflow.newline() + " " * column
    if first and env.flow_style:
        written = "".join(f'{name}: "{value}", ' for name, value in (line.split(": ", 1) for line in lines))
    elif first:
        written = "".join(line + end for line in lines)
    else:
        written = f"env:{end}" + "".join(f"  {line}{end}" for line in lines)
    return Edit(Span(at, at), written.encode())


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


def _outside(
    spot: Spot, file: File, workflow: Document, name: str, found: Fetched | None
) -> tuple[list[str], list[str]]:
    """What must be done outside, and what is still not well."""
    triggers = {step.name for step in _triggers(workflow)}
    needs, warnings = [], []
    if found:
        needs.append(f"Let the role of {found.action} read {spot.reference}")
    else:
        read = _fetch.command(spot.reference)
        where = "`gh secret set`" if "/.github/" in f"/{file.path}" else "the repository's settings"
        command = f"{read} | gh secret set {name}" if where.startswith("`") else read
        needs.append(f"Make {name} a secret of the repository, with {where}: {command}")
        if "workflow_call" in triggers:
            needs.append(f"Pass {name} wherever {file.path} is called, or `secrets: inherit`")
        if "pull_request" in triggers:
            warnings.append("pull requests from forks run without secrets: there it will be empty")
    return needs, warnings


def _triggers(workflow: Document) -> list[Step]:
    """The names below `on:`, which may be a word, a list or a mapping."""
    on = next((get(root, "on") for root in workflow.roots if get(root, "on") is not None), None)
    if on is None:
        return []
    if text(on):
        return [Step(text(on), None, on)]
    return [Step(text(entry.node), None, on) if entry.key is None else entry for entry in entries(on)]
