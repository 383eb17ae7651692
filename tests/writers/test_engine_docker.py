"""Rewritten Dockerfiles and compose files are what their own tools take for right."""

import subprocess
from pathlib import Path

import pytest
from engines import tool
from rewrites import ROOT

_COMPOSE = sorted(p for p in ROOT.glob("compose_*/*/after/**/*compose*.y*ml"))
_DOCKERFILES = sorted(p for p in ROOT.glob("dockerfile_*/*/after/**/Dockerfile*"))


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", _COMPOSE, ids=_named)
def test_a_compose_file_fits_its_specification(path: Path) -> None:
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", _DOCKERFILES, ids=_named)
def test_hadolint_warns_of_no_more_than_before(path: Path) -> None:
    was = Path(str(path).replace("/after/", "/before/"))
    assert _said(path) <= _said(was)
    if "/build/" in str(path):
        assert "DL3064" in _said(was) and "DL3064" not in _said(path)  # data that may be sensitive in ARG or ENV


def _said(path: Path) -> set[str]:
    done = subprocess.run(
        [tool("hadolint"), "--no-color", "--no-fail", str(path)], capture_output=True, text=True, check=True
    )
    return {line.split(" ")[1] for line in done.stdout.splitlines() if " " in line}
