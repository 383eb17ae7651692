"""A rotation, step by step: after a crash at any of them, the same command goes on where it stopped.

The new value is in the store before the service honours it (or, where the service makes it, before anything else is
done with it), so no crash loses it. The old credential ends only after the new one has worked, and after somebody said
that its consumers have it. What is remembered between the steps holds no value.

A machine proves what it can try. Where nobody can be asked (a secret that signs tokens), a person says that the old one
is refused, and what shows it; the entry says who that was.
"""

import time
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
from secretsweep.rotators import VALUE, Method

BEGUN, STORED, ACTIVE, DISABLED, ENDED = "begun", "stored", "active", "disabled", "ended"
_ORDER = (BEGUN, STORED, ACTIVE, DISABLED, ENDED)
CREATE, ROLLED, WATCHED, REFUSED = "create", "rolled", "watched", "refused"  # what it may wait for


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says, each with what shows it: that consumers are rolled, nothing fails, the old one is refused."""

    who: str
    rolled: str = ""
    watched: str = ""
    refused: str = ""


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
    def how(self) -> Method:
        """What the driver says of the method."""
        return self.driver.METHODS[self.method]

    @property
    def asked(self) -> rotators.Asked:
        return rotators.Asked(
            self.old[VALUE],
            self.method,
            self.account,
            self.url,
            self.entry.identifiers,
            self.options,
            self.references,
            self.entry.guide,
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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._job, self._ledger, self._store, self._rotator = job, ledger, store, rotator
        self._now, self._step, self._sleep = now, step, sleep
        self.waits = ""  # for what, when it stopped
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

    @property
    def beside(self) -> Mapping[str, str]:
        """What is new beside the value, and no secret: the id of the new key."""
        return {str(name): str(text) for name, text in self._state["driver"].get("new", {}).items()}

    def run(self, said: Said) -> Entry:
        """Go on until the end, or until a person must do something: `waits` says what. The entry as it is then."""
        self.waits = ""
        if not self.at:
            self._begin()
        if self.at == BEGUN:
            self._store_new()
        if self.at == STORED:
            self._activate()
        if self.at == ACTIVE and self._shown("roll", said.rolled, said.who, ROLLED):
            self._prove()
            self._evidence("disable", self._rotator.disable(self._state["driver"]))
            self._step("disabled")
            self._reach(DISABLED)
        if self.at == DISABLED:
            self._end(said)
        return self._entry

    def _begin(self) -> None:
        self._evidence("assess", self._rotator.assess())
        self._evidence("misuse", self._rotator.misuse(self._entry.since))
        for name, reference in self._job.references.items():
            held = self._held(reference)
            if held != self._job.old[name]:
                what = "leaked value" if name == VALUE else f"{name} in use"
                raise RotateError(
                    f"{reference} does not hold the {what}: it was rotated already, or the files refer to another "
                    "path; nothing was changed"
                )
        for step in ("roll", "watch"):  # evidence from before is about another value: the old one must not end by it
            if self._entry.task(step).done is not None:
                self._entry = checklist.unchecked(self._entry, step, AUTOMATIC, self._now())
                self._ledger.keep([self._entry])
        self._state |= {"method": self._job.method, "account": self._job.account, "url": self._job.url}
        self._state["options"] = dict(self._job.options)
        self._state["references"] = {name: one._asdict() for name, one in self._job.references.items()}
        self._reach(BEGUN)

    def _store_new(self) -> None:
        """Afterwards every reference holds its new value. A value that is there is the one of a run that crashed."""
        held = {name: self._held(reference) for name, reference in self._job.references.items()}
        stored = {n: value for n, value in held.items() if value is not None and value != self._job.old[n]}
        if self._job.how.by_hand:
            if self._job.references.keys() - stored.keys():
                self.waits = CREATE
                return
            new: dict[str, Secret] = stored
        elif VALUE in stored:
            self._rotator.adopt(stored, self._state["driver"])
            new = {**self._rotator_new(), **stored}
        else:
            self._rotator.prepare(self._state["driver"])
            self._keep()
            self._step("prepared")
            new = dict(self._rotator.create(self._state["driver"]))
            self._evidence("create", f"made by the driver {self._job.driver.NAME}, method {self._job.method}")
            self._keep()
            self._step("created")
        if self._job.how.previous:
            self._keep_old()
        for name, reference in sorted(self._job.references.items(), key=lambda one: one[0] != VALUE):
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
        if self._job.references:
            said = ", ".join(f"{reference.store} {reference}" for reference in self._job.references.values())
            self._evidence("store", f"next version of {said}, read back")
        self._reach(STORED)

    def _keep_old(self) -> None:
        """The old value at a path of its own, for those who accept both for a while."""
        reference, old = previous(self._job.references[VALUE]), self._job.old[VALUE]
        held = self._held(reference)
        if held == old:
            return
        try:
            if held is None:
                about = {"about": "what was valid before; to be removed when nothing needs it any more"}
                self._store.create(reference, old, about)
            else:  # of a rotation before this one
                self._store.advance(reference, held, old)
        except stores.Taken:
            raise RotateError(f"{reference} holds something else; nothing else was changed") from None
        self._step(f"stored {reference}")

    def _rotator_new(self) -> dict[str, Secret]:
        """What the driver's state knows of new values that are no secrets: an id."""
        return {name: Secret(text.encode()) for name, text in self.beside.items()}

    def _activate(self) -> None:
        new = self._new()
        said = self._rotator.activate(new, self._state["driver"])
        self._keep()
        self._step("activated")
        if not self._tried(new, True):
            raise RotateError(
                "the new credential does not work; the old one was left as it is, and running this again tries anew"
            )
        self._evidence("create", f"{said}; it works" if self._provable else said)
        self._reach(ACTIVE)

    def _prove(self) -> None:
        if not self._tried(self._new(), True):
            raise RotateError("the new credential does not work any more; the old one is left as it is")

    @property
    def _provable(self) -> bool:
        """Whether the service tells that the new one works."""
        return self._job.how.tried and self._job.how.kept

    def _tried(self, value: Mapping[str, Secret], wanted: bool) -> bool:
        """Whether it works; asked again for a while where it is not as wanted yet. As wanted when nobody can tell."""
        if not (self._provable if wanted else self._job.how.tried):
            return wanted
        for wait in (*self._job.driver.PATIENCE, None):
            found = self._rotator.works(value)
            if found is wanted or wait is None:
                break
            self._sleep(wait)
        return found

    def _end(self, said: Said) -> None:
        """Watched where it could come back, ended, and refused: tried by a machine, or said by a person."""
        how = self._job.how
        self._prove()
        if how.reversible:
            if self._tried(self._job.old, False):
                raise RotateError("the old credential still works although it was disabled; the entry stays open")
            if not self._shown("watch", said.watched, said.who, WATCHED):
                return
        if not how.tried and not said.refused.strip():
            self.waits = REFUSED
            return
        ended = self._rotator.delete(self._state["driver"])
        self._step("deleted")
        if self._tried(self._job.old, False):
            if how.by_hand:
                self.waits = REFUSED
                return
            raise RotateError("the old credential still works after it was deleted; the entry stays open")
        now = self._now()
        if how.tried:
            self._evidence("delete", "; ".join(filter(None, (ended, "tried: refused"))))
            judgement = Judgement(DEAD, self._job.driver.NAME, now.isoformat(timespec="seconds"), "refused", "tried")
        else:
            self._tick("delete", said.refused, said.who)
            shown = f"not tried by a machine: {self._evidence_of('delete')}"
            judgement = Judgement(DEAD, said.who, now.isoformat(timespec="seconds"), "said by a person", shown)
        self._entry = checklist.ended(checklist.judged(self._entry, judgement, now), now)
        self._ledger.keep([self._entry])
        self._ledger.rotate(self._entry.id, "", None)
        self._state["at"] = ENDED
        self._step(ENDED)

    def _shown(self, step: str, text: str, who: str, waits: str) -> bool:
        """Whether there is evidence of a step that a person does; else that is what it waits for."""
        if text.strip():
            self._tick(step, text, who)
        if not self._evidence_of(step):
            self.waits = waits
        return not self.waits

    def _evidence_of(self, step: str) -> str:
        done = self._entry.task(step).done
        return done.evidence if done is not None else ""

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


def previous(reference: Reference) -> Reference:
    """Where the value goes that was valid before."""
    path = stores.named(reference.store).fitted(f"{reference.path}-previous")
    return reference._replace(path=path)
