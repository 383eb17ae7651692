"""The command's work, step by step: scan, plan, show, apply, undo."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from secretsweep import stores
from secretsweep.app import accepted
from secretsweep.app import scan as scanning
from secretsweep.app.remediation import applying, journal, naming, planning, saved, shown
from secretsweep.app.remediation.journal import Journal
from secretsweep.app.remediation.planning import Goal, Prepared
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import masked
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.errors import GitError, UsageError
from secretsweep.git import repository as repositories
from secretsweep.git.repository import Repository
from secretsweep.model import CONFIDENCES, SAFE, Blob, Credential, Finding, Plan, Report, Secret
from secretsweep.rules._cache import in_force

MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Request:
    """What to remediate, and where values are to go."""

    paths: tuple[str, ...]
    store: str
    options: stores.Options
    template: str = naming.TEMPLATE
    wanted: tuple[str, ...] = ()  # ids of credentials, or their beginnings; empty: all
    offline: bool = False
    config: str | None = None
    saved: str | None = None  # the file of a plan that is to be applied


@dataclass(frozen=True, slots=True)
class Work:
    """A prepared plan with all that is needed to perform it."""

    request: Request
    prepared: Prepared
    tree: WorkTree
    repository: Repository | None
    scan: Callable[[Blob], Sequence[Finding]]
    report: Report
    connection: stores.Store | None
    stored: dict[str, object] | None = field(default=None)  # the saved plan

    @property
    def journal(self) -> Path:
        return journal.place(self.tree.root, self.repository)


def prepared(request: Request, progress: scanning.Progress) -> Work:
    """Scan and plan. UsageError, StoreError or ConfigError say what is missing."""
    stored = saved.read(request.saved) if request.saved else None
    if stored is not None:
        given = stores.Options(**stored["options"])
        store, paths = str(stored["store"]), tuple(request.paths or stored["paths"])
        request = replace(request, store=store, options=given, template=stored["template"], paths=paths)
    if not request.store:
        raise UsageError(f"--store: say where values are to go: {', '.join(stores.names())}")
    naming.check(request.template)
    paths = request.paths or (".",)
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    tree, repository = _tree(paths)
    module = stores.named(request.store)
    connection = None if request.offline else module.connected(request.options, os.environ)
    own = accepted.settings(None, request.config, True, {})
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    found: list[tuple[Blob, list[Finding]]] = []
    home = accepted.started_in()
    report = scanning.scan(
        scanning.Request(
            rules.rules,
            rules.digest,
            paths=paths,
            trusted=own.trusted,
            cache=cache_folder(),
            largest=own.config.max_file_size,
            disabled=own.config.disable_rules,
            identity=own.identity or (home.identity() if home else b"secretsweep"),
        ),
        progress,
        lambda blob, findings: found.append((blob, findings)),
    )
    report = own.applied(report, whole=False)
    credentials = _chosen(report, request.wanted, own.config.min_confidence)
    engine = Engine(rules.rules, cache_folder(), own.trusted)

    def scan(blob: Blob) -> Sequence[Finding]:
        return engine.scan(blob, [])

    goal = Goal(module, request.options, request.template, _name(repository, tree.root))
    ready = planning.plan(list(_below(found, tree)), credentials, tree, goal, connection, scan)
    if connection is None:
        note = "the store was not asked: whether a path is free is known only when it is"
        ready = replace(ready, plan=replace(ready.plan, notes=(*ready.plan.notes, note)))
    return Work(request, ready, tree, repository, scan, report, connection, stored)


def rendered(work: Work, fmt: str, colour: bool) -> Iterator[str]:
    """The plan as text or JSON."""
    plan = work.prepared.plan
    if fmt == "json":
        yield masked(json.dumps(shown.as_json(plan), indent=2), work.prepared.secrets.values())
        return
    lines = shown.diff(plan.changes, work.prepared.before, work.prepared.findings, work.tree)
    if not (plan.changes or plan.refusals):
        yield "Nothing to remediate."
    text = "\n".join(shown.as_text(plan, lines, colour))
    if text:
        yield masked(text, work.prepared.secrets.values())


def save(work: Work, file: str) -> None:
    """Write the plan to a file, for its owner alone."""
    text = saved.written(work.prepared, work.request.options, work.request.template, work.request.paths or (".",))
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
    except OSError as error:
        raise UsageError(f"--plan {file}: {error.strerror}") from None


def applied(work: Work, review: bool, step: Callable[[str], None]) -> Plan:
    """Perform the safe changes, with `review` all of them; what was performed."""
    plan = saved.check(work.stored, work.prepared) if work.stored is not None else work.prepared.plan
    chosen = plan.only(change for change in plan.changes if review or change.disposition == SAFE)
    if not chosen.changes:
        return chosen
    if plan.store == MEMORY:
        raise UsageError("--store memory: forgets every value when the command ends, so nothing is applied")
    assert work.connection is not None
    applying.apply(
        work.prepared, chosen, work.tree, work.connection, work.request.options, work.journal, work.scan, step
    )
    return chosen


def closing(done: Plan) -> str:
    """What is left to do after an apply."""
    if not done.changes:
        return "Nothing was applied."
    values, files = len(done.puts), len(done.paths)
    return (
        f"{values} value{'s' if values != 1 else ''} moved to {done.store}, {files} file{'s' if files != 1 else ''} "
        "rewritten. The old values remain in the history and wherever the files went: rotate them.\n"
        "`secretsweep remediate --undo` restores the files."
    )


def left(work: Work, done: Plan | None) -> bool:
    """Whether credentials stay in the files."""
    plan = work.prepared.plan
    return bool(plan.refusals) or len(plan.changes) > (len(done.changes) if done else 0)


def resumed(paths: Sequence[str]) -> bool:
    """Finish an interrupted apply."""
    tree, repository = _tree(paths or (".",))
    return applying.resume(journal.place(tree.root, repository), tree)


def undone(paths: Sequence[str]) -> list[str]:
    """Restore the files of the last apply."""
    tree, repository = _tree(paths or (".",))

    def connect(keep: Journal) -> stores.Store:
        return stores.named(keep.store).connected(stores.Options(**keep.options), os.environ)

    return applying.undo(journal.place(tree.root, repository), tree, connect)


def _tree(paths: Sequence[str]) -> tuple[WorkTree, Repository | None]:
    """The folder that paths count from: the working tree around them, else what they have in common."""
    try:
        repository = repositories.find(paths[0])
    except GitError:
        repository = None
    if repository is not None and repository.top is not None:
        return WorkTree(repository.top, repository), repository
    absolute = [os.path.abspath(path) for path in paths]
    common = os.path.commonpath(absolute)
    return WorkTree(Path(common if os.path.isdir(common) else os.path.dirname(common)), None), None


def _name(repository: Repository | None, root: Path) -> str:
    """What the repository is called: by its remote, else by its folder."""
    if repository is not None:
        remote = repository.git.text("config", "--get", "remote.origin.url", fails=False)
        if name := remote.rstrip("/").removesuffix(".git").replace(":", "/").rpartition("/")[2]:
            return name
    return root.resolve().name


def _below(found: Sequence[tuple[Blob, list[Finding]]], tree: WorkTree) -> Iterator[tuple[Blob, Sequence[Finding]]]:
    """The same with paths that count from the root."""
    for blob, findings in found:
        path = tree.below(blob.path)
        if path is None:
            raise UsageError(f"{blob.path}: outside of {tree.root}; remediate one tree at a time")
        cut = len(blob.path)
        yield blob._replace(path=path), [f._replace(path=path + f.path[cut:]) for f in findings]


def _chosen(report: Report, wanted: Sequence[str], least: str) -> Mapping[Secret, Credential]:
    """The credentials to remediate, by their values."""
    for beginning in wanted:
        if not any(c.id.startswith(beginning) for c in report.credentials):
            raise UsageError(f"--id {beginning}: no credential here has an id that begins so")
    return {
        c.secret: c
        for c in report.credentials
        if len(c.secret)
        and CONFIDENCES.index(c.confidence) <= CONFIDENCES.index(least)
        and (not wanted or any(c.id.startswith(beginning) for beginning in wanted))
    }
