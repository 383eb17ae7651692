"""The command's work: audit, decide, rehearse, write the plan; rewrite a mirror; verify another copy."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from secretsweep.app import accepted
from secretsweep.app.accepted import Own
from secretsweep.app.audit import Audit, Progress, Request, audited
from secretsweep.app.purging import deciding, folder, rehearsing
from secretsweep.app.purging.deciding import Decision
from secretsweep.app.purging.proving import Proof, proof
from secretsweep.app.purging.rehearsing import Rehearsal, Step
from secretsweep.decode.writings import masked, telling
from secretsweep.detect.gate import cache_folder
from secretsweep.errors import UsageError
from secretsweep.git import filtering, mirror
from secretsweep.git.repository import Repository, opened, without_credentials
from secretsweep.model import Credential, Secret
from secretsweep.rules._cache import in_force

SCHEMA = "secretsweep.purge/1"


@dataclass(frozen=True, slots=True)
class Work:
    """An audited repository, and what is to be done about each credential in it."""

    source: Repository
    request: Request
    audit: Audit
    decisions: tuple[Decision, ...]
    asked: bool  # whether somebody named the credentials

    @property
    def purged(self) -> tuple[Credential, ...]:
        return tuple(d.credential for d in self.decisions if d.purge)

    @property
    def every(self) -> tuple[Credential, ...]:
        return tuple(d.credential for d in self.decisions)

    @property
    def secrets(self) -> list[Secret]:
        """What is masked in what is shown; words are left, as names and texts rightly hold them."""
        return [c.secret for c in self.audit.credentials if telling(c.secret)]


def request_of(source: Repository, own: Own, jobs: int) -> Request:
    """How this repository is audited, with the salt that holds when its root commit is another one."""
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    return Request(
        rules.rules,
        rules.digest,
        jobs=jobs,
        trusted=own.trusted,
        cache=cache_folder(),
        largest=own.config.max_file_size,
        identity=own.identity or source.identity(),
        second=own.config.detect_secrets,
        disabled=own.config.disable_rules,
    )


def prepared(
    source: Repository,
    own: Own,
    jobs: int,
    progress: Progress,
    wanted: Iterable[str] = (),
    public: bool | None = None,
    states: Mapping[str, str] | None = None,
) -> Work:
    """Audit and decide. `states`: what the ledger knows of rotations, by id. UsageError for an id that is not there."""
    request = request_of(source, own, jobs)
    done = audited(source, request, progress)
    if done.interrupted:
        raise KeyboardInterrupt
    kept = {c.id for c in own.applied(done.report, whole=True).credentials}
    found = [c for c in done.credentials if c.id in kept]
    named = {_named(one, found) for one in wanted}
    decisions = deciding.decided(found, public, states or {}, named)
    if named:
        decisions = [d for d in decisions if d.credential.id in named]
    return Work(source, request, done, tuple(decisions), bool(named))


def _named(wanted: str, found: Iterable[Credential]) -> str:
    ids = [c.id for c in found if wanted and c.id.startswith(wanted)]
    if len(ids) != 1:
        count = "no credential" if not ids else f"{len(ids)} credentials"
        raise UsageError(f"--id {wanted}: {count} of this repository; `secretsweep audit` lists the ids")
    return ids[0]


def rehearsed(work: Work, step: Step, all_of_them: bool) -> Rehearsal:
    """A rehearsal of what is decided to be purged; of everything that was found when `all_of_them`."""
    return rehearsing.rehearsed(work.source, work.request, work.audit, work.every if all_of_them else work.purged, step)


def planned(work: Work, name: str, rehearsal: Rehearsal | None, public: bool | None) -> list[str]:
    """Write the plan's folder; the names of its files."""
    remote = work.source.git.text("config", "--get", "remote.origin.url", fails=False)
    return folder.write(name, work.decisions, rehearsal, without_credentials(remote), public)


