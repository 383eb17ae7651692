"""The values of credentials that the checklist knows by their fingerprints: found again where they leaked."""

import os
from collections.abc import Callable, Collection, Mapping

from secretsweep.app import accepted
from secretsweep.app import audit as auditing
from secretsweep.app import scan as scanning
from secretsweep.detect.gate import cache_folder
from secretsweep.git.history import Selection
from secretsweep.git.repository import Repository
from secretsweep.model import Report, Secret
from secretsweep.rules._cache import in_force


def found(
    repository: Repository,
    wanted: Collection[str],
    config: str | None,
    progress: scanning.Progress,
) -> Mapping[str, Secret]:
    """Values by ids, as far as the repository still has them: the files first, which is quick, then all of history."""
    own = accepted.settings(repository, config, False, {})
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    have: dict[str, Secret] = {}
    identity = own.identity or repository.identity()

    def files() -> Report:
        request = scanning.Request(
            rules.rules,
            rules.digest,
            paths=(str(repository.top),),
            trusted=False,
            cache=cache_folder(),
            identity=identity,
        )
        return scanning.scan(request, progress)

    def history() -> Report:
        jobs = own.config.jobs or len(os.sched_getaffinity(0))
        request = auditing.Request(
            rules.rules, rules.digest, Selection("", "", ""), jobs, False, False, cache_folder(), identity=identity
        )
        return auditing.audit(repository, request, progress)[0]

    looks: list[Callable[[], Report]] = [*([files] if repository.top is not None else []), history]
    for look in looks:
        if set(wanted) <= have.keys():
            break
        have.update((c.id, c.secret) for c in look().credentials if c.id in wanted and len(c.secret))
    return have
