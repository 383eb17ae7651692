"""Every fixture: as a file, through a git history, and in an archive. What is expected is found, and nothing else."""

import gzip
import io
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from fixture_files import ROOT, Expected, Fixture, files, read
from repositories import Repo, audited

from secretsweep.app.occurrence import addressed
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.detect.members import Lost
from secretsweep.model import Blob, Finding, Report, Skip
from secretsweep.rules.load import load

FOUND, CLEAN = files("found"), files("clean")


def name(file: Path) -> str:
    """`FAMILY/KIND/PATH`, by which a failing test is found."""
    return file.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(), cache_folder())


def scanned(engine: Engine, fixture: Fixture) -> list[tuple[Finding, str]]:
    """The findings of a fixture, each with its address."""
    lost: list[Lost] = []
    blob = Blob("", fixture.path, fixture.data)
    findings = engine.scan(blob, lost)
    assert lost == []
    return [(finding, key) for finding, _, key in addressed(blob, findings)]


def shown(rule: str, line: int, value: bytes, key: str, trail: str, member: str) -> str:
    return f"line {line}: {rule} {value!r} @ {key} via {trail or '-'}{' in ' + member if member else ''}"


def as_expected(one: Expected, finding: Finding, key: str, binary: bool) -> bool:
    """Whether a finding is the one that a fixture speaks of."""
    member = finding.path.partition("!")[2]
    trail = " › ".join(finding.trail)
    return (
        one.rule == finding.rule
        and (one.span is None or binary or one.span == finding.span)
        and (binary or one.line == finding.place.line)
        and (one.span is not None or one.value == finding.secret.reveal())
        and (one.key is None or key == one.key or (one.key[:1] == "…" and key.endswith(one.key[1:])))
        and (one.trail is None or trail == one.trail)
        and (binary or member == one.member)
    )


@pytest.mark.parametrize("file", [*FOUND, *CLEAN], ids=name)
def test_a_fixture_says_what_is_found_in_it(file: Path, engine: Engine) -> None:
    fixture = read(file)
    left = scanned(engine, fixture)
    binary = file.read_text(encoding="utf-8").startswith("⟦")
    missed = []
    for one in fixture.expected:
        match = next((pair for pair in left if as_expected(one, *pair, binary and not one.member)), None)
        if match:
            left.remove(match)
        else:
            missed.append(shown(one.rule, one.line, one.value, one.key or "…", one.trail or "", one.member))
    extra = [
        shown(f.rule, f.place.line, f.secret.reveal(), key, " › ".join(f.trail), f.path.partition("!")[2])
        for f, key in left
    ]
    told = ["", *(f"missed {m}" for m in missed), *(f"extra  {e}" for e in extra)]
    assert not missed and not extra, "\n  ".join(told)


def test_every_fixture_has_a_twin_that_stays_clean() -> None:
    dangling = {"dangling-reference", "broken-reference"}
    found = {name(f).replace("/found/", "/", 1) for f in FOUND}
    clean = {name(f).replace("/clean/", "/", 1) for f in CLEAN}
    assert found == clean
    assert [name(f) for f in FOUND if not read(f).expected] == []
    assert [name(f) for f in CLEAN if {e.rule for e in read(f).expected} - dangling] == []


@dataclass(frozen=True)
class Everything:
    """The values and rules seen of each fixture, and what was not read."""

    seen: dict[str, set[tuple[str, bytes]]]
    skipped: tuple[Skip, ...]


def _seen(report: Report, prefix: str = "") -> Everything:
    seen: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
    for credential in report.credentials:
        for at in credential.occurrences:
            path = at.path.removeprefix(prefix).partition("!")[0]
            seen[path].add((at.rule or credential.rule, credential.secret.reveal()))
    return Everything(dict(seen), report.coverage.skipped)


@pytest.fixture(scope="session")
def through_git(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    """All fixtures added in one commit, and deleted in the next one."""
    repo = Repo(tmp_path_factory.mktemp("fixtures") / "repo")
    first = repo.snapshot({name(file): read(file).data for file in (*FOUND, *CLEAN)})
    repo.snapshot({"README": "empty"}, [first], ref="refs/heads/main")
    return _seen(audited(repo))


@pytest.fixture(scope="session")
def through_archive(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    """All fixtures in a tar.gz in a history."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for file in (*FOUND, *CLEAN):
            data = read(file).data
            info = tarfile.TarInfo(name(file))
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    repo = Repo(tmp_path_factory.mktemp("archive") / "repo")
    repo.snapshot({"all.tar.gz": gzip.compress(out.getvalue(), mtime=0)}, ref="refs/heads/main")
    return _seen(audited(repo), "all.tar.gz!")


@pytest.mark.xdist_group("fixtures")
@pytest.mark.parametrize("file", [*FOUND, *CLEAN], ids=name)
def test_a_fixture_is_seen_in_a_history_and_in_an_archive(
    file: Path, through_git: Everything, through_archive: Everything
) -> None:
    wanted = {(one.rule, one.value) for one in read(file).expected if one.span is None}
    written = {one.rule for one in read(file).expected}
    for everything in (through_git, through_archive):
        seen = everything.seen.get(name(file), set())
        assert {rule for rule, _ in seen} == written
        assert wanted <= seen
        assert everything.skipped == ()