def run(work: Work, step: Step) -> Rehearsal:
    """Rewrite the mirror clone that was opened, in place."""
    filtering.installed()
    mirror.check_mirror(work.source)
    rehearsing.cleared(step)
    began = time.monotonic()
    chosen = work.every if work.asked else work.purged
    done, facts, shown = rehearsing.performed(work.source, work.request, work.audit.findings, chosen, step)
    return Rehearsal(chosen, done, shown, facts, time.monotonic() - began)


def verified(work: Work, target: str) -> Proof:
    """Whether another copy, a path or a URL that is cloned afresh, still holds what this history does."""
    wanted = {c.secret: c.id for c in work.every}
    with opened(target) as copy:
        return proof(copy, work.request, wanted, work.request.jobs)


def own_settings(source: Repository, config: str | None, trust: bool, jobs: int | None) -> Own:
    """The settings that count for this repository."""
    return accepted.settings(source, config, trust, {} if jobs is None else {"jobs": jobs})


def shown(work: Work, rehearsal: Rehearsal, fmt: str, what: str) -> str:
    """A rehearsal, or a run, as text or JSON; no value is in it."""
    if fmt == "json":
        document = {"schema": SCHEMA, **folder.outcome(rehearsal)}
        return masked(json.dumps(document, indent=2), work.secrets)
    return masked("\n".join(_lines(rehearsal, what)), work.secrets)


def shown_proof(work: Work, done: Proof, fmt: str) -> str:
    """A verification as text or JSON."""
    if fmt == "json":
        places = [{"id": p.id, "object": p.object, "path": p.path, "found_by": p.how} for p in done.left]
        skipped = [{"reason": s.reason, "path": s.path, "object": s.oid, "detail": s.detail} for s in done.skipped]
        document = {"schema": SCHEMA, "left": len(done.left), "places": places, "not_read": skipped}
        return masked(json.dumps(document, indent=2), work.secrets)
    return masked("\n".join(_left(done)), work.secrets)


def shown_decisions(work: Work, fmt: str) -> str:
    """What is decided, as text or JSON."""
    if fmt == "json":
        document = {"schema": SCHEMA, "decisions": [folder.as_json(d) for d in work.decisions]}
        return masked(json.dumps(document, indent=2), work.secrets)
    lines = [
        f"{d.name:<11} {d.credential.id[:12]} {d.credential.name}: {'; '.join((*d.reasons, *d.notes))}"
        for d in work.decisions
    ]
    return masked("\n".join(lines or ["Nothing was found."]), work.secrets)


def _lines(rehearsal: Rehearsal, what: str) -> Iterator[str]:
    facts, done = rehearsal.facts, rehearsal.rewrite
    number, cleaned = len(rehearsal.credentials), len(done.blobs) - len(done.dropped)
    yield (
        f"{what}: {number} credential{'s' if number != 1 else ''}, {cleaned} files cleaned, "
        f"{len(done.dropped)} removed as a whole, {facts.commits:,} of {facts.total:,} commits rewritten, "
        f"{len(facts.refs)} refs moved, in {rehearsal.seconds:.1f} s"
    )
    yield from (f"removed as a whole: {oid[:12]} ({why})" for oid, why in sorted(done.dropped.items()))
    for how, places in sorted(rehearsal.local.items()):
        count = f"{places} place{'s' if places != 1 else ''}"
        yield f"only in this clone: {count} ({how}); a clone from the host has not got them"
    if rehearsal.hidden:
        yield f"not cloned, so not rewritten: {len(rehearsal.hidden)} refs"
    yield from _left(rehearsal.proof)


def _left(done: Proof) -> Iterator[str]:
    yield from (f"left: {p.id[:12]} in {p.path or 'an object without a path'} ({p.object}), {p.how}" for p in done.left)
    yield f"left: {len(done.left)}"


def without_too_large(done: Proof) -> Proof:
    """The same; what only the audit did not read, being large, the search has read."""
    return replace(done, skipped=tuple(s for s in done.skipped if s.reason != "too-large"))
