"""The checkers that a user has, run over the files that were rewritten."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from secretsweep import lazyre, tools
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import masked
from secretsweep.model import Plan, Secret
from secretsweep.reports import _safe
from secretsweep.tools.checkers import Check, checks

_SHOWN = 12  # lines of what a checker says
_NUMBERS = lazyre.compile(r"\d+")
_QUOTED = lazyre.compile(r"\s*(?:\d+:|\|)")  # of the file: `  3:   x = y`


@dataclass(frozen=True, slots=True)
class Checked:
    """A check and what came of it: nothing when its program is not there."""

    check: Check
    ran: tools.Ran | None
    skipped: str = ""
    new: tuple[str, ...] = ()  # faults that were not there before the files were rewritten
    known: int = 0  # faults that were

    @property
    def failed(self) -> bool:
        return self.ran is not None and self.ran.code != 0 and bool(self.new or not self.known)


def ran(plan: Plan, tree: WorkTree) -> dict[Check, tools.Ran]:
    """What the checkers say of files as they are now: before an apply, what is no fault of it."""
    found = ((check, *_started(check, tree)) for check in _wanted(plan, tree))
    return {check: one for check, one, _ in found if one is not None}


def checked(done: Plan, tree: WorkTree, before: Mapping[Check, tools.Ran]) -> Iterator[Checked]:
    """Every check that a written file is for, each once; beside what was said `before` the files were written."""
    for check in _wanted(done, tree):
        now, skipped = _started(check, tree)
        if now is None or now.code == 0:
            yield Checked(check, now, skipped)
            continue
        was = before.get(check)
        known = faults(check, was.said) if was is not None and was.code > 0 else []
        old = Counter(map(_compared, known))
        new = []
        for fault in (all_of_it := faults(check, now.said)):
            if old[said := _compared(fault)] > 0:
                old[said] -= 1
            else:
                new.append(fault)
        silent = not (all_of_it or known) and was is not None and was.code == now.code
        yield Checked(check, now, "", tuple(new), 1 if silent else len(all_of_it) - len(new))


def faults(check: Check, said: str) -> list[str]:
    """What a checker said, fault by fault; what stands before the first one is none."""
    found: list[str] = []
    for line in said.splitlines():
        if check.begins.match(line):
            found.append(line)
        elif found:
            found[-1] += f"\n{line}"
    return found


def _compared(fault: str) -> str:
    """The fault wherever it stands: without numbers of lines, and without the line itself."""
    lines = (line for line in fault.splitlines() if not _QUOTED.match(line))
    return _NUMBERS.sub("0", " ".join(" ".join(lines).split()))


def _wanted(plan: Plan, tree: WorkTree) -> Iterable[Check]:
    written = sorted({a.path for c in plan.changes for a in c.additions} | set(plan.paths))
    return dict.fromkeys(check for path in written for check in checks(path, tree))


def _started(check: Check, tree: WorkTree) -> tuple[tools.Ran | None, str]:
    """What came of a check, or why it is skipped."""
    folder = tree.root / check.folder
    program = tools.found(check.program)
    if not program:
        return None, f"{check.program} is not installed"
    if check.name == "terraform validate" and not (folder / ".terraform").is_dir():
        return None, "`terraform init` was not run there"
    return tools.run(str(folder), (program, *check.arguments)), ""


def said(found: Sequence[Checked], secrets: Sequence[Secret]) -> str:
    """For a person; what checkers quote of the files is masked."""
    return masked("\n".join(map(_safe.shown, _lines(found))), secrets)


def _lines(found: Sequence[Checked]) -> Iterator[str]:
    if not found:
        yield "Checks: none of the checkers that are known is for these files."
        return
    yield "Checks:"
    for one in found:
        yield f"  {one.check.name} {one.check.target}: {_verdict(one)}"
        if one.failed and one.ran is not None:
            lines = ("\n".join(one.new) or one.ran.said).splitlines()
            yield from (f"      {line}" for line in lines[:_SHOWN])
            if len(lines) > _SHOWN:
                yield f"      and {len(lines) - _SHOWN} lines more"


def _verdict(one: Checked) -> str:
    if one.skipped:
        return one.skipped
    known = f"{one.known} fault{'s' if one.known != 1 else ''} that {'were' if one.known != 1 else 'was'} there before"
    if one.failed:
        return f"FAILED, beside {known}" if one.known else "FAILED"
    return f"nothing but {known}" if one.known else "ok"
