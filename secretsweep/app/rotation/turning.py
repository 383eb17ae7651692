"""The command's work: which driver turns an entry's credential over, where its value lives, and what will happen."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from secretsweep import rotators, stores
from secretsweep.app import scan as scanning
from secretsweep.app.rotation import checklist, values
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.app.rotation.opening import present
from secretsweep.app.rotation.rotating import Job, Rotation
from secretsweep.errors import UsageError
from secretsweep.git.repository import Repository
from secretsweep.model import Entry, Reference
from secretsweep.model.rotation import CLOSED
from secretsweep.reports._safe import encoded, shown
from secretsweep.rotators import VALUE

SCHEMA = "secretsweep.rotation/1"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user said."""

    entry: str
    driver: str = ""
    method: str = ""
    account: str = ""
    url: str = ""
    further: Mapping[str, str] = field(default_factory=dict)
    store: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)  # by the names of the values
    options: stores.Options = field(default_factory=stores.Options)
    config: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What will happen; nothing was asked yet."""

    entry: Entry
    driver: rotators.Module
    method: str
    account: str
    references: Mapping[str, Reference]
    others: Mapping[str, str]  # ids of the entries whose values change with it, by the names of the values
    begun: str  # how far a former run came
    url: str = ""


def pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    """`name=value` each."""
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise UsageError(f"{option} {one}: wants name=value")
        found[name] = value
    return found


def paths(given: tuple[str, ...]) -> dict[str, str]:
    """`path`, or `name=path` for what changes with the value."""
    found = {}
    for one in given:
        name, sign, path = one.partition("=")
        found[name if sign else VALUE] = path if sign else one
    return found


def planned(request: Request, ledger: Ledger) -> Planned:
    """UsageError says what is not known yet."""
    entry = checklist.chosen(ledger.entries(), request.entry)
    name = entry.id[:12]
    if entry.state == CLOSED:
        raise UsageError(f"{name} is closed already")
    begun = ledger.rotation(entry.id)
    driver = _driver(entry, request.driver or (begun[0] if begun else ""))
    former = begun[1] if begun else {}
    method = request.method or str(former.get("method") or "") or next(iter(driver.METHODS))
    if method not in driver.METHODS:
        raise UsageError(f"--method {method}: {driver.NAME} knows {', '.join(driver.METHODS)}")
    account = request.account or str(former.get("account") or "") or entry.identifiers.get("role", "")
    if driver.ACCOUNT and not account:
        raise UsageError(f"--account: {driver.NAME} wants {driver.ACCOUNT} whose credential it is")
    references, others = _references(entry, request, ledger)
    return Planned(
        entry,
        driver,
        method,
        account,
        references,
        others,
        str(former.get("at") or ""),
        request.url or str(former.get("url") or ""),
    )


def _driver(entry: Entry, wanted: str) -> rotators.Module:
    if wanted:
        return rotators.named(wanted)
    fitting = rotators.fitting(entry.guide)
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(module.NAME for module in fitting) or ", ".join(rotators.names())
    why = "several drivers fit" if fitting else f"no driver is known to rotate what the guide {entry.guide} is about"
    name = entry.id[:12]
    raise UsageError(f"{name}: {why}; name one with --driver ({known}), or see `secretsweep checklist show {name}`")


def _references(entry: Entry, request: Request, ledger: Ledger) -> tuple[dict[str, Reference], dict[str, str]]:
    """Where the value lives, as remediate on this machine or the user says: never as a file of the repository does."""
    moved = ledger.moved()
    found: dict[str, Reference] = {}
    others: dict[str, str] = {}
    if request.paths:
        if not request.store:
            raise UsageError("--reference: say with --store which store has it")
        module = stores.named(request.store)
        found = {name: module.reference(path, request.options) for name, path in request.paths.items()}
    if VALUE not in found and entry.id in moved:
        found[VALUE] = moved[entry.id]
    if VALUE not in found:
        name = entry.id[:12]
        raise UsageError(
            f"{name}: its value is in no store yet: `secretsweep remediate --store … --apply --id {name}` moves it, or "
            "name where it is: --store NAME --reference PATH"
        )
    if stores.sealing(stores.named(found[VALUE].store)):
        raise UsageError(
            f"{entry.id[:12]}: its value is sealed in its file ({found[VALUE].store}), where no version can follow "
            "it: make the new one by hand, and let `secretsweep remediate` seal it"
        )
    if len({reference.store for reference in found.values()}) > 1:
        raise UsageError("--reference: what changes together must be in one store")
    return found, others


def rendered(plan: Planned, fmt: str) -> str:
    """What will happen, as text or JSON."""
    steps = list(_steps(plan))
    if fmt == "json":
        document = {
            "schema": SCHEMA,
            "id": plan.entry.id,
            "driver": plan.driver.NAME,
            "method": plan.method,
            "account": plan.account,
            "references": {name: {"store": r.store, "path": str(r)} for name, r in plan.references.items()},
            "consumers": [consumer._asdict() for consumer in plan.entry.consumers],
            "at": plan.begun or None,
            "steps": [{"id": step, "text": text} for step, text in steps],
        }
        return encoded(json.dumps(document, indent=2))
    lines = [
        f"{plan.entry.id[:12]}  {plan.entry.name}",
        f"  driver    {plan.driver.NAME}, method {plan.method}: {plan.driver.METHODS[plan.method]}",
    ]
    if plan.account:
        lines.append(f"  account   {plan.account}")
    lines += (f"  {name:<8}  {reference.store} {reference}" for name, reference in plan.references.items())
    if plan.begun:
        lines.append(f"  begun     a former run came as far as: {plan.begun}")
    lines += ("", *(f"  {number}. {step:<8} {text}" for number, (step, text) in enumerate(steps, 1)), "")
    lines += _consumers(plan.entry)
    lines.append("Nothing was changed; --apply does it.")
    return "\n".join(map(shown, lines))


def _steps(plan: Planned) -> Iterator[tuple[str, str]]:
    overlap = plan.method in plan.driver.OVERLAPS
    where = ", ".join(f"{reference}" for reference in plan.references.values())
    yield "assess", "see that the leaked value is this account's, and what it may do"
    yield "misuse", "ask the service who used it, as far as it knows"
    yield "create", "make the new credential"
    yield "store", f"write it as the next version of {where}, and read it back; no file changes"
    yield "create", "let the service honour it, and try it"
    yield "roll", "STOP until you say with --rolled that every consumer has the new value"
    yield "disable", "disable the old one, so that it could come back" if overlap else "end what the old one opened"
    yield "delete", "end the old one for good, and try it: it must be refused"
    yield "close", "close the entry, when nothing else is missing"


def _consumers(entry: Entry) -> Iterator[str]:
    if entry.consumers:
        yield "Consumers that must load the new value:"
        yield from (f"  {c.name}  {c.path}:{c.line}" for c in entry.consumers)
    else:
        yield "Which consumers have the value is not known; `secretsweep remediate --explain` follows what is in files."
    yield ""


def job(plan: Planned, request: Request, repository: Repository | None, progress: scanning.Progress) -> Job:
    """The plan with the old values, found again where they leaked. UsageError when they are nowhere any more."""
    if repository is None:
        raise UsageError("rotate: the leaked value is read from the repository: start it there")
    old = values.found(repository, {plan.entry.id, *plan.others.values()}, request.config, progress)
    for name in (plan.entry.id, *plan.others.values()):
        if name not in old:
            raise UsageError(f"{name[:12]}: its value is not in this repository any more, so nothing can be compared")
    return Job(
        entry=plan.entry,
        driver=plan.driver,
        method=plan.method,
        account=plan.account,
        url=plan.url,
        references=plan.references,
        old={VALUE: old[plan.entry.id], **{name: old[other] for name, other in plan.others.items()}},
        options=request.further,
    )


def performed(job: Job, request: Request, ledger: Ledger, rolled: str, who: str, step: Callable[[str], None]) -> Entry:
    """Do it, or go on with it. RotateError, StoreError or UsageError stop it, and running it again goes on."""
    store = stores.named(job.references[VALUE].store).connected(request.options, os.environ)
    assert not isinstance(store, stores.Sealer)
    try:
        rotator = job.driver.connected(job.asked, os.environ)
        try:
            return Rotation(job, ledger, store, rotator, present, step).run(rolled, who)
        finally:
            rotator.close()
    finally:
        store.close()


def tree(repository: Repository | None) -> str:
    """Where a store keeps its files that keeps them in the repository."""
    return str(repository.top) if repository is not None and repository.top is not None else ""


def closing(entry: Entry, job: Job) -> Iterator[str]:
    """What is left to do."""
    if entry.state == CLOSED:
        yield shown(f"{entry.id[:12]} is rotated: the old credential is refused, and its entry is closed.")
        return
    if entry.task("roll").done is None:
        yield "The new credential is stored and works. Now let every consumer load it:"
        yield from (shown(f"  {c.name}  {c.path}:{c.line}") for c in entry.consumers)
        yield shown(f"then: secretsweep rotate {entry.id[:12]} --apply --rolled 'what shows it'")
        return
    left = [*entry.missing, *(["clean"] if entry.in_head else [])]
    yield shown(f"The old credential is refused. The entry stays open until there is evidence of: {', '.join(left)}")
