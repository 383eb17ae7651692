"""The settings and their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

LARGEST = 128 << 20  # bytes of one object that is held in memory


@dataclass(frozen=True, slots=True)
class Allow:
    """An `[[allow]]` entry: accepts what matches all of the globs that are given."""

    reason: str
    rule: str = ""
    path: str = ""
    key: str = ""
    expires: date | None = None  # the last day on which it counts
    where: str = ""  # `.secretsweep.toml:12`, for messages


@dataclass(frozen=True, slots=True)
class Verify:
    """The table `[verify]`: who may be asked whether a credential is still live, and where."""

    providers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()  # HOST, HOST:PORT or networks, beyond the vendors' own hosts
    instances: tuple[str, ...] = ()  # PROVIDER=HOST: one's own GitLab, Grafana …


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting; in a file their names have `-` for `_`."""

    fail_on: str = "low"  # a severity, or never
    min_confidence: str = "low"
    jobs: int = 0  # 0: one a core
    format: str = "text"
    rules: tuple[str, ...] = ()  # further rule files, or folders of them
    disable_rules: tuple[str, ...] = ()
    exclude_paths: tuple[str, ...] = ()  # what is found there is accepted, and counted
    allow_incomplete: tuple[str, ...] = ()
    max_file_size: int = LARGEST
    baseline: str = ".secretsweep.baseline"
    detect_secrets: bool = False  # a second opinion by its plugins and filters
    deadlines: Mapping[str, int] = field(default_factory=dict)  # days to rotate in, by severity
    public: str = ""  # yes or no: whether everybody can read the repository; "" when nobody said
    tracker: str = ""  # where the checklist lives
    tracker_where: str = ""  # the file, the repository, the project there
    allow: tuple[Allow, ...] = ()
    verify: Verify = Verify()
    folder: str = "."  # that of the file; `rules` and `baseline` are relative to it
    lines: tuple[tuple[str, str], ...] = ()  # where each key was set: (`fail-on`, `.secretsweep.toml:3`)
    notes: tuple[str, ...] = ()

    def place(self, key: str) -> str:
        """Where a key was set: file and line, or the name of the variable or option."""
        return dict(self.lines).get(key, key)

    def resolved(self, path: str) -> Path:
        """A path in the configuration as one to open."""
        return Path(self.folder, path)
