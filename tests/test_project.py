"""The project as a whole: what is shipped, pinned, documented, and forbidden everywhere."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from secretsweep import config
from secretsweep.rules.load import load

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
README = (ROOT / "README.md").read_text()
MODULES = sorted(p for folder in ("secretsweep", "scripts") for p in (ROOT / folder).rglob("*.py"))
SCRIPTS = ("audit", "bench", "demo", "guides", "matrix", "test", "verifiers")
PROGRAMS = [ROOT / "scripts" / name for name in SCRIPTS] + [ROOT / ".ci" / "run"]
# what decides where packages come from; rules and fixtures name registries because their tokens do
SOURCES = [
    *(ROOT / name for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "README.md")),
    *(p for p in (ROOT / "scripts").rglob("*") if p.is_file() and p.suffix != ".pyc"),
    ROOT / ".ci" / "run",
]
# the last is the encoder search
REVEALERS = ("model/secret.py", "stores/", "verifiers/", "rotators/", "decode/writings.py")


def secretsweep(*arguments: str) -> str:
    """What the command line prints."""
    program = "from secretsweep.cli import main; main()"
    done = subprocess.run((sys.executable, "-c", program, *arguments), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(*arguments: str) -> set[str]:
    """The commands that `--help` lists."""
    listed = secretsweep(*arguments, "--help").partition("Commands:\n")[2]
    return set(re.findall(r"^  (\S+)", listed, re.MULTILINE))


def documented() -> dict[str, set[str]]:
    """Commands of the README's table, with what it says about their subcommands."""
    rows = re.findall(r"^\| `secretsweep (\S+)(?: ([a-z]+(?: / [a-z]+)*))?", README, re.MULTILINE)
    return {name: set(below.split(" / ")) if below else set() for name, below in rows}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_rule_and_guide_and_the_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    data = {n.removeprefix("secretsweep/") for n in names if n.startswith("secretsweep/patterns/")}
    assert data == {p.relative_to(ROOT).as_posix() for p in (ROOT / "patterns").rglob("*") if p.is_file()}
    assert any(n.endswith("/licenses/LICENSE") for n in names)
    assert {n.split("/")[0].partition("-")[0] for n in names} == {"secretsweep"}


