"""The vendors, started once a process; each test finds them silent."""

from collections.abc import Iterator

import pytest
import servers
from vendors import Vendors, said
from vendors import vendors as started


@pytest.fixture(scope="session")
def vendor_server() -> Iterator[Vendors]:
    with started() as server:
        yield server


@pytest.fixture
def vendors(vendor_server: Vendors) -> Vendors:
    """Nothing was sent to them, and they know nobody."""
    vendor_server.answers = lambda sent: said(404)
    for kept in (vendor_server.sent, vendor_server.dialled, vendor_server.slept):
        kept.clear()  # type: ignore[attr-defined]
    vendor_server.names.clear()
    return vendor_server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Server]:
    """Redis, started once a process."""
    with servers.redis() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[servers.Server]:
    """MariaDB, started once a process."""
    with servers.mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[servers.Server]:
    """OpenSSH, started once a process."""
    with servers.sshd() as server:
        yield server
