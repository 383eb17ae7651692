"""Programs whose Python packages would break ours: each in a virtual environment of its own, made by scripts/test."""

import os
from pathlib import Path

FOLDER = "SECRETSWEEP_ENGINES"
_HOME = Path.home()  # before tests change it


def apart(environment: str, program: str) -> str:
    """The path of a program in the environment called so, below $SECRETSWEEP_ENGINES or the user's cache folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or _HOME / ".cache") / "secretsweep" / "engines"
    found = Path(os.environ.get(FOLDER) or cache) / environment / "bin" / program
    assert found.exists(), f"{found} is not there: scripts/test installs it, or ${FOLDER} says where it is"
    return str(found)
