"""Until when a leaked credential must be worthless."""

from collections.abc import Mapping
from datetime import datetime, timedelta

DAYS: Mapping[str, int] = {"critical": 1, "high": 7, "medium": 30, "low": 90}
_PRESSING = ("critical", "high")
_PUBLIC = timedelta(days=1)  # everybody has it already, whatever it opens


def deadline(opened: datetime, severity: str, public: str, hours: int, days: Mapping[str, int]) -> datetime:
    """By severity (`days` over the defaults), sooner where the guide says so or everybody can read the repository."""
    limit = timedelta(days=days.get(severity, DAYS[severity]))
    if severity in _PRESSING and hours:
        limit = min(limit, timedelta(hours=hours))
    if public == "yes":
        limit = min(limit, _PUBLIC)
    return opened + limit
