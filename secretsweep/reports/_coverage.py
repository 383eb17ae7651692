"""What was scanned and what was not, in words, with what to do about it."""

from collections import Counter
from typing import NamedTuple

from secretsweep.model import SEVERITIES, Report, Skipped


class Reason(NamedTuple):
    """Why something was not read, and the next step."""

    says: str
    do: str


_REASONS = {
    Skipped.TOO_LARGE: Reason("larger than the size limit", "raise the size limit, or look at them by hand"),
    Skipped.BUDGET: Reason(
        "unpacking stopped at its budget", "unpack them by hand and scan that, or raise the budget"
    ),
    Skipped.MISSING: Reason(
        "named by the repository but not in it", "git fsck --full, then fetch them from another clone"
    ),
    Skipped.CORRUPT: Reason(
        "damaged, so that git cannot read them", "git fsck --full, then restore them from another clone"
    ),
    Skipped.SHALLOW: Reason("the history is cut off here", "git fetch --unshallow"),
    Skipped.PARTIAL: Reason("left out by a partial clone", "git fetch --refetch --no-filter"),
    Skipped.LFS: Reason("only Git LFS pointers are here", "git lfs fetch --all"),
    Skipped.WORKER: Reason(
        "the process that read them died", "run again with more memory; if it dies again, report it as a bug"
    ),
    Skipped.UNREADABLE: Reason(
        "the system does not let this user read them", "give read permission, or run as a user who has it"
    ),
    Skipped.INTERRUPTED: Reason("the scan was interrupted before it came to them", "run it again"),
}


def reason(name: str) -> Reason:
    """The words for a reason; an unknown one speaks for itself."""
    return _REASONS.get(name, Reason(name.replace("-", " "), ""))


def count(number: int, noun: str, nouns: str = "") -> str:
    """`1 file`, `46,251 files`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def size(number: int) -> str:
    """`0 B`, `3.4 kB`, `472 MB`: decimal, two or three digits."""
    amount, unit = float(number), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if unit != "B" and amount < 9.95 else f"{amount:.0f} {unit}"


def scanned(report: Report) -> str:
    """`46,251 blobs in 37,806 commits (472 MB)`."""
    coverage, total = report.coverage, size(report.coverage.bytes)
    match report.target.kind:
        case "history":
            return f"{count(coverage.blobs, 'blob')} in {count(coverage.commits, 'commit')} ({total})"
        case "staged":
            return f"{count(coverage.files, 'staged file')} ({total})"
        case "stdin":
            return f"standard input ({total})"
        case _:
            return f"{count(coverage.files, 'file')} ({total})"


def found(report: Report) -> str:
    """`3 credentials, 1 critical, 2 high`, or that there is none."""
    if not report.credentials:
        return "nothing found that secretsweep would recognise as a credential"
    by_severity = Counter(credential.severity for credential in report.credentials)
    parts = (f"{by_severity[name]:,} {name}" for name in SEVERITIES if by_severity[name])
    return ", ".join((count(len(report.credentials), "credential"), *parts))
