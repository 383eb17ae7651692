"""What every driver has, and what none may do."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from secretsweep import plugins, rotators
from secretsweep.model import Secret
from secretsweep.rotators import Asked, Rotator
from secretsweep.rotators._plain import Plain
from secretsweep.rules import guides

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "secretsweep" / "rotators"
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
README = (ROOT / "README.md").read_text()
TABLE = subprocess.run(
    [sys.executable, str(ROOT / "scripts" / "rotators")], capture_output=True, text=True, check=True
).stdout.splitlines()
DRIVERS = rotators.names()
STEPS = [name for name in vars(Rotator) if not name.startswith("_")]


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_has_what_the_protocol_says(name: str) -> None:
    module = rotators.named(name)
    assert name == module.NAME
    assert module.NEEDS in ("", *EXTRAS)
    assert set(module.GUIDES) <= set(guides.load())
    assert module.METHODS and all(re.fullmatch(r"[a-z-]+", method) for method in module.METHODS)
    assert isinstance(module.ACCOUNT, str) and isinstance(module.ADMIN, str) and isinstance(module.OPTIONS, dict)
    assert sum(module.PATIENCE) <= 120
    for method, how in module.METHODS.items():
        assert len(how.about) > 30 and not how.about.endswith(".")
        assert not how.reversible or how.overlap, "what can be taken back has an overlap"
        assert not how.bound or how.beside
        account = {"kubernetes-token": "shop/deployer"}.get(name, "shop")
        told = module.told(Asked(Secret(b""), method, account))
        assert bool(told.commands) == how.by_hand


@pytest.mark.parametrize("name", DRIVERS)
def test_its_rotator_has_every_step(name: str) -> None:
    module = plugins.load("secretsweep.rotators", name.replace("-", "_"))
    made = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Plain) and c is not Plain]
    assert made
    for one in made:
        assert [step for step in STEPS if not callable(getattr(one, step, None))] == []


@pytest.mark.parametrize("name", DRIVERS)
def test_the_readme_has_its_row(name: str) -> None:
    row = next((line for line in TABLE if line.startswith(f"| `{name}` |")), "")
    assert row and row in README, "scripts/rotators prints the table"


def test_a_guide_has_one_driver() -> None:
    """Two would make everybody say which."""
    named = [guide for name in DRIVERS for guide in rotators.named(name).GUIDES]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_nothing_is_raised_while_a_library_fails(file: Path) -> None:
    """What is raised inside an `except` carries the library's own exception, which knows what was sent."""
    tree = ast.parse(file.read_text())
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    raised = [node for handler in handlers for node in ast.walk(handler) if isinstance(node, ast.Raise)]
    assert [node.lineno for node in raised] == []
    chained = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.cause is not None]
    assert chained == []


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_no_driver_prints_or_logs(file: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    names = [call.id for call in calls if isinstance(call, ast.Name)]
    logged = [call.attr for call in calls if isinstance(call, ast.Attribute)]
    assert "print" not in names
    assert not {"debug", "info", "warning", "error", "exception"} & set(logged)
