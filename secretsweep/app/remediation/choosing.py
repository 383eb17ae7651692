"""Which changes a person takes, asked one by one."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from secretsweep.app.remediation import shown
from secretsweep.app.remediation.planning import Prepared
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import masked
from secretsweep.model import Change

QUESTION = "take it? [y]es, [n]o, [a]ll from here, [s]how, [q]uit: "
_MEANING = (
    "y  take this change",
    "n  leave this change",
    "a  take this one and all that follow",
    "s  show it as a redacted diff, with what it needs",
    "q  leave this one and all that follow; what was taken is applied",
)
_TOLD = 5  # references or warnings of a change that are told before it is asked for


def taken(
    prepared: Prepared, tree: WorkTree, ask: Callable[[str], str], say: Callable[[str], None]
) -> tuple[Change, ...]:
    """The changes that are answered with yes. EOFError of `ask` goes through: then nothing was decided."""
    changes = prepared.plan.changes

    def tell(lines: Iterable[str]) -> None:
        say(masked("\n".join(map(shown.line, lines)), prepared.values))

    found: list[Change] = []
    for number, change in enumerate(changes, 1):
        tell(_told(change, number, len(changes)))
        while (answer := ask(QUESTION).strip().lower()[:1]) not in ("y", "n", "a", "q"):
            tell(_whole(change, prepared, tree) if answer == "s" else _MEANING)
        if answer == "q":
            break
        if answer == "a":
            return (*found, *changes[number - 1 :])
        if answer == "y":
            found.append(change)
    return tuple(found)


def _told(change: Change, number: int, of: int) -> Iterator[str]:
    yield f"{number}/{of}  {change.disposition}"
    yield from _few([f"  {s.path}:{s.line} {s.key} -> {s.reference}" for s in change.spots])
    yield from _few([f"  adds {addition.about or 'a block'} to {addition.path}" for addition in change.additions])
    yield from _few([f"  warning: {warning}" for warning in change.warnings])


def _whole(change: Change, prepared: Prepared, tree: WorkTree) -> Iterator[str]:
    yield from shown.diff([change], prepared.before, prepared.findings, tree)
    yield from (f"needs {need}" for need in change.needs)


def _few(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_TOLD]
    if len(lines) > _TOLD:
        yield f"  and {len(lines) - _TOLD} more"
