"""The command's work: which driver turns an entry's credential over, where its values live, and doing it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from secretsweep import rotators, stores
from secretsweep.app import accepted
from secretsweep.app import scan as scanning
from secretsweep.app.fingerprint import Fingerprints
from secretsweep.app.rotation import checklist, values
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.app.rotation.opening import present
from secretsweep.app.rotation.rotating import Job, Rotation, Said
from secretsweep.detect.gate import cache_folder
from secretsweep.errors import UsageError
from secretsweep.git.repository import Repository
from secretsweep.model import Entry, Reference, Secret
from secretsweep.model.rotation import CLOSED
from secretsweep.rotators import VALUE, Asked, Method, Told

_SHORT = 8  # characters; what is shorter stands in files by chance
_LINES = 20  # places that a plan names


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
    beside: Mapping[str, str]  # what changes with the value, and is no secret: the key's id, by its name
    stands: Mapping[str, tuple[str, ...]]  # `path:line` where such a one stands in files, though no store has it
    begun: str  # how far a former run came
    told: Told
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)  # `--set`, of this run and of the one that began

    @property
    def how(self) -> Method:
        """What the driver says of the method."""
        return self.driver.METHODS[self.method]


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


def planned(request: Request, ledger: Ledger, repository: Repository | None) -> Planned:
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
    unknown = request.further.keys() - driver.OPTIONS.keys()
    if unknown:
        raise UsageError(f"--set {min(unknown)}: {driver.NAME} knows {', '.join(driver.OPTIONS) or 'none'}")
    further = {**{str(n): str(t) for n, t in dict(former.get("options") or {}).items()}, **request.further}
    account = request.account or str(former.get("account") or "")
    for known in () if account else ("role", "user", "account"):
        account = account or entry.identifiers.get(known, "")
    if not driver.ACCOUNT:
        account = request.account
    elif not account:
        raise UsageError(f"--account: {driver.NAME} wants {driver.ACCOUNT} whose credential it is")
    url = request.url or str(former.get("url") or "")
    asked = Asked(Secret(b""), method, account, url, entry.identifiers, further, {}, entry.guide)
    how = driver.METHODS[method]
    beside = {one: account if one == "account" else asked.named(one) for one in how.beside}
    begun_with = {str(n): Reference(**r) for n, r in dict(former.get("references") or {}).items()}
    references: Mapping[str, Reference] = {}
    if how.kept:
        references = (
            begun_with
            if begun_with and not request.paths
            else _references(entry, request, ledger, repository, how, beside)
        )
    asked = replace(asked, references=references)
    stands = {one: _places(repository, text) for one, text in beside.items() if text and one not in references}
    return Planned(
        entry=entry,
        driver=driver,
        method=method,
        account=account,
        references=references,
        beside=beside,
        stands=stands,
        begun=str(former.get("at") or ""),
        told=driver.told(asked),
        url=url,
        options=further,
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


def _references(
    entry: Entry,
    request: Request,
    ledger: Ledger,
    repository: Repository | None,
    how: Method,
    beside: Mapping[str, str],
) -> dict[str, Reference]:
    """Where the values live, as remediate on this machine or the user says: never as a file of the repository does."""
    moved = ledger.moved()
    found: dict[str, Reference] = {}
    if request.paths:
        if not request.store:
            raise UsageError("--reference: say with --store which store has it")
        unknown = request.paths.keys() - {VALUE, *how.beside}
        if unknown:
            raise UsageError(f"--reference {min(unknown)}=…: only {', '.join((VALUE, *how.beside))} can change here")
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
    identity = _identity(repository, request.config) if moved and any(beside.values()) else None
    for name, text in beside.items():
        if name not in found and text and identity is not None:
            own = Fingerprints(identity, cache_folder()).of(Secret(text.encode()))
            if own in moved and moved[own].store == found[VALUE].store:
                found[name] = moved[own]
        if name not in found and how.bound:
            raise UsageError(
                f"the {name} changes with the value: it must be in the store too, where consumers read it: "
                f"--store NAME --reference PATH --reference {name}=PATH"
            )
    if len({reference.store for reference in found.values()}) > 1:
        raise UsageError("--reference: what changes together must be in one store")
    return found


def _identity(repository: Repository | None, config: str | None) -> bytes | None:
    """What the fingerprints of this repository are salted with."""
    if repository is None:
        return None
    return accepted.settings(repository, config, False, {}).identity or repository.identity()


def _places(repository: Repository | None, text: str) -> tuple[str, ...]:
    """`path:line` of tracked files that hold a name which is no secret."""
    if repository is None or repository.top is None or len(text) < _SHORT:
        return ()
    said = repository.git.text("grep", "-n", "-I", "-F", "--full-name", "-e", text, fails=False)
    return tuple(":".join(line.split(":", 2)[:2]) for line in said.splitlines())[:_LINES]


def job(plan: Planned, request: Request, repository: Repository | None, progress: scanning.Progress) -> Job:
    """The plan with the old value, found again where it leaked. UsageError when it is nowhere any more."""
    if repository is None:
        raise UsageError("rotate: the leaked value is read from the repository: start it there")
    old = values.found(repository, {plan.entry.id}, request.config, progress)
    if plan.entry.id not in old:
        raise UsageError(
            f"{plan.entry.id[:12]}: its value is not in this repository any more, so nothing can be compared"
        )
    beside = {name: Secret(text.encode()) for name, text in plan.beside.items() if text}
    return Job(
        entry=plan.entry,
        driver=plan.driver,
        method=plan.method,
        account=plan.account,
        url=plan.url,
        references=plan.references,
        old={VALUE: old[plan.entry.id], **beside},
        options=plan.options,
    )


@dataclass(frozen=True, slots=True)
class Performed:
    """How far it came."""

    entry: Entry
    waits: str
    beside: Mapping[str, str]  # what else is new, and no secret


def performed(job: Job, request: Request, ledger: Ledger, said: Said, step: Callable[[str], None]) -> Performed:
    """Do it, or go on with it. RotateError, StoreError or UsageError stop it, and running it again goes on."""
    name = job.references[VALUE].store if job.references else "memory"
    store = stores.named(name).connected(request.options, os.environ)
    assert not isinstance(store, stores.Sealer)
    try:
        rotator = job.driver.connected(job.asked, os.environ)
        try:
            rotation = Rotation(job, ledger, store, rotator, present, step)
            entry = rotation.run(said)
            return Performed(entry, rotation.waits, rotation.beside)
        finally:
            rotator.close()
    finally:
        store.close()


def tree(repository: Repository | None) -> str:
    """Where a store keeps its files that keeps them in the repository."""
    return str(repository.top) if repository is not None and repository.top is not None else ""
