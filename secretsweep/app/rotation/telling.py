"""A rotation in words: the plan, and what is left to do when it stops."""

import json
from collections.abc import Iterator

from secretsweep.app.rotation.rotating import CREATE, REFUSED, ROLLED, WATCHED, previous
from secretsweep.app.rotation.turning import Performed, Planned
from secretsweep.model import Entry
from secretsweep.model.rotation import CLOSED
from secretsweep.reports._safe import encoded, shown
from secretsweep.rotators import VALUE, Told

SCHEMA = "secretsweep.rotation/1"


def rendered(plan: Planned, fmt: str) -> str:
    """What will happen, as text or JSON."""
    steps = list(_steps(plan))
    if fmt == "json":
        document = {
            "schema": SCHEMA,
            "id": plan.entry.id,
            "driver": plan.driver.NAME,
            "method": plan.method,
            "account": plan.account,
            "references": {name: {"store": r.store, "path": str(r)} for name, r in plan.references.items()},
            "by_hand": {name: list(places) for name, places in plan.stands.items()},
            "consumers": [consumer._asdict() for consumer in plan.entry.consumers],
            "at": plan.begun or None,
            "steps": [{"id": step, "text": text} for step, text in steps],
            "commands": {step: list(commands) for step, commands in plan.told.commands.items()},
            "notes": list(plan.told.notes),
        }
        return encoded(json.dumps(document, indent=2))
    lines = [
        f"{plan.entry.id[:12]}  {plan.entry.name}",
        f"  driver    {plan.driver.NAME}, method {plan.method}: {plan.how.about}",
    ]
    if plan.account:
        lines.append(f"  account   {plan.account}")
    lines += (f"  {name:<8}  {reference.store} {reference}" for name, reference in plan.references.items())
    lines += (f"  mind      {note}" for note in plan.told.notes)
    for other in (name for name in plan.driver.METHODS if name != plan.method):
        lines.append(f"  or        --method {other}: {plan.driver.METHODS[other].about}")
    if plan.begun:
        lines.append(f"  begun     a former run came as far as: {plan.begun}")
    lines += ("", *(f"  {number}. {step:<8} {text}" for number, (step, text) in enumerate(steps, 1)), "")
    lines += _commands(plan.told)
    lines += _by_hand(plan)
    lines += _consumers(plan.entry)
    lines.append("Nothing was changed; --apply does it.")
    return "\n".join(map(shown, lines))


def _steps(plan: Planned) -> Iterator[tuple[str, str]]:
    how = plan.how
    where = ", ".join(f"{reference}" for reference in plan.references.values())
    if not how.by_hand:
        yield "assess", "see that the leaked value is this account's, and what it may do"
        yield "misuse", "ask the service who used it, as far as it knows"
        yield "create", "make the new credential"
    if how.previous:
        yield "store", f"write the old value to {previous(plan.references[VALUE])}"
    if how.by_hand:
        yield "create", "STOP until you have run the commands below" if how.kept else "you run the commands below"
    if how.kept:
        what = "see that the store has a new value" if how.by_hand else "write it as the next version of"
        yield "store", f"{what}{' at' if how.by_hand else ''} {where}, and read it back; no file changes"
    if not how.by_hand:
        yield "create", "let the service honour it" + (", and try it" if how.tried else "")
    yield "roll", "STOP until you say with --rolled that every consumer has the new value"
    if not how.by_hand and how.tried:
        yield "disable", "disable the old one, so that it could come back" if how.reversible else "end what it opened"
    if how.reversible and how.tried:
        yield "watch", "STOP until you say with --watched that nothing fails without it"
    elif how.reversible:
        yield "watch", "STOP until you say with --watched that the settings do not accept the old one any more"
    if how.tried:
        yield "delete", "end the old one for good, and try it: it must be refused"
    else:
        yield "delete", "STOP until you say with --refused what shows that the old one is refused: no machine tries it"
    yield "close", "close the entry, when nothing else is missing"


def _commands(told: Told) -> Iterator[str]:
    for step, commands in told.commands.items():
        yield f"For {step}:"
        yield from (f"  $ {line}" for command in commands for line in command.splitlines())
        yield ""


def _by_hand(plan: Planned) -> Iterator[str]:
    for name, places in plan.stands.items():
        yield f"The {name} changes, too, and no store has it. Change {plan.beside[name]} by hand before --rolled:"
        yield from (f"  {place}" for place in places or ("(in no tracked file)",))
        yield ""


def _consumers(entry: Entry) -> Iterator[str]:
    if entry.consumers:
        yield "Consumers that must load the new value:"
        yield from (f"  {c.name}  {c.path}:{c.line}" for c in entry.consumers)
    else:
        yield "Which consumers have the value is not known; `secretsweep remediate --explain` follows what is in files."
    yield ""


def closing(done: Performed, plan: Planned) -> Iterator[str]:
    """What is left to do."""
    entry = done.entry
    again = f"secretsweep rotate {entry.id[:12]} --apply"
    if entry.state == CLOSED:
        yield shown(f"{entry.id[:12]} is rotated: the old credential is refused, and its entry is closed.")
    elif done.waits == CREATE:
        yield from map(shown, _commands(plan.told))
        yield shown(f"Run these; when the store has the new value: {again}")
    elif done.waits == ROLLED:
        yield (
            "The new credential is stored and works. Now let every consumer load it:"
            if plan.how.tried
            else ("The new value is stored. Now let every consumer load it:")
        )
        yield from (shown(f"  {c.name}  {c.path}:{c.line}") for c in entry.consumers)
        for name, text in done.beside.items():
            if name not in plan.references:
                yield shown(f"The {name} is now {text}; it was {plan.beside.get(name) or 'another one'}, in:")
                yield from (shown(f"  {place}") for place in plan.stands.get(name, ()))
        yield shown(f"then: {again} --rolled 'what shows it'")
    elif done.waits == WATCHED:
        if plan.how.tried:
            yield "The old credential is disabled, and refused. See that nothing fails without it (a day is usual)"
        else:
            yield "The old value is accepted until you take it out of the settings: do so when what it signed has ended"
        yield shown(f"then: {again} --watched 'what shows it'")
    elif done.waits == REFUSED:
        yield from map(shown, _commands(plan.told))
        if plan.how.tried:
            yield shown(f"The old credential still works. End it, then: {again}")
        else:
            yield "No machine can try the old value. See for yourself that it is refused"
            yield shown(f"then: {again} --refused 'what shows it'")
    else:
        left = [*entry.missing, *(["clean"] if entry.in_head else [])]
        yield shown(f"The old credential is refused. The entry is open until there is evidence of: {', '.join(left)}")
