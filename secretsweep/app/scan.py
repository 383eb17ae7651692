"""The use case `scan`: files and folders as they are, or standard input."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from secretsweep import __version__
from secretsweep.app import files, group, references
from secretsweep.app.feeding import fed
from secretsweep.app.fingerprint import Fingerprints
from secretsweep.app.masked import masked
from secretsweep.app.occurrence import addressed, occurrence
from secretsweep.app.second import opinion
from secretsweep.detect.dangling import Contents, Tree
from secretsweep.detect.engine import Engine
from secretsweep.detect.members import Lost
from secretsweep.git.catfile import LARGEST
from secretsweep.model import Blob, Coverage, Finding, Occurrence, Report, Rule, Skip, Target

Progress = Callable[[int, int, int, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to scan. `data` is standard input; else the `paths`, relative ones shown as they are."""

    rules: tuple[Rule, ...]
    rules_digest: str
    paths: tuple[str, ...] = ()
    data: bytes | None = None
    name: str = "-"  # what standard input is called, and by which its format is chosen
    excluded: Callable[[str], bool] = lambda path: False
    trusted: bool = True
    explain: bool = False
    cache: Path | None = None
    identity: bytes = b"secretsweep"
    largest: int = LARGEST  # bytes of a file that is read
    second: bool = False  # ask detect-secrets, too
    disabled: tuple[str, ...] = ()  # rules that are not in `rules`, and no finding of another kind may name


def scan(
    request: Request, progress: Progress, told: Callable[[Blob, list[Finding]], None] = lambda blob, findings: None
) -> Report:
    """The report of a scan; what could not be read is in its coverage. `told` hears of each file's findings."""
    second = opinion(request.second, request.disabled)
    engine = Engine(request.rules, request.cache, request.trusted, request.explain, second)
    skipped: list[Skip] = []
    lost: list[Lost] = []
    groups: dict[object, list[tuple[Finding, Occurrence]]] = defaultdict(list)
    total = count = 0
    tree = Tree(request.trusted)
    read: list[str] = []
    for path, data in _contents(request, skipped):
        read.append(path)
        tree.add(Blob("", path, data))
        count += 1
        total += len(data)
        blob = Blob("", path, data)
        found = engine.scan(blob, lost)
        if found:
            told(blob, found)
        for finding, fmt, key in addressed(blob, found):
            place = replace(occurrence(finding), format=fmt, key=key, in_head=True, reachable="worktree")
            groups[finding.secret].append((finding, place))
        progress(count, count, total, len(groups))
    folder = request.data is None and any(map(os.path.isdir, request.paths))
    for finding in references.enabled(tree.findings(_again(read) if folder else None), request.disabled):
        place = replace(occurrence(finding), in_head=True, reachable="worktree")
        groups[finding.secret].append((finding, place))
    skipped += (Skip(reason, where, "", detail) for where, reason, detail in lost)
    rules = {**engine.rules, **references.RULES}
    fingerprints = Fingerprints(request.identity, request.cache)
    fingerprints.learn(pairs[0][0].secret for pairs in groups.values())
    credentials = group.ranked(
        group.credential(
            pairs[0][0].secret, [f for f, _ in pairs], _each_once(o for _, o in pairs), rules, fingerprints
        )
        for pairs in groups.values()
    )
    if folder:
        credentials = fed(credentials, _again([path for path in read if path.endswith((".tf", ".tofu"))]))
    fingerprints.keep()
    shown = request.name if request.data is not None else " ".join(request.paths)
    report = Report(
        version=__version__,
        rules=request.rules_digest,
        target=Target("stdin" if request.data is not None else "files", shown),
        coverage=Coverage(
            files=count, bytes=total, skipped=tuple(sorted(set(skipped))), fallbacks=len(engine.fell_back)
        ),
        credentials=credentials,
        dismissed=tuple(sorted(engine.dismissed)),
    )
    return masked(report)


def _again(paths: list[str]) -> Contents:
    """The same files once more, for the few trees where something dangles."""

    def contents() -> Iterator[tuple[str, bytes]]:
        for path in paths:
            with suppress(OSError):
                yield path, Path(path).read_bytes()

    return contents


def _contents(request: Request, skipped: list[Skip]) -> Iterable[tuple[str, bytes]]:
    if request.data is not None:
        return [(request.name, request.data)]
    return files.contents(request.paths, request.excluded, request.largest, skipped)


def _each_once(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    return list({replace(o, rule="", confidence=""): o for o in occurrences}.values())
