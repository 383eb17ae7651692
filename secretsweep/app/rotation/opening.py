"""From a report to the checklist: every credential gets its entry, with all that can be known about it."""

import getpass
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from secretsweep.app import accepted
from secretsweep.app import audit as auditing
from secretsweep.app import scan as scanning
from secretsweep.app.purging import deciding
from secretsweep.app.remediation.explaining import followed
from secretsweep.app.remediation.looking import looked
from secretsweep.app.rotation import entries as making
from secretsweep.app.rotation import owners
from secretsweep.app.rotation.entries import Around
from secretsweep.app.rotation.identifiers import Identifiers
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.config import Config
from secretsweep.detect.gate import cache_folder
from secretsweep.errors import SecretsweepError
from secretsweep.git.repository import Repository
from secretsweep.model import SEVERITIES, Consumer, Credential, Report, Rule
from secretsweep.model.rotation import UNKNOWN
from secretsweep.reports import _saved
from secretsweep.rules import guides
from secretsweep.rules._cache import in_force

_NO_VALUE = "reference"  # the kind of findings that hold none


@dataclass(frozen=True, slots=True)
class Request:
    """What the checklist is opened for."""

    repository: Repository | None
    report: str | None = None  # a saved report; else the repository is audited
    wanted: tuple[str, ...] = ()  # ids, or their beginnings; empty: all
    severity: str = "low"  # the least
    public: str = ""  # yes, no; "" as the configuration says
    who: str = ""
    config: str | None = None
    jobs: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What changed, by ids, and what could not be known."""

    opened: tuple[str, ...]
    reopened: tuple[str, ...]
    known: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())
    unread: tuple[str, ...] = field(default=())


def opened(request: Request, ledger: Ledger, progress: scanning.Progress, now: datetime) -> Outcome:
    """Bring the ledger up to date. UsageError or ConfigError say what is wrong with the request."""
    own = accepted.settings(request.repository, request.config, False, {})
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    whole = request.report is None
    if request.report is not None:
        every = _saved.read(Path(request.report))
    else:
        assert request.repository is not None
        every = _audited(request.repository, own, rules.rules, rules.digest, request, progress)
    report = own.applied(every, whole=whole)
    found = [c for c in report.credentials if _wanted(c, request)]
    old = ledger.entries()
    notes: list[str] = []
    around = _around(request, own.config, rules.rules, ledger, found, notes, progress, now)
    folded = _folded(found, around)
    result = {name: entry for name, was in old.items() if (entry := making.lapsed(was, around)) is not was}
    if whole and every.coverage.complete:
        seen = {credential.id for credential in every.credentials}
        gone = {name: making.vanished(was, around) for name, was in old.items() if name not in seen and was.in_head}
        result.update(gone)
    for credential in found:
        if credential.id in folded and credential.id not in old:
            continue
        known = result.get(credential.id) or old.get(credential.id)
        result[credential.id] = (
            making.refreshed(known, credential, around, whole) if known else making.made(credential, around)
        )
    ledger.keep(result.values())
    skipped = report.coverage.skipped
    return Outcome(
        opened=tuple(name for name in result if name not in old),
        reopened=tuple(n for n, e in result.items() if n in old and e.reopened > old[n].reopened),
        known=tuple(c.id for c in found if c.id in old),
        notes=tuple(notes),
        unread=tuple(f"not read: {s.path or s.oid}: {s.reason}" for s in skipped),
    )


def somebody(repository: Repository | None, given: str = "") -> str:
    """Who does this: as given, else as git calls the user, else as the system does."""
    if given.strip():
        return " ".join(given.split())
    name = repository.git.text("config", "--get", "user.email", fails=False) if repository else ""
    try:
        return name or getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def present() -> datetime:
    """Now, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def _wanted(credential: Credential, request: Request) -> bool:
    return (
        credential.kind != _NO_VALUE
        and SEVERITIES.index(credential.severity) <= SEVERITIES.index(request.severity)
        and (not request.wanted or any(credential.id.startswith(name) for name in request.wanted))
    )


