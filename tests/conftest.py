"""Every test runs with a git that knows nothing of this machine, and with one cache of compiled rules."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import (
    SSHD,
    MariaDB,
    Moto,
    OpenBao,
    PostgreSQL,
    Redis,
    mariadb,
    moto,
    openbao,
    postgresql,
    redis_server,
    sshd,
)
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
def maria() -> Iterator[MariaDB]:
    """MariaDB, started once a process."""
    with mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """Redis with an ACL file, started once a process."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[SSHD]:
    """An SSH daemon, started once a process."""
    with sshd() as server:
        yield server


@pytest.fixture(scope="session")
def strict_server() -> Iterator[Moto]:
    """A moto that refuses keys which are not there, or inactive."""
    with moto(strict=True) as server:
        yield server


@pytest.fixture
def iam(strict_server: Moto) -> Iterator[tuple[str, dict[str, str]]]:
    """Its address and the administrator's environment, with nothing else in it."""
    strict_server.reset()
    yield strict_server.url, strict_server.guarded()
    strict_server.reset()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """PostgreSQL, started once a process."""
    with postgresql() as server:
        yield server
