"""References of a whole tree that lead nowhere: of the folders that are scanned, and of an audit's HEAD."""

from collections.abc import Iterable, Iterator, Mapping

from secretsweep.detect.dangling import Tree
from secretsweep.git import tree
from secretsweep.git.repository import Repository
from secretsweep.model import Blob, Finding
from secretsweep.rules.builtin import RULES


def enabled(findings: Iterable[Finding], disabled: Iterable[str]) -> list[Finding]:
    """Those whose rule nobody has disabled."""
    without = set(disabled)
    return [finding for finding in findings if finding.rule not in without]


def of_head(repository: Repository, trusted: bool, read: Mapping[bytes, list[str]]) -> list[Finding]:
    """What does not fit together in HEAD; of the objects that were `read`, each at one of the paths it was read at."""
    files = [(path, oid) for path, oid in tree.files(repository) if oid in read]
    found = Tree(trusted)
    for path, oid, data in tree.contents(repository, files, found.wants):
        found.add(Blob(oid, path, data))

    def everything() -> Iterator[tuple[str, bytes]]:
        return ((path, data) for path, _, data in tree.contents(repository, files))

    every = []
    for finding in found.findings(everything):
        paths = read[finding.oid.encode()]
        every.append(finding if finding.path in paths else finding._replace(path=paths[0]))
    return list(dict.fromkeys(every))


def texts(repository: Repository, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of HEAD's files that are called so."""
    files = [(path, oid) for path, oid in tree.files(repository) if path.endswith(suffixes)]
    return ((path, data) for path, _, data in tree.contents(repository, files))


__all__ = ["RULES", "enabled", "of_head", "texts"]
