"""The end of the report for people: what was dismissed, what was not read, and one line that sums up."""

from secretsweep.model import Report, Skip
from secretsweep.reports import _coverage, _order, _safe
from secretsweep.reports._page import Page

EXAMPLES = 5  # paths shown of each reason


def ending(page: Page, report: Report, everything: bool) -> None:
    """What stands below the credentials; the last line sums up."""
    if everything:
        _dismissed(page, report)
    _skipped(page, report, everything)
    _notes(page, report)
    _summary(page, report)


def _dismissed(page: Page, report: Report) -> None:
    if not report.dismissed:
        return
    page.sentence(f"Dismissed: {_coverage.count(len(report.dismissed), 'match', 'matches')}", style="bold")
    for item in _order.dismissed(report):
        why = f"{_safe.shown(item.rule)}: {_safe.shown(item.reason)}"
        page.item((f"{_safe.shown(item.path)}:{item.line}", why), indent=2)
    page.blank()


def _skipped(page: Page, report: Report, everything: bool) -> None:
    if report.coverage.complete:
        return
    groups, number = _order.skipped(report), len(report.coverage.skipped)
    what = "1 thing was" if number == 1 else f"{number:,} things were"
    page.sentence(f"INCOMPLETE: {what} not read, so there may be more credentials than these.", style="high")
    for name, skips in groups.items():
        reason = _coverage.reason(name)
        title = f"{_safe.shown(name)} ({len(skips):,}): {_safe.shown(reason.says)}"
        page.sentence(title, indent=2, style="bold")
        count = len(skips) if everything else EXAMPLES
        for skip in skips[:count]:
            page.item(_example(skip), indent=6)
        if skips[count:]:
            page.sentence(f"+{len(skips) - count:,} more (-v shows all)", indent=6)
        if reason.do:
            page.sentence(f"what to do: {reason.do}", indent=4)
    page.sentence(f"To accept this: --allow-incomplete {_safe.shown(','.join(groups))}", indent=2)
    page.blank()


def _example(skip: Skip) -> list[str]:
    where = _safe.shown(skip.path) or (f"object {_safe.shown(skip.oid[:12])}" if skip.oid else "")
    detail = _safe.shown(_safe.place(skip.detail))
    if not where:
        return [detail or "the whole repository"]
    return [where, f"({detail})"] if detail else [where]


def _notes(page: Page, report: Report) -> None:
    notes = [_safe.shown(_safe.place(note)) for note in report.coverage.notes]
    if report.coverage.fallbacks:
        files = _coverage.count(report.coverage.fallbacks, "file")
        notes.append(f"{files} did not parse as what the name says, and were read line by line.")
    for note in notes:
        page.sentence(f"Note: {note}", style="dim")


def _summary(page: Page, report: Report) -> None:
    parts = [_coverage.found(report)]
    if report.accepted:
        parts.append(f"{report.accepted:,} accepted")
    if not report.coverage.complete:
        parts.append("incomplete")
    style = "bold" if report.credentials or not report.coverage.complete else "good"
    end = "" if report.credentials else "."
    page.sentence(f"Scanned {_coverage.scanned(report)}: {'; '.join(parts)}{end}", style=style)
