"""What a scan says at its end."""

from collections.abc import Iterable
from dataclasses import dataclass

from secretsweep.model.finding import Credential, Dismissed
from secretsweep.model.rotation import DEAD
from secretsweep.model.rule import CONFIDENCES, SEVERITIES


class Skipped:
    """Reasons why something was not read; `--allow-incomplete` takes these names."""

    TOO_LARGE = "too-large"
    BUDGET = "budget"
    MISSING = "missing"
    CORRUPT = "corrupt"
    SHALLOW = "shallow"
    PARTIAL = "partial"
    LFS = "lfs"
    WORKER = "worker-died"
    UNREADABLE = "unreadable"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, order=True)
class Skip:
    """Something that was not read, and why (one of `Skipped`)."""

    reason: str
    path: str
    oid: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What was scanned; `kind` is history, files, staged or stdin."""

    kind: str
    path: str
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read, counted, and what was not."""

    commits: int = 0
    objects: int = 0
    blobs: int = 0
    bytes: int = 0
    files: int = 0
    skipped: tuple[Skip, ...] = ()
    fallbacks: int = 0  # files with a place whose structure did not parse, and that was read by lines
    notes: tuple[str, ...] = ()  # what a person should know, though nothing was missed

    @property
    def complete(self) -> bool:
        return not self.skipped

    def left_out(self, allowed: Iterable[str]) -> tuple[Skip, ...]:
        """What was not read for a reason that `--allow-incomplete` does not name."""
        named = set(allowed)
        return tuple(skip for skip in self.skipped if skip.reason not in named)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole result; credentials most severe first, then in a stable order."""

    version: str
    rules: str  # sha256 over the rules in force
    target: Target
    coverage: Coverage
    credentials: tuple[Credential, ...]
    accepted: int = 0  # credentials that the baseline or an inline marker accepts
    dismissed: tuple[Dismissed, ...] = ()

    def worst(self) -> str | None:
        """The highest severity found; a credential of the history that is proven dead does no harm any more."""
        harmful = (c.severity for c in self.credentials if c.in_head or c.state != DEAD)
        return min(harmful, key=SEVERITIES.index, default=None)

    def failing(self, fail_on: str) -> bool:
        """Whether any credential is at or above `fail_on` (a severity, or never)."""
        if fail_on == "never":
            return False
        worst = self.worst()
        return worst is not None and SEVERITIES.index(worst) <= SEVERITIES.index(fail_on)


def rank(credential: Credential) -> tuple[int, int, bool, str, str]:
    """Sort key: severity, confidence, still in HEAD, then stable names."""
    return (
        SEVERITIES.index(credential.severity),
        CONFIDENCES.index(credential.confidence),
        not credential.in_head,
        credential.rule,
        credential.id,
    )
