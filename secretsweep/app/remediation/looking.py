"""What a command of remediation works on: the tree around the paths, and the findings in them."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from secretsweep.app import accepted
from secretsweep.app import scan as scanning
from secretsweep.app.remediation.root import tree_of
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.errors import UsageError
from secretsweep.git.repository import Repository
from secretsweep.model import CONFIDENCES, Blob, Credential, Finding, Report, Secret
from secretsweep.rules._cache import in_force


@dataclass(frozen=True, slots=True)
class Seen:
    """Findings by paths that count from the tree's root, and the credentials that were asked for."""

    tree: WorkTree
    repository: Repository | None
    found: Sequence[tuple[Blob, Sequence[Finding]]]
    credentials: Mapping[Secret, Credential]
    report: Report
    scan: Callable[[Blob], Sequence[Finding]]  # what would be found in another content


def looked(paths: Sequence[str], wanted: Sequence[str], config: str | None, progress: scanning.Progress) -> Seen:
    """Scan the paths. UsageError or ConfigError say what is wrong."""
    tree, repository = tree_of(paths)
    own = accepted.settings(None, config, True, {})
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    found: list[tuple[Blob, list[Finding]]] = []
    home = accepted.started_in()
    report = scanning.scan(
        scanning.Request(
            rules.rules,
            rules.digest,
            paths=tuple(paths),
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
    credentials = _chosen(report, wanted, own.config.min_confidence)
    engine = Engine(rules.rules, cache_folder(), own.trusted)

    def scan(blob: Blob) -> Sequence[Finding]:
        return engine.scan(blob, [])

    return Seen(tree, repository, list(_below(found, tree)), credentials, report, scan)


def check_paths(paths: Sequence[str]) -> None:
    """UsageError for one that is not there."""
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")


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
            raise UsageError(f"{beginning}: no credential here has an id that begins so")
    return {
        c.secret: c
        for c in report.credentials
        if len(c.secret)
        and CONFIDENCES.index(c.confidence) <= CONFIDENCES.index(least)
        and (not wanted or any(c.id.startswith(beginning) for beginning in wanted))
    }
