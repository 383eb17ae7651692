"""Every test runs with a git that knows nothing of this machine, and with one cache of compiled rules."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import Moto, OpenBao, PostgreSQL, moto, openbao, postgresql
from repositories import Repo, environment


@pytest.fixture(scope="session", autouse=True)
def _isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("GIT_"):
                patch.delenv(name)
        for name, value in environment(home).items():
            patch.setenv(name, value)
        patch.setenv("SECRETSWEEP_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("SECRETSWEEP_KEY", raising=False)
        yield


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository with a working tree."""
    return Repo(tmp_path / "repo")


@pytest.fixture(scope="session")
def bao() -> Iterator[OpenBao]:
    """OpenBao, started once a process."""
    with openbao() as server:
        yield server


@pytest.fixture(scope="session")
def aws_server() -> Iterator[Moto]:
    """moto, started once a process."""
    with moto() as server:
        yield server


@pytest.fixture
def aws(aws_server: Moto) -> Moto:
    """moto without anything in it."""
    aws_server.reset()
    return aws_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """PostgreSQL, started once a process."""
    with postgresql() as server:
        yield server
