"""Rotations against real services, ended at every step: what was lost, what still works, and what was said."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from entries import ID, NOW, entry

from secretsweep import rotators
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.app.rotation.rotating import ENDED, Job, Rotation, Said
from secretsweep.model import Entry, Reference, Secret
from secretsweep.rotators import VALUE
from secretsweep.stores.memory import Memory

SAID = Said("ada", "all restarted", "a day without errors", "logins with it fail")


class Crash(BaseException):
    """The process ends here."""


def reference(name: str = VALUE) -> Reference:
    """Where a value lives in these tests."""
    return Reference("memory", f"iac/shop/{name}", "value", "memory")


@dataclass
class Case:
    """A credential at a real service, and in the store."""

    driver: str
    old: Mapping[str, Secret]
    opens: Callable[[Mapping[str, Secret]], bool]  # asked of the service, and not through the driver
    environ: Mapping[str, str]
    method: str = ""
    account: str = ""
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    guide: str = "postgresql"
    stored: tuple[str, ...] = (VALUE,)
    store: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        for name in self.stored:
            self.store.create(reference(name), self.old[name], {})

    @property
    def module(self) -> rotators.Module:
        return rotators.named(self.driver)

    @property
    def how(self) -> str:
        return self.method or next(iter(self.module.METHODS))

    def held(self) -> dict[str, Secret]:
        """What a consumer reads now."""
        found = {name: self.store.get(reference(name)) for name in self.stored}
        return {name: value for name, value in found.items() if value is not None}

    def job(self, current: Entry) -> Job:
        return Job(
            current,
            self.module,
            self.how,
            self.account,
            self.url,
            {name: reference(name) for name in self.stored} if self.module.METHODS[self.how].kept else {},
            self.old,
            self.options,
        )


def book(file: Path, case: Case) -> Ledger:
    """A ledger with one entry, which is in no file any more."""
    found = Ledger(file)
    made = entry(judgement=None, guide=case.guide, identifiers={}, exposures=(entry().exposures[1],))
    found.keep([made])
    return found


def run(case: Case, ledger: Ledger, said: Said = SAID, steps: list[str] | None = None, crash: str = "") -> Rotation:
    """Go on as the command does, with a connection of its own, and end at the step `crash`."""

    def step(name: str) -> None:
        if steps is not None:
            steps.append(name)
        if name == crash:
            raise Crash

    job = case.job(ledger.entries()[ID])
    rotator = case.module.connected(job.asked, case.environ)
    try:
        rotation = Rotation(job, ledger, case.store, rotator, lambda: NOW, step, lambda seconds: None)
        rotation.run(said)
        return rotation
    finally:
        rotator.close()


@contextmanager
def silent(case: Case) -> Iterator[None]:
    """No value in any log while this runs, nor in what is raised."""
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    except Exception as error:
        records.append("".join(traceback.format_exception(error)))
        raise
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        text = "\n".join(records)
        for value in {case.old[VALUE], *(v for n, v in case.held().items() if n == VALUE)}:
            assert value.reveal().decode() not in text


def everywhere(
    make: Callable[[], Case],
    folder: Path,
    clean: Callable[[Case], None] = lambda case: None,
    gap: str = "",
) -> list[str]:
    """End a rotation at every step, each time with a new credential, and go on: nothing is lost, the old one ends.

    `clean` looks at the service afterwards: nothing may be left over. After the step `gap` the service alone knows the
    new value, which ended the old one. The steps that there were.
    """
    steps: list[str] = []
    first = make()
    with silent(first):
        run(first, book(folder / "first", first), steps=steps)
    assert steps[-1] == ENDED and len(steps) >= 7
    ended(first, clean)
    for number, crash in enumerate(dict.fromkeys(steps[:-1])):
        case = make()
        ledger = book(folder / f"ledger-{number}", case)
        with silent(case):
            try:
                run(case, ledger, crash=crash)
            except Crash:
                pass
            else:
                raise AssertionError(f"there was no step {crash}")
            assert crash == gap or case.opens(case.held()) or case.opens(case.old), f"neither works after {crash}"
            for value in (case.old[VALUE], case.held()[VALUE]):
                assert value.reveal() not in ledger.file.read_bytes()
            rotation = run(case, ledger)
        assert rotation.at == ENDED, (crash, rotation.waits)
        ended(case, clean)
        ledger.close()
    return steps


def ended(case: Case, clean: Callable[[Case], None]) -> None:
    """Only what the store has opens the service."""
    held = case.held()
    assert held[VALUE] != case.old[VALUE]
    assert case.opens(held) and not case.opens(case.old)
    clean(case)
