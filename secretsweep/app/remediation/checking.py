"""The checkers that a user has, run over the files that were rewritten."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secretsweep import tools
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import masked
from secretsweep.model import Plan, Secret
from secretsweep.reports import _safe
from secretsweep.tools.checkers import Check, checks

_SHOWN = 12  # lines of what a checker says


@dataclass(frozen=True, slots=True)
class Checked:
    """A check and what came of it: nothing when its program is not there."""

    check: Check
    ran: tools.Ran | None
    skipped: str = ""

    @property
    def failed(self) -> bool:
        return self.ran is not None and self.ran.code != 0


def checked(done: Plan, tree: WorkTree) -> Iterator[Checked]:
    """Every check that a written file is for, each once."""
    written = sorted({a.path for c in done.changes for a in c.additions} | set(done.paths))
    for check in dict.fromkeys(check for path in written for check in checks(path, tree)):
        folder = tree.root / check.folder
        program = tools.found(check.program)
        if not program:
            yield Checked(check, None, f"{check.program} is not installed")
        elif check.name == "terraform validate" and not (folder / ".terraform").is_dir():
            yield Checked(check, None, "`terraform init` was not run there")
        else:
            yield Checked(check, tools.run(str(folder), (program, *check.arguments)))


def said(found: Sequence[Checked], secrets: Sequence[Secret]) -> str:
    """For a person; what checkers quote of the files is masked."""
    return masked("\n".join(map(_safe.shown, _lines(found))), secrets)


def _lines(found: Sequence[Checked]) -> Iterator[str]:
    if not found:
        yield "Checks: none of the checkers that are known is for these files."
        return
    yield "Checks:"
    for one in found:
        what = one.skipped or ("FAILED" if one.failed else "ok")
        yield f"  {one.check.name} {one.check.target}: {what}"
        if one.failed and one.ran is not None:
            lines = one.ran.said.splitlines()
            yield from (f"      {line}" for line in lines[:_SHOWN])
            if len(lines) > _SHOWN:
                yield f"      and {len(lines) - _SHOWN} lines more"
