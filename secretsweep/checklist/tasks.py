"""The steps of an entry: its guide's, with every placeholder filled that something is known of."""

import re
from dataclasses import replace
from typing import Any

from secretsweep.model import Entry, Guide, Task
from secretsweep.rules import guides

_NAMED = re.compile(r"<([a-z][a-z0-9-]*)>")
_NOWHERE = "its path in your secret manager"
_HARMLESS = re.compile(r"[\w.@:/+=,\-]{1,200}")  # what may stand in a command that people paste into a shell
_NAME = re.compile(r"[\w.:/+=,#\-]{1,200}")  # what may stand in a sentence: it mentions nobody, and is no markup


def guided(entry: Entry) -> dict[str, Any]:
    """What the guide says of an entry, as its fields; what is done stays with its step."""
    guide = guides.named(entry.guide)
    return {
        "overlap": guide.overlap,
        "about": guide.about,
        "query": filled(guide.query, entry),
        "links": guide.links,
        "tasks": tasks(guide, entry),
    }


def committable(entry: Entry) -> Entry:
    """The entry without identifiers that a rule finds (the id of an access key): a file that has them could not be
    committed. They are known again wherever the entry is opened."""
    found = {name for name, one in guides.named(entry.guide).identifiers.items() if one.rule}
    kept = replace(entry, identifiers={n: value for n, value in entry.identifiers.items() if n not in found})
    return replace(kept, **guided(kept))


def tasks(guide: Guide, entry: Entry) -> tuple[Task, ...]:
    """The guide's steps, in the order in which they are to be done for this entry."""
    done = {task.id: task.done for task in entry.tasks}
    found = [
        Task(s.id, filled(s.text, entry), tuple(filled(c, entry) for c in s.commands), done.get(s.id))
        for s in guide.steps
    ]
    if entry.public == "yes":  # everybody has it: an outage is the smaller harm
        first = next(task for task in found if task.id == "disable")
        found.remove(first)
        found.insert(1, first)
    return tuple(found)


def filled(text: str, entry: Entry) -> str:
    """`text` with what is known; what is not stays as it stands, for a person to fill."""
    place = str(entry.reference) if entry.reference else ""
    known = {
        "since": entry.since[:10] or entry.opened[:10],
        "paths": _listed([e.path for e in entry.exposures if e.in_head]),
        "reference": f"{place} in {entry.reference.store}" if entry.reference and _NAME.fullmatch(place) else _NOWHERE,
        "repository": entry.repository if _NAME.fullmatch(entry.repository) else "",
        **{name: value for name, value in entry.identifiers.items() if _HARMLESS.fullmatch(value)},
    }
    return _NAMED.sub(lambda match: known.get(match[1]) or match[0], text)


def _listed(paths: list[str]) -> str:
    each = list(dict.fromkeys(paths))
    named = [path for path in each if _NAME.fullmatch(path)][:3]
    return ", ".join(named) + (f" and {len(each) - len(named)} more" if len(each) > len(named) else "") if named else (
        "the files"
    )
