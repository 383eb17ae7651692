"""The rehearsal: a fresh mirror clone, the rewrite on it, and the proof that nothing is left. The user's repository is
only read."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from secretsweep.app.audit import Audit, Request
from secretsweep.app.purging.facts import Facts, gathered
from secretsweep.app.purging.proving import Proof, proof
from secretsweep.app.purging.rewriting import Rewrite, rewrite
from secretsweep.app.purging.sweeping import Sweeper, swept
from secretsweep.app.purging.workspace import leftovers, workspace
from secretsweep.app.second import opinion
from secretsweep.detect.engine import Engine
from secretsweep.git import filtering, history, mirror, refs
from secretsweep.git.repository import Repository
from secretsweep.model import Credential, Finding, Secret

Step = Callable[[str], None]
LOCAL = ("stash", "reflog", "unreachable", "index")  # what a clone does not bring over


@dataclass
class Rehearsal:
    """What came of it."""

    credentials: tuple[Credential, ...]
    rewrite: Rewrite
    proof: Proof
    facts: Facts
    seconds: float
    hidden: tuple[str, ...] = ()  # refs that the clone has not got
    local: dict[str, int] = field(default_factory=dict)  # places that only this clone has, by how they are held


def rehearsed(
    source: Repository, request: Request, audit: Audit, wanted: Iterable[Credential], step: Step
) -> Rehearsal:
    """Rewrite a mirror of `source` without the wanted credentials, which its audit has found."""
    filtering.installed()
    mirror.check_source(source)
    cleared(step)
    began = time.monotonic()
    with workspace() as folder:
        step("cloning")
        clone = mirror.cloned(source, folder)
        hidden = mirror.missing(source, clone)
        chosen = tuple(wanted)
        done, facts, shown = performed(clone, request, audit.findings, chosen, step)
    local: dict[str, int] = {}
    for credential in chosen:
        for place in credential.occurrences:
            if place.reachable in LOCAL:
                local[place.reachable] = local.get(place.reachable, 0) + 1
    return Rehearsal(chosen, done, shown, facts, time.monotonic() - began, hidden, local)


def performed(
    clone: Repository, request: Request, findings: Iterable[Finding], chosen: tuple[Credential, ...], step: Step
) -> tuple[Rewrite, Facts, Proof]:
    """Rewrite a mirror clone in place, and prove it."""
    wanted: dict[Secret, str] = {credential.secret: credential.id for credential in chosen}
    engine = Engine(request.rules, request.cache, request.trusted, False, opinion(request.second, request.disabled))
    before = refs.objects(clone.git)
    plan = history.plan(clone)
    try:
        step("searching every object for the values")
        found = swept(clone, plan, Sweeper(wanted), request.jobs)
        told = gathered(clone)
        done = rewrite(clone, plan, wanted, found, findings, engine, step)
    finally:
        plan.close()
    facts = told.after(done, before, refs.objects(clone.git))
    step("auditing the new history")
    return done, facts, proof(clone, request, wanted, request.jobs)


def cleared(step: Step) -> None:
    """Remove what runs have left that were killed."""
    if count := leftovers():
        step(f"removed what {count} killed run{'s' if count > 1 else ''} had left in the temporary folder")
