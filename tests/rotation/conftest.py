"""Services that are served on loopback, and trackers that do not really wait."""

from collections.abc import Iterator

import pytest
from desks import SERVICES, Desk, desk, service
from repositories import password, token
from serving import serving

from secretsweep.trackers import _http, _issues

VALUES = (password("checklist"), token("checklist"))


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that trackers would have slept."""
    slept: list[float] = []
    monkeypatch.setattr(_http, "sleep", slept.append)
    monkeypatch.setattr(_issues, "sleep", slept.append)
    return slept


@pytest.fixture(params=SERVICES)
def place(request: pytest.FixtureRequest, waited: list[float]) -> Iterator[Desk]:
    """An empty project of each service; every request that came must be one that its description allows."""
    yield from served(request.param)


@pytest.fixture
def github(waited: list[float]) -> Iterator[Desk]:
    yield from served("github")


@pytest.fixture
def gitlab(waited: list[float]) -> Iterator[Desk]:
    yield from served("gitlab")


@pytest.fixture(params=["jira-cloud", "jira-server"])
def jira(request: pytest.FixtureRequest, waited: list[float]) -> Iterator[Desk]:
    yield from served(request.param)


def served(kind: str) -> Iterator[Desk]:
    with serving(service(kind)) as there:
        yield desk(kind, there)
    assert there.wrong == []
    assert not [value for value in VALUES if value.encode() in there.bytes()]
