"""The use case `audit`: every object of a repository, grouped, with who brought it when and whether it is there."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from secretsweep import __version__, formats
from secretsweep.app import group, pool, references
from secretsweep.app.address import addresses
from secretsweep.app.feeding import fed
from secretsweep.app.fingerprint import Fingerprints
from secretsweep.app.masked import masked
from secretsweep.app.occurrence import occurrence
from secretsweep.app.second import opinion
from secretsweep.detect import verdict
from secretsweep.detect.engine import Engine
from secretsweep.git import catfile, history, provenance, refs
from secretsweep.git.repository import Repository
from secretsweep.model import (
    Blob,
    Coverage,
    Credential,
    Finding,
    Occurrence,
    Report,
    Rule,
    Secret,
    Sighting,
    Skip,
    Skipped,
    Target,
)

Progress = Callable[[int, int, int, int], None]  # objects read, of how many, bytes read, findings so far


@dataclass(frozen=True, slots=True)
class Request:
    """What to audit and how."""

    rules: tuple[Rule, ...]
    rules_digest: str
    selection: history.Selection = field(default_factory=history.Selection)
    jobs: int = 2
    trusted: bool = True
    explain: bool = False
    cache: Path | None = None
    largest: int = catfile.LARGEST  # bytes of an object that is read
    identity: bytes | None = None  # the salt of fingerprints, when a baseline brings one
    second: bool = False  # ask detect-secrets, too
    disabled: tuple[str, ...] = ()  # rules that are not in `rules`, and no finding of another kind may name


@dataclass(frozen=True, slots=True)
class Audit:
    """The report as it may be shown, and what it was made of, which may not."""

    report: Report
    interrupted: bool
    credentials: tuple[Credential, ...]
    findings: tuple[Finding, ...]


def audit(repository: Repository, request: Request, progress: Progress) -> tuple[Report, bool]:
    """The report, and whether ctrl-C cut it short. What could not be read is in its coverage."""
    done = audited(repository, request, progress)
    return done.report, done.interrupted


def audited(repository: Repository, request: Request, progress: Progress) -> Audit:
    """The same, with every single finding."""
    second = opinion(request.second, request.disabled)
    engine = Engine(request.rules, request.cache, request.trusted, request.explain, second)
    plan = history.plan(repository, request.selection, _sort)
    try:
        total = sum(len(part.ids) for part in plan.parts)
        plan.largest = min(request.largest, catfile.LARGEST)
        done = [0, 0]

        def advance(objects: int, size: int, findings: int) -> None:
            done[0] += objects
            done[1] += size
            progress(done[0], total, done[1], findings)

        interrupted: list[bool] = []
        result = pool.scan(plan, repository, engine, request.jobs, advance, interrupted)
        findings = result.findings + _of_head(repository, request, plan)
        credentials = _credentials(repository, request, plan, findings, {**engine.rules, **references.RULES})
        credentials = fed(credentials, lambda: references.texts(repository, (".tf", ".tofu")))
    finally:
        plan.close()
    skipped = {_judged(skip, plan.unreadable) for skip in result.skipped} | set(_damage(repository, plan))
    named = {skip.oid for skip in skipped}
    skipped |= {Skip(Skipped.CORRUPT, "", oid.decode(), "") for oid in plan.unreadable if oid.decode() not in named}
    if interrupted:
        skipped.add(Skip(Skipped.INTERRUPTED, "", "", f"{total - done[0]} of {total} objects were not read"))
    coverage = Coverage(
        commits=plan.commits,
        objects=plan.objects,
        blobs=result.blobs,
        bytes=result.bytes,
        skipped=tuple(sorted(skipped)),
        fallbacks=result.fallbacks,
        notes=plan.notes,
    )
    target = Target("history", repository.shown, repository.head)
    report = Report(__version__, request.rules_digest, target, coverage, credentials, dismissed=tuple(result.dismissed))
    return Audit(masked(report), bool(interrupted), credentials, tuple(findings))


def _of_head(repository: Repository, request: Request, plan: history.History) -> list[Finding]:
    """What does not fit together in HEAD, when all of it was read."""
    if request.selection:
        return []
    read: dict[bytes, list[str]] = defaultdict(list)
    for part in plan.parts:
        if part.kind == "blob" and part.paths:
            for oid, path in zip(part.ids, part.paths, strict=True):
                read[oid].append(path)
    return references.enabled(references.of_head(repository, request.trusted, read), request.disabled)


def _sort(path: str) -> tuple[str, str]:
    """How a path makes its content read."""
    return formats.owner(path, b"").NAME, verdict.place(path)


def _judged(skip: Skip, unreadable: set[bytes]) -> Skip:
    """git calls an object missing, too, that is there and damaged."""
    return replace(skip, reason=Skipped.CORRUPT) if skip.oid.encode() in unreadable else skip


def _damage(repository: Repository, plan: history.History) -> Iterable[Skip]:
    """What is missing as a whole, beside single objects."""
    yield from (Skip(Skipped.PARTIAL, path, oid.decode(), "never fetched") for oid, path in plan.absent)
    if repository.shallow:
        yield Skip(Skipped.SHALLOW, "", "", "older commits are not in this clone")
    if repository.partial and plan.damaged:
        yield Skip(Skipped.PARTIAL, "", "", "a partial clone: objects that were never fetched cannot be listed")
    if plan.damaged:
        yield Skip(Skipped.CORRUPT, "", "", "git could not walk all of the history; `git fsck` says where")


def _credentials(
    repository: Repository,
    request: Request,
    plan: history.History,
    findings: list[Finding],
    rules: Mapping[str, Rule],
) -> tuple[Credential, ...]:
    groups = group.by_secret(findings)
    secrets = list(groups)
    held: dict[bytes, set[int]] = defaultdict(set)
    for number, secret in enumerate(secrets):
        for finding in groups[secret]:
            held[finding.oid.encode()].add(number)
    told = provenance.stories(plan.logs, {oid: frozenset(numbers) for oid, numbers in held.items()})
    told = {key: story for key, story in told.items() if request.selection.wants(key[1])}
    wanted: dict[bytes, set[bytes]] = defaultdict(set)
    for (_, path), story in told.items():
        wanted[path].update(story.versions)
    where = provenance.holders(repository, wanted) if wanted else provenance.Holders(frozenset(), {}, {})
    order: dict[str | None, int] = {
        change.commit.decode(): change.order
        for story in told.values()
        for change in (story.introduced, story.removed)
        if change and story.reach == "refs"
    }
    provenance.merged_away(repository, told, where)
    events = [c for s in told.values() for c in (s.introduced, s.removed) if c]
    builder = _Builder(repository, plan, groups, secrets, where, provenance.sightings(repository.git, events))
    occurrences = builder.occurrences(told)
    fingerprints = Fingerprints((request.identity or repository.identity()) if groups else b"", request.cache)
    fingerprints.learn(secret for number, secret in enumerate(secrets) if occurrences[number])
    found = [
        group.credential(secret, groups[secret], occurrences[number], rules, fingerprints, order)
        for number, secret in enumerate(secrets)
        if occurrences[number]
    ]
    fingerprints.keep()
    return group.ranked(found)


class _Builder:
    """Occurrences of all credentials: by path where a commit holds them, by object where none does."""

    def __init__(
        self,
        repository: Repository,
        plan: history.History,
        groups: dict[Secret, list[Finding]],
        secrets: list[Secret],
        where: provenance.Holders,
        sightings: dict[bytes, Sighting],
    ) -> None:
        self._repository = repository
        self._named = plan.named
        self._where = where
        self._sightings = sightings
        self._findings: dict[tuple[int, bytes], list[Finding]] = defaultdict(list)
        for number, secret in enumerate(secrets):
            for finding in groups[secret]:
                self._findings[number, finding.oid.encode()].append(finding)
        hot = {oid for _, oid in self._findings}
        self._origin: dict[bytes, tuple[str, str, list[str]]] = {}  # id -> (reach, kind, paths it was read at)
        for part in plan.parts:
            for index, oid in enumerate(part.ids):
                if oid in hot:
                    _, _, paths = self._origin.setdefault(oid, (part.reach, part.kind, []))
                    paths.append(part.paths[index] if part.paths else "")
        messages = [oid for oid, (_, kind, _) in self._origin.items() if kind == "commit"]
        self._messages = provenance.commits(repository.git, messages)

    def occurrences(self, told: dict[tuple[int, bytes], provenance.Story]) -> dict[int, list[Occurrence]]:
        chosen: list[tuple[int, Finding, Occurrence]] = []
        covered: set[tuple[int, bytes]] = set()
        for (number, path), story in told.items():
            covered.update((number, oid) for oid in story.versions)
            if story.versions:
                chosen += self._of_path(number, path, story)
        for number, oid in self._findings:
            if (number, oid) not in covered:
                chosen += self._of_object(number, oid)
        return self._addressed(chosen)

    def _of_path(self, number: int, path: bytes, story: provenance.Story) -> Iterable[tuple[int, Finding, Occurrence]]:
        """The occurrences in the version that HEAD has, else in the one that brought the credential."""
        in_head = [oid for oid in story.versions if (path, oid) in self._where.head]
        first = story.introduced.new if story.introduced else None
        oid = in_head[0] if in_head else first if first in story.versions else next(iter(story.versions))
        assert oid is not None
        introduced = self._sighting(story.introduced, story.reach)
        removed = None if in_head or story.reach != "refs" else self._sighting(story.removed, story.reach)
        branches = {name for version in story.versions for name in self._where.branches.get((path, version), ())}
        tags = {name for version in story.versions for name in self._where.tags.get((path, version), ())}
        shown = path.decode("utf-8", "surrogateescape")
        for finding, inner in self._as_read(number, oid, shown):
            yield (
                number,
                finding,
                replace(
                    occurrence(finding, shown + inner),
                    introduced=introduced,
                    removed=removed,
                    in_head=bool(in_head),
                    reachable=story.reach,
                    branches=tuple(sorted(branches)),
                    tags=tuple(sorted(tags)),
                    versions=len(story.versions),
                ),
            )

    def _as_read(self, number: int, oid: bytes, path: str) -> Iterable[tuple[Finding, str]]:
        """The findings of a content, as it was read at this path or else at another of its paths, each with the place
        inside (`!member`) where it is in an archive."""
        bases = self._origin[oid][2]
        for base in sorted(bases, key=lambda base: base != path):
            found = [f for f in self._findings[number, oid] if f.path == base or f.path.startswith(f"{base}!")]
            if found:
                return [(f, f.path[len(base) :]) for f in found]
        return []

    def _of_object(self, number: int, oid: bytes) -> Iterable[tuple[int, Finding, Occurrence]]:
        """A message, or content that no commit holds."""
        reach, kind, paths = self._origin[oid]
        if kind != "blob":
            reach = f"{kind}-message"
        introduced = None
        if kind == "commit":
            sighting = self._messages.get(oid)
            introduced = sighting._replace(commit=None) if sighting else None
        tags = tuple(refs.short(name) for name in self._named.get(oid, ()) if name.startswith("refs/tags/"))
        for finding in self._findings[number, oid]:
            shown = finding.path if paths[0] or kind != "blob" else f"object:{finding.oid[:12]}{finding.path}"
            place = replace(occurrence(finding, shown), reachable=reach, introduced=introduced, tags=tags)
            yield number, finding, place

    def _sighting(self, change: object, reach: str) -> Sighting | None:
        from secretsweep.git.log import Change

        if not isinstance(change, Change):
            return None
        sighting = self._sightings.get(change.commit)
        if sighting is None:
            return None
        path = change.path.decode("utf-8", "surrogateescape")
        return sighting._replace(path=path, commit=sighting.commit if reach == "refs" else None)

    def _addressed(self, chosen: list[tuple[int, Finding, Occurrence]]) -> dict[int, list[Occurrence]]:
        """The same, with the addresses that the whole files give; each file is parsed once."""
        by_object: dict[tuple[str, str], list[tuple[int, Finding, Occurrence]]] = defaultdict(list)
        for item in chosen:
            by_object[item[1].oid, item[1].path].append(item)
        found: dict[int, list[Occurrence]] = defaultdict(list)
        contents = catfile.CatFile(self._repository.git)
        for (oid, path), items in sorted(by_object.items()):
            _, kind, paths = self._origin[oid.encode()]
            known = {}
            if kind == "blob" and path in paths:
                data = contents.get(oid).data
                known = addresses(Blob(oid, path, data), [f for _, f, _ in items]) if data else {}
            for number, finding, place in items:
                fmt, key = known.get(finding, (place.format, ""))
                found[number].append(replace(place, format=fmt, key=key or place.key))
        contents.close()
        return found
