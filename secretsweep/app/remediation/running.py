"""The command's work, step by step: scan, plan, show, apply, undo."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from secretsweep import stores
from secretsweep.app import scan as scanning
from secretsweep.app.remediation import applying, checking, choosing, journal, naming, planning, saved, shown
from secretsweep.app.remediation.applying import Undone
from secretsweep.app.remediation.journal import Journal
from secretsweep.app.remediation.looking import check_paths, looked
from secretsweep.app.remediation.planning import Goal, Prepared
from secretsweep.app.remediation.proposing import message
from secretsweep.app.remediation.root import recorded, tree_of
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.app.rotation import ledger as ledgers
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.decode.writings import masked
from secretsweep.errors import UsageError
from secretsweep.git import proposal
from secretsweep.git.repository import Repository
from secretsweep.model import SAFE, Blob, Change, Finding, Plan, Report
from secretsweep.tools import Ran
from secretsweep.tools.checkers import Check

MEMORY = "memory"
_TOLD = 20  # files that were not read, by their names


@dataclass(frozen=True, slots=True)
class Request:
    """What to remediate, and where values are to go."""

    paths: tuple[str, ...]
    store: str
    options: stores.Options
    template: str = ""  # empty: the store's own
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
    connection: stores.Store | stores.Sealer | None
    stored: dict[str, object] | None = field(default=None)  # the saved plan

    @property
    def journal(self) -> Path:
        return journal.place(self.tree.root, self.repository)

    def close(self) -> None:
        """Let go of the store: a token that was taken out for this is given back."""
        if self.connection is not None:
            self.connection.close()


def prepared(request: Request, progress: scanning.Progress) -> Work:
    """Scan and plan. UsageError, StoreError or ConfigError say what is missing."""
    stored = saved.read(request.saved) if request.saved else None
    if stored is not None:
        given = _own(stores.Options(**stored["options"]), request.options, "the plan was made with")
        store, paths = str(stored["store"]), tuple(request.paths or stored["paths"])
        request = replace(request, store=store, options=given, template=stored["template"], paths=paths)
    if not request.store:
        raise UsageError(f"--store: say where values are to go: {', '.join(stores.names())}")
    module = stores.named(request.store)
    request = replace(request, template=request.template or getattr(module, "TEMPLATE", naming.TEMPLATE))
    naming.check(request.template)
    paths = request.paths or (".",)
    check_paths(paths)
    options = _inside(tree_of(paths)[0], request.options)
    connection = None if request.offline else module.connected(options, os.environ)
    try:
        seen = looked(paths, request.wanted, request.config, progress)
        tree, repository = seen.tree, seen.repository
        goal = Goal(module, options, request.template, _name(repository, tree.root))
        ready = planning.plan(seen.found, seen.credentials, tree, goal, connection, seen.scan)
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    notes = list(ready.plan.notes)
    if connection is None and not ready.plan.sealed:
        notes.append("the store was not asked: whether a path is free is known only when it is")
    if repository is None:
        notes.append(f"paths count from {tree.root}, which is in no git repository")
    ready = replace(ready, plan=replace(ready.plan, notes=tuple(notes)))
    return Work(request, ready, tree, repository, seen.scan, seen.report, connection, stored)


def rendered(work: Work, fmt: str, colour: bool, taken: Sequence[Change] | None = None) -> Iterator[str]:
    """The plan as text or JSON; of the changes that were `taken`, without their diff, what else they need."""
    plan = work.prepared.plan
    if fmt == "json":
        yield masked(json.dumps(shown.as_json(plan), indent=2), work.prepared.values)
        return
    lines = shown.diff(plan.changes, work.prepared.before, work.prepared.findings, work.tree)
    if not (plan.changes or plan.refusals):
        yield "Nothing to remediate."
    if taken is not None:
        plan, lines = plan.only(replace(change, disposition=SAFE) for change in taken), iter(())
        read = [put.reference for put in plan.puts]
        plan = replace(plan, grants=stores.named(plan.store).grants(read) if read else "")
    text = "\n".join(shown.as_text(plan, lines, colour))
    if text:
        yield masked(text, work.prepared.values)


def unread(report: Report) -> list[str]:
    """What was not read, so that nobody takes it for clean."""
    skipped = report.coverage.skipped
    told = [f"not read: {s.path}: {s.reason}{f' ({s.detail})' if s.detail else ''}" for s in skipped[:_TOLD]]
    more = [f"not read: {len(skipped) - _TOLD:,} more; `secretsweep scan` lists them"] if len(skipped) > _TOLD else []
    return told + more


def save(work: Work, file: str) -> None:
    """Write the plan to a file, for its owner alone."""
    text = saved.written(work.prepared, work.request.options, work.request.template, work.request.paths or (".",))
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
    except OSError as error:
        raise UsageError(f"--plan {file}: {error.strerror}") from None


def asked(work: Work, ask: Callable[[str], str], say: Callable[[str], None]) -> tuple[Change, ...]:
    """The changes that a person takes. UsageError when the answers end before the questions do."""
    try:
        return choosing.taken(work.prepared, work.tree, ask, say)
    except EOFError:
        raise UsageError("--interactive: the answers ended early; nothing was applied") from None


def applied(
    work: Work,
    review: bool,
    step: Callable[[str], None],
    proposing: bool = False,
    taken: Sequence[Change] | None = None,
    first: Callable[[Plan], None] = lambda chosen: None,
) -> Plan:
    """Perform the safe changes, with `review` all of them, or those that were `taken`; what was performed.

    With `proposing`, on a branch. `first` is done before anything is written."""
    plan = saved.check(work.stored, work.prepared) if work.stored is not None else work.prepared.plan
    safe = (change for change in plan.changes if review or change.disposition == SAFE)
    chosen = plan.only(safe if taken is None else taken)
    if not chosen.changes:
        return chosen
    if plan.store == MEMORY:
        raise UsageError("--store memory: forgets every value when the command ends, so nothing is applied")
    assert work.connection is not None
    top = work.repository.top if work.repository else None
    if proposing:
        if top is None:
            raise UsageError("--pr: wants a git repository with a working tree")
        additions = {a.path for c in chosen.changes for a in c.additions}
        touched = sorted(additions | {*chosen.paths, *chosen.stored})
        proposed = proposal.check(top, touched)
    first(chosen)
    applying.apply(
        work.prepared, chosen, work.tree, work.connection, work.request.options, work.journal, work.scan, step
    )
    _remembered(work, chosen, step)
    if proposing and top is not None:
        branch = proposal.made(top, f"{chosen.store}-{len(chosen.puts)}", message(chosen), proposed)
        step(f"committed on branch {branch}; nothing was pushed")
        if others := sorted(set(touched) - set(proposed)):
            step(f"not committed, because git does not have it: {', '.join(others)}")
    return chosen


def _remembered(work: Work, done: Plan, step: Callable[[str], None]) -> None:
    """Where values went, for their rotation; outside of a repository there is no ledger that could keep it."""
    if work.repository is None:
        return
    try:
        book = Ledger(ledgers.place(work.repository))
        try:
            when = datetime.now(UTC).isoformat(timespec="seconds")
            book.move({put.id: put.reference for put in done.puts if put.whole}, when)
        finally:
            book.close()
    except UsageError as error:  # the files are written: that is not to be undone by it
        step(f"the checklist does not know where the values went: {error}")


def faults(work: Work, plan: Plan) -> dict[Check, Ran]:
    """What the checkers say of the files of a plan as they are."""
    return checking.ran(plan, work.tree)


def checked(work: Work, done: Plan, before: Mapping[Check, Ran]) -> tuple[str, bool]:
    """What the checkers say of the files that were written, and whether one found a fault that was not there before."""
    found = list(checking.checked(done, work.tree, before))
    return checking.said(found, list(work.prepared.values)), any(one.failed for one in found)


def closing(done: Plan) -> str:
    """What is left to do after an apply."""
    if not done.changes:
        return "Nothing was applied."
    values = len(done.puts)
    moved = f"encrypted with {done.store}" if done.sealed else f"moved to {done.store}"
    files = len(set(done.paths) | {addition.path for change in done.changes for addition in change.additions})
    commit = f" Commit {', '.join(done.stored)} with them: the values are there." if done.stored else ""
    return (
        f"{values} value{'s' if values != 1 else ''} {moved}, {files} file{'s' if files != 1 else ''} "
        f"rewritten.{commit} The old values remain in the history and wherever the files went: rotate them.\n"
        "`secretsweep remediate --undo` restores the files."
    )


def left(work: Work, done: Plan | None) -> bool:
    """Whether credentials stay in the files."""
    plan = work.prepared.plan
    return bool(plan.refusals) or len(plan.changes) > (len(done.changes) if done else 0)


def resumed(paths: Sequence[str]) -> bool:
    """Finish an interrupted apply."""
    tree, journal_file = recorded(paths or (".",))
    return applying.resume(journal_file, tree)


def undone(paths: Sequence[str], options: stores.Options) -> tuple[list[Undone], list[str]]:
    """Restore the files of the last apply; these, and those of the tree in which the store keeps the values on."""
    tree, journal_file = recorded(paths or (".",))
    kept: set[str] = set()

    def connect(keep: Journal) -> stores.Store | stores.Sealer:
        own = _own(stores.Options(**keep.options), options, "that apply was made with")
        module = stores.named(keep.store)
        if stores.keeps_files(module):
            kept.update(e.reference.path for written in keep.written for e in written.edits if e.reference)
        return module.connected(_inside(tree, own), os.environ)

    return applying.undo(journal_file, tree, connect), sorted(kept)


def _inside(tree: WorkTree, options: stores.Options) -> stores.Options:
    """For the store alone: where a tree is on this machine belongs into no saved plan and no journal."""
    return replace(options, tree=str(tree.root))


def _own(saved: stores.Options, given: stores.Options, said: str) -> stores.Options:
    """Saved options, when the user names what they say of where values go: a file that somebody else wrote must not
    send values and tokens to its own server, account or project, nor choose the key or the program that gives it."""
    for name, option in (("url", ""), ("role", ""), ("project", ""), ("vault_id", "vault-id"), ("certificate", "cert")):
        value = getattr(saved, name)
        if value and value != getattr(given, name):
            raise UsageError(f"{said} --{option or name} {value}: give that, too, when it is yours")
    return saved


def _name(repository: Repository | None, root: Path) -> str:
    """What the repository is called: by its remote, else by its folder."""
    if repository is not None:
        remote = repository.git.text("config", "--get", "remote.origin.url", fails=False)
        if name := remote.rstrip("/").removesuffix(".git").replace(":", "/").rpartition("/")[2]:
            return name
    return root.resolve().name
