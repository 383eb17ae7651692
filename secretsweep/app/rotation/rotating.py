"""A rotation, step by step: after a crash at any of them, the same command goes on where it stopped.

The new value is in the store before the service honours it (or, where the service makes it, before anything else is
done with it), so no crash loses it. The old credential ends only after the new one has worked, and after somebody said
that its consumers have it. What is remembered between the steps holds no value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from secretsweep import rotators, stores
from secretsweep.app.rotation import checklist
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.errors import RotateError, StoreError, UsageError
from secretsweep.model import Entry, Judgement, Reference, Secret
from secretsweep.model.rotation import AUTOMATIC, DEAD
from secretsweep.rotators import VALUE

BEGUN, STORED, ACTIVE, DISABLED, ENDED = "begun", "stored", "active", "disabled", "ended"
_ORDER = (BEGUN, STORED, ACTIVE, DISABLED, ENDED)


@dataclass(frozen=True, slots=True)
class Job:
    """One rotation: whose, how, and where the new values go. `references` and `old` go by the names of the values."""

    entry: Entry
    driver: rotators.Module
    method: str
    account: str
    url: str
    references: Mapping[str, Reference]
    old: Mapping[str, Secret]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> rotators.Asked:
        return rotators.Asked(
            self.old[VALUE], self.method, self.account, self.url, self.entry.identifiers, self.options
        )


class Rotation:
    """The state of one rotation, kept in the ledger before each step. `step` hears of each, and may raise in tests."""

    def __init__(
        self,
        job: Job,
        ledger: Ledger,
        store: stores.Store,
        rotator: rotators.Rotator,
        now: Callable[[], datetime],
        step: Callable[[str], None] = lambda said: None,
    ) -> None:
        self._job, self._ledger, self._store, self._rotator = job, ledger, store, rotator
        self._now, self._step = now, step
        self._entry = job.entry
        begun = ledger.rotation(job.entry.id)
        self._state: dict[str, Any] = {"at": "", "driver": {}}
        if begun is not None:
            name, state = begun
            same = (name, state.get("method"), state.get("account")) == (job.driver.NAME, job.method, job.account)
            if not same:
                raise UsageError(
                    f"{job.entry.id[:12]}: a rotation with --driver {name} --method {state.get('method')} --account "
                    f"{state.get('account')} has begun; finish that one first"
                )
            self._state = state

    @property
    def at(self) -> str:
        """How far it is; "" before it has begun."""
        return str(self._state["at"])

    def run(self, rolled: str, who: str) -> Entry:
        """Go on until the end, or until consumers must be rolled. The entry as it is then."""
        if not self.at:
            self._begin()
        if self.at == BEGUN:
            self._store_new()
        if self.at == STORED:
            self._activate()
        if self.at == ACTIVE:
            if rolled:
                self._tick("roll", rolled, who)
            done = self._entry.task("roll").done
            if done is None or not done.evidence:
                return self._entry
            self._prove()
            self._evidence("disable", self._rotator.disable(self._state["driver"]))
            self._reach(DISABLED)
        if self.at == DISABLED:
            self._end()
        return self._entry

    def _begin(self) -> None:
        self._evidence("assess", self._rotator.assess())
        self._evidence("misuse", self._rotator.misuse(self._entry.since))
        for name, reference in self._job.references.items():
            held = self._held(reference)
            if held != self._job.old[name]:
                raise RotateError(
                    f"{reference} does not hold the leaked value: it was rotated already, or the files refer to "
                    "another path; nothing was changed"
                )
        self._state |= {"method": self._job.method, "account": self._job.account, "url": self._job.url}
        self._reach(BEGUN)

    def _store_new(self) -> None:
        """Afterwards every reference holds its new value. A value that is there is the one of a run that crashed."""
        held = {name: self._held(reference) for name, reference in self._job.references.items()}
        stored = {n: value for n, value in held.items() if value is not None and value != self._job.old[n]}
        if VALUE in stored:
            self._rotator.adopt(stored, self._state["driver"])
            new = {**self._rotator_new(), **stored}
        else:
            new = dict(self._rotator.create(self._state["driver"]))
            self._evidence("create", f"made by the driver {self._job.driver.NAME}, method {self._job.method}")
            self._keep()
            self._step("created")
        for name, reference in self._job.references.items():
            if name in stored or name not in new:
                continue
            try:
                self._store.advance(reference, self._job.old[name], new[name])
            except stores.Taken:
                raise RotateError(f"{reference} was changed by somebody else meanwhile; run it again") from None
            self._step(f"stored {reference}")
        for name, reference in self._job.references.items():
            if name in new and self._held(reference) != new[name]:
                raise StoreError(f"{reference} does not give back what was stored; nothing else was changed")
        said = ", ".join(f"{reference.store} {reference}" for reference in self._job.references.values())
        self._evidence("store", f"next version of {said}, read back")
        self._reach(STORED)

    def _rotator_new(self) -> dict[str, Secret]:
        """What the driver's state knows of new values that are no secrets: an id."""
        told = self._state["driver"].get("new", {})
        return {name: Secret(str(text).encode()) for name, text in told.items()}

    def _activate(self) -> None:
        new = self._new()
        said = self._rotator.activate(new, self._state["driver"])
        self._step("activated")
        if not self._rotator.works(new):
            raise RotateError(
                "the new credential does not work; the old one was left as it is, and running this again tries anew"
            )
        self._evidence("create", f"{said}; it works")
        self._reach(ACTIVE)

    def _prove(self) -> None:
        if not self._rotator.works(self._new()):
            raise RotateError("the new credential does not work any more; the old one is left as it is")

    def _end(self) -> None:
        self._prove()
        said = self._rotator.delete(self._state["driver"])
        self._step("deleted")
        if self._rotator.works(self._job.old):
            raise RotateError("the old credential still works after it was deleted; the entry stays open")
        now = self._now()
        self._evidence("delete", f"{said}; tried: refused")
        judgement = Judgement(DEAD, self._job.driver.NAME, now.isoformat(timespec="seconds"), "refused", "tried")
        self._entry = checklist.ended(checklist.judged(self._entry, judgement, now), now)
        self._ledger.keep([self._entry])
        self._ledger.rotate(self._entry.id, "", None)
        self._state["at"] = ENDED
        self._step(ENDED)

    def _new(self) -> dict[str, Secret]:
        """The new values, as the store has them."""
        new = self._rotator_new()
        for name, reference in self._job.references.items():
            held = self._held(reference)
            if held is None or held == self._job.old[name]:
                raise RotateError(f"{reference} does not hold the new value any more; nothing else was changed")
            new[name] = held
        return new

    def _held(self, reference: Reference) -> Secret | None:
        try:
            return self._store.get(reference)
        except stores.Taken:
            return None

    def _evidence(self, step: str, said: str) -> None:
        if said:
            self._tick(step, said, AUTOMATIC)

    def _tick(self, step: str, said: str, who: str) -> None:
        self._entry = checklist.checked(self._entry, step, said, who, self._now())
        self._ledger.keep([self._entry])

    def _reach(self, at: str) -> None:
        assert _ORDER.index(at) > (_ORDER.index(self.at) if self.at else -1)
        self._state["at"] = at
        self._keep()
        self._step(at)

    def _keep(self) -> None:
        self._ledger.rotate(self._entry.id, self._job.driver.NAME, self._state)
