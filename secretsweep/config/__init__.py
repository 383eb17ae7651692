"""What a repository asks of secretsweep: `.secretsweep.toml`, or `[tool.secretsweep]` in pyproject.toml.

The command line counts more than the environment, and that more than the file. Only the caller's own repository is
read; a foreign one could accept everything.
"""

from secretsweep.config._merge import merged
from secretsweep.config._nouns import Allow, Config, Verify
from secretsweep.config._read import read

__all__ = ["Allow", "Config", "Verify", "merged", "read"]
