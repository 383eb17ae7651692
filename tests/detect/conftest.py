"""One engine with the packaged rules for all tests here."""

from pathlib import Path

import pytest

from secretsweep.detect.engine import Engine
from secretsweep.rules.load import load


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    cache: Path = tmp_path_factory.mktemp("cache")
    return Engine(load(), cache)
