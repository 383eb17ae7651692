"""GitLab CI: a job fetches the value itself where it already has a token to show; else the variable leaves the file
and belongs to the project, masked and protected. Such a variable goes before all that files say.

Syntax: docs.gitlab.com/ci/yaml (secrets, id_tokens), docs.gitlab.com/ci/variables (precedence).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, Edit, FileEdit, Reference, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._pipeline import Names, named
from secretsweep.writers._places import Document, Step, document, entries, get, text

FORMATS = ("pipeline", "yaml")
PATHS = lazyre.compile(
    r"(?:^|/)[\w.-]*gitlab-ci(?:[.-][\w-]+)*\.ya?ml$|(?:^|/)\.gitlab(?:/ci|-ci)/(?:.*/)?[^/]+\.ya?ml$"
)
PARTS = True
HOSTS = True  # scripts, and what is in them

_WORDS = frozenset("default include stages workflow image services cache before_script after_script spec".split())

_SCRIPT = lazyre.compile(r"(?:[^/]+/)?(?:before_|after_)?script(?:/\[\d+\])*")
_NAMED = lazyre.compile(rb"\$\{?([A-Za-z_]\w*)")
_PROTECTED = "protected variables are there for protected branches and tags alone"


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """The variables of one mapping leave it together: an empty one is no mapping."""
    spots = yield from _sops.left(
        spots,
        "a pipeline has no key that decrypts a file of sops",
        "make {name} a variable of the project (glab variable set {name} --masked --protected), and take this away",
    )
    pipeline = document(file.data)
    if pipeline is None:
        yield from (Refusal(spot, "the pipeline does not parse", "replace it by hand") for spot in spots)
        return
    defined = _defined(file, tree)
    name = Names([*defined, *_mentioned(file, tree)])
    groups: dict[int, tuple[list[Step], list[tuple[Spot, Step]]]] = {}
    for spot in spots:
        steps = list(pipeline.place(spot.span))
        names = [step.name for step in steps[1:]]
        if names[-1:] == ["value"]:
            names.pop()
        if not steps:
            yield Refusal(spot, "not in one text of the pipeline", "replace it by hand")
        elif spot.encodings:
            yield Refusal(spot, "the value is encoded", "make it a masked and protected CI/CD variable, and name that")
        elif _SCRIPT.fullmatch("/".join(names)):
            yield _used(
                spot, named(spot, file, pipeline.span(steps[-1].node), name.of(spot.reference)), name.of(spot.reference)
            )
        elif not (names[:1] == ["variables"] and len(names) == 2) and not _of_job(names):
            yield Refusal(spot, "no variable of a job or of the pipeline", "name a masked CI/CD variable there")
        elif not spot.whole or len(spot.formats) > 1:
            yield _within(spot, steps, file, name.of(spot.reference))
        else:
            entry = steps[len(names)]
            groups.setdefault(id(steps[len(names) - 1].node), (steps[: len(names)], []))[1].append((spot, entry))
    places: dict[tuple[str, Reference], set[Any]] = {}
    for _, held in groups.values():
        for spot, entry in held:
            places.setdefault((entry.name, spot.reference), set()).add(entry.node.start_mark.index)
    clashing = {(name, ref) for (name, ref), marks in places.items() if not defined.get(name, set()) <= marks}
    for above, held in groups.values():
        yield from _moved(file, pipeline, above, held, clashing)


def _used(spot: Spot, edit: Edit | Refusal, name: str) -> Change | Refusal:
    """The name of a variable of the project in the place of the value."""
    if isinstance(edit, Refusal):
        return edit
    return Change((spot,), (FileEdit(spot.path, edit),), (), REVIEW, (_make(spot, name),), (_PROTECTED,))


def _within(spot: Spot, steps: Sequence[Step], file: File, name: str) -> Change | Refusal:
    """A part of a variable's value, which names another one."""
    if spot.form not in ("plain", "single", "double") or text(get(steps[-2].node, "expand")) == "false":
        return Refusal(spot, "nothing is expanded in this value", "make all of it a masked CI/CD variable")
    return _used(spot, Edit(spot.span, b"${%s}" % name.encode()), name)


def _make(spot: Spot, name: str) -> str:
    read = _fetch.command(spot.reference)
    return f"Make {name} a masked and protected CI/CD variable: {read} | glab variable set {name} --masked --protected"


def _mentioned(file: File, tree: Tree) -> Iterator[str]:
    """Every variable that pipelines name."""
    for path in tree.paths():
        if PATHS.search(path) and (data := file.data if path == file.path else tree.read(path)):
            yield from (match[1].decode() for match in _NAMED.finditer(data))


def _of_job(names: Sequence[str]) -> bool:
    return len(names) == 3 and names[1] == "variables" and names[0] not in _WORDS