def _audited(
    repository: Repository,
    own: accepted.Own,
    rules: tuple[Rule, ...],
    digest: str,
    request: Request,
    progress: scanning.Progress,
) -> Report:
    from secretsweep.git.history import Selection

    config = own.config
    jobs = request.jobs or config.jobs or len(os.sched_getaffinity(0))
    asked = auditing.Request(
        rules,
        digest,
        Selection("", "", ""),
        jobs,
        own.trusted,
        False,
        cache_folder(),
        largest=config.max_file_size,
        identity=own.identity,
        second=config.detect_secrets,
        disabled=config.disable_rules,
    )
    report, interrupted = auditing.audit(repository, asked, progress)
    if interrupted:
        raise KeyboardInterrupt
    return report


def _around(
    request: Request,
    config: Config,
    rules: Iterable[Rule],
    ledger: Ledger,
    found: Sequence[Credential],
    notes: list[str],
    progress: scanning.Progress,
    now: datetime,
) -> Around:
    repository = request.repository
    guide = {rule.id: rule.guide for rule in rules}
    root = (repository.top if repository else None) or Path(".")
    reader = Identifiers(repository, root)
    try:
        named = {c.id: reader.of(c, making.guide_of(c, guide)) for c in found}
    finally:
        reader.close()
    reached = _consumers(repository, request.config, notes, progress) if found else {}
    consumers: dict[str, tuple[Consumer, ...]] = {}
    for credential in found:
        told = {c for o in credential.occurrences if o.in_head for c in reached.get((o.path, o.line), ())}
        consumers[credential.id] = tuple(sorted(told))
    said = (entry.public for entry in ledger.entries().values() if entry.public != UNKNOWN)
    public = request.public or config.public or next(said, UNKNOWN)
    states = {name: judgement.state for name, judgement in ledger.judgements().items()}
    decided = deciding.decided(found, {"yes": True, "no": False}.get(public), states)
    return Around(
        now=now,
        who=somebody(repository, request.who),
        repository=_name(repository),
        public=public,
        purge={one.credential.id: (one.name, one.reasons[0]) for one in decided},
        days=config.deadlines,
        guide=guide,
        owners=owners.of(repository),
        consumers=consumers,
        moved=ledger.moved(),
        identifiers={name: {n: one.text for n, one in values.items()} for name, values in named.items()},
        stands={name: {(one.path, one.line) for one in values.values()} for name, values in named.items()},
    )


def _consumers(
    repository: Repository | None, config: str | None, notes: list[str], progress: scanning.Progress
) -> Mapping[tuple[str, int], tuple[Consumer, ...]]:
    """What runs with the literal at a place of the working tree."""
    if repository is None or repository.top is None:
        return {}
    found: dict[tuple[str, int], tuple[Consumer, ...]] = {}
    try:
        for one in followed(looked((str(repository.top),), (), config, progress)):
            uses = tuple(Consumer(use.consumer, use.path, use.line) for use in one.consumers)
            for way in one.ways:
                found[way.path, way.line] = (*found.get((way.path, way.line), ()), *uses)
    except SecretsweepError as error:
        notes.append(f"what runs with the values is not known: {error}")
    return found


def _folded(found: Sequence[Credential], around: Around) -> set[str]:
    """Ids of findings that are but the name of another one: the id of an access key whose secret has an entry."""
    named = {place for stands in around.stands.values() for place in stands}
    rules = {i.rule for g in guides.load().values() for i in g.identifiers.values() if i.rule}
    return {
        c.id
        for c in found
        if c.rule in rules and c.occurrences and all((o.path, o.line) in named for o in c.occurrences)
    }


def _name(repository: Repository | None) -> str:
    """What the repository is called: by its remote, else by its folder."""
    if repository is None:
        return ""
    remote = repository.git.text("config", "--get", "remote.origin.url", fails=False)
    if name := remote.rstrip("/").removesuffix(".git").replace(":", "/").rpartition("/")[2]:
        return name
    return (repository.top or repository.common_dir).resolve().name
