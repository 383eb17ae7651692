"""A rotation survives a crash at every step: the store always has a value that works, or will when it goes on."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from entries import ID, NOW, entry

from secretsweep.app.rotation import checklist
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.app.rotation.rotating import ENDED, Job, Rotation, Said
from secretsweep.errors import RotateError, StoreError, UsageError
from secretsweep.model import Reference, Secret
from secretsweep.rotators import VALUE, Method, State
from secretsweep.stores.memory import Memory

OLD = Secret(b"Summer-2024-prod")
REFERENCE = Reference("memory", "iac/shop/db", "value", "memory")


class Crash(BaseException):
    """The process ends here."""


class Service:
    """Something that honours credentials: in place, or two at once with keys that it makes itself."""

    def __init__(self, issues: bool) -> None:
        self.issues = issues
        self.keys = {"key-1": OLD}
        self.made = 0
        self.calls: list[str] = []
        self.broken = ""

    # what a driver does

    def assess(self) -> str:
        self.calls.append("assess")
        return "account shop"

    def misuse(self, since: str) -> str:
        return f"nothing since {since[:4]}"

    def prepare(self, state: State) -> None:
        state.setdefault("before", sorted(self.keys))

    def create(self, state: State) -> Mapping[str, Secret]:
        self.calls.append("create")
        self.made += 1
        value = Secret(f"New-value-{self.made}-x9".encode())
        if self.issues:
            for name in [name for name in self.keys if name not in state["before"]]:
                del self.keys[name]  # of a run that crashed before it could store it
            assert len(self.keys) < 2, "two keys at most"
            self.keys[f"key-{self.made + 1}"] = value
            state["key"] = f"key-{self.made + 1}"
        return {VALUE: value}

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        self.calls.append("adopt")
        if self.issues:
            state["key"] = next(name for name, value in self.keys.items() if value == new[VALUE])

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        self.calls.append("activate")
        if self.broken == "activate":
            raise RotateError("the service is down")
        if not self.issues:
            self.keys = {"key-1": new[VALUE]}
        return "changed"

    def works(self, value: Mapping[str, Secret]) -> bool:
        return self.broken != "works" and value[VALUE] in self.keys.values()

    def disable(self, state: State) -> str:
        self.calls.append("disable")
        return "disabled"

    def delete(self, state: State) -> str:
        self.calls.append("delete")
        if self.issues and self.broken != "delete":
            self.keys = {name: value for name, value in self.keys.items() if name == state["key"]}
        return "deleted"

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(params=[False, True], ids=["made here", "made by the service"])
def service(request: pytest.FixtureRequest) -> Service:
    return Service(request.param)


@pytest.fixture
def store() -> Memory:
    found = Memory()
    found.create(REFERENCE, OLD, {})
    return found


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    found = Ledger(tmp_path / "ledger.sqlite")
    found.keep([entry(judgement=None, exposures=(entry().exposures[1],))])
    return found


def driver(**how: bool) -> Any:
    """A module whose method is so."""
    return SimpleNamespace(NAME="fake", METHODS={"only": Method("", **how)}, PATIENCE=())  # type: ignore[arg-type]


DRIVER = driver()


def rotation(service: Service, store: Any, book: Ledger, steps: list[str] | None = None, crash: str = "") -> Rotation:
    def step(said: str) -> None:
        if steps is not None:
            steps.append(said)
        if said == crash:
            raise Crash

    job = Job(book.entries()[ID], DRIVER, "only", "shop", "", {VALUE: REFERENCE}, {VALUE: OLD})
    return Rotation(job, book, store, service, lambda: NOW, step)


def test_it_stops_until_consumers_are_rolled_and_then_ends(service: Service, store: Memory, book: Ledger) -> None:
    stopped = rotation(service, store, book).run(Said("ada"))
    assert stopped.state == "open" and stopped.task("roll").done is None
    assert service.works({VALUE: OLD}) is service.issues
    new = store.get(REFERENCE)
    assert new is not None and new != OLD and service.works({VALUE: new})
    assert "delete" not in service.calls
    ended = rotation(service, store, book).run(Said("ada", "all restarted"))
    assert not service.works({VALUE: OLD}) and store.get(REFERENCE) == new
    assert ended.missing == () and ended.judgement is not None and ended.judgement.state == "dead"
    assert ended.task("clean").done is None and ended.state == "closed"
    assert book.rotation(ID) is None


def test_evidence_from_before_does_not_end_the_old_one(service: Service, store: Memory, book: Ledger) -> None:
    """That consumers were rolled once says nothing of the value that is made now."""
    before = book.entries()[ID]
    for step in ("roll", "watch"):
        before = checklist.checked(before, step, "of the rotation last year", "ada", NOW)
    book.keep([before])
    stopped = rotation(service, store, book).run(Said("ada"))
    assert stopped.task("roll").done is None and stopped.state == "open"
    assert "disable" not in service.calls and "delete" not in service.calls
    said = checklist.checked(stopped, "roll", "all restarted", "ada", NOW)
    book.keep([said])
    assert rotation(service, store, book).run(Said("ada")).state == "closed"


def steps_of(issues: bool, tmp_path: Path) -> list[str]:
    """What a rotation says on its way."""
    found: list[str] = []
    book, store = Ledger(tmp_path / "l"), Memory()
    book.keep([entry(judgement=None)])
    store.create(REFERENCE, OLD, {})
    rotation(Service(issues), store, book, found).run(Said("ada", "rolled"))
    return found


def test_a_crash_at_any_step_loses_nothing(service: Service, tmp_path: Path) -> None:
    steps = steps_of(service.issues, tmp_path)
    assert len(steps) >= 7 and steps[-1] == ENDED
    for crash in steps:
        one, book, store = Service(service.issues), Ledger(tmp_path / f"l-{crash[:8].replace('/', '')}"), Memory()
        book.keep([entry(judgement=None)])
        store.create(REFERENCE, OLD, {})
        with pytest.raises(Crash):
            rotation(one, store, book, crash=crash).run(Said("ada", "rolled"))
        assert any(one.works({VALUE: value}) for value in (OLD, store.get(REFERENCE)) if value)
        if crash != ENDED:
            done = rotation(one, store, book).run(Said("ada", "rolled"))
            assert done.judgement is not None and done.judgement.state == "dead"
        held = store.get(REFERENCE)
        assert held is not None and held != OLD and list(one.keys.values()) == [held], crash


def test_the_old_one_is_not_ended_while_the_new_one_does_not_work(
    service: Service, store: Memory, book: Ledger
) -> None:
    rotation(service, store, book).run(Said("ada"))
    service.broken = "works"
    with pytest.raises(RotateError, match="does not work any more"):
        rotation(service, store, book).run(Said("ada", "rolled"))
    assert "disable" not in service.calls and "delete" not in service.calls


def test_a_service_that_fails_leaves_the_old_one_and_goes_on_later(
    service: Service, store: Memory, book: Ledger
) -> None:
    service.broken = "activate"
    with pytest.raises(RotateError, match="down"):
        rotation(service, store, book).run(Said("ada", "rolled"))
    assert service.works({VALUE: OLD})
    service.broken = ""
    assert rotation(service, store, book).run(Said("ada", "rolled")).missing == ()
    assert service.calls.count("create") == 1


def test_a_value_that_still_works_after_its_end_keeps_the_entry_open(store: Memory, book: Ledger) -> None:
    service = Service(True)
    rotation(service, store, book).run(Said("ada"))
    service.broken = "delete"
    with pytest.raises(RotateError, match="still works"):
        rotation(service, store, book).run(Said("ada", "rolled"))
    assert book.entries()[ID].state == "open" and book.entries()[ID].task("delete").done is None
    service.broken = ""
    assert rotation(service, store, book).run(Said("ada")).state == "closed"


@pytest.mark.parametrize("held", [Secret(b"Another-2025-x"), None])
def test_a_path_that_holds_something_else_is_left_alone(service: Service, book: Ledger, held: Secret | None) -> None:
    store = Memory()
    if held is not None:
        store.create(REFERENCE, held, {})
    with pytest.raises(RotateError, match="does not hold the leaked value"):
        rotation(service, store, book).run(Said("ada", "rolled"))
    assert service.works({VALUE: OLD}) and store.get(REFERENCE) == held and "create" not in service.calls


def test_a_store_that_loses_what_it_took_stops_it(service: Service, book: Ledger) -> None:
    class Forgetful(Memory):
        def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
            """Says yes, and does nothing."""

    store = Forgetful()
    store.create(REFERENCE, OLD, {})
    with pytest.raises(StoreError, match="does not give back"):
        rotation(service, store, book).run(Said("ada", "rolled"))
    assert service.works({VALUE: OLD}) and "activate" not in service.calls


def test_nothing_that_is_remembered_holds_a_value(service: Service, store: Memory, book: Ledger) -> None:
    rotation(service, store, book).run(Said("ada"))
    content = book.file.read_bytes()
    new = store.get(REFERENCE)
    assert new is not None
    for value in (OLD, new):
        assert value.reveal() not in content


def test_another_driver_or_account_does_not_go_on_with_it(service: Service, store: Memory, book: Ledger) -> None:
    first = rotation(service, store, book)
    first.run(Said("ada"))
    job = Job(book.entries()[ID], DRIVER, "only", "other", "", {VALUE: REFERENCE}, {VALUE: OLD})
    with pytest.raises(UsageError, match="has begun"):
        Rotation(job, book, store, service, lambda: NOW)


def test_an_entry_that_is_still_in_head_stays_open(service: Service, store: Memory, book: Ledger) -> None:
    book.keep([replace(entry(judgement=None), exposures=(entry().exposures[0],))])
    done = rotation(service, store, book).run(Said("ada", "rolled"))
    assert done.state == "open" and done.missing == () and done.in_head