def _defined(file: File, tree: Tree) -> dict[str, set[Any]]:
    """Where each name of a variable has a value: places of this file, the path of others."""
    found: dict[str, set[Any]] = {}
    for path in {file.path, *(p for p in tree.paths() if PATHS.search(p))}:
        own = path == file.path
        data = file.data if own else tree.read(path)
        for root in pipeline.roots if data and (pipeline := document(data)) else ():
            for mapping in (root, *(entry.node for entry in entries(root))):
                variables = get(mapping, "variables")
                for entry in entries(variables) if variables is not None else ():
                    mark = entry.node.start_mark.index if own else path
                    found.setdefault(entry.name, set()).add(mark)
    return found


def _moved(
    file: File,
    pipeline: Document,
    above: Sequence[Step],
    held: Sequence[tuple[Spot, Step]],
    clashing: set[tuple[str, Reference]],
) -> Iterator[Change | Refusal]:
    job = above[-2].node
    token = _token(job, pipeline) if len(above) > 2 else ""
    fetched = [(spot, entry) for spot, entry in held if token and _secret(spot.reference, token)]
    others = []
    for spot, entry in held:
        if (spot, entry) in fetched:
            continue
        if (entry.name, spot.reference) in clashing:
            why = f"{entry.name} has another value elsewhere, and a variable of the project would replace both"
            yield Refusal(spot, why, "give it a name of its own first")
        else:
            others.append((spot, entry))
    gone = [*fetched, *others]
    if not gone:
        return
    edits = pipeline.without_all(above[-2].node, above[-1], [entry for _, entry in gone])
    if edits is None:
        yield from (Refusal(spot, "the variable cannot be taken out alone", "remove it by hand") for spot, _ in gone)
        return
    if fetched:
        edits.append(_secrets(pipeline, job, above[-1], fetched, token))
    yield Change(
        tuple(spot for spot, _ in gone),
        tuple(FileEdit(file.path, edit) for edit in edits),
        disposition=REVIEW,
        needs=(
            *(f"Let jobs with the token {token} read {spot.reference} (GitLab Premium)" for spot, _ in fetched),
            *(_make(spot, entry.name) for spot, entry in others),
        ),
        warnings=(_PROTECTED,) if others else (),
    )


def _token(job: Any, pipeline: Document) -> str:
    """The one id token that a job has, or that its secrets use."""
    tokens = get(job, "id_tokens")
    if tokens is None:
        tokens = next((found for root in pipeline.roots if (found := get(root, "default", "id_tokens"))), None)
    if tokens is None:
        return ""
    names = [entry.name for entry in entries(tokens)]
    secrets = get(job, "secrets")
    used = {text(get(entry.node, "token")).lstrip("$") for entry in entries(secrets)} if secrets is not None else set()
    fitting = [name for name in names if name in used] or names
    return fitting[0] if len(fitting) == 1 else ""


def _secret(reference: Reference, token: str) -> list[str]:
    """The lines of an entry of `secrets`; none for a store that jobs cannot read."""
    end = [f"token: ${token}", "file: false"]
    if reference.store == "vault" and reference.version != 1:
        return [f"vault: {reference.path}/{reference.field}@{reference.mount}", *end]
    if reference.store == "vault":
        engine = f"engine: {{name: kv-v1, path: {reference.mount}}}"
        return ["vault:", f"  {engine}", f"  path: {reference.path}", f"  field: {reference.field}", *end]
    if reference.store == "aws-secretsmanager":
        region = [f"  region: {reference.scope}"] if reference.scope else []
        return ["aws_secrets_manager:", f"  secret_id: {reference.path}", *region, *end]
    if reference.store in ("azure-keyvault", "gcp-secretmanager"):
        key = "azure_key_vault" if reference.store == "azure-keyvault" else "gcp_secret_manager"
        return [f"{key}:", f"  name: {reference.path}", *end]
    return []


def _secrets(pipeline: Document, job: Any, variables: Step, fetched: Sequence[tuple[Spot, Step]], token: str) -> Edit:
    """The entries, in the mapping that the job has, or in a new one before its variables."""
    known = next((entry for entry in entries(job) if entry.name == "secrets"), None)
    first = next(entries(known.node), None) if known and not known.node.flow_style else None
    column = pipeline.column(variables.key)
    inner = pipeline.column(first.key) if first else column + 2
    at = pipeline.span(first.key if first else variables.key).start
    lines = [] if first else [f"{' ' * column}secrets:"]
    for spot, entry in fetched:
        lines.append(f"{' ' * inner}{entry.name}:")
        lines += [f"{' ' * inner}  {line}" for line in _secret(spot.reference, token)]
    start = pipeline.data.rfind(b"\n", 0, at) + 1
    end = pipeline.newline()
    return Edit(Span(start, start), (end.join(lines) + end).encode())