def test_rules_are_found_from_an_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = "from secretsweep.rules.load import load, packaged; print(packaged()); print(len(load()))"
    done = subprocess.run(
        (sys.executable, "-c", program), env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.split() == [str(tmp_path / "secretsweep" / "patterns"), str(len(load()))], done.stderr


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run((sys.executable, "-m", "secretsweep", "--version"), cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, secretsweep("--version")), done.stderr


def test_a_module_that_was_asked_for_what_is_not_there_says_so_with_its_exit_code() -> None:
    asked = (sys.executable, "-m", "secretsweep", "rules", "show", "nothing")
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "no such rule" in done.stderr


def test_both_programs_can_be_imported_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    (info,) = tmp_path.glob("*.dist-info")
    points = importlib.metadata.PathDistribution(info).entry_points
    assert sorted(point.name for point in points) == ["secretsweep", "secretsweep-hook"]
    for point in points:
        program = f"from {point.module} import {point.attr}; assert callable({point.attr})"
        subprocess.run((sys.executable, "-c", program), env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path, check=True)


def test_nothing_that_installs_names_a_package_host() -> None:
    hosts = re.compile(
        r"pypi\.org|pythonhosted|npmjs|debian\.org|proxy\.golang|index[-_]url|find[-_]links|--hash", re.I
    )
    found = [f"{p.relative_to(ROOT)}: {m[0]}" for p in SOURCES for m in [hosts.search(p.read_text())] if m]
    assert found == []


def test_only_stores_verifiers_and_rotators_reveal_a_secret() -> None:
    package = ROOT / "secretsweep"
    names = {p.relative_to(package).as_posix() for p in package.rglob("*.py") if ".reveal(" in p.read_text()}
    assert sorted(n for n in names if not n.startswith(REVEALERS)) == []


def test_every_module_says_what_it_knows() -> None:
    programs = [p for p in PROGRAMS if p.read_text().startswith("#!/usr/bin/env python3")]
    silent = [p for p in (*MODULES, *programs) if not ast.get_docstring(ast.parse(p.read_text()))]
    assert [str(p.relative_to(ROOT)) for p in silent] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_program_can_be_started(program: Path) -> None:
    assert program.stat().st_mode & 0o111 == 0o111
    if program.read_text().startswith("#!/bin/sh\n"):
        subprocess.run(("sh", "-n", str(program)), check=True)
    else:
        ast.parse(program.read_text())


def test_the_readme_documents_exactly_the_commands_that_exist() -> None:
    assert set(documented()) == commands()


def test_the_readme_documents_exactly_the_subcommands_that_exist() -> None:
    assert {name: commands(name) for name in documented()} == documented()


def test_the_readmes_configuration_is_valid(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / ".secretsweep.toml").write_text(example)
    read = config.read(tmp_path)
    assert (read.fail_on, read.disable_rules, read.allow[0].path) == (
        "medium",
        ("generic-password",),
        "docker-compose.test.yml",
    )
    assert set(read.disable_rules) <= {rule.id for rule in load()}


def test_the_readmes_reports_are_those_that_exist() -> None:
    from secretsweep import reports

    (sentence,) = re.findall(r"Reports: `--format ([^.]*), to standard", README.replace("\n", " "))
    assert set(re.findall(r"\w+", sentence.replace(" or ", " "))) == set(reports.names())


def test_the_readmes_matrix_is_what_the_fixtures_say() -> None:
    made = subprocess.run((sys.executable, ROOT / "scripts" / "matrix"), capture_output=True, text=True, check=True)
    assert made.stdout in README


def test_the_page_of_guides_is_what_they_say() -> None:
    made = subprocess.run((sys.executable, ROOT / "scripts" / "guides"), capture_output=True, text=True, check=True)
    assert made.stdout == (ROOT / "patterns" / "rotation" / "README.md").read_text()


def test_the_page_of_verifiers_is_what_they_are() -> None:
    made = subprocess.run((sys.executable, ROOT / "scripts" / "verifiers"), capture_output=True, text=True, check=True)
    assert made.stdout == (ROOT / "patterns" / "verify" / "README.md").read_text()


def pins(name: str) -> dict[str, str]:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    own = dict(line.split("==") for line in wanted if not line.startswith("-r "))
    below = [pins(line.removeprefix("-r ")) for line in wanted if line.startswith("-r ")]
    return {canonicalize_name(n): v for n, v in own.items()} | {n: v for part in below for n, v in part.items()}


def needed(
    requirements: Iterable[str], seen: set[tuple[str, frozenset[str]]], extras: Iterable[str] = ()
) -> Iterator[Requirement]:
    """The requirements and, as installed here, theirs in turn; `extras` are those of the one that has them."""
    for requirement in map(Requirement, requirements):
        if requirement.marker and not any(requirement.marker.evaluate({"extra": e}) for e in ("", *extras)):
            continue
        yield requirement
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            yield from needed(importlib.metadata.requires(requirement.name) or (), seen, requirement.extras)


RUNTIME = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"] + [r for k, rs in EXTRAS.items() if k != "all" for r in rs]


@pytest.mark.parametrize(
    ("name", "requirements"),
    [("requirements.txt", RUNTIME), ("requirements-dev.txt", RUNTIME + DEVELOPMENT)],
    ids=["runtime", "development"],
)
def test_everything_that_is_needed_is_pinned_to_a_version_that_will_do(name: str, requirements: list[str]) -> None:
    pinned = pins(name)
    wanted = list(needed(requirements, set()))
    assert sorted({r.name for r in wanted if canonicalize_name(r.name) not in pinned}) == []
    assert [str(r) for r in wanted if not r.specifier.contains(pinned[canonicalize_name(r.name)])] == []
    assert set(pinned) == {canonicalize_name(r.name) for r in wanted}
