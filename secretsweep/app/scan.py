"""The use case `scan`: files and folders as they are, or standard input."""

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from secretsweep import __version__
from secretsweep.app import group, references
from secretsweep.app.fingerprint import Fingerprints
from secretsweep.app.masked import masked
from secretsweep.app.occurrence import addressed, occurrence
from secretsweep.app.second import opinion
from secretsweep.detect.dangling import Contents, Tree
from secretsweep.detect.engine import Engine
from secretsweep.detect.members import Lost
from secretsweep.git.catfile import LARGEST
from secretsweep.model import Blob, Coverage, Finding, Occurrence, Report, Rule, Skip, Skipped, Target

_NOT_OURS = frozenset((".git", ".hg", ".svn"))
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


def scan(request: Request, progress: Progress) -> Report:
    """The report of a scan; what could not be read is in its coverage."""
    second = opinion(request.second, request.disabled)
    engine = Engine(request.rules, request.cache, request.trusted, request.explain, second)
    skipped: list[Skip] = []
    lost: list[Lost] = []
    groups: dict[object, list[tuple[Finding, Occurrence]]] = defaultdict(list)
    total = files = 0
    tree = Tree(request.trusted)
    read: list[str] = []
    for path, data in _contents(request, skipped):
        read.append(path)
        tree.add(Blob("", path, data))
        files += 1
        total += len(data)
        blob = Blob("", path, data)
        for finding, fmt, key in addressed(blob, engine.scan(blob, lost)):
            place = replace(occurrence(finding), format=fmt, key=key, in_head=True, reachable="worktree")
            groups[finding.secret].append((finding, place))
        progress(files, files, total, len(groups))
    folder = request.data is None and any(map(os.path.isdir, request.paths))
    for finding in references.enabled(tree.findings(_again(read) if folder else None), request.disabled):
        place = replace(occurrence(finding), in_head=True, reachable="worktree")
        groups[finding.secret].append((finding, place))
    skipped += (Skip(reason, where, "", detail) for where, reason, detail in lost)
    rules = {**engine.rules, **references.RULES}
    fingerprints = Fingerprints(request.identity, request.cache)
    credentials = group.ranked(
        group.credential(
            pairs[0][0].secret, [f for f, _ in pairs], _each_once(o for _, o in pairs), rules, fingerprints
        )
        for pairs in groups.values()
    )
    fingerprints.keep()
    shown = request.name if request.data is not None else " ".join(request.paths)
    report = Report(
        version=__version__,
        rules=request.rules_digest,
        target=Target("stdin" if request.data is not None else "files", shown),
        coverage=Coverage(
            files=files, bytes=total, skipped=tuple(sorted(set(skipped))), fallbacks=len(engine.fell_back)
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


def _contents(request: Request, skipped: list[Skip]) -> Iterator[tuple[str, bytes]]:
    if request.data is not None:
        yield request.name, request.data
        return
    seen: set[tuple[int, int]] = set()
    for given in request.paths:
        for path in _files(given, skipped):
            shown = _shown(path)
            if request.excluded(shown):
                continue
            try:
                info = os.stat(path)
                if (info.st_dev, info.st_ino) in seen:
                    continue
                seen.add((info.st_dev, info.st_ino))
                if not stat.S_ISREG(info.st_mode):
                    skipped.append(Skip(Skipped.UNREADABLE, shown, "", "not a regular file"))
                elif info.st_size > request.largest:
                    skipped.append(Skip(Skipped.TOO_LARGE, shown, "", f"{info.st_size:,} bytes"))
                else:
                    yield shown, Path(path).read_bytes()
            except OSError as error:
                skipped.append(Skip(Skipped.UNREADABLE, shown, "", error.strerror or "cannot be read"))


def _files(given: str, skipped: list[Skip]) -> Iterator[str]:
    """The files at or below a path, sorted; links to folders are not followed, those to files are read there only."""
    if not os.path.isdir(given):
        yield given
        return

    def unreadable(error: OSError) -> None:
        skipped.append(Skip(Skipped.UNREADABLE, _shown(str(error.filename)), "", error.strerror or ""))

    for folder, folders, names in os.walk(given, onerror=unreadable):
        folders[:] = sorted(f for f in folders if f not in _NOT_OURS)
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not os.path.islink(path) or os.path.isfile(path):
                yield path


def _shown(path: str) -> str:
    """POSIX and without a leading `./`."""
    return Path(path).as_posix()


def _each_once(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    return list({replace(o, rule="", confidence=""): o for o in occurrences}.values())
